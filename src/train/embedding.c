/* SPDX-License-Identifier: MIT */
/* Embedding of characters and positions: row t becomes the vector of the character there plus the
 * vector of position t. */
#include "layer.h"

#include <string.h>

/* in: 1 x T x 1, the numbers of characters. weights: one vector per character (units x C), biases:
 * one per position (T x C). */

static enum lrp_status plan(struct lrp_layer *layer, struct lrp_error *err)
{
    (void)err;
    layer->out.channels = layer->units;
    layer->weight_shape[0] = layer->vocabulary;
    layer->weight_shape[1] = layer->units;
    layer->n_biases = layer->in.width * layer->units;
    return LRP_OK;
}

static void initialise(struct lrp_layer *layer, struct lrp_random *random)
{
    for (size_t i = 0; i < layer->n_weights; i++) {
        layer->weights[i] = (float)(layer->deviation * lrp_random_normal(random));
    }
    for (size_t i = 0; i < layer->n_biases; i++) {
        layer->biases[i] = (float)(layer->deviation * lrp_random_normal(random));
    }
}

static void forward(struct lrp_layer *layer, const struct lrp_forward *pass)
{
    const size_t c = layer->units;
    for (size_t row = 0; row < lrp_rows(&layer->in, pass->batch); row++) {
        const float *restrict of_character = layer->weights + (size_t)layer->inputs[row] * c;
        const float *restrict of_position = layer->biases + row % layer->in.width * c;
        float *restrict out = layer->outputs + row * c;
        for (size_t j = 0; j < c; j++) {
            out[j] = of_character[j] + of_position[j];
        }
    }
}

static void backward(struct lrp_layer *layer, const struct lrp_backward *pass)
{
    const size_t c = layer->units;
    memset(layer->weight_gradients, 0, layer->n_weights * sizeof(float));
    memset(layer->bias_gradients, 0, layer->n_biases * sizeof(float));
    for (size_t row = 0; row < lrp_rows(&layer->in, pass->batch); row++) {
        const float *restrict error = pass->error + row * c;
        float *restrict of_character = layer->weight_gradients + (size_t)layer->inputs[row] * c;
        float *restrict of_position = layer->bias_gradients + row % layer->in.width * c;
        for (size_t j = 0; j < c; j++) {
            of_character[j] += error[j];
            of_position[j] += error[j];
        }
    }
}

const struct lrp_layer_ops lrp_layer_embedding = {
    .plan = plan,
    .initialise = initialise,
    .forward = forward,
    .backward = backward,
};
