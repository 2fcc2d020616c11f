/* SPDX-License-Identifier: MIT */
#include "models.h"

void lrp_build_mlp(const struct lrp_model_spec *spec, const struct lrp_task *task,
                   struct lrp_layers *layers)
{
    lrp_layers_flatten(layers);
    for (size_t i = 0; i < spec->n_sizes; i++) {
        lrp_add_block(layers, spec,
                      (struct lrp_layer){.ops = &lrp_layer_dense, .units = spec->sizes[i]},
                      spec->activation);
        lrp_add_dropout(layers, spec);
    }
    lrp_add_outputs(layers, task->n_outputs);
}
