/* SPDX-License-Identifier: MIT */
/* Data sets: inputs as rows of float, split once into training and validation part. */
#ifndef LRP_TRAIN_DATASET_H
#define LRP_TRAIN_DATASET_H

#include "model.h"
#include "status.h"
#include "text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* n rows; rows 0 to n_train - 1 are the training part, the rest validates. A row of a text is a
 * stretch of it, as long as the model's context: the numbers of its characters are the inputs,
 * those of the characters behind each are the classes. */
struct lrp_input_column { /* of a table */
    char *name;           /* where numbers are missing: NaN until the rows are split; else NULL */
    size_t n_missing;     /* in all rows */
    bool is_mark; /* 0 or 1, and stays so; 0 everywhere if it is the same in all training rows */
};
struct lrp_dataset {
    float *inputs;     /* n x height x width x channels */
    uint32_t *classes; /* n x n_targets, NULL for regression */
    float *values;     /* n x 1, NULL for classification */
    size_t n, n_train, n_inputs;
    struct lrp_tensor_shape shape; /* of a row; 1 x 1 x n_inputs unless it is an image */
    size_t n_targets;              /* of a row: 1, or the characters of a stretch of text */
    size_t n_outputs;              /* classes, or 1 */
    bool is_text;
    bool standardise; /* columns of a table, or channels of images: their units are arbitrary */
    char name[160];
    struct lrp_input_column *columns; /* n_inputs of them; NULL for what is no table */
    /* What was decided about a table, a line each, the summary first; empty where there was nothing
     * to decide. Clean text. */
    struct lrp_text notes;
    struct lrp_text target; /* name of a table's target */
};
struct lrp_data_options {
    const char *data;        /* a generated set, or a file: CSV, IDX, CIFAR or text, plain or .gz */
    const char *labels;      /* IDX labels; NULL = beside the images, "images" -> "labels" */
    const char *target;      /* CSV: name of the column, or its number from 1; NULL = the last */
    const char *const *drop; /* CSV: n_drop columns, or lists of them with commas, to leave out */
    size_t n_drop;
    size_t skip_lines;
    bool no_header;
    double val_split; /* share of the rows, 0 to below 1 */
    const char *loss; /* auto, cross_entropy, squared_error: what the target is for */
    /* Shape of a table's row, "8x8" or "3x32x32" (channels first); NULL = none. */
    const char *image;
    size_t context; /* of a model of characters: any file is text; 0 = no such model */
};
/* Tables: a number that is missing becomes the median of its column in the training part, and an
 * input of its own marks it; a column of at most 32 different words becomes inputs of 0 and 1; rows
 * without a target, ids, empty columns, dates and columns of more words are left out.
 * Loads or makes the data, splits them at random with a fixed seed (repeats with other seeds share
 * one validation set; of a text the last part validates), and for CSV standardises each input, and
 * the target of a regression, by the mean and deviation of the training part alone; for CIFAR and
 * tables with a shape each channel of the pixels. IDX pixels are divided by 255. */
enum lrp_status lrp_dataset_load(const struct lrp_data_options *options, struct lrp_dataset **out,
                                 struct lrp_error *err);
void lrp_dataset_free(struct lrp_dataset *dataset);

struct lrp_data_file { /* what a reader recognises its files by */
    const char *path;
    bool is_folder;
    unsigned char head[4]; /* its first bytes, decompressed */
    size_t n_head;         /* how many there are; 0 of a folder */
};
/* A kind of data. */
struct lrp_data_reader {
    const char *name; /* of a generated set, or for people: "FILE.csv" */
    const char *help;
    bool is_text; /* a generated set for models of characters */
    /* NULL: a generated set, which is asked for by its name and needs no file. A file that several
     * readers recognise is read by the last of them. */
    bool (*recognises)(const struct lrp_data_options *options, const struct lrp_data_file *file);
    /* Fills the data set, rows in the file's order. */
    enum lrp_status (*read)(const struct lrp_data_options *options, struct lrp_dataset *dataset,
                            struct lrp_error *err);
};
extern const struct lrp_data_reader *const lrp_data_readers[]; /* ends with NULL */
#endif
