/* SPDX-License-Identifier: MIT */
/* The builders of the rows of the model table, each in a file of its own, and what they share. */
#ifndef LRP_TRAIN_MODELS_H
#define LRP_TRAIN_MODELS_H

#include "layer.h"

void lrp_build_mlp(const struct lrp_model_spec *spec, const struct lrp_task *task,
                   struct lrp_layers *layers);
void lrp_build_cnn(const struct lrp_model_spec *spec, const struct lrp_task *task,
                   struct lrp_layers *layers);
void lrp_build_resnet(const struct lrp_model_spec *spec, const struct lrp_task *task,
                      struct lrp_layers *layers);
void lrp_build_transformer(const struct lrp_model_spec *spec, const struct lrp_task *task,
                           struct lrp_layers *layers);

/* A dense or convolution layer (its settings without biases and activation), then the spec's
 * normalisation if there is any, then the activation. Biases only where nothing normalises: a
 * normalisation has offsets of its own. */
void lrp_add_block(struct lrp_layers *layers, const struct lrp_model_spec *spec,
                   struct lrp_layer settings, enum lrp_activation activation);
/* Dropout with the spec's rate; nothing at rate 0. */
void lrp_add_dropout(struct lrp_layers *layers, const struct lrp_model_spec *spec);
/* The last layer: dense, from the whole of what is below, to n_outputs. */
void lrp_add_outputs(struct lrp_layers *layers, size_t n_outputs);
#endif
