/* SPDX-License-Identifier: MIT */
/* A training in progress: network, optimizer state, and the order of the mini-batches. */
#ifndef LRP_TRAIN_TRAINING_H
#define LRP_TRAIN_TRAINING_H

#include "batches.h"
#include "dataset.h"
#include "measures.h"
#include "network.h"
#include "optimizer.h"

struct lrp_training;

struct lrp_training_options {
    struct lrp_model_spec model;
    struct lrp_optimizer_spec optimizer;
    size_t batch_size; /* larger than the training part = all of it */
    double clip_norm;  /* 0 = no clipping */
    double label_smoothing;
    const char *init; /* checkpoint to start from; NULL = fresh weights */
    bool fresh_last;  /* but not for the last layer */
    struct lrp_augmentation augmentation;
    uint64_t seed; /* weights, order of the batches, dropout, augmentation */
    struct lrp_measure_set record;
    size_t record_every; /* steps; 0 = 1 */
};
/* dataset is borrowed until lrp_training_free. */
enum lrp_status lrp_training_new(const struct lrp_dataset *dataset,
                                 const struct lrp_training_options *options,
                                 struct lrp_training **out, struct lrp_error *err);
void lrp_training_free(struct lrp_training *training);

struct lrp_step_result {
    double loss;     /* of the mini-batch, before the update */
    double accuracy; /* share of it that was right; NaN for regression */
    double momentum; /* or beta1 that was used; NaN where the optimizer has none */
    struct lrp_measurements measured;
};
/* One update. momentum NaN = the optimizer's own. With a loss that is not finite the weights stay
 * as they are and nothing is measured. Allocates nothing. */
void lrp_training_step(struct lrp_training *training, double lr, double momentum,
                       struct lrp_step_result *result);
/* Loss and accuracy on the validation part; false, and both NaN, where there is none. */
bool lrp_training_validate(struct lrp_training *training, double *loss, double *accuracy);
/* Measures what needs passes of its own, as far as it is to be recorded: the share of dead units
 * and the sharpness, in evaluation mode on up to 512 training examples (64 images or texts), the
 * same ones each time. The cost in forward and backward passes of these: 1 forward, and up to 41 of
 * both. Changes nothing that a later step sees. */
void lrp_training_inspect(struct lrp_training *training, struct lrp_measurements *measured);
/* The measures that the options asked for. */
const struct lrp_measure_set *lrp_training_record(const struct lrp_training *training);
/* Passes through the training part so far. */
double lrp_training_epoch(const struct lrp_training *training);
size_t lrp_training_batch_size(const struct lrp_training *training);
/* The network, as it is now; it stays the training's. */
struct lrp_network *lrp_training_network(struct lrp_training *training);
#endif
