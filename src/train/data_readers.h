/* SPDX-License-Identifier: MIT */
/* The readers of data, each kind in a file of its own, and what they build data sets with. */
#ifndef LRP_TRAIN_DATA_READERS_H
#define LRP_TRAIN_DATA_READERS_H

#include "dataset.h"
#include "text.h"

enum { LRP_CLASSES_MOST = 10000, LRP_DATA_FILE_MOST = 1 << 30 /* bytes */ };

extern const struct lrp_data_reader lrp_data_glyphs, lrp_data_regression, lrp_data_sentences;
extern const struct lrp_data_reader lrp_data_spirals;
extern const struct lrp_data_reader lrp_data_csv, lrp_data_idx, lrp_data_text;
extern const struct lrp_data_reader lrp_data_cifar_file, lrp_data_cifar_folder;

/* Room for n rows: inputs, and n_classes class numbers a row, or for 0 the one value of a
 * regression. LRP_E_NODATA: no row or no input; LRP_E_LIMIT, LRP_E_NOMEM. */
enum lrp_status lrp_dataset_reserve(struct lrp_dataset *dataset, size_t n, size_t n_inputs,
                                    size_t n_classes, struct lrp_error *err);
/* The shape "8x8" or "3x32x32" (channels first) for the rows of a table, whose values are put into
 * the order of ours. LRP_E_ARG: no shape, or of another size. */
enum lrp_status lrp_dataset_give_shape(struct lrp_dataset *dataset, const char *text,
                                       struct lrp_error *err);
/* Channels first to channels last, for each of n rows of the shape; LRP_E_NOMEM. */
enum lrp_status lrp_channels_last(float *values, size_t n, const struct lrp_tensor_shape *shape,
                                  struct lrp_error *err);
/* UTF-8 text as rows of options->context characters. */
enum lrp_status lrp_dataset_take_text(const struct lrp_data_options *options,
                                      const unsigned char *bytes, size_t length,
                                      struct lrp_dataset *dataset, struct lrp_error *err);
/* 200,000 characters of sentences. */
enum lrp_status lrp_write_sentences(struct lrp_text *text, struct lrp_error *err);
/* For a table that is split: each missing number becomes the median of its column in the training
 * part, or 0 where that has none. Where anything was decided, the notes get a line on it and the
 * summary at their head. LRP_E_NOMEM. */
enum lrp_status lrp_dataset_impute(struct lrp_dataset *dataset, struct lrp_error *err);
#endif
