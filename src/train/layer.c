/* SPDX-License-Identifier: MIT */
#include "layer.h"

#include "alloc.h"

#include <math.h>

enum { LAYERS_MOST = 4096 };

size_t lrp_rows(const struct lrp_tensor_shape *shape, size_t batch)
{
    return batch * shape->height * shape->width;
}

size_t lrp_values(const struct lrp_tensor_shape *shape)
{
    return shape->height * shape->width * shape->channels;
}

void lrp_layer_draw_weights(struct lrp_layer *layer, size_t n_inputs, size_t n_outputs,
                            struct lrp_random *random)
{
    bool he = layer->then == LRP_RELU || layer->then == LRP_GELU;
    bool normal = he || layer->deviation > 0;
    double deviation = layer->deviation > 0 ? layer->deviation : sqrt(2.0 / (double)n_inputs);
    double limit = sqrt(6.0 / (double)(n_inputs + n_outputs));
    for (size_t k = 0; k < layer->n_weights; k++) {
        double value = normal ? deviation * lrp_random_normal(random)
                              : limit * (2 * lrp_random_uniform(random) - 1);
        layer->weights[k] = (float)value;
    }
}

/* Sizes of a layer on top of blocks of shape `in`. */
static enum lrp_status plan_layer(struct lrp_layer *layer, const struct lrp_tensor_shape *in,
                                  struct lrp_error *err)
{
    layer->in = layer->out = *in;
    if (layer->ops->plan != NULL) {
        LRP_TRY(layer->ops->plan(layer, err));
    }
    layer->n_weights = layer->weight_shape[0];
    for (size_t d = 1; d < 4 && layer->weight_shape[d] > 0; d++) {
        if (!lrp_multiply_size(layer->n_weights, layer->weight_shape[d], &layer->n_weights) ||
            layer->n_weights > (size_t)1 << 31) {
            return lrp_fail(err, LRP_E_ARG, 0, "the model has a layer of more than 2^31 weights");
        }
    }
    return LRP_OK;
}

size_t lrp_layers_add(struct lrp_layers *layers, struct lrp_layer settings)
{
    if (layers->status != LRP_OK) {
        return 0;
    }
    layers->status = lrp_grow_array((void **)&layers->items, layers->n, &layers->capacity,
                                    sizeof *layers->items, LAYERS_MOST, layers->err);
    if (layers->status != LRP_OK) {
        return 0;
    }
    layers->status = plan_layer(&settings, &layers->shape, layers->err);
    struct lrp_layer *below = layers->n > 0 ? &layers->items[layers->n - 1] : NULL;
    if (settings.ops == &lrp_layer_max_pool && below != NULL && below->activation == LRP_RELU) {
        settings.masks_below = below->is_masked = true;
    }
    layers->items[layers->n] = settings;
    layers->shape = settings.out;
    layers->n++;
    return layers->n - 1;
}

void lrp_layers_flatten(struct lrp_layers *layers)
{
    layers->shape = (struct lrp_tensor_shape){1, 1, lrp_values(&layers->shape)};
}

size_t lrp_layers_fork(struct lrp_layers *layers)
{
    return lrp_layers_add(
        layers, (struct lrp_layer){.ops = &lrp_layer_fork, .activation = LRP_NO_ACTIVATION});
}

void lrp_layers_join(struct lrp_layers *layers, size_t fork, enum lrp_activation activation)
{
    if (layers->status != LRP_OK) {
        return;
    }
    size_t before = layers->items[fork].out.height;
    size_t join =
        lrp_layers_add(layers, (struct lrp_layer){.ops = &lrp_layer_join,
                                                  .activation = activation,
                                                  .stride = (before - 1) / layers->shape.height + 1,
                                                  .partner_number = fork});
    if (layers->status == LRP_OK) {
        layers->items[fork].partner_number = join;
    }
}
