/* SPDX-License-Identifier: MIT */
#include "data_readers.h"

#include "alloc.h"
#include "number.h"

#include <stdlib.h>
#include <string.h>

enum { ROWS_MOST = 1 << 28, SIDE_MOST = 1 << 16 };

enum lrp_status lrp_dataset_reserve(struct lrp_dataset *dataset, size_t n, size_t n_inputs,
                                    size_t n_classes, struct lrp_error *err)
{
    size_t cells = 0;
    if (n == 0 || n_inputs == 0) {
        return lrp_fail(err, LRP_E_NODATA, 0, "the data set has %zu rows of %zu inputs", n,
                        n_inputs);
    }
    if (n > ROWS_MOST || !lrp_multiply_size(n, n_inputs, &cells)) {
        return lrp_fail(err, LRP_E_LIMIT, 0, "the data set has too many rows: %zu", n);
    }
    dataset->inputs = lrp_calloc_array(cells, sizeof(float));
    if (n_classes > 0) {
        dataset->classes = lrp_calloc_array(n * n_classes, sizeof(uint32_t));
    } else {
        dataset->values = lrp_calloc_array(n, sizeof(float));
    }
    if (dataset->inputs == NULL || (dataset->classes == NULL && dataset->values == NULL)) {
        return lrp_fail_memory(err, cells * sizeof(float));
    }
    dataset->n = n;
    dataset->n_inputs = n_inputs;
    dataset->shape = (struct lrp_tensor_shape){1, 1, n_inputs};
    dataset->n_targets = n_classes > 0 ? n_classes : 1;
    return LRP_OK;
}

enum lrp_status lrp_channels_last(float *values, size_t n, const struct lrp_tensor_shape *shape,
                                  struct lrp_error *err)
{
    const size_t pixels = shape->height * shape->width;
    const size_t c = shape->channels;
    float *row = lrp_calloc_array(pixels * c, sizeof *row);
    LRP_TRY_MEMORY(row, err);
    for (size_t i = 0; i < n && c > 1; i++) {
        float *at = values + i * pixels * c;
        memcpy(row, at, pixels * c * sizeof *row);
        for (size_t k = 0; k < pixels * c; k++) {
            at[k] = row[k % c * pixels + k / c];
        }
    }
    free(row);
    return LRP_OK;
}

static bool parse_shape(const char *text, struct lrp_tensor_shape *shape)
{
    size_t sides[3];
    size_t n = 0;
    for (const char *at = text;; at++) {
        size_t length = strcspn(at, "x");
        int64_t side = 0;
        if (n == 3 || !lrp_parse_int64(at, length, 1, SIDE_MOST, &side)) {
            return false;
        }
        sides[n] = (size_t)side;
        n++;
        at += length;
        if (*at == '\0') {
            break;
        }
    }
    if (n < 2) {
        return false;
    }
    *shape = (struct lrp_tensor_shape){sides[n - 2], sides[n - 1], n == 3 ? sides[0] : 1};
    return true;
}

enum lrp_status lrp_dataset_give_shape(struct lrp_dataset *dataset, const char *text,
                                       struct lrp_error *err)
{
    struct lrp_tensor_shape shape;
    if (!parse_shape(text, &shape)) {
        return lrp_fail(
            err, LRP_E_ARG, 0,
            "--image %.40s is not a shape such as 8x8 or 3x32x32 (channels, height, width)", text);
    }
    if (shape.height * shape.width * shape.channels != dataset->n_inputs) {
        return lrp_fail(err, LRP_E_ARG, 0, "--image %.40s does not fit %zu input columns", text,
                        dataset->n_inputs);
    }
    dataset->shape = shape;
    return lrp_channels_last(dataset->inputs, dataset->n, &dataset->shape, err);
}
