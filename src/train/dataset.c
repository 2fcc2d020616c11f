/* SPDX-License-Identifier: MIT */
#include "dataset.h"

#include "alloc.h"
#include "gz.h"
#include "number.h"
#include "random.h"
#include "random_streams.h"
#include "text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ROWS_MOST = 1 << 28, TEXT_MOST = 1 << 24, SIDE_MOST = 1 << 16 };

const struct lrp_data_kind lrp_data_kinds[] = {
    {"FILE.csv", "table of numbers, the last column or --target is to be learnt; --image 8x8 where "
                 "the others are pixels"},
    {"FILE-images-idx3-ubyte", "IDX images as MNIST's, their labels beside them or by --labels"},
    {"data_batch_1.bin", "CIFAR-10 in its binary version, or CIFAR-100's train.bin"},
    {"DIR", "folder with CIFAR's training files; its test set is not looked at"},
    {"FILE.txt", "any text in UTF-8, for --model transformer; its last part validates"},
    {NULL, NULL},
};

enum lrp_status lrp_dataset_reserve(struct lrp_dataset *dataset, size_t n, size_t n_inputs,
                                    bool classes, struct lrp_error *err)
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
    if (classes) {
        dataset->classes = lrp_calloc_array(n, sizeof(uint32_t));
    } else {
        dataset->values = lrp_calloc_array(n, sizeof(float));
    }
    if (dataset->inputs == NULL || (dataset->classes == NULL && dataset->values == NULL)) {
        return lrp_fail_memory(err, cells * sizeof(float));
    }
    dataset->n = n;
    dataset->n_inputs = n_inputs;
    dataset->shape = (struct lrp_tensor_shape){1, 1, n_inputs};
    dataset->n_targets = 1;
    return LRP_OK;
}

enum lrp_status lrp_channels_last(float *values, size_t n, const struct lrp_tensor_shape *shape,
                                  struct lrp_error *err)
{
    const size_t pixels = shape->height * shape->width;
    const size_t c = shape->channels;
    float *row = lrp_calloc_array(pixels * c, sizeof *row);
    if (row == NULL) {
        return lrp_fail_memory(err, pixels * c * sizeof *row);
    }
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
        return lrp_fail(err, LRP_E_ARG, 0,
                        "--image %.40s is no shape, as 8x8 or 3x32x32 (channels, height, width)",
                        text);
    }
    if (shape.height * shape.width * shape.channels != dataset->n_inputs) {
        return lrp_fail(err, LRP_E_ARG, 0, "--image %.40s does not fit %zu input columns", text,
                        dataset->n_inputs);
    }
    dataset->shape = shape;
    return lrp_channels_last(dataset->inputs, dataset->n, &dataset->shape, err);
}

void lrp_dataset_free(struct lrp_dataset *dataset)
{
    if (dataset != NULL) {
        free(dataset->inputs);
        free(dataset->classes);
        free(dataset->values);
        free(dataset);
    }
}

static void swap_rows(struct lrp_dataset *dataset, size_t a, size_t b)
{
    float *left = dataset->inputs + a * dataset->n_inputs;
    float *right = dataset->inputs + b * dataset->n_inputs;
    for (size_t k = 0; k < dataset->n_inputs && a != b; k++) {
        float kept = left[k];
        left[k] = right[k];
        right[k] = kept;
    }
    if (dataset->classes != NULL) {
        uint32_t kept = dataset->classes[a];
        dataset->classes[a] = dataset->classes[b];
        dataset->classes[b] = kept;
    } else {
        float kept = dataset->values[a];
        dataset->values[a] = dataset->values[b];
        dataset->values[b] = kept;
    }
}

/* Rows in random order, the same for every run, but of a text as they come; the last part
 * validates.
 */
static enum lrp_status split(struct lrp_dataset *dataset, double share, struct lrp_error *err)
{
    struct lrp_random random;
    lrp_random_seed(&random, LRP_SEED_SPLIT, 0);
    for (size_t i = dataset->n; i > 1 && !dataset->is_text; i--) {
        swap_rows(dataset, i - 1, (size_t)lrp_random_below(&random, i));
    }
    size_t validation = (size_t)(share * (double)dataset->n);
    if (share > 0 && validation == 0) {
        validation = 1;
    }
    if (validation >= dataset->n) {
        return lrp_fail(err, LRP_E_NODATA, 0,
                        "%zu rows are too few to train on and to keep a share of %g for "
                        "validation",
                        dataset->n, share);
    }
    dataset->n_train = dataset->n - validation;
    return LRP_OK;
}

/* Column k of a block with that many columns: mean 0 and deviation 1 over the training rows. */
static void standardise(float *block, size_t n, size_t n_train, size_t columns, size_t k)
{
    double mean = 0;
    double squares = 0;
    for (size_t i = 0; i < n_train; i++) {
        mean += (double)block[i * columns + k];
    }
    mean /= (double)n_train;
    for (size_t i = 0; i < n_train; i++) {
        double difference = (double)block[i * columns + k] - mean;
        squares += difference * difference;
    }
    double deviation = sqrt(squares / (double)n_train);
    /* a constant column says nothing: it becomes 0 instead of a quotient of roundings */
    double factor = deviation > 1e-7 * fabs(mean) && deviation > 0 ? 1 / deviation : 0;
    for (size_t i = 0; i < n; i++) {
        block[i * columns + k] = (float)(((double)block[i * columns + k] - mean) * factor);
    }
}

static void standardise_all(struct lrp_dataset *dataset)
{
    const size_t pixels = dataset->shape.height * dataset->shape.width;
    for (size_t k = 0; k < dataset->shape.channels; k++) {
        standardise(dataset->inputs, dataset->n * pixels, dataset->n_train * pixels,
                    dataset->shape.channels, k);
    }
    if (dataset->values != NULL) {
        standardise(dataset->values, dataset->n, dataset->n_train, 1, 0);
    }
}

static enum lrp_status check_targets(const struct lrp_dataset *dataset, struct lrp_error *err)
{
    for (size_t i = 1; i < dataset->n * dataset->n_targets; i++) {
        if (dataset->classes != NULL ? dataset->classes[i] != dataset->classes[0]
                                     : dataset->values[i] != dataset->values[0]) {
            return LRP_OK;
        }
    }
    return lrp_fail(err, LRP_E_NODATA, 0, "all %zu rows are of one %s: there is nothing to learn",
                    dataset->n, dataset->classes != NULL ? "class" : "target value");
}

static enum lrp_status read_file(const struct lrp_data_options *options,
                                 struct lrp_dataset *dataset, struct lrp_error *err)
{
    struct lrp_stream *stream = NULL;
    unsigned char head[4];
    size_t length = 0;
    struct stat file;
    if (options->context > 0) {
        return lrp_dataset_read_text(options, dataset, err);
    }
    if (lrp_is_cifar(options->data) || (stat(options->data, &file) == 0 && S_ISDIR(file.st_mode))) {
        return lrp_dataset_read_cifar(options, dataset, err);
    }
    enum lrp_status status = lrp_stream_open(options->data, &stream, err);
    status = status == LRP_OK ? lrp_stream_read(stream, head, sizeof head, &length, err) : status;
    lrp_stream_close(stream);
    if (status != LRP_OK) {
        return status;
    }
    if (lrp_is_idx(head, length)) {
        return lrp_dataset_read_idx(options, dataset, err);
    }
    return lrp_dataset_read_csv(options, dataset, err);
}

static enum lrp_status generate(const struct lrp_generated_row *row,
                                const struct lrp_data_options *options, struct lrp_dataset *dataset,
                                struct lrp_error *err)
{
    struct lrp_text text;
    if (row->make != NULL) {
        return options->context == 0
                   ? row->make(dataset, err)
                   : lrp_fail(err, LRP_E_ARG, 0,
                              "the model is for text, and the data set %s is none; sentences or a "
                              "file was expected",
                              row->name);
    }
    if (options->context == 0) {
        return lrp_fail(err, LRP_E_ARG, 0,
                        "the data set %s is text and needs a model of text, as --model transformer",
                        row->name);
    }
    lrp_text_init(&text, TEXT_MOST);
    enum lrp_status status = row->write(&text, err);
    status = status == LRP_OK
                 ? lrp_dataset_take_text(options, (const unsigned char *)lrp_text_string(&text),
                                         text.length, dataset, err)
                 : status;
    lrp_text_fini(&text);
    return status;
}

static enum lrp_status fill(const struct lrp_data_options *options, struct lrp_dataset *dataset,
                            struct lrp_error *err)
{
    for (size_t i = 0; lrp_generated_table[i].name != NULL; i++) {
        if (strcmp(options->data, lrp_generated_table[i].name) == 0) {
            return generate(&lrp_generated_table[i], options, dataset, err);
        }
    }
    enum lrp_status status = read_file(options, dataset, err);
    if (status == LRP_E_IO && strchr(options->data, '/') == NULL &&
        strchr(options->data, '.') == NULL && access(options->data, F_OK) != 0) {
        return lrp_fail(
            err, LRP_E_IO, 0,
            "\"%.100s\" is neither a generated data set (glyphs, regression, sentences, "
            "spirals) nor a file",
            options->data);
    }
    return status;
}

static void set_name(struct lrp_dataset *dataset, const char *path)
{
    const char *folder_end = strrchr(path, '/');
    struct lrp_text clean;
    const char *name = folder_end != NULL ? folder_end + 1 : path;
    lrp_text_init(&clean, 1 << 16);
    lrp_text_append_clean(&clean, name, strlen(name));
    (void)snprintf(dataset->name, sizeof dataset->name, "%s", lrp_text_string(&clean));
    lrp_text_fini(&clean);
}

enum lrp_status lrp_dataset_load(const struct lrp_data_options *options, struct lrp_dataset **out,
                                 struct lrp_error *err)
{
    struct lrp_dataset *dataset = lrp_calloc_array(1, sizeof *dataset);
    if (dataset == NULL) {
        return lrp_fail_memory(err, sizeof *dataset);
    }
    enum lrp_status status = fill(options, dataset, err);
    status = status == LRP_OK ? check_targets(dataset, err) : status;
    status = status == LRP_OK ? split(dataset, options->val_split, err) : status;
    if (status != LRP_OK) {
        lrp_dataset_free(dataset);
        return status;
    }
    if (dataset->standardise) {
        standardise_all(dataset);
    }
    set_name(dataset, options->data);
    *out = dataset;
    return LRP_OK;
}
