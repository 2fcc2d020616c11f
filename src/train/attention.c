/* SPDX-License-Identifier: MIT */
/* Causal self-attention (Vaswani et al. 2017, section 3.2) without its projections, which are dense
 * layers: each position attends to itself and the positions before it. */
#include "layer.h"

#include "blas.h"
#include "vector_exp.h"

#include <math.h>

/* in: rows of queries, keys and values (B x 1 x T x 3 C), each C of heads side by side.
 * kept: the weights of attention (B x heads x T x T). scratch: their gradient (T x T). */

static enum lrp_status plan(struct lrp_layer *layer, struct lrp_error *err)
{
    layer->out.channels = layer->in.channels / 3;
    if (layer->heads == 0 || layer->out.channels % layer->heads != 0) {
        return lrp_fail(err, LRP_E_ARG, 0, "a width of %zu cannot be divided among %zu heads",
                        layer->out.channels, layer->heads);
    }
    layer->n_scratch = layer->in.width * layer->in.width;
    layer->n_kept = layer->heads * layer->n_scratch;
    return LRP_OK;
}

/* One head of one example. */
struct head {
    size_t length; /* T */
    int size;      /* channels of a head */
    struct lrp_matrix queries, keys, values;
    float *weights; /* T x T */
    size_t at;      /* where its values begin in the outputs and in their gradient */
};

static struct head head_of(const struct lrp_layer *layer, size_t number)
{
    const size_t c = layer->out.channels;
    const size_t length = layer->in.width;
    const size_t size = c / layer->heads;
    const size_t row = number / layer->heads * length;
    const size_t channel = number % layer->heads * size;
    const float *at = layer->inputs + row * 3 * c + channel;
    const int stride = (int)(3 * c);
    return (struct head){
        .length = length,
        .size = (int)size,
        .queries = {at, stride, false},
        .keys = {at + c, stride, false},
        .values = {at + 2 * c, stride, false},
        .weights = layer->kept + number * length * length,
        .at = row * c + channel,
    };
}

static struct lrp_matrix turned(struct lrp_matrix matrix)
{
    matrix.transposed = !matrix.transposed;
    return matrix;
}

/* Row t: softmax over positions 0 .. t, 0 behind them. */
LRP_VECTOR_CLONES
static void causal_softmax(float *weights, size_t length)
{
    for (size_t t = 0; t < length; t++) {
        float *row = weights + t * length;
        float largest = row[0];
        float total = 0;
        for (size_t s = 1; s <= t; s++) {
            largest = row[s] > largest ? row[s] : largest;
        }
        for (size_t s = 0; s <= t; s++) {
            row[s] = lrp_exp_minus(largest - row[s]) + 0.0f * row[s]; /* NaN passes through */
        }
        for (size_t s = 0; s <= t; s++) {
            total += row[s];
        }
        for (size_t s = 0; s <= t; s++) {
            row[s] /= total;
        }
        for (size_t s = t + 1; s < length; s++) {
            row[s] = 0;
        }
    }
}

static void forward(struct lrp_layer *layer, const struct lrp_forward *pass)
{
    const size_t c = layer->out.channels;
    for (size_t k = 0; k < pass->batch * layer->heads; k++) {
        const struct head head = head_of(layer, k);
        const int t = (int)head.length;
        const struct lrp_matrix weights = {head.weights, t, false};
        lrp_blas_multiply(t, t, head.size, 1.0f / sqrtf((float)head.size), head.queries,
                          turned(head.keys), 0, head.weights, t);
        causal_softmax(head.weights, head.length);
        lrp_blas_multiply(t, head.size, t, 1, weights, head.values, 0, layer->outputs + head.at,
                          (int)c);
    }
}

/* Turns the gradient by the attention weights (T x T) into the one by the scores: each row w (g -
 * sum of w g). */
LRP_VECTOR_CLONES
static void softmax_gradient(const float *weights, float *gradient, size_t length)
{
    for (size_t t = 0; t < length; t++) {
        const float *w = weights + t * length;
        float *g = gradient + t * length;
        float level = 0;
        for (size_t s = 0; s <= t; s++) {
            level += w[s] * g[s];
        }
        for (size_t s = 0; s <= t; s++) {
            g[s] = w[s] * (g[s] - level);
        }
        for (size_t s = t + 1; s < length; s++) {
            g[s] = 0;
        }
    }
}

static void backward(struct lrp_layer *layer, const struct lrp_backward *pass)
{
    const size_t c = layer->out.channels;
    for (size_t k = 0; k < pass->batch * layer->heads; k++) {
        const struct head head = head_of(layer, k);
        const int t = (int)head.length;
        const int stride = (int)(3 * c);
        const float factor = 1.0f / sqrtf((float)head.size);
        const struct lrp_matrix weights = {head.weights, t, false};
        const struct lrp_matrix scores = {layer->scratch, t, false};
        const struct lrp_matrix error = {pass->error + head.at, (int)c, false};
        float *next = pass->next + (head.queries.values - layer->inputs);
        lrp_blas_multiply(t, head.size, t, 1, turned(weights), error, 0, next + 2 * c, stride);
        lrp_blas_multiply(t, t, head.size, 1, error, turned(head.values), 0, layer->scratch, t);
        softmax_gradient(head.weights, layer->scratch, head.length);
        lrp_blas_multiply(t, head.size, t, factor, scores, head.keys, 0, next, stride);
        lrp_blas_multiply(t, head.size, t, factor, turned(scores), head.queries, 0, next + c,
                          stride);
    }
}

const struct lrp_layer_ops lrp_layer_attention = {
    .plan = plan,
    .forward = forward,
    .backward = backward,
};
