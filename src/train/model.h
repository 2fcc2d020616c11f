/* SPDX-License-Identifier: MIT */
/* Models by their specs, as "mlp:256,128:tanh". */
#ifndef LRP_TRAIN_MODEL_H
#define LRP_TRAIN_MODEL_H

#include "status.h"

#include <stdbool.h>
#include <stddef.h>

struct lrp_shape { /* of an example: height x width x channels values, the channels innermost */
    size_t height, width, channels;
};
enum lrp_activation { LRP_RELU, LRP_TANH, LRP_GELU, LRP_NO_ACTIVATION };
enum { LRP_SIZES_MOST = 32 };

struct lrp_task;
struct lrp_layers;
struct lrp_model_spec {
    const struct lrp_model_row *row;
    size_t sizes[LRP_SIZES_MOST]; /* of the hidden layers */
    size_t n_sizes;
    enum lrp_activation activation;
};
/* A family of models. */
struct lrp_model_row {
    const char *name;
    const char *syntax;
    const char *help;
    size_t default_size; /* of the one hidden layer, where the spec is the bare name */
    /* Adds the layers; errors stay in the list. */
    void (*build)(const struct lrp_model_spec *spec, const struct lrp_task *task,
                  struct lrp_layers *layers);
};
extern const struct lrp_model_row lrp_model_table[]; /* ends with a NULL name */

/* "mlp:256,128", "mlp:64:tanh", "mlp" (one hidden layer of 64), "mlp:" (no hidden layer).
 * LRP_E_ARG names what is wrong and what there is. */
enum lrp_status lrp_model_parse(const char *text, struct lrp_model_spec *spec,
                                struct lrp_error *err);
#endif
