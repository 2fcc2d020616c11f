/* SPDX-License-Identifier: MIT */
/* The builders of the rows of the model table, each in a file of its own. */
#ifndef LRP_TRAIN_MODELS_H
#define LRP_TRAIN_MODELS_H

#include "model.h"

void lrp_build_mlp(const struct lrp_model_spec *spec, const struct lrp_task *task,
                   struct lrp_layers *layers);
#endif
