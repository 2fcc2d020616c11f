/* SPDX-License-Identifier: MIT */
#include "models.h"

static void convolve(struct lrp_layers *layers, const struct lrp_model_spec *spec, size_t channels,
                     size_t stride, enum lrp_activation activation)
{
    lrp_add_block(
        layers, spec,
        (struct lrp_layer){
            .ops = &lrp_layer_convolution, .units = channels, .kernel = 3, .stride = stride},
        activation);
}

/* The networks for CIFAR-10 of He et al. 2016, section 4.2: a convolution, then for each size so
 * many blocks of two convolutions, the first of a new size with every second pixel; the mean over
 * the image; a dense layer. */
void lrp_build_resnet(const struct lrp_model_spec *spec, const struct lrp_task *task,
                      struct lrp_layers *layers)
{
    convolve(layers, spec, spec->sizes[0], 1, spec->activation);
    for (size_t i = 0; i < spec->n_sizes; i++) {
        if (i > 0 && spec->sizes[i] < spec->sizes[i - 1] && layers->status == LRP_OK) {
            layers->status = lrp_fail(layers->err, LRP_E_ARG, 0,
                                      "the sizes of a resnet must not fall: %zu comes after %zu",
                                      spec->sizes[i], spec->sizes[i - 1]);
        }
        for (size_t block = 0; block < spec->blocks; block++) {
            size_t fork = lrp_layers_fork(layers);
            convolve(layers, spec, spec->sizes[i], i > 0 && block == 0 ? 2 : 1, spec->activation);
            convolve(layers, spec, spec->sizes[i], 1, LRP_NO_ACTIVATION);
            lrp_layers_join(layers, fork, spec->activation);
        }
    }
    (void)lrp_layers_add(layers, (struct lrp_layer){.ops = &lrp_layer_average_pool, .kernel = 0});
    lrp_add_dropout(layers, spec);
    lrp_add_outputs(layers, task->n_outputs);
}
