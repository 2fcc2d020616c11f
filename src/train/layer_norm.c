/* SPDX-License-Identifier: MIT */
/* Layer normalisation (Ba, Kiros and Hinton 2016): each row gets mean 0 and deviation 1 over its
 * channels, then a learned scale and offset per channel. */
#include "layer.h"

#include "activation.h"

#include <math.h>
#include <string.h>

static const float epsilon = 1e-5f;

/* weights: scale (C), biases: offset (C). kept: mean and 1 / deviation of each row (R x 2).
 * scratch: the row normalised (C), its error scaled (C). */

static enum lrp_status plan(struct lrp_layer *layer, struct lrp_error *err)
{
    (void)err;
    layer->n_biases = layer->weight_shape[0] = layer->in.channels;
    layer->n_kept = 2 * layer->in.height * layer->in.width;
    layer->n_scratch = 2 * layer->in.channels;
    return LRP_OK;
}

static void initialise(struct lrp_layer *layer, struct lrp_random *random)
{
    (void)random;
    for (size_t j = 0; j < layer->in.channels; j++) {
        layer->weights[j] = 1;
    }
}

/* Sum of a, or of a times b, in eight strands, so that the compiler may keep them in one vector.
 * Inlined, so that a NULL for b leaves no trace. */
enum { STRANDS = 8 };

static inline __attribute__((always_inline)) float sum_up(const float *a, const float *b, size_t n)
{
    float strands[STRANDS] = {0};
    float total = 0;
    size_t i = 0;
    for (; i + STRANDS <= n; i += STRANDS) {
        for (size_t k = 0; k < STRANDS; k++) {
            strands[k] += b == NULL ? a[i + k] : a[i + k] * b[i + k];
        }
    }
    for (; i < n; i++) {
        total += b == NULL ? a[i] : a[i] * b[i];
    }
    for (size_t k = 0; k < STRANDS; k++) {
        total += strands[k];
    }
    return total;
}

static void forward(struct lrp_layer *layer, const struct lrp_forward *pass)
{
    const size_t c = layer->in.channels;
    const size_t rows = lrp_rows(&layer->in, pass->batch);
    const float *restrict scale = layer->weights;
    const float *restrict offset = layer->biases;
    for (size_t row = 0; row < rows; row++) {
        const float *restrict in = layer->inputs + row * c;
        float *restrict out = layer->sums + row * c;
        float mean = sum_up(in, NULL, c) / (float)c;
        for (size_t j = 0; j < c; j++) {
            out[j] = in[j] - mean;
        }
        float inverse = 1.0f / sqrtf(sum_up(out, out, c) / (float)c + epsilon);
        layer->kept[2 * row] = mean;
        layer->kept[2 * row + 1] = inverse;
        for (size_t j = 0; j < c; j++) {
            out[j] = out[j] * inverse * scale[j] + offset[j];
        }
    }
    lrp_activate(layer->activation, layer->sums, NULL, layer->outputs, rows, c);
}

/* With x the normalised input and g = error scale: next = (g - mean of g - x mean of (g x)) /
 * deviation. */
static void backward(struct lrp_layer *layer, const struct lrp_backward *pass)
{
    const size_t c = layer->in.channels;
    const size_t rows = lrp_rows(&layer->in, pass->batch);
    const float *restrict scale = layer->weights;
    float *restrict scale_gradients = layer->weight_gradients;
    float *restrict offset_gradients = layer->bias_gradients;
    float *restrict x = layer->scratch;
    float *restrict g = layer->scratch + c;
    memset(scale_gradients, 0, c * sizeof *scale_gradients);
    memset(offset_gradients, 0, c * sizeof *offset_gradients);
    for (size_t row = 0; row < rows; row++) {
        const float *restrict in = layer->inputs + row * c;
        const float *restrict error = pass->error + row * c;
        const float mean = layer->kept[2 * row];
        const float inverse = layer->kept[2 * row + 1];
        for (size_t j = 0; j < c; j++) {
            x[j] = (in[j] - mean) * inverse;
            g[j] = error[j] * scale[j];
            scale_gradients[j] += error[j] * x[j];
            offset_gradients[j] += error[j];
        }
        if (pass->next == NULL) {
            continue;
        }
        float level = sum_up(g, NULL, c) / (float)c;
        float slope = sum_up(g, x, c) / (float)c;
        float *restrict next = pass->next + row * c;
        for (size_t j = 0; j < c; j++) {
            next[j] = (g[j] - level - x[j] * slope) * inverse;
        }
    }
}

const struct lrp_layer_ops lrp_layer_layer_norm = {
    .plan = plan,
    .initialise = initialise,
    .forward = forward,
    .backward = backward,
};
