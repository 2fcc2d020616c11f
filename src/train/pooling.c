/* SPDX-License-Identifier: MIT */
/* Pooling over windows of 2 x 2 pixels that do not overlap, or over the complete image (kernel 0).
 * Pixels left over at the right and below are ignored. */
#include "layer.h"

#include <math.h>
#include <string.h>

static size_t window_height(const struct lrp_layer *layer)
{
    return layer->kernel > 0 ? layer->kernel : layer->in.height;
}

static size_t window_width(const struct lrp_layer *layer)
{
    return layer->kernel > 0 ? layer->kernel : layer->in.width;
}

static enum lrp_status plan(struct lrp_layer *layer, struct lrp_error *err)
{
    layer->out.height = layer->in.height / window_height(layer);
    layer->out.width = layer->in.width / window_width(layer);
    if (layer->out.height == 0 || layer->out.width == 0) {
        return lrp_fail(err, LRP_E_ARG, 0,
                        "the images are too small for the model: %zu x %zu pixels are left to be "
                        "pooled",
                        layer->in.height, layer->in.width);
    }
    return LRP_OK;
}

/* Where line y of the window of output pixel `at` begins among the inputs. */
static size_t window_line(const struct lrp_layer *layer, size_t at, size_t y)
{
    size_t row =
        lrp_window_row(&layer->in, &layer->out, at, window_height(layer), window_width(layer));
    return (row + y * layer->in.width) * layer->in.channels;
}

static enum lrp_status plan_max(struct lrp_layer *layer, struct lrp_error *err)
{
    LRP_TRY(plan(layer, err));
    layer->n_kept = lrp_values(&layer->out);
    return LRP_OK;
}

/* b where it is larger or NaN: a NaN must reach the loss. */
static inline float larger(float a, float b)
{
    return b > a || b != b ? b : a;
}

/* The maximum of pixels 0 and 1 above, 2 and 3 below, and in kept which of them it is, the first of
 * the largest; -1 where it does not lie above floor. */
LRP_VECTOR_CLONES
static void largest_of_four(const float *restrict above, const float *restrict below,
                            float *restrict out, float *restrict kept, float floor, size_t c)
{
    for (size_t j = 0; j < c; j++) {
        const float best = larger(larger(above[j], above[c + j]), larger(below[j], below[c + j]));
        const float last = below[j] == best ? 2.0f : 3.0f;
        const float later = above[c + j] == best ? 1.0f : last;
        const float which = above[j] == best ? 0.0f : later;
        out[j] = best;
        kept[j] = best <= floor ? -1.0f : which;
    }
}

static void forward_max(struct lrp_layer *layer, const struct lrp_forward *pass)
{
    const size_t c = layer->in.channels;
    const size_t rows = lrp_rows(&layer->out, pass->batch);
    const float floor = layer->masks_below ? 0 : -HUGE_VALF;
    for (size_t at = 0; at < rows; at++) {
        largest_of_four(layer->inputs + window_line(layer, at, 0),
                        layer->inputs + window_line(layer, at, 1), layer->outputs + at * c,
                        layer->kept + at * c, floor, c);
    }
}

LRP_VECTOR_CLONES
static void give_to_one(const float *restrict error, const float *restrict kept,
                        float *restrict above, float *restrict below, size_t c)
{
    for (size_t j = 0; j < c; j++) {
        above[j] = kept[j] == 0.0f ? error[j] : 0.0f;
        above[c + j] = kept[j] == 1.0f ? error[j] : 0.0f;
        below[j] = kept[j] == 2.0f ? error[j] : 0.0f;
        below[c + j] = kept[j] == 3.0f ? error[j] : 0.0f;
    }
}

static void backward_max(struct lrp_layer *layer, const struct lrp_backward *pass)
{
    const size_t c = layer->in.channels;
    const size_t rows = lrp_rows(&layer->out, pass->batch);
    if (4 * lrp_values(&layer->out) != lrp_values(&layer->in)) { /* an odd line is left over */
        memset(pass->next, 0, lrp_values(&layer->in) * pass->batch * sizeof *pass->next);
    }
    for (size_t at = 0; at < rows; at++) {
        give_to_one(pass->error + at * c, layer->kept + at * c,
                    pass->next + window_line(layer, at, 0), pass->next + window_line(layer, at, 1),
                    c);
    }
}

static void forward_average(struct lrp_layer *layer, const struct lrp_forward *pass)
{
    const size_t c = layer->in.channels;
    const size_t rows = lrp_rows(&layer->out, pass->batch);
    const float share = 1.0f / (float)(window_height(layer) * window_width(layer));
    for (size_t at = 0; at < rows; at++) {
        float *restrict out = layer->outputs + at * c;
        memset(out, 0, c * sizeof *out);
        for (size_t y = 0; y < window_height(layer); y++) {
            const float *restrict in = layer->inputs + window_line(layer, at, y);
            for (size_t x = 0; x < window_width(layer); x++, in += c) {
                for (size_t j = 0; j < c; j++) {
                    out[j] += in[j];
                }
            }
        }
        for (size_t j = 0; j < c; j++) {
            out[j] *= share;
        }
    }
}

static void backward_average(struct lrp_layer *layer, const struct lrp_backward *pass)
{
    const size_t c = layer->in.channels;
    const size_t rows = lrp_rows(&layer->out, pass->batch);
    const float share = 1.0f / (float)(window_height(layer) * window_width(layer));
    memset(pass->next, 0, lrp_values(&layer->in) * pass->batch * sizeof *pass->next);
    for (size_t at = 0; at < rows; at++) {
        const float *restrict error = pass->error + at * c;
        for (size_t y = 0; y < window_height(layer); y++) {
            float *restrict next = pass->next + window_line(layer, at, y);
            for (size_t x = 0; x < window_width(layer); x++, next += c) {
                for (size_t j = 0; j < c; j++) {
                    next[j] = share * error[j];
                }
            }
        }
    }
}

const struct lrp_layer_ops lrp_layer_max_pool = {
    .by_examples = true,
    .plan = plan_max,
    .forward = forward_max,
    .backward = backward_max,
};
const struct lrp_layer_ops lrp_layer_average_pool = {
    .by_examples = true,
    .plan = plan,
    .forward = forward_average,
    .backward = backward_average,
};
