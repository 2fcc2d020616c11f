/* SPDX-License-Identifier: MIT */
/* Data sets: inputs as rows of float, split once into training and validation part. */
#ifndef LRP_TRAIN_DATASET_H
#define LRP_TRAIN_DATASET_H

#include "model.h"
#include "status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lrp_text;

enum { LRP_CLASSES_MOST = 10000 };

/* n rows; rows 0 to n_train - 1 are the training part, the rest validates. A row of a text is a
 * stretch of it, as long as the model's context: the numbers of its characters are the inputs,
 * those of the characters behind each are the classes. */
struct lrp_dataset {
    float *inputs;     /* n x height x width x channels */
    uint32_t *classes; /* n x n_targets, NULL for regression */
    float *values;     /* n x 1, NULL for classification */
    size_t n, n_train, n_inputs;
    struct lrp_tensor_shape shape; /* of a row; 1 x 1 x n_inputs where it is no image */
    size_t n_targets;              /* of a row: 1, or the characters of a stretch of text */
    size_t n_outputs;              /* classes, or 1 */
    bool is_text;
    bool standardise; /* columns of a table, or channels of images: units mean nothing */
    char name[160];
};
struct lrp_data_options {
    const char *data;   /* a generated set, or a file: CSV, IDX, CIFAR or text, plain or .gz */
    const char *labels; /* IDX labels; NULL = beside the images, "images" -> "labels" */
    const char *target; /* CSV: name of the column, or its number from 1; NULL = the last */
    size_t skip_lines;
    bool no_header;
    double val_split; /* share of the rows, 0 to below 1 */
    const char *loss; /* auto, cross_entropy, squared_error: what the target is for */
    const char
        *image;     /* shape of a table's row, "8x8" or "3x32x32" (channels first); NULL = none */
    size_t context; /* of a model of characters: any file is text; 0 = no such model */
};
/* Loads or makes the data, splits them at random with a fixed seed (repeats with other seeds share
 * one validation set; of a text the last part validates), and for CSV standardises each input, and
 * the target of a regression, by the mean and deviation of the training part alone; for CIFAR and
 * tables with a shape each channel of the pixels. IDX pixels are divided by 255. */
enum lrp_status lrp_dataset_load(const struct lrp_data_options *options, struct lrp_dataset **out,
                                 struct lrp_error *err);
void lrp_dataset_free(struct lrp_dataset *dataset);

/* Generated sets, that need no file. */
struct lrp_generated_row {
    const char *name;
    const char *help;
    enum lrp_status (*make)(struct lrp_dataset *dataset, struct lrp_error *err); /* or: */
    enum lrp_status (*write)(struct lrp_text *text, struct lrp_error *err);
};
extern const struct lrp_generated_row lrp_generated_table[]; /* ends with a NULL name */

/* Kinds of files, for people. */
struct lrp_data_kind {
    const char *name;
    const char *help;
};
extern const struct lrp_data_kind lrp_data_kinds[]; /* ends with a NULL name */

/* The readers of files, each in a file of its own. Rows in the file's order. */
enum lrp_status lrp_dataset_read_csv(const struct lrp_data_options *options,
                                     struct lrp_dataset *dataset, struct lrp_error *err);
enum lrp_status lrp_dataset_read_idx(const struct lrp_data_options *options,
                                     struct lrp_dataset *dataset, struct lrp_error *err);
/* A file data_batch_1.bin or train.bin, or the folder in which such files lie. */
enum lrp_status lrp_dataset_read_cifar(const struct lrp_data_options *options,
                                       struct lrp_dataset *dataset, struct lrp_error *err);
enum lrp_status lrp_dataset_read_text(const struct lrp_data_options *options,
                                      struct lrp_dataset *dataset, struct lrp_error *err);
/* UTF-8 text as rows of options->context characters. */
enum lrp_status lrp_dataset_take_text(const struct lrp_data_options *options,
                                      const unsigned char *bytes, size_t length,
                                      struct lrp_dataset *dataset, struct lrp_error *err);
/* 200,000 characters of sentences, for models of characters. */
enum lrp_status lrp_write_sentences(struct lrp_text *text, struct lrp_error *err);
/* Whether the bytes begin as IDX data do; whether the name is one of CIFAR's. */
bool lrp_is_idx(const unsigned char *bytes, size_t length);
bool lrp_is_cifar(const char *path);
/* The shape "8x8" or "3x32x32" (channels first) for the rows of a table. */
enum lrp_status lrp_dataset_give_shape(struct lrp_dataset *dataset, const char *text,
                                       struct lrp_error *err);
/* Channels first to channels last, for each of n rows of the shape; LRP_E_NOMEM. */
enum lrp_status lrp_channels_last(float *values, size_t n, const struct lrp_tensor_shape *shape,
                                  struct lrp_error *err);
/* inputs, and classes or values, for n rows; LRP_E_NOMEM. */
enum lrp_status lrp_dataset_reserve(struct lrp_dataset *dataset, size_t n, size_t n_inputs,
                                    bool classes, struct lrp_error *err);
#endif
