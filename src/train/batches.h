/* SPDX-License-Identifier: MIT */
/* The mini-batches of a training: which examples, in what order, and how they are augmented. */
#ifndef LRP_TRAIN_BATCHES_H
#define LRP_TRAIN_BATCHES_H

#include "dataset.h"
#include "network.h"

struct lrp_batches;
struct lrp_augmentation {
    double noise; /* deviation of normal noise on the inputs; 0 = none */
    size_t shift; /* images are moved by up to so many pixels and filled with zeros; 0 = none */
};
/* dataset is borrowed. size: of a training batch; largest: the most examples of any call.
 * LRP_E_ARG: data that cannot be augmented like this. */
enum lrp_status lrp_batches_new(const struct lrp_dataset *dataset, size_t size, size_t largest,
                                const struct lrp_augmentation *augmentation, uint64_t seed,
                                struct lrp_batches **out, struct lrp_error *err);
void lrp_batches_free(struct lrp_batches *batches);
/* The next batch of the training part, each row once in an epoch; an incomplete last batch is
 * dropped, so that each step has the same noise. Rows of a text begin at another character in each
 * epoch. inputs: size x row. The targets are good until the next call. */
struct lrp_targets lrp_batches_next(struct lrp_batches *batches, float *inputs);
/* Rows first .. first + n - 1 as they are. */
struct lrp_targets lrp_batches_rows(struct lrp_batches *batches, size_t first, size_t n,
                                    float *inputs);
#endif
