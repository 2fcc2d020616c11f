/* SPDX-License-Identifier: MIT */
/* The table of models, and how each is built from layers. */
#include "layer.h"

#include <math.h>

/* A dense or convolution layer (its settings without biases and activation), then the spec's
 * normalisation if there is any, then the activation. Biases only where nothing normalises: a
 * normalisation has offsets of its own. */
static void add_block(struct lrp_layers *layers, const struct lrp_model_spec *spec,
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

/* Dropout with the spec's rate; nothing at rate 0. */
static void add_dropout(struct lrp_layers *layers, const struct lrp_model_spec *spec)
{
    if (spec->dropout > 0) {
        (void)lrp_layers_add(layers,
                             (struct lrp_layer){.ops = &lrp_layer_dropout, .rate = spec->dropout});
    }
}

/* The last layer: dense, from all that is below, to n_outputs. */
static void add_outputs(struct lrp_layers *layers, size_t n_outputs)
{
    lrp_layers_flatten(layers);
    (void)lrp_layers_add(
        layers,
        (struct lrp_layer){.ops = &lrp_layer_dense, .units = n_outputs, .has_biases = true});
}

static void build_mlp(const struct lrp_model_spec *spec, const struct lrp_task *task,
                      struct lrp_layers *layers)
{
    lrp_layers_flatten(layers);
    for (size_t i = 0; i < spec->n_sizes; i++) {
        add_block(layers, spec,
                  (struct lrp_layer){.ops = &lrp_layer_dense, .units = spec->sizes[i]},
                  spec->activation);
        add_dropout(layers, spec);
    }
    add_outputs(layers, task->n_outputs);
}

/* Blocks of convolution, activation and pooling of 2 x 2 pixels; then one dense layer, or two. */
static void build_cnn(const struct lrp_model_spec *spec, const struct lrp_task *task,
                      struct lrp_layers *layers)
{
    const struct lrp_layer pool = {
        .ops = spec->average_pool ? &lrp_layer_average_pool : &lrp_layer_max_pool, .kernel = 2};
    for (size_t i = 0; i < spec->n_sizes; i++) {
        add_block(layers, spec,
                  (struct lrp_layer){.ops = &lrp_layer_convolution,
                                     .units = spec->sizes[i],
                                     .kernel = spec->kernel,
                                     .stride = 1},
                  spec->activation);
        (void)lrp_layers_add(layers, pool);
    }
    lrp_layers_flatten(layers);
    if (spec->dense > 0) {
        add_dropout(layers, spec);
        add_block(layers, spec, (struct lrp_layer){.ops = &lrp_layer_dense, .units = spec->dense},
                  spec->activation);
    }
    add_dropout(layers, spec);
    add_outputs(layers, task->n_outputs);
}

static void convolve(struct lrp_layers *layers, const struct lrp_model_spec *spec, size_t channels,
                     size_t stride, enum lrp_activation activation)
{
    add_block(layers, spec,
              (struct lrp_layer){
                  .ops = &lrp_layer_convolution, .units = channels, .kernel = 3, .stride = stride},
              activation);
}

/* The networks for CIFAR-10 of He et al. 2016, section 4.2: a convolution, then for each size a
 * number of blocks of two convolutions, the first of a new size with stride 2; the mean over the
 * image; a dense layer. */
static void build_resnet(const struct lrp_model_spec *spec, const struct lrp_task *task,
                         struct lrp_layers *layers)
{
    convolve(layers, spec, spec->sizes[0], 1, spec->activation);
    for (size_t i = 0; i < spec->n_sizes; i++) {
        if (i > 0 && spec->sizes[i] < spec->sizes[i - 1] && layers->status == LRP_OK) {
            layers->status =
                lrp_fail(layers->err, LRP_E_ARG, 0,
                         "the sizes of a resnet must not decrease: %zu comes after %zu",
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
    add_dropout(layers, spec);
    add_outputs(layers, task->n_outputs);
}

static const double deviation = 0.02; /* of all initial weights: GPT-2 */

static void project(struct lrp_layers *layers, size_t units, enum lrp_activation activation,
                    double spread)
{
    (void)lrp_layers_add(layers, (struct lrp_layer){.ops = &lrp_layer_dense,
                                                    .units = units,
                                                    .activation = activation,
                                                    .has_biases = true,
                                                    .deviation = spread});
}

/* A small GPT-2 (Radford et al. 2019): learned positions, pre-normalisation, a hidden layer of four
 * times the width. Projections into the residual stream start smaller by the root of their number.
 */
static void build_transformer(const struct lrp_model_spec *spec, const struct lrp_task *task,
                              struct lrp_layers *layers)
{
    const struct lrp_layer norm = {.ops = &lrp_layer_layer_norm};
    const double added = deviation / sqrt(2 * (double)spec->layers);
    (void)lrp_layers_add(layers, (struct lrp_layer){.ops = &lrp_layer_embedding,
                                                    .units = spec->width,
                                                    .vocabulary = task->n_outputs,
                                                    .deviation = deviation});
    add_dropout(layers, spec);
    for (size_t i = 0; i < spec->layers; i++) {
        size_t fork = lrp_layers_fork(layers);
        (void)lrp_layers_add(layers, norm);
        project(layers, 3 * spec->width, LRP_NO_ACTIVATION, deviation);
        (void)lrp_layers_add(layers,
                             (struct lrp_layer){.ops = &lrp_layer_attention, .heads = spec->heads});
        project(layers, spec->width, LRP_NO_ACTIVATION, added);
        add_dropout(layers, spec);
        lrp_layers_join(layers, fork, LRP_NO_ACTIVATION);
        fork = lrp_layers_fork(layers);
        (void)lrp_layers_add(layers, norm);
        project(layers, 4 * spec->width, spec->activation, deviation);
        project(layers, spec->width, LRP_NO_ACTIVATION, added);
        add_dropout(layers, spec);
        lrp_layers_join(layers, fork, LRP_NO_ACTIVATION);
    }
    (void)lrp_layers_add(layers, norm);
    project(layers, task->n_outputs, LRP_NO_ACTIVATION, deviation);
}

const struct lrp_model_row lrp_model_table[] = {
    {.name = "cnn",
     .syntax = "cnn:CHANNELS[:OPTIONS]",
     .help = "for images: a block of convolution, activation and pooling of 2 x 2 pixels for each "
             "number of channels, then a dense layer (default cnn:16,32)",
     .example = "--data glyphs --model cnn:8,16:bn:dense=32 --schedule constant:lr=0.05",
     .words = "relu,tanh,gelu,bn,ln,max,average,kernel,dense",
     .needs = LRP_IMAGES,
     .needs_sizes = true,
     .defaults = {.sizes = {16, 32}, .n_sizes = 2, .activation = LRP_RELU, .kernel = 3},
     .build = build_cnn},
    {.name = "mlp",
     .syntax = "mlp:SIZES[:OPTIONS]",
     .help = "multi-layer perceptron with hidden layers of these sizes (default mlp:64; mlp: has "
             "none)",
     .example = "--data spirals --model mlp:64,32:tanh --schedule constant:lr=0.1",
     .words = "relu,tanh,gelu,bn,ln",
     .defaults = {.sizes = {64}, .n_sizes = 1, .activation = LRP_RELU},
     .build = build_mlp},
    {.name = "resnet",
     .syntax = "resnet:CHANNELS[:OPTIONS]",
     .help = "residual network for images, with batch normalisation (default resnet:16,32); "
             "resnet:16,32,64:blocks=3 is the ResNet-20 of He et al. 2016 for CIFAR-10",
     .example = "--data glyphs --model resnet:8,16:blocks=2 --schedule constant:lr=0.05",
     .words = "relu,tanh,gelu,bn,ln,blocks",
     .needs = LRP_IMAGES,
     .needs_sizes = true,
     .defaults = {.sizes = {16, 32},
                  .n_sizes = 2,
                  .activation = LRP_RELU,
                  .normalisation = LRP_BATCH_NORM,
                  .blocks = 1},
     .build = build_resnet},
    {.name = "transformer",
     .syntax = "transformer[:OPTIONS]",
     .help = "causal transformer that predicts the next character of a text; pre-normalisation, "
             "as in GPT-2",
     .example = "--data sentences --model transformer:width=32,context=32 --optimizer adam "
                "--schedule constant:lr=0.003",
     .words = "gelu,relu,tanh,layers,heads,width,context",
     .needs = LRP_CHARACTERS,
     .defaults = {.activation = LRP_GELU, .layers = 2, .heads = 4, .width = 64, .context = 64},
     .build = build_transformer},
    {.name = NULL},
};
