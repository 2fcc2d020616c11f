/* SPDX-License-Identifier: MIT */
#ifndef LRP_TRAIN_NETWORK_INTERNAL_H
#define LRP_TRAIN_NETWORK_INTERNAL_H

#include "layer.h"

struct lrp_network {
    struct lrp_layer *layers;
    size_t n_layers, n_parameters, max_batch;
    enum lrp_loss loss;
    double label_smoothing;
    enum lrp_mode mode; /* of the last forward pass */
    float *parameters;
    float *gradients;
    float *statistics;
    size_t n_statistics;
    float *work; /* inputs, what the layers put out and keep, two blocks of errors, scratch */
    float *inputs;
    float *error[2];
    size_t part; /* examples at a time in runs of layers that look at one at a time */
    float *part_error[2];
    float *dead; /* in scratch: a number for each channel */
    struct lrp_random noise;
};
#endif
