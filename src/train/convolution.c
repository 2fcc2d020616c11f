/* SPDX-License-Identifier: MIT */
/* Convolution of images, with zeros around them. The pixels under the kernel become the columns of
 * a matrix (im2col; Chellapilla et al. 2006) a few lines of the image at a time, so that it never
 * leaves the processor's cache; the products with it are sgemm. */
#include "layer.h"

#include "activation.h"
#include "blas.h"

#include <string.h>

enum { COLUMNS_BLOCK = 1 << 14 /* floats */, KERNEL_MOST = 15, LINE = 16 };

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
    layer->n_biases = layer->has_biases ? layer->units : 0;
    if (patch_of(layer) > 1 << 24) {
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

/* The same n values from each of count places: from, step apart, to places of the columns. */
static void copy_runs(float *restrict to, size_t patch, const float *restrict from, size_t step,
                      size_t count, size_t n)
{
    if (n == 3) { /* grey images under a kernel of 3: a call for three values is too much */
        for (size_t x = 0; x < count; x++, to += patch, from += step) {
            to[0] = from[0];
            to[1] = from[1];
            to[2] = from[2];
        }
    } else if (n % LINE == 0) {
        for (size_t x = 0; x < count; x++, to += patch, from += step) {
            for (size_t i = 0; i < n; i += LINE) {
                memcpy(to + i, from + i, LINE * sizeof *to);
            }
        }
    } else {
        for (size_t x = 0; x < count; x++, to += patch, from += step) {
            memcpy(to, from, n * sizeof *to);
        }
    }
}

/* Line ky of the patches of one output line, whose columns begin at `columns`; from: the input line
 * under it, NULL where that is outside. */
static void gather_line(const struct lrp_layer *layer, const float *from, float *columns)
{
    const size_t c = layer->in.channels;
    const size_t n = layer->kernel * c;
    const size_t patch = patch_of(layer);
    for (size_t x = 0; x < layer->out.width;) {
        const struct span span = inside(layer, layer->in.width, x);
        float *to = columns + x * patch;
        if (from == NULL) {
            memset(to, 0, n * sizeof *to);
            x++;
        } else if (span.first > 0 || span.end < layer->kernel) { /* at the margin */
            memset(to, 0, n * sizeof *to);
            if (span.end > span.first) {
                memcpy(to + span.first * c, from + span.from * c,
                       (span.end - span.first) * c * sizeof *to);
            }
            x++;
        } else { /* all that follow and lie inside, too */
            size_t count = (layer->in.width - layer->kernel - span.from) / layer->stride + 1;
            copy_runs(to, patch, from + span.from * c, layer->stride * c, count, n);
            x += count;
        }
    }
}

/* columns (lines x W_out x K x K x C_in) of output lines first .. first + lines - 1. */
static void gather(const struct lrp_layer *layer, size_t first, size_t lines, float *columns)
{
    const size_t n = layer->kernel * layer->in.channels;
    const size_t line_length = layer->in.width * layer->in.channels;
    for (size_t line = first; line < first + lines; line++) {
        const float *image =
            layer->inputs + line / layer->out.height * layer->in.height * line_length;
        const struct span rows = inside(layer, layer->in.height, line % layer->out.height);
        for (size_t ky = 0; ky < layer->kernel; ky++) {
            bool there = ky >= rows.first && ky < rows.end;
            gather_line(layer, there ? image + (rows.from + ky - rows.first) * line_length : NULL,
                        columns + ky * n);
        }
        columns += layer->out.width * patch_of(layer);
    }
}

/* The reverse: adds the columns to the pixels they came from. */
LRP_VECTOR_CLONES
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
    size_t n_cleared = 0; /* images of next, cleared when they are about to be added to */
    if (!pass->more) {
        memset(layer->bias_gradients, 0, layer->n_biases * sizeof *layer->bias_gradients);
    }
    for (size_t first = 0; first < total; first += lines) {
        size_t n = total - first < lines ? total - first : lines;
        const float *error = pass->error + first * layer->out.width * layer->units;
        int rows = (int)(n * layer->out.width);
        const struct lrp_matrix columns = {layer->scratch, (int)patch, true};
        const struct lrp_matrix errors = {error, (int)layer->units, false};
        if (layer->has_biases) {
            lrp_add_rows(error, (size_t)rows, layer->units, layer->bias_gradients);
        }
        gather(layer, first, n, layer->scratch);
        lrp_blas_multiply((int)patch, (int)layer->units, rows, 1, columns, errors,
                          first > 0 || pass->more ? 1.0f : 0.0f, layer->weight_gradients,
                          (int)layer->units);
        if (pass->next != NULL) {
            size_t images = (first + n - 1) / layer->out.height + 1;
            size_t values = lrp_values(&layer->in);
            memset(pass->next + n_cleared * values, 0,
                   (images - n_cleared) * values * sizeof *pass->next);
            n_cleared = images;
            lrp_blas_product_tb(rows, (int)layer->units, (int)patch, error, layer->weights,
                                layer->scratch);
            scatter(layer, first, n, layer->scratch, pass->next);
        }
    }
}

const struct lrp_layer_ops lrp_layer_convolution = {
    .by_examples = true,
    .plan = plan,
    .initialise = initialise,
    .forward = forward,
    .backward = backward,
};
