/* SPDX-License-Identifier: MIT */
/* Convolution of images, with zeros around them. The pixels under the kernel become the columns of
 * a matrix (im2col; Chellapilla et al. 2006) a few lines of the image at a time, so that it never
 * leaves the processor's cache; the products with it are sgemm. */
#include "layer.h"

#include "activation.h"
#include "blas.h"

#include <string.h>

enum { COLUMNS_BLOCK = 1 << 15, KERNEL_MOST = 15, SHORT_COPY = 16 }; /* floats */

/* Values under the kernel: K x K x C_in. */
static size_t patch_of(const struct lrp_layer *layer)
{
    return layer->kernel * layer->kernel * layer->in.channels;
}

/* Lines of the output, of one image after the other, in a block of columns. */
static size_t lines_of(const struct lrp_layer *layer)
{
    size_t line = layer->out.width * patch_of(layer);
    return line < COLUMNS_BLOCK ? COLUMNS_BLOCK / line : 1;
}

static enum lrp_status plan(struct lrp_layer *layer, struct lrp_error *err)
{
    size_t k = layer->kernel;
    if (k % 2 == 0 || k > KERNEL_MOST) {
        return lrp_fail(err, LRP_E_ARG, 0,
                        "the kernel of the convolution is %zu wide; an odd number up to %d was "
                        "expected",
                        k, KERNEL_MOST);
    }
    layer->out.height = (layer->in.height - 1) / layer->stride + 1;
    layer->out.width = (layer->in.width - 1) / layer->stride + 1;
    layer->out.channels = layer->units;
    const size_t shape[4] = {k, k, layer->in.channels, layer->units};
    memcpy(layer->weight_shape, shape, sizeof shape);
    layer->n_weights = patch_of(layer) * layer->units;
    layer->n_biases = layer->has_biases ? layer->units : 0;
    if (patch_of(layer) > (1 << 24) || layer->n_weights > (size_t)1 << 31) {
        return lrp_fail(err, LRP_E_ARG, 0, "the model has a layer of more than 2^31 weights");
    }
    layer->n_scratch = lines_of(layer) * layer->out.width * patch_of(layer);
    return LRP_OK;
}

static void initialise(struct lrp_layer *layer, struct lrp_random *random)
{
    size_t window = layer->kernel * layer->kernel;
    lrp_layer_draw_weights(layer, patch_of(layer), window * layer->units, random);
}

static void copy(float *restrict to, const float *restrict from, size_t n)
{
    if (n >= SHORT_COPY) {
        memcpy(to, from, n * sizeof *to);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        to[i] = from[i];
    }
}

struct span { /* of kernel columns that lie inside the image, at one output pixel */
    size_t first, end;
    size_t from; /* input pixel under the first */
};

static struct span inside(const struct lrp_layer *layer, size_t size, size_t at)
{
    size_t pad = layer->kernel / 2;
    size_t left = at * layer->stride; /* in the image with its margin */
    struct span span = {left < pad ? pad - left : 0, layer->kernel, 0};
    if (left + layer->kernel > size + pad) {
        span.end = size + pad - left;
    }
    span.from = left + span.first - pad;
    return span;
}

/* columns (lines x W_out x K x K x C_in) of output lines first .. first + lines - 1. */
static void gather(const struct lrp_layer *layer, size_t first, size_t lines, float *columns)
{
    const size_t c = layer->in.channels;
    const size_t k = layer->kernel;
    const size_t line_length = layer->in.width * c;
    for (size_t line = first; line < first + lines; line++) {
        const float *image =
            layer->inputs + line / layer->out.height * layer->in.height * line_length;
        struct span rows = inside(layer, layer->in.height, line % layer->out.height);
        for (size_t x = 0; x < layer->out.width; x++) {
            struct span span = inside(layer, layer->in.width, x);
            for (size_t ky = 0; ky < k; ky++, columns += k * c) {
                if (ky < rows.first || ky >= rows.end) {
                    memset(columns, 0, k * c * sizeof *columns);
                    continue;
                }
                const float *from =
                    image + (rows.from + ky - rows.first) * line_length + span.from * c;
                for (size_t i = 0; i < span.first * c; i++) {
                    columns[i] = 0;
                }
                copy(columns + span.first * c, from, (span.end - span.first) * c);
                for (size_t i = span.end * c; i < k * c; i++) {
                    columns[i] = 0;
                }
            }
        }
    }
}

/* The reverse: adds the columns to the pixels they came from. */
static void scatter(const struct lrp_layer *layer, size_t first, size_t lines, const float *columns,
                    float *out)
{
    const size_t c = layer->in.channels;
    const size_t k = layer->kernel;
    const size_t line_length = layer->in.width * c;
    for (size_t line = first; line < first + lines; line++) {
        float *image = out + line / layer->out.height * layer->in.height * line_length;
        struct span rows = inside(layer, layer->in.height, line % layer->out.height);
        for (size_t x = 0; x < layer->out.width; x++, columns += k * k * c) {
            struct span span = inside(layer, layer->in.width, x);
            for (size_t ky = rows.first; ky < rows.end; ky++) {
                float *to = image + (rows.from + ky - rows.first) * line_length + span.from * c;
                const float *from = columns + (ky * k + span.first) * c;
                for (size_t i = 0; i < (span.end - span.first) * c; i++) {
                    to[i] += from[i];
                }
            }
        }
    }
}

static void forward(struct lrp_layer *layer, const struct lrp_forward *pass)
{
    const size_t total = pass->batch * layer->out.height;
    const size_t lines = lines_of(layer);
    const size_t patch = patch_of(layer);
    for (size_t first = 0; first < total; first += lines) {
        size_t n = total - first < lines ? total - first : lines;
        size_t at = first * layer->out.width * layer->units;
        gather(layer, first, n, layer->scratch);
        lrp_blas_product((int)(n * layer->out.width), (int)layer->units, (int)patch, layer->scratch,
                         layer->weights, layer->sums + at);
        lrp_activate(layer->activation, layer->sums + at, layer->biases, layer->outputs + at,
                     n * layer->out.width, layer->units);
    }
}

static void backward(struct lrp_layer *layer, const struct lrp_backward *pass)
{
    const size_t total = pass->batch * layer->out.height;
    const size_t lines = lines_of(layer);
    const size_t patch = patch_of(layer);
    if (layer->has_biases) {
        lrp_sum_rows(pass->error, total * layer->out.width, layer->units, layer->bias_gradients);
    }
    if (pass->next != NULL) {
        memset(pass->next, 0, lrp_values(&layer->in) * pass->batch * sizeof *pass->next);
    }
    for (size_t first = 0; first < total; first += lines) {
        size_t n = total - first < lines ? total - first : lines;
        const float *error = pass->error + first * layer->out.width * layer->units;
        int rows = (int)(n * layer->out.width);
        const struct lrp_matrix columns = {layer->scratch, (int)patch, true};
        const struct lrp_matrix errors = {error, (int)layer->units, false};
        gather(layer, first, n, layer->scratch);
        lrp_blas_multiply((int)patch, (int)layer->units, rows, 1, columns, errors,
                          first > 0 ? 1.0f : 0.0f, layer->weight_gradients, (int)layer->units);
        if (pass->next != NULL) {
            lrp_blas_product_tb(rows, (int)layer->units, (int)patch, error, layer->weights,
                                layer->scratch);
            scatter(layer, first, n, layer->scratch, pass->next);
        }
    }
    if (pass->handler != NULL) {
        pass->handler(pass->user, layer->offset, layer->n_weights + layer->n_biases);
    }
}

const struct lrp_layer_ops lrp_layer_convolution = {
    .name = "convolution",
    .plan = plan,
    .initialise = initialise,
    .forward = forward,
    .backward = backward,
};
