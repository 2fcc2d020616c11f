/* SPDX-License-Identifier: MIT */
#include "models.h"

#include <math.h>

static const double deviation = 0.02; /* of all weights at first: GPT-2 */

static void project(struct lrp_layers *layers, size_t units, enum lrp_activation activation,
                    double spread)
{
    (void)lrp_layers_add(layers, (struct lrp_layer){.ops = &lrp_layer_dense,
                                                    .units = units,
                                                    .activation = activation,
                                                    .has_biases = true,
                                                    .deviation = spread});
}

/* A small GPT-2 (Radford et al. 2019): learnt places, normalisation in front of each part, a hidden
 * layer of four times the width. What is added to the stream begins smaller by the root of the
 * number of such sums. */
void lrp_build_transformer(const struct lrp_model_spec *spec, const struct lrp_task *task,
                           struct lrp_layers *layers)
{
    const struct lrp_layer norm = {.ops = &lrp_layer_layer_norm};
    const double added = deviation / sqrt(2 * (double)spec->layers);
    (void)lrp_layers_add(layers, (struct lrp_layer){.ops = &lrp_layer_embedding,
                                                    .units = spec->width,
                                                    .vocabulary = task->n_outputs,
                                                    .deviation = deviation});
    lrp_add_dropout(layers, spec);
    for (size_t i = 0; i < spec->layers; i++) {
        size_t fork = lrp_layers_fork(layers);
        (void)lrp_layers_add(layers, norm);
        project(layers, 3 * spec->width, LRP_NO_ACTIVATION, deviation);
        (void)lrp_layers_add(layers,
                             (struct lrp_layer){.ops = &lrp_layer_attention, .heads = spec->heads});
        project(layers, spec->width, LRP_NO_ACTIVATION, added);
        lrp_add_dropout(layers, spec);
        lrp_layers_join(layers, fork, LRP_NO_ACTIVATION);
        fork = lrp_layers_fork(layers);
        (void)lrp_layers_add(layers, norm);
        project(layers, 4 * spec->width, spec->activation, deviation);
        project(layers, spec->width, LRP_NO_ACTIVATION, added);
        lrp_add_dropout(layers, spec);
        lrp_layers_join(layers, fork, LRP_NO_ACTIVATION);
    }
    (void)lrp_layers_add(layers, norm);
    project(layers, task->n_outputs, LRP_NO_ACTIVATION, deviation);
}
