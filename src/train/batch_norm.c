/* SPDX-License-Identifier: MIT */
/* Batch normalisation (Ioffe and Szegedy 2015, algorithm 1): each channel gets mean 0 and deviation
 * 1 over the rows of the batch, then a learned scale and offset. Validation uses PyTorch's
 * running averages: new = 0.9 old + 0.1 batch, the variance with n - 1. */
#include "layer.h"

#include "activation.h"

#include <math.h>
#include <string.h>

enum { ROWS_AT_ONCE = 64 }; /* summed up in float before they go to double */
static const double epsilon = 1e-5;
static const double fresh = 0.1;

/* weights: scale (C), biases: offset (C). statistics: running mean (C), running variance (C).
 * kept: mean (C) and 1 / deviation (C) of this pass. scratch: totals (2 C doubles), sums (2 C),
 * zeros or the first row (C). */

static enum lrp_status plan(struct lrp_layer *layer, struct lrp_error *err)
{
    (void)err;
    const size_t c = layer->in.channels;
    layer->n_biases = layer->weight_shape[0] = c;
    layer->n_statistics = 2 * c;
    layer->n_kept_once = 2 * c;
    layer->n_scratch = 7 * c;
    return LRP_OK;
}

static void initialise(struct lrp_layer *layer, struct lrp_random *random)
{
    (void)random;
    for (size_t j = 0; j < layer->in.channels; j++) {
        layer->weights[j] = 1;
        layer->statistics[layer->in.channels + j] = 1;
    }
}

/* For each channel over the rows of a and b (R x C): totals[j] = sum of a - a0, totals[C + j] =
 * sum of (a - a0) (b - b0); a0 and b0 (C). Returns totals, which lie in scratch. */
LRP_VECTOR_CLONES
static double *sum_up(const struct lrp_layer *layer, size_t rows, const float *a, const float *a0,
                      const float *b, const float *b0)
{
    const size_t c = layer->in.channels;
    double *totals = (double *)(void *)layer->scratch; /* aligned to 64 bytes */
    float *restrict first = layer->scratch + 4 * c;
    float *restrict second = layer->scratch + 5 * c;
    memset(totals, 0, 2 * c * sizeof *totals);
    for (size_t done = 0; done < rows; done += ROWS_AT_ONCE) {
        size_t end = rows - done < ROWS_AT_ONCE ? rows : done + ROWS_AT_ONCE;
        memset(first, 0, 2 * c * sizeof *first);
        for (size_t row = done; row < end; row++) {
            const float *x = a + row * c;
            const float *y = b + row * c;
            for (size_t j = 0; j < c; j++) {
                float difference = x[j] - a0[j];
                first[j] += difference;
                second[j] += difference * (y[j] - b0[j]);
            }
        }
        for (size_t j = 0; j < c; j++) {
            totals[j] += (double)first[j];
            totals[c + j] += (double)second[j];
        }
    }
    return totals;
}

/* Mean and deviation of the batch, and the update of the running ones. */
static void measure(struct lrp_layer *layer, size_t rows)
{
    const size_t c = layer->in.channels;
    const double n = (double)rows;
    float *first_row = layer->scratch + 6 * c;
    /* differences from the first row: with a large mean the variance would lose its digits */
    memcpy(first_row, layer->inputs, c * sizeof *first_row);
    const double *totals = sum_up(layer, rows, layer->inputs, first_row, layer->inputs, first_row);
    for (size_t j = 0; j < c; j++) {
        double shift = totals[j] / n;
        double mean = (double)first_row[j] + shift;
        double variance = totals[c + j] / n - shift * shift;
        variance = variance < 0 ? 0 : variance; /* NaN passes through */
        double unbiased = rows > 1 ? variance * n / (n - 1) : variance;
        layer->kept[j] = (float)mean;
        layer->kept[c + j] = (float)(1 / sqrt(variance + epsilon));
        layer->statistics[j] += (float)(fresh * (mean - (double)layer->statistics[j]));
        layer->statistics[c + j] += (float)(fresh * (unbiased - (double)layer->statistics[c + j]));
    }
}

static void take_running(struct lrp_layer *layer)
{
    const size_t c = layer->in.channels;
    for (size_t j = 0; j < c; j++) {
        layer->kept[j] = layer->statistics[j];
        layer->kept[c + j] = (float)(1 / sqrt((double)layer->statistics[c + j] + epsilon));
    }
}

LRP_VECTOR_CLONES
static void normalise(struct lrp_layer *layer, size_t rows)
{
    const size_t c = layer->in.channels;
    float *restrict factor = layer->scratch;
    const float *restrict mean = layer->kept;
    const float *restrict offset = layer->biases;
    for (size_t j = 0; j < c; j++) {
        factor[j] = layer->weights[j] * layer->kept[c + j];
    }
    for (size_t row = 0; row < rows; row++) {
        const float *restrict in = layer->inputs + row * c;
        float *restrict out = layer->sums + row * c;
        for (size_t j = 0; j < c; j++) {
            out[j] = (in[j] - mean[j]) * factor[j] + offset[j];
        }
        if (layer->activation == LRP_RELU) { /* here, while the row is in the first cache */
            for (size_t j = 0; j < c; j++) {
                out[j] = out[j] <= 0.0f ? 0.0f : out[j];
            }
        }
    }
}

static void forward(struct lrp_layer *layer, const struct lrp_forward *pass)
{
    size_t rows = lrp_rows(&layer->in, pass->batch);
    if (pass->mode == LRP_TRAINING) {
        measure(layer, rows);
    } else {
        take_running(layer);
    }
    normalise(layer, rows);
    if (layer->activation != LRP_RELU) {
        lrp_activate(layer->activation, layer->sums, NULL, layer->outputs, rows,
                     layer->in.channels);
    }
}

/* next = scale / deviation (error - mean of error - x mean of (error x)) with x the normalised
 * input; the means are those of the batch, and 0 where the running averages were used. */
LRP_VECTOR_CLONES
static void propagate(const struct lrp_layer *layer, const struct lrp_backward *pass, size_t rows)
{
    const size_t c = layer->in.channels;
    const float *restrict mean = layer->kept;
    const float *restrict inverse = layer->kept + c;
    float *restrict factor = layer->scratch;
    float *restrict level = layer->scratch + c;
    float *restrict slope = layer->scratch + 2 * c;
    const bool batch_means = pass->mode == LRP_TRAINING;
    for (size_t j = 0; j < c; j++) {
        double n = (double)rows;
        factor[j] = layer->weights[j] * inverse[j];
        level[j] = batch_means ? (float)((double)layer->bias_gradients[j] / n) : 0;
        slope[j] =
            batch_means ? (float)((double)inverse[j] * (double)layer->weight_gradients[j] / n) : 0;
    }
    for (size_t row = 0; row < rows; row++) {
        const float *restrict in = layer->inputs + row * c;
        const float *restrict error = pass->error + row * c;
        float *restrict next = pass->next + row * c;
        for (size_t j = 0; j < c; j++) {
            next[j] = factor[j] * (error[j] - level[j] - (in[j] - mean[j]) * slope[j]);
        }
    }
}

static void backward(struct lrp_layer *layer, const struct lrp_backward *pass)
{
    const size_t c = layer->in.channels;
    size_t rows = lrp_rows(&layer->in, pass->batch);
    float *zeros = layer->scratch + 6 * c;
    memset(zeros, 0, c * sizeof *zeros);
    const double *totals = sum_up(layer, rows, pass->error, zeros, layer->inputs, layer->kept);
    for (size_t j = 0; j < c; j++) {
        layer->bias_gradients[j] = (float)totals[j];
        layer->weight_gradients[j] = (float)(totals[c + j] * (double)layer->kept[c + j]);
    }
    if (pass->next != NULL) {
        propagate(layer, pass, rows);
    }
}

const struct lrp_layer_ops lrp_layer_batch_norm = {
    .plan = plan,
    .initialise = initialise,
    .forward = forward,
    .backward = backward,
};
