/* SPDX-License-Identifier: MIT */
#include "network.h"

#include "activation.h"
#include "alloc.h"
#include "blas.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Parameters in a block of gradients: 128 KiB, so that it, the parameters and the optimizer's state
 * fit into a second-level cache together. Each block's product packs the errors again, which costs
 * more than the cache saves where the batch is large. */
enum { GRADIENT_BLOCK = 1 << 15, BLOCKS_UP_TO_BATCH = 64 };

struct layer {
    size_t n_inputs, n_outputs;
    float *weights; /* n_inputs x n_outputs */
    float *biases;  /* n_outputs */
    float *weight_gradients;
    float *bias_gradients;
    float *inputs;  /* max_batch x n_inputs */
    float *sums;    /* max_batch x n_outputs: before the activation (GELU needs them) */
    float *outputs; /* max_batch x n_outputs; the next layer's inputs */
};
struct lrp_network {
    struct layer layers[LRP_LAYERS_MOST + 1];
    size_t n_layers, n_parameters, max_batch;
    enum lrp_activation activation;
    enum lrp_loss loss;
    float *parameters;
    float *gradients;
    float *work; /* inputs, sums and outputs of all layers, then two blocks of errors */
    float *error[2];
};

static size_t rounded(size_t n)
{
    return (n + 15) / 16 * 16; /* 64 bytes: each block begins on a cache line */
}

/* Sizes of all layers; the number of parameters and of floats of work, false on overflow. */
static bool lay_out(struct lrp_network *network, const struct lrp_model_spec *spec, size_t n_inputs,
                    size_t n_outputs, size_t *work)
{
    size_t widest = n_inputs;
    size_t total = 0;
    size_t before = n_inputs;
    network->n_layers = spec->n_hidden + 1;
    for (size_t i = 0; i < network->n_layers; i++) {
        struct layer *layer = &network->layers[i];
        size_t weights = 0;
        layer->n_inputs = before;
        layer->n_outputs = i < spec->n_hidden ? spec->hidden[i] : n_outputs;
        before = layer->n_outputs;
        widest = before > widest ? before : widest;
        if (!lrp_multiply_size(layer->n_inputs, layer->n_outputs, &weights) ||
            weights > (size_t)1 << 31) {
            return false;
        }
        network->n_parameters += weights + layer->n_outputs;
        total += rounded(network->max_batch * layer->n_outputs) * (i < spec->n_hidden ? 2 : 1);
    }
    *work =
        total + rounded(network->max_batch * n_inputs) + 2 * rounded(network->max_batch * widest);
    return true;
}

static void place(struct lrp_network *network, size_t n_inputs)
{
    float *parameters = network->parameters;
    float *gradients = network->gradients;
    float *work = network->work;
    float *inputs = work;
    size_t widest = n_inputs;
    work += rounded(network->max_batch * n_inputs);
    for (size_t i = 0; i < network->n_layers; i++) {
        struct layer *layer = &network->layers[i];
        size_t weights = layer->n_inputs * layer->n_outputs;
        layer->weights = parameters;
        layer->biases = parameters + weights;
        layer->weight_gradients = gradients;
        layer->bias_gradients = gradients + weights;
        parameters += weights + layer->n_outputs;
        gradients += weights + layer->n_outputs;
        layer->inputs = inputs;
        layer->sums = work;
        work += rounded(network->max_batch * layer->n_outputs);
        layer->outputs = layer->sums;
        if (i + 1 < network->n_layers) {
            layer->outputs = work;
            work += rounded(network->max_batch * layer->n_outputs);
        }
        inputs = layer->outputs;
        widest = layer->n_outputs > widest ? layer->n_outputs : widest;
    }
    network->error[0] = work;
    network->error[1] = work + rounded(network->max_batch * widest);
}

static void initialise(struct lrp_network *network, struct lrp_random *random)
{
    for (size_t i = 0; i < network->n_layers; i++) {
        struct layer *layer = &network->layers[i];
        bool he = i + 1 < network->n_layers && network->activation != LRP_TANH;
        double deviation = sqrt(2.0 / (double)layer->n_inputs);
        double limit = sqrt(6.0 / (double)(layer->n_inputs + layer->n_outputs));
        for (size_t k = 0; k < layer->n_inputs * layer->n_outputs; k++) {
            double value = he ? deviation * lrp_random_normal(random)
                              : limit * (2 * lrp_random_uniform(random) - 1);
            layer->weights[k] = (float)value;
        }
    }
}

enum lrp_status lrp_network_new(const struct lrp_model_spec *spec, size_t n_inputs,
                                size_t n_outputs, enum lrp_loss loss, size_t max_batch,
                                struct lrp_random *random, struct lrp_network **out,
                                struct lrp_error *err)
{
    struct lrp_network *network = lrp_calloc_array(1, sizeof *network);
    size_t work = 0;
    if (network == NULL) {
        return lrp_fail_memory(err, sizeof *network);
    }
    network->max_batch = max_batch;
    network->activation = spec->activation;
    network->loss = loss;
    if (!lay_out(network, spec, n_inputs, n_outputs, &work)) {
        free(network);
        return lrp_fail(err, LRP_E_ARG, 0, "the model has a layer of more than 2^31 weights");
    }
    network->parameters = lrp_calloc_aligned(network->n_parameters, sizeof(float));
    network->gradients = lrp_calloc_aligned(network->n_parameters, sizeof(float));
    network->work = lrp_calloc_aligned(work, sizeof(float));
    if (network->parameters == NULL || network->gradients == NULL || network->work == NULL) {
        size_t bytes = (2 * network->n_parameters + work) * sizeof(float);
        lrp_network_free(network);
        return lrp_fail_memory(err, bytes);
    }
    place(network, n_inputs);
    initialise(network, random);
    *out = network;
    return LRP_OK;
}

void lrp_network_free(struct lrp_network *network)
{
    if (network != NULL) {
        free(network->parameters);
        free(network->gradients);
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
    return network->layers[0].inputs;
}

static void forward(struct lrp_network *network, size_t batch)
{
    for (size_t i = 0; i < network->n_layers; i++) {
        struct layer *layer = &network->layers[i];
        lrp_blas_product((int)batch, (int)layer->n_outputs, (int)layer->n_inputs, layer->inputs,
                         layer->weights, layer->sums);
        if (i + 1 < network->n_layers) {
            lrp_activate(network->activation, layer->sums, layer->biases, layer->outputs, batch,
                         layer->n_outputs);
        } else {
            lrp_add_biases(layer->sums, layer->biases, batch, layer->n_outputs);
        }
    }
}

/* Gradients of a layer's parameters, the last ones first; for a handler in blocks, so that it finds
 * each in the processor's cache. */
static void gradients_of(const struct lrp_network *network, const struct layer *layer,
                         const float *error, size_t batch, lrp_gradient_handler handler, void *user)
{
    size_t offset = (size_t)(layer->weights - network->parameters);
    bool blocks = handler != NULL && batch <= BLOCKS_UP_TO_BATCH;
    size_t n_blocks = blocks ? (layer->n_inputs * layer->n_outputs - 1) / GRADIENT_BLOCK + 1 : 1;
    size_t rows = (layer->n_inputs - 1) / n_blocks + 1;
    lrp_sum_rows(error, batch, layer->n_outputs, layer->bias_gradients);
    for (size_t end = layer->n_inputs; end > 0;) {
        size_t first = end > rows ? end - rows : 0;
        size_t at = first * layer->n_outputs;
        lrp_blas_product_ta((int)batch, (int)layer->n_outputs, (int)(end - first),
                            layer->inputs + first, (int)layer->n_inputs, error,
                            layer->weight_gradients + at);
        if (handler != NULL) {
            size_t biases = end == layer->n_inputs ? layer->n_outputs : 0; /* behind the weights */
            handler(user, offset + at, end * layer->n_outputs - at + biases);
        }
        end = first;
    }
}

void lrp_network_backward(struct lrp_network *network, size_t batch, lrp_gradient_handler handler,
                          void *user)
{
    float *error = network->error[0];
    float *next = network->error[1];
    for (size_t i = network->n_layers; i > 0; i--) {
        const struct layer *layer = &network->layers[i - 1];
        if (i > 1) { /* before the handler may change the weights */
            lrp_blas_product_tb((int)batch, (int)layer->n_outputs, (int)layer->n_inputs, error,
                                layer->weights, next);
        }
        gradients_of(network, layer, error, batch, handler, user);
        if (i == 1) {
            break; /* nobody asks for the gradient by the data */
        }
        const struct layer *below = &network->layers[i - 2];
        lrp_activation_gradient(network->activation, below->sums, below->outputs, next,
                                batch * below->n_outputs);
        float *swap = error;
        error = next;
        next = swap;
    }
}

static double loss_of_outputs(struct lrp_network *network, const struct lrp_targets *targets,
                              size_t batch, size_t *correct)
{
    const struct layer *last = &network->layers[network->n_layers - 1];
    if (network->loss == LRP_CROSS_ENTROPY) {
        return lrp_cross_entropy(last->outputs, targets->classes, batch, last->n_outputs,
                                 network->error[0], correct);
    }
    if (correct != NULL) {
        *correct = 0;
    }
    return lrp_squared_error(last->outputs, targets->values, batch, last->n_outputs,
                             network->error[0]);
}

double lrp_network_loss(struct lrp_network *network, const struct lrp_targets *targets,
                        size_t batch, size_t *correct)
{
    forward(network, batch);
    return loss_of_outputs(network, targets, batch, correct);
}

double lrp_network_step(struct lrp_network *network, const struct lrp_targets *targets,
                        size_t batch, size_t *correct)
{
    double loss = lrp_network_loss(network, targets, batch, correct);
    lrp_network_backward(network, batch, NULL, NULL);
    return loss;
}
