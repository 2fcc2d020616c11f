/* SPDX-License-Identifier: MIT */
#include "layer.h"

#include "activation.h"
#include "alloc.h"
#include "random_streams.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGNED = 16, PART = 60000, BLOCK_MOST = 1 << 30 }; /* floats */
enum { PARTS = 4 };                                        /* of a layer, in files */

struct lrp_network {
    struct lrp_layer *layers;
    size_t n_layers, n_parameters, max_batch;
    enum lrp_loss loss;
    double label_smoothing;
    enum lrp_mode mode; /* of the last forward pass */
    float *parameters;
    float *gradients;
    float *statistics;
    size_t n_statistics;
    float *work; /* inputs, what the layers put out and keep, two blocks of errors, scratch */
    float *inputs;
    float *error[2];
    size_t part; /* examples at a time in runs of layers that look at one at a time */
    float *part_error[2];
    float *dead; /* in scratch: a number for each channel */
    struct lrp_random noise;
};

/* Floats of work: reserved first, then taken in the same order. */
struct workspace {
    float *next;    /* NULL: counting */
    size_t n_total; /* SIZE_MAX: too many */
};

/* A block for count examples of n values, on a cache line. */
static float *take(struct workspace *work, size_t count, size_t n)
{
    size_t length = 0;
    float *block = work->next;
    if (!lrp_multiply_size(count, n, &length) || length > BLOCK_MOST ||
        work->n_total > SIZE_MAX / 2) {
        work->n_total = SIZE_MAX;
        return NULL;
    }
    length = (length + ALIGNED - 1) / ALIGNED * ALIGNED;
    work->n_total += length;
    work->next = block != NULL ? block + length : NULL;
    return block;
}

/* Assigns each layer its blocks of values; without memory, counts how much is needed. */
static void place_values(struct lrp_network *network, const struct lrp_tensor_shape *shape,
                         struct workspace *work)
{
    size_t widest = lrp_values(shape);
    size_t scratch = 0;
    network->inputs = take(work, network->max_batch, widest);
    float *inputs = network->inputs;
    for (size_t i = 0; i < network->n_layers; i++) {
        struct lrp_layer *layer = &network->layers[i];
        size_t n = lrp_values(&layer->out);
        layer->inputs = inputs;
        layer->sums = layer->ops->forward == NULL ? inputs : take(work, network->max_batch, n);
        layer->outputs =
            layer->activation == LRP_GELU ? take(work, network->max_batch, n) : layer->sums;
        if (layer->n_kept > 0 || layer->n_kept_once > 0) {
            layer->kept = take(work, network->max_batch, layer->n_kept);
            float *once = take(work, 1, layer->n_kept_once);
            layer->kept = layer->n_kept > 0 ? layer->kept : once;
        }
        layer->partner = &network->layers[layer->partner_number];
        inputs = layer->outputs;
        widest = n > widest ? n : widest;
        scratch = layer->n_scratch > scratch ? layer->n_scratch : scratch;
        scratch = layer->out.channels > scratch ? layer->out.channels : scratch;
    }
    network->part = widest < PART ? PART / widest : 1;
    network->part_error[0] = take(work, network->part, widest);
    network->part_error[1] = take(work, network->part, widest);
    network->error[0] = take(work, network->max_batch, widest);
    network->error[1] = take(work, network->max_batch, widest);
    network->dead = take(work, 1, scratch);
    for (size_t i = 0; i < network->n_layers; i++) {
        network->layers[i].scratch = network->dead;
    }
}

static void place_parameters(struct lrp_network *network)
{
    size_t offset = 0;
    size_t statistics = 0;
    for (size_t i = 0; i < network->n_layers; i++) {
        struct lrp_layer *layer = &network->layers[i];
        layer->offset = offset;
        layer->weights = network->parameters + offset;
        layer->weight_gradients = network->gradients + offset;
        offset += layer->n_weights;
        layer->biases = layer->n_biases > 0 ? network->parameters + offset : NULL;
        layer->bias_gradients = network->gradients + offset;
        offset += layer->n_biases;
        layer->statistics = network->statistics + statistics;
        statistics += layer->n_statistics;
    }
}

static enum lrp_status reserve(struct lrp_network *network, const struct lrp_tensor_shape *shape,
                               struct lrp_error *err)
{
    struct workspace work = {NULL, 0};
    for (size_t i = 0; i < network->n_layers; i++) {
        network->n_parameters += network->layers[i].n_weights + network->layers[i].n_biases;
        network->n_statistics += network->layers[i].n_statistics;
    }
    place_values(network, shape, &work);
    if (work.n_total == SIZE_MAX) {
        return lrp_fail(err, LRP_E_ARG, 0,
                        "the model is too large: a batch of %zu has more than 2^30 values",
                        network->max_batch);
    }
    network->parameters = lrp_calloc_aligned(network->n_parameters, sizeof(float));
    network->gradients = lrp_calloc_aligned(network->n_parameters, sizeof(float));
    network->statistics = lrp_calloc_aligned(network->n_statistics, sizeof(float));
    network->work = lrp_calloc_aligned(work.n_total, sizeof(float));
    if (network->parameters == NULL || network->gradients == NULL || network->statistics == NULL ||
        network->work == NULL) {
        return lrp_fail_memory(err, (2 * network->n_parameters + work.n_total) * sizeof(float));
    }
    work = (struct workspace){network->work, 0};
    place_values(network, shape, &work);
    place_parameters(network);
    return LRP_OK;
}

enum lrp_status lrp_network_new(const struct lrp_model_spec *spec, const struct lrp_task *task,
                                struct lrp_random *random, struct lrp_network **out,
                                struct lrp_error *err)
{
    struct lrp_network *network = lrp_calloc_array(1, sizeof *network);
    struct lrp_layers layers;
    LRP_TRY_MEMORY(network, err);
    enum lrp_status status = lrp_model_build(spec, task, &layers, err);
    network->layers = layers.items;
    network->n_layers = layers.n;
    network->max_batch = task->max_batch;
    network->loss = task->loss;
    network->label_smoothing = task->label_smoothing;
    lrp_random_seed(&network->noise, task->seed, LRP_STREAM_DROPOUT);
    if (status == LRP_OK) {
        status = reserve(network, &task->inputs, err);
    }
    if (status != LRP_OK) {
        lrp_network_free(network);
        return status;
    }
    for (size_t i = 0; i < network->n_layers; i++) {
        if (network->layers[i].ops->initialise != NULL) {
            network->layers[i].ops->initialise(&network->layers[i], random);
        }
    }
    *out = network;
    return LRP_OK;
}

void lrp_network_free(struct lrp_network *network)
{
    if (network != NULL) {
        free(network->layers);
        free(network->parameters);
        free(network->gradients);
        free(network->statistics);
        free(network->work);
        free(network);
    }
}

size_t lrp_network_n_parameters(const struct lrp_network *network)
{
    return network->n_parameters;
}

float *lrp_network_parameters(struct lrp_network *network)
{
    return network->parameters;
}

float *lrp_network_gradients(struct lrp_network *network)
{
    return network->gradients;
}

float *lrp_network_inputs(struct lrp_network *network)
{
    return network->inputs;
}

static double loss_of_outputs(struct lrp_network *network, const struct lrp_targets *targets,
                              size_t batch, size_t *correct)
{
    const struct lrp_layer *last = &network->layers[network->n_layers - 1];
    size_t rows = lrp_rows(&last->out, batch);
    if (network->loss == LRP_CROSS_ENTROPY) {
        double smoothing = network->mode == LRP_TRAINING ? network->label_smoothing : 0;
        return lrp_cross_entropy(last->outputs, targets->classes, rows, last->out.channels,
                                 smoothing, network->error[0], correct);
    }
    if (correct != NULL) {
        *correct = 0;
    }
    return lrp_squared_error(last->outputs, targets->values, rows, last->out.channels,
                             network->error[0]);
}

/* One past the last layer of the run that begins with this one: layers that look at one example at
 * a time take a few examples through all of them, which stay in the processor's cache so. */
static size_t run_end(const struct lrp_network *network, size_t begin)
{
    size_t end = begin + 1;
    while (network->layers[begin].ops->by_examples && end < network->n_layers &&
           network->layers[end].ops->by_examples) {
        end++;
    }
    return end;
}

/* The layer as it is for examples from `first` on. */
static struct lrp_layer part_of(const struct lrp_layer *layer, size_t first)
{
    struct lrp_layer part = *layer;
    part.inputs += first * lrp_values(&layer->in);
    part.sums += first * lrp_values(&layer->out);
    part.outputs += first * lrp_values(&layer->out);
    if (layer->n_kept > 0) {
        part.kept += first * layer->n_kept;
    }
    return part;
}

double lrp_network_loss(struct lrp_network *network, const struct lrp_targets *targets,
                        size_t batch, enum lrp_mode mode, size_t *correct)
{
    struct lrp_forward pass = {batch, mode, &network->noise};
    for (size_t begin = 0; begin < network->n_layers;) {
        size_t end = run_end(network, begin);
        size_t part = end > begin + 1 ? network->part : batch;
        for (size_t first = 0; first < batch; first += part) {
            pass.batch = batch - first < part ? batch - first : part;
            for (size_t i = begin; i < end; i++) {
                struct lrp_layer layer = part_of(&network->layers[i], first);
                if (layer.ops->forward != NULL) {
                    layer.ops->forward(&layer, &pass);
                }
            }
        }
        begin = end;
    }
    network->mode = mode;
    return loss_of_outputs(network, targets, batch, correct);
}

/* Backward through one layer, its activation first. */
static void descend(struct lrp_layer *layer, const struct lrp_backward *pass)
{
    if (!layer->is_masked) {
        lrp_activation_gradient(layer->activation, layer->sums, layer->outputs, pass->error,
                                pass->batch * lrp_values(&layer->out));
    }
    layer->ops->backward(layer, pass);
    if (pass->handler != NULL && !layer->ops->hands_over && layer->n_weights > 0) {
        pass->handler(pass->user, layer->offset, layer->n_weights + layer->n_biases);
    }
}

/* Layers end - 1 down to begin; all: the pass of the complete batch. */
static void descend_run(struct lrp_network *network, size_t begin, size_t end,
                        const struct lrp_backward *all)
{
    const struct lrp_layer *top = &network->layers[end - 1];
    const struct lrp_layer *bottom = &network->layers[begin];
    for (size_t first = 0; first < all->batch; first += network->part) {
        struct lrp_backward pass = *all;
        bool last = all->batch - first <= network->part;
        pass.batch = last ? all->batch - first : network->part;
        pass.error = all->error + first * lrp_values(&top->out);
        pass.more = first > 0;
        pass.handler = last ? all->handler : NULL;
        for (size_t i = end; i > begin; i--) {
            struct lrp_layer layer = part_of(&network->layers[i - 1], first);
            pass.next = network->part_error[i % 2];
            if (i - 1 == begin) {
                pass.next = all->next == NULL ? NULL : all->next + first * lrp_values(&bottom->in);
            }
            descend(&layer, &pass);
            pass.error = pass.next;
        }
    }
}

void lrp_network_backward(struct lrp_network *network, size_t batch, lrp_gradient_handler handler,
                          void *user)
{
    struct lrp_backward pass = {.batch = batch,
                                .mode = network->mode,
                                .error = network->error[0],
                                .handler = handler,
                                .user = user};
    for (size_t end = network->n_layers; end > 0;) {
        struct lrp_layer *layer = &network->layers[end - 1];
        size_t begin = end - 1;
        while (begin > 0 && layer->ops->by_examples &&
               network->layers[begin - 1].ops->by_examples) {
            begin--;
        }
        pass.next = network->error[pass.error == network->error[0] ? 1 : 0];
        pass.next = layer->ops->in_place ? pass.error : pass.next;
        if (begin == 0) {
            pass.next = NULL; /* the gradient by the data is not needed */
        }
        if (end > begin + 1) {
            descend_run(network, begin, end, &pass);
        } else {
            descend(layer, &pass);
        }
        pass.error = pass.next;
        end = begin;
    }
}

/* Channels of a block of rows that are 0 in every row; seen: room for n floats. */
static size_t count_dead(const float *outputs, size_t rows, size_t n, float *seen)
{
    size_t dead = 0;
    memset(seen, 0, n * sizeof *seen);
    for (size_t row = 0; row < rows; row++) {
        for (size_t j = 0; j < n; j++) {
            seen[j] = outputs[row * n + j] > seen[j] ? outputs[row * n + j] : seen[j];
        }
    }
    for (size_t j = 0; j < n; j++) {
        dead += seen[j] > 0.0f ? 0 : 1;
    }
    return dead;
}

double lrp_network_dead_fraction(const struct lrp_network *network, size_t batch)
{
    size_t dead = 0;
    size_t all = 0;
    for (size_t i = 0; i < network->n_layers; i++) {
        const struct lrp_layer *layer = &network->layers[i];
        if (layer->activation == LRP_RELU) {
            dead += count_dead(layer->outputs, lrp_rows(&layer->out, batch), layer->out.channels,
                               network->dead);
            all += layer->out.channels;
        }
    }
    return all > 0 ? (double)dead / (double)all : (double)NAN;
}

/* Part 0 to 3 of a layer; n is 0 where it has none. */
static struct lrp_tensor tensor_of(const struct lrp_layer *layer, size_t part, const char **name)
{
    static const char *const names[PARTS] = {"weight", "bias", "running_mean", "running_var"};
    struct lrp_tensor tensor;
    memset(&tensor, 0, sizeof tensor);
    *name = names[part];
    tensor.n_dimensions = 1;
    if (part == 0) {
        tensor.n = layer->n_weights;
        tensor.values = layer->weights;
        tensor.n_dimensions = 0;
        while (tensor.n_dimensions < 4 && layer->weight_shape[tensor.n_dimensions] > 0) {
            tensor.shape[tensor.n_dimensions] = layer->weight_shape[tensor.n_dimensions];
            tensor.n_dimensions++;
        }
        return tensor;
    }
    if (part == 1) {
        tensor.n = layer->n_biases;
        tensor.values = layer->biases;
        if (layer->ops == &lrp_layer_embedding) {
            *name = "positions";
            tensor.n_dimensions = 2;
            tensor.shape[0] = layer->in.width;
            tensor.shape[1] = layer->units;
            return tensor;
        }
    } else {
        tensor.n = layer->n_statistics / 2;
        tensor.values = layer->statistics + (part - 2) * tensor.n;
    }
    tensor.shape[0] = tensor.n;
    return tensor;
}

bool lrp_network_tensor(struct lrp_network *network, size_t i, struct lrp_tensor *tensor)
{
    size_t number = 0; /* of the layer, among those with parameters */
    for (size_t l = 0; l < network->n_layers; l++) {
        const struct lrp_layer *layer = &network->layers[l];
        for (size_t part = 0; part < PARTS; part++) {
            const char *name = NULL;
            struct lrp_tensor here = tensor_of(layer, part, &name);
            if (here.n == 0) {
                continue;
            }
            if (i == 0) {
                *tensor = here;
                tensor->is_last_layer = l + 1 == network->n_layers;
                (void)snprintf(tensor->name, sizeof tensor->name, "layers.%zu.%s", number, name);
                return true;
            }
            i--;
        }
        number += layer->n_weights > 0 ? 1 : 0;
    }
    return false;
}
