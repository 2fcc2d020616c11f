/* SPDX-License-Identifier: MIT */
/* Pooling over windows of kernel x kernel pixels that do not overlap, or over the whole image
 * (kernel 0). What is left over at the right and below is not looked at. */
#include "layer.h"

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
    layer->out.channels = layer->in.channels;
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

/* Where the pixels of the window of output pixel `at` begin among the inputs: of its row `y`. */
static size_t window_line(const struct lrp_layer *layer, size_t at, size_t y)
{
    size_t x = at % layer->out.width;
    size_t line = at / layer->out.width % layer->out.height;
    size_t image = at / layer->out.width / layer->out.height;
    size_t row = image * layer->in.height + line * window_height(layer) + y;
    return (row * layer->in.width + x * window_width(layer)) * layer->in.channels;
}

static void forward_max(struct lrp_layer *layer, const struct lrp_forward *pass)
{
    const size_t c = layer->in.channels;
    const size_t rows = lrp_rows(&layer->out, pass->batch);
    for (size_t at = 0; at < rows; at++) {
        float *restrict out = layer->outputs + at * c;
        memcpy(out, layer->inputs + window_line(layer, at, 0), c * sizeof *out);
        for (size_t y = 0; y < window_height(layer); y++) {
            const float *restrict in = layer->inputs + window_line(layer, at, y);
            for (size_t x = 0; x < window_width(layer); x++, in += c) {
                for (size_t j = 0; j < c; j++) {
                    /* a NaN stays one: it must reach the loss */
                    out[j] = in[j] > out[j] || in[j] != in[j] ? in[j] : out[j];
                }
            }
        }
    }
}

/* The error goes to the first of the largest; left is what is still to be given away. */
static void backward_max(struct lrp_layer *layer, const struct lrp_backward *pass)
{
    const size_t c = layer->in.channels;
    const size_t rows = lrp_rows(&layer->out, pass->batch);
    if (lrp_values(&layer->out) * window_height(layer) * window_width(layer) !=
        lrp_values(&layer->in)) {
        memset(pass->next, 0, lrp_values(&layer->in) * pass->batch * sizeof *pass->next);
    }
    for (size_t at = 0; at < rows; at++) {
        const float *restrict out = layer->outputs + at * c;
        float *restrict left = pass->error + at * c;
        for (size_t y = 0; y < window_height(layer); y++) {
            size_t line = window_line(layer, at, y);
            for (size_t x = 0; x < window_width(layer); x++, line += c) {
                const float *restrict in = layer->inputs + line;
                float *restrict next = pass->next + line;
                for (size_t j = 0; j < c; j++) {
                    float here = in[j] == out[j] ? left[j] : 0.0f;
                    next[j] = here;
                    left[j] = in[j] == out[j] ? 0.0f : left[j];
                }
            }
        }
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
    .name = "max_pool",
    .plan = plan,
    .forward = forward_max,
    .backward = backward_max,
};
const struct lrp_layer_ops lrp_layer_average_pool = {
    .name = "average_pool",
    .plan = plan,
    .forward = forward_average,
    .backward = backward_average,
};
