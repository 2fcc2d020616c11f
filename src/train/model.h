/* SPDX-License-Identifier: MIT */
/* Models by their specs: NAME[:SIZES][:WORD|KEY=N...], as "mlp:256,128:tanh" or
 * "cnn:16,32:bn:dense=128". */
#ifndef LRP_TRAIN_MODEL_H
#define LRP_TRAIN_MODEL_H

#include "status.h"

#include <stdbool.h>
#include <stddef.h>

struct lrp_tensor_shape { /* of an example: height x width x channels values, the channels innermost
                           */
    size_t height, width, channels;
};
enum lrp_activation { LRP_NO_ACTIVATION, LRP_RELU, LRP_TANH, LRP_GELU };
enum lrp_normalisation { LRP_NO_NORMALISATION, LRP_BATCH_NORM, LRP_LAYER_NORM };
enum lrp_model_needs { LRP_ANY_DATA, LRP_IMAGES, LRP_CHARACTERS };
enum { LRP_SIZES_MOST = 32 };

struct lrp_task;
struct lrp_layers;
struct lrp_model_spec {
    const struct lrp_model_row *row;
    size_t sizes[LRP_SIZES_MOST]; /* of hidden layers, or channels of blocks */
    size_t n_sizes;
    enum lrp_activation activation;
    enum lrp_normalisation normalisation;
    bool average_pool;                    /* cnn: instead of the maximum */
    size_t kernel, dense;                 /* cnn: width of the window, of a last hidden layer */
    size_t blocks;                        /* resnet: of each size */
    size_t layers, heads, width, context; /* transformer; context 0 for all others */
    double dropout;                       /* rate; not in the spec's text, 0 at first */
};
/* A family of models. */
struct lrp_model_row {
    const char *name;
    const char *syntax;
    const char *help;
    const char *example; /* options of lrprobe train */
    const char *words;   /* that a spec may have: "relu,bn,kernel" */
    enum lrp_model_needs needs;
    bool needs_sizes;               /* at least one */
    struct lrp_model_spec defaults; /* .sizes: where the spec names none */
    /* Adds the layers; errors stay in the list. */
    void (*build)(const struct lrp_model_spec *spec, const struct lrp_task *task,
                  struct lrp_layers *layers);
};
extern const struct lrp_model_row lrp_model_table[]; /* ends with a NULL name */

/* What a spec may have behind its sizes, for people. */
struct lrp_model_word {
    char text[24]; /* "bn", "kernel=3" with the default, "dense=N" without */
    const char *help;
};
/* Word k of the row; false past the last. */
bool lrp_model_word(const struct lrp_model_row *row, size_t k, struct lrp_model_word *word);
/* "mlp:256,128", "mlp" (one hidden layer of 64), "mlp:" (no hidden layer), "cnn:16,32:bn".
 * LRP_E_ARG names what is wrong and what there is. */
enum lrp_status lrp_model_parse(const char *text, struct lrp_model_spec *spec,
                                struct lrp_error *err);
#endif
