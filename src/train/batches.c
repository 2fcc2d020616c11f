/* SPDX-License-Identifier: MIT */
#include "batches.h"

#include "alloc.h"
#include "random.h"
#include "random_streams.h"

#include <stdlib.h>
#include <string.h>

struct lrp_batches {
    const struct lrp_dataset *dataset;
    size_t size;
    struct lrp_augmentation augmentation;
    struct lrp_random order_random, change_random;
    uint32_t *order; /* training rows as they come in this epoch */
    size_t position; /* next entry of order */
    size_t offset;   /* of a text's rows in this epoch, in characters */
    uint32_t *classes;
    float *values;
};

enum lrp_status lrp_batches_new(const struct lrp_dataset *dataset, size_t size, size_t largest,
                                const struct lrp_augmentation *augmentation, uint64_t seed,
                                struct lrp_batches **out, struct lrp_error *err)
{
    size_t targets = largest * dataset->n_targets;
    if (augmentation->noise > 0 && dataset->is_text) {
        return lrp_fail(err, LRP_E_ARG, 0, "noise cannot be added to the characters of a text");
    }
    if (augmentation->shift > 0 &&
        (dataset->is_text || dataset->shape.height * dataset->shape.width == 1)) {
        return lrp_fail(err, LRP_E_ARG, 0,
                        "only images can be shifted, and the data are not images");
    }
    struct lrp_batches *batches = lrp_calloc_array(1, sizeof *batches);
    LRP_TRY_MEMORY(batches, err);
    batches->dataset = dataset;
    batches->size = size;
    batches->augmentation = *augmentation;
    lrp_random_seed(&batches->order_random, seed, LRP_STREAM_ORDER);
    lrp_random_seed(&batches->change_random, seed, LRP_STREAM_AUGMENTATION);
    batches->order = lrp_calloc_array(dataset->n_train, sizeof *batches->order);
    batches->classes = lrp_calloc_array(targets, sizeof *batches->classes);
    batches->values = lrp_calloc_array(targets, sizeof *batches->values);
    if (batches->order == NULL || batches->classes == NULL || batches->values == NULL) {
        lrp_batches_free(batches);
        return lrp_fail_memory(err, targets * sizeof(float));
    }
    for (size_t i = 0; i < dataset->n_train; i++) {
        batches->order[i] = (uint32_t)i;
    }
    batches->position = dataset->n_train; /* the first step shuffles */
    *out = batches;
    return LRP_OK;
}

void lrp_batches_free(struct lrp_batches *batches)
{
    if (batches != NULL) {
        free(batches->order);
        free(batches->classes);
        free(batches->values);
        free(batches);
    }
}

/* Copies a row's inputs and targets into place i of the batch. */
static void copy_row(struct lrp_batches *batches, size_t row, size_t offset, size_t i,
                     float *inputs)
{
    const struct lrp_dataset *data = batches->dataset;
    const size_t n = data->n_inputs;
    memcpy(inputs + i * n, data->inputs + row * n + offset, n * sizeof *inputs);
    if (data->classes != NULL) {
        memcpy(batches->classes + i * data->n_targets,
               data->classes + row * data->n_targets + offset,
               data->n_targets * sizeof *batches->classes);
    } else {
        batches->values[i] = data->values[row];
    }
}

struct lrp_targets lrp_batches_rows(struct lrp_batches *batches, size_t first, size_t n,
                                    float *inputs)
{
    for (size_t i = 0; i < n; i++) {
        copy_row(batches, first + i, 0, i, inputs);
    }
    return (struct lrp_targets){batches->classes, batches->values};
}

static void start_epoch(struct lrp_batches *batches)
{
    const struct lrp_dataset *data = batches->dataset;
    lrp_random_shuffle(&batches->order_random, batches->order, data->n_train);
    batches->position = 0;
    if (data->is_text) {
        batches->offset = (size_t)lrp_random_below(&batches->order_random, data->n_inputs);
    }
}

/* Moves an image by dx and dy pixels, in place. */
static void shift_image(float *image, const struct lrp_tensor_shape *shape, long dy, long dx)
{
    const long height = (long)shape->height;
    const long width = (long)shape->width;
    const long c = (long)shape->channels;
    const long kept = width - labs(dx);
    for (long k = 0; k < height; k++) { /* in the order in which no line is overwritten early */
        long y = dy > 0 ? height - 1 - k : k;
        long from = y - dy;
        float *line = image + y * width * c;
        if (from < 0 || from >= height || kept <= 0) {
            memset(line, 0, (size_t)(width * c) * sizeof *line);
            continue;
        }
        const float *source = image + (from * width + (dx < 0 ? -dx : 0)) * c;
        memmove(line + (dx > 0 ? dx : 0) * c, source, (size_t)(kept * c) * sizeof *line);
        memset(line + (dx > 0 ? 0 : kept) * c, 0, (size_t)(labs(dx) * c) * sizeof *line);
    }
}

static void change(struct lrp_batches *batches, float *inputs)
{
    const struct lrp_dataset *data = batches->dataset;
    const size_t most = batches->augmentation.shift;
    for (size_t i = 0; most > 0 && i < batches->size; i++) {
        long dy = (long)lrp_random_below(&batches->change_random, 2 * most + 1) - (long)most;
        long dx = (long)lrp_random_below(&batches->change_random, 2 * most + 1) - (long)most;
        shift_image(inputs + i * data->n_inputs, &data->shape, dy, dx);
    }
    const double noise = batches->augmentation.noise;
    for (size_t k = 0; noise > 0 && k < batches->size * data->n_inputs; k++) {
        inputs[k] += (float)(noise * lrp_random_normal(&batches->change_random));
    }
}

struct lrp_targets lrp_batches_next(struct lrp_batches *batches, float *inputs)
{
    size_t n_train = batches->dataset->n_train;
    if (batches->position + batches->size > n_train) {
        start_epoch(batches);
    }
    for (size_t i = 0; i < batches->size; i++) {
        size_t row = batches->order[batches->position + i];
        /* the last row keeps its place: behind it the validation part begins */
        copy_row(batches, row, row + 1 < n_train ? batches->offset : 0, i, inputs);
    }
    batches->position += batches->size;
    change(batches, inputs);
    return (struct lrp_targets){batches->classes, batches->values};
}
