/* SPDX-License-Identifier: MIT */
/* Data sets: inputs as rows of float, split once into training and validation part. */
#ifndef LRP_TRAIN_DATASET_H
#define LRP_TRAIN_DATASET_H

#include "status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LRP_CLASSES_MOST = 10000 };

/* n rows; rows 0 to n_train - 1 are the training part, the rest validates. */
struct lrp_dataset {
    float *inputs;     /* n x n_inputs */
    uint32_t *classes; /* n, NULL for regression */
    float *values;     /* n x 1, NULL for classification */
    size_t n, n_train, n_inputs;
    size_t n_outputs; /* classes, or 1 */
    bool standardise; /* columns of a table: units mean nothing */
    char name[160];
};
struct lrp_data_options {
    const char *data;   /* a generated set, or a file: CSV or IDX, plain or .gz */
    const char *labels; /* IDX labels; NULL = beside the images, "images" -> "labels" */
    const char *target; /* CSV: name of the column, or its number from 1; NULL = the last */
    size_t skip_lines;
    bool no_header;
    double val_split; /* share of the rows, 0 to below 1 */
    const char *loss; /* auto, cross_entropy, squared_error: what the target is for */
};
/* Loads or makes the data, splits them at random with a fixed seed (repeats with other seeds share
 * one validation set), and for CSV standardises each input, and the target of a regression, by the
 * mean and deviation of the training part alone. IDX pixels are divided by 255. */
enum lrp_status lrp_dataset_load(const struct lrp_data_options *options, struct lrp_dataset **out,
                                 struct lrp_error *err);
void lrp_dataset_free(struct lrp_dataset *dataset);

/* Generated sets, that need no file. */
struct lrp_generated_row {
    const char *name;
    const char *help;
    enum lrp_status (*make)(struct lrp_dataset *dataset, struct lrp_error *err);
};
extern const struct lrp_generated_row lrp_generated_table[]; /* ends with a NULL name */

/* The readers of files, each in a file of its own. Rows in the file's order. */
enum lrp_status lrp_dataset_read_csv(const struct lrp_data_options *options,
                                     struct lrp_dataset *dataset, struct lrp_error *err);
enum lrp_status lrp_dataset_read_idx(const struct lrp_data_options *options,
                                     struct lrp_dataset *dataset, struct lrp_error *err);
/* Whether the bytes begin as IDX data do. */
bool lrp_is_idx(const unsigned char *bytes, size_t length);
/* inputs, and classes or values, for n rows; LRP_E_NOMEM. */
enum lrp_status lrp_dataset_reserve(struct lrp_dataset *dataset, size_t n, size_t n_inputs,
                                    bool classes, struct lrp_error *err);
#endif
