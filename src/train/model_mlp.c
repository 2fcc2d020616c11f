/* SPDX-License-Identifier: MIT */
#include "models.h"

#include "layer.h"

void lrp_build_mlp(const struct lrp_model_spec *spec, const struct lrp_task *task,
                   struct lrp_layers *layers)
{
    lrp_layers_flatten(layers);
    for (size_t i = 0; i < spec->n_sizes; i++) {
        (void)lrp_layers_add(layers, (struct lrp_layer){.ops = &lrp_layer_dense,
                                                        .units = spec->sizes[i],
                                                        .activation = spec->activation,
                                                        .has_biases = true});
    }
    (void)lrp_layers_add(layers, (struct lrp_layer){.ops = &lrp_layer_dense,
                                                    .units = task->n_outputs,
                                                    .activation = LRP_NO_ACTIVATION,
                                                    .has_biases = true});
}
