/* SPDX-License-Identifier: MIT */
#include "models.h"

/* Blocks of convolution, activation and pooling of 2 x 2 pixels; then one dense layer, or two. */
void lrp_build_cnn(const struct lrp_model_spec *spec, const struct lrp_task *task,
                   struct lrp_layers *layers)
{
    const struct lrp_layer pool = {
        .ops = spec->average_pool ? &lrp_layer_average_pool : &lrp_layer_max_pool, .kernel = 2};
    for (size_t i = 0; i < spec->n_sizes; i++) {
        lrp_add_block(layers, spec,
                      (struct lrp_layer){.ops = &lrp_layer_convolution,
                                         .units = spec->sizes[i],
                                         .kernel = spec->kernel,
                                         .stride = 1},
                      spec->activation);
        (void)lrp_layers_add(layers, pool);
    }
    lrp_layers_flatten(layers);
    if (spec->dense > 0) {
        lrp_add_dropout(layers, spec);
        lrp_add_block(layers, spec,
                      (struct lrp_layer){.ops = &lrp_layer_dense, .units = spec->dense},
                      spec->activation);
    }
    lrp_add_dropout(layers, spec);
    lrp_add_outputs(layers, task->n_outputs);
}
