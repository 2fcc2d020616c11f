/* SPDX-License-Identifier: MIT */
#include "dataset.h"

#include "alloc.h"
#include "data_readers.h"
#include "gz.h"
#include "random.h"
#include "random_streams.h"
#include "suggest.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NOTES_MOST = 1 << 16, READERS_MOST = 32 };

const struct lrp_data_reader *const lrp_data_readers[] = {
    &lrp_data_glyphs,     &lrp_data_regression,
    &lrp_data_sentences,  &lrp_data_spirals,
    &lrp_data_csv,        &lrp_data_idx,
    &lrp_data_cifar_file, &lrp_data_cifar_folder,
    &lrp_data_text,       NULL,
};

void lrp_dataset_free(struct lrp_dataset *dataset)
{
    if (dataset != NULL) {
        free(dataset->inputs);
        free(dataset->classes);
        free(dataset->values);
        for (size_t k = 0; dataset->columns != NULL && k < dataset->n_inputs; k++) {
            free(dataset->columns[k].name);
        }
        free(dataset->columns);
        lrp_text_fini(&dataset->notes);
        lrp_text_fini(&dataset->target);
        free(dataset);
    }
}

static void swap_bytes(void *left, void *right, size_t n)
{
    unsigned char *a = left;
    unsigned char *b = right;
    for (size_t i = 0; i < n; i++) {
        unsigned char kept = a[i];
        a[i] = b[i];
        b[i] = kept;
    }
}

static void swap_rows(struct lrp_dataset *dataset, size_t a, size_t b)
{
    const size_t n = dataset->n_inputs;
    if (a == b) {
        return;
    }
    swap_bytes(dataset->inputs + a * n, dataset->inputs + b * n, n * sizeof *dataset->inputs);
    if (dataset->classes != NULL) {
        swap_bytes(&dataset->classes[a], &dataset->classes[b], sizeof *dataset->classes);
    } else {
        swap_bytes(&dataset->values[a], &dataset->values[b], sizeof *dataset->values);
    }
}

/* Shuffles the rows, in the same way for every run, but not those of a text; the last part
 * validates. */
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
                        "%zu rows are too few to train on with a share of %g kept for "
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
    /* a constant column carries no information: it becomes 0, not a quotient of rounding errors */
    double factor = deviation > 1e-7 * fabs(mean) && deviation > 0 ? 1 / deviation : 0;
    for (size_t i = 0; i < n; i++) {
        block[i * columns + k] = (float)(((double)block[i * columns + k] - mean) * factor);
    }
}

/* A mark keeps 0 and 1: a rare word must not become a huge input. One that all training rows have
 * alike cannot be learnt from, and its untrained weights are kept out of the validation. */
static void settle_mark(struct lrp_dataset *dataset, size_t k)
{
    const size_t n = dataset->n_inputs;
    for (size_t i = 1; i < dataset->n_train; i++) {
        if (dataset->inputs[i * n + k] != dataset->inputs[k]) {
            return;
        }
    }
    for (size_t i = 0; i < dataset->n; i++) {
        dataset->inputs[i * n + k] = 0;
    }
}

static void standardise_all(struct lrp_dataset *dataset)
{
    const size_t pixels = dataset->shape.height * dataset->shape.width;
    for (size_t k = 0; k < dataset->shape.channels; k++) {
        if (dataset->columns != NULL && pixels == 1 && dataset->columns[k].is_mark) {
            settle_mark(dataset, k);
            continue;
        }
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

static const struct lrp_data_reader *find_generated(const char *name)
{
    for (size_t i = 0; lrp_data_readers[i] != NULL; i++) {
        if (lrp_data_readers[i]->recognises == NULL &&
            strcmp(lrp_data_readers[i]->name, name) == 0) {
            return lrp_data_readers[i];
        }
    }
    return NULL;
}

static enum lrp_status generate(const struct lrp_data_reader *reader,
                                const struct lrp_data_options *options, struct lrp_dataset *dataset,
                                struct lrp_error *err)
{
    if (!reader->is_text && options->context > 0) {
        return lrp_fail(
            err, LRP_E_ARG, 0,
            "the model is for text, and the data set %s is not text; sentences or a file "
            "was expected",
            reader->name);
    }
    if (reader->is_text && options->context == 0) {
        return lrp_fail(err, LRP_E_ARG, 0,
                        "the data set %s is text and needs a model for text, such as --model "
                        "transformer",
                        reader->name);
    }
    return reader->read(options, dataset, err);
}

/* Standard input is not touched: it could not be read a second time. */
static enum lrp_status look_at(const char *path, struct lrp_data_file *file, struct lrp_error *err)
{
    struct lrp_stream *stream = NULL;
    struct stat facts;
    *file = (struct lrp_data_file){.path = path};
    file->is_folder = stat(path, &facts) == 0 && S_ISDIR(facts.st_mode);
    if (file->is_folder || strcmp(path, "-") == 0) {
        return LRP_OK;
    }
    LRP_TRY(lrp_stream_open(path, &stream, err));
    enum lrp_status status =
        lrp_stream_read(stream, file->head, sizeof file->head, &file->n_head, err);
    lrp_stream_close(stream);
    return status;
}

static enum lrp_status read_file(const struct lrp_data_options *options,
                                 struct lrp_dataset *dataset, struct lrp_error *err)
{
    const struct lrp_data_reader *reader = NULL;
    struct lrp_data_file file;
    LRP_TRY(look_at(options->data, &file, err));
    for (size_t i = 0; lrp_data_readers[i] != NULL; i++) {
        if (lrp_data_readers[i]->recognises != NULL &&
            lrp_data_readers[i]->recognises(options, &file)) {
            reader = lrp_data_readers[i];
        }
    }
    return reader->read(options, dataset, err);
}

/* For a word that looks like the misspelt name of a generated set. */
static enum lrp_status fail_name(const char *name, struct lrp_error *err)
{
    const char *names[READERS_MOST];
    size_t n = 0;
    for (size_t i = 0; lrp_data_readers[i] != NULL && n < READERS_MOST; i++) {
        if (lrp_data_readers[i]->recognises == NULL) {
            names[n++] = lrp_data_readers[i]->name;
        }
    }
    (void)lrp_fail_unknown("there is no file and no generated data set", name, strlen(name), names,
                           n, "generated are", err);
    if (err != NULL) {
        err->status = LRP_E_IO; /* as of any file that is not there */
    }
    return LRP_E_IO;
}

static enum lrp_status fill(const struct lrp_data_options *options, struct lrp_dataset *dataset,
                            struct lrp_error *err)
{
    const struct lrp_data_reader *generated = find_generated(options->data);
    if (generated != NULL) {
        return generate(generated, options, dataset, err);
    }
    enum lrp_status status = read_file(options, dataset, err);
    if (status == LRP_E_IO && strpbrk(options->data, "/.") == NULL &&
        access(options->data, F_OK) != 0) {
        return fail_name(options->data, err);
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

static enum lrp_status prepare(const struct lrp_data_options *options, struct lrp_dataset *dataset,
                               struct lrp_error *err)
{
    LRP_TRY(fill(options, dataset, err));
    LRP_TRY(check_targets(dataset, err));
    LRP_TRY(split(dataset, options->val_split, err));
    set_name(dataset, options->data);
    if (dataset->columns != NULL) {
        LRP_TRY(lrp_dataset_impute(dataset, err));
    }
    if (dataset->standardise) {
        standardise_all(dataset);
    }
    return LRP_OK;
}

enum lrp_status lrp_dataset_load(const struct lrp_data_options *options, struct lrp_dataset **out,
                                 struct lrp_error *err)
{
    struct lrp_dataset *dataset = lrp_calloc_array(1, sizeof *dataset);
    LRP_TRY_MEMORY(dataset, err);
    lrp_text_init(&dataset->notes, NOTES_MOST);
    lrp_text_init(&dataset->target, NOTES_MOST);
    enum lrp_status status = prepare(options, dataset, err);
    if (status != LRP_OK) {
        lrp_dataset_free(dataset);
        return status;
    }
    *out = dataset;
    return LRP_OK;
}
