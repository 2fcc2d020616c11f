/* SPDX-License-Identifier: MIT */
/* Optimizers: one fused pass over the parameters. Rules and defaults are PyTorch's. */
#ifndef LRP_TRAIN_OPTIMIZER_H
#define LRP_TRAIN_OPTIMIZER_H

#include "status.h"

#include <stdbool.h>

enum { LRP_OPTIMIZER_OPTIONS = 6 };

struct lrp_optimizer_settings { /* what a row's options fill in */
    double momentum;
    double dampening;
    double weight_decay;
    double beta1;
    double beta2;
    double eps;
};
struct lrp_optimizer_step { /* one update of n parameters */
    float *parameters;
    const float *gradients;
    float *state[2]; /* n values each, zero at first */
    size_t n;
    double lr;
    double momentum;         /* momentum or beta1 of this step */
    double gradient_scale;   /* from clipping; 1 = none */
    unsigned long long step; /* 1 at the first update */
};
struct lrp_optimizer_row {
    const char *name;
    const char *help;
    const char *options; /* "momentum,dampening,weight_decay" */
    struct lrp_optimizer_settings defaults;
    size_t n_state;  /* blocks of state: 0 to 2 */
    bool uses_beta1; /* a cycled momentum means beta1 here */
    bool has_momentum;
    void (*update)(const struct lrp_optimizer_settings *settings,
                   const struct lrp_optimizer_step *step);
};
extern const struct lrp_optimizer_row lrp_optimizer_table[]; /* ends with a NULL name */

struct lrp_optimizer_spec {
    const struct lrp_optimizer_row *row;
    struct lrp_optimizer_settings settings;
};
/* "momentum", "adam:beta2=0.99,weight_decay=0.01". LRP_E_ARG names what is wrong and what there is.
 */
enum lrp_status lrp_optimizer_parse(const char *text, struct lrp_optimizer_spec *spec,
                                    struct lrp_error *err);
/* Momentum (or beta1) that the settings give; NaN where the optimizer has none. */
double lrp_optimizer_momentum(const struct lrp_optimizer_spec *spec);
#endif
