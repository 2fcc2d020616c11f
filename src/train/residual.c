/* SPDX-License-Identifier: MIT */
/* Residual blocks (He et al. 2016): what comes into the fork is added again at the join. Where the
 * block shrinks the image or has more channels, each stride-th pixel is added to the first
 * channels, without parameters (their option A). */
#include "layer.h"

#include "activation.h"

#include <string.h>

/* The block's error is there; the one that went past the block, kept by the join, comes to it. */
static void backward_fork(struct lrp_layer *layer, const struct lrp_backward *pass)
{
    const struct lrp_layer *join = layer->partner;
    const size_t c = layer->in.channels;
    const size_t stride = join->stride;
    for (size_t row = 0; row < lrp_rows(&join->out, pass->batch); row++) {
        size_t at = lrp_window_row(&layer->in, &join->out, row, stride, stride);
        float *restrict error = pass->error + at * c;
        const float *restrict past = join->kept + row * join->out.channels;
        for (size_t j = 0; j < c; j++) {
            error[j] += past[j];
        }
    }
}

static enum lrp_status plan_join(struct lrp_layer *layer, struct lrp_error *err)
{
    (void)err;
    layer->n_kept = lrp_values(&layer->out);
    return LRP_OK;
}

static void forward_join(struct lrp_layer *layer, const struct lrp_forward *pass)
{
    const struct lrp_layer *fork = layer->partner;
    const size_t c = layer->out.channels;
    const size_t before = fork->out.channels; /* never more than c */
    const size_t rows = lrp_rows(&layer->out, pass->batch);
    for (size_t row = 0; row < rows; row++) {
        size_t at = lrp_window_row(&fork->out, &layer->out, row, layer->stride, layer->stride);
        const float *restrict in = layer->inputs + row * c;
        const float *restrict past = fork->outputs + at * before;
        float *restrict sums = layer->sums + row * c;
        for (size_t j = 0; j < before; j++) {
            sums[j] = in[j] + past[j];
        }
        memcpy(sums + before, in + before, (c - before) * sizeof *sums);
    }
    lrp_activate(layer->activation, layer->sums, NULL, layer->outputs, rows, c);
}

static void backward_join(struct lrp_layer *layer, const struct lrp_backward *pass)
{
    memcpy(layer->kept, pass->error, lrp_values(&layer->out) * pass->batch * sizeof *layer->kept);
}

const struct lrp_layer_ops lrp_layer_fork = {
    .in_place = true,
    .backward = backward_fork,
};
const struct lrp_layer_ops lrp_layer_join = {
    .in_place = true,
    .plan = plan_join,
    .forward = forward_join,
    .backward = backward_join,
};
