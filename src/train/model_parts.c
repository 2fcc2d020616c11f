/* SPDX-License-Identifier: MIT */
#include "models.h"

void lrp_add_block(struct lrp_layers *layers, const struct lrp_model_spec *spec,
                   struct lrp_layer settings, enum lrp_activation activation)
{
    bool normalised = spec->normalisation != LRP_NO_NORMALISATION;
    settings.has_biases = !normalised;
    settings.activation = normalised ? LRP_NO_ACTIVATION : activation;
    settings.then = activation;
    (void)lrp_layers_add(layers, settings);
    if (normalised) {
        (void)lrp_layers_add(layers, (struct lrp_layer){.ops = spec->normalisation == LRP_BATCH_NORM
                                                                   ? &lrp_layer_batch_norm
                                                                   : &lrp_layer_layer_norm,
                                                        .activation = activation});
    }
}

void lrp_add_dropout(struct lrp_layers *layers, const struct lrp_model_spec *spec)
{
    if (spec->dropout > 0) {
        (void)lrp_layers_add(layers,
                             (struct lrp_layer){.ops = &lrp_layer_dropout, .rate = spec->dropout});
    }
}

void lrp_add_outputs(struct lrp_layers *layers, size_t n_outputs)
{
    lrp_layers_flatten(layers);
    (void)lrp_layers_add(
        layers,
        (struct lrp_layer){.ops = &lrp_layer_dense, .units = n_outputs, .has_biases = true});
}
