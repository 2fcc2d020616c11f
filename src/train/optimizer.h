/* SPDX-License-Identifier: MIT */
/* Optimizers: one fused pass over the parameters, in float32. Rules, defaults and the place of eps
 * are PyTorch's where PyTorch has the optimizer; each row's file names the paper. A new optimizer
 * is a file with its row, and a line in the table of optimizer.c. */
#ifndef LRP_TRAIN_OPTIMIZER_H
#define LRP_TRAIN_OPTIMIZER_H

#include "status.h"

#include <stdbool.h>

enum { LRP_OPTIMIZER_STATES = 3, LRP_OPTIMIZER_OPTIONS = 8 };

struct lrp_optimizer_option {
    const char *name; /* NULL: part of the rule, which the user cannot set */
    double value;     /* default */
    double below;     /* allowed: 0 <= value < below; 0: a switch, 0 or 1 */
    const char *help; /* one sentence, small letter, no full stop; the same wherever the name is */
};
struct lrp_optimizer_step { /* one update of n parameters */
    float *parameters;
    const float *gradients;
    float *state[LRP_OPTIMIZER_STATES]; /* n values each, zero at first */
    size_t n;
    double lr;
    double momentum;         /* momentum or beta1 of this step */
    double gradient_scale;   /* from clipping; 1 = none */
    unsigned long long step; /* 1 at the first update */
    double carried;          /* what the row's carry gave for this step; 1 without one */
};
/* In the functions of a row, options are the values of its options in the order of its table. */
struct lrp_optimizer_row {
    const char *name;
    const char *help;
    const struct lrp_optimizer_option *options;
    size_t n_options;
    double usual_lr; /* PyTorch's default rate, or the paper's; 0 = there is none */
    size_t n_state;  /* blocks of state */
    /* Further blocks that the options call for; NULL = none. */
    size_t (*more_state)(const double *options);
    /* A number that goes from step to step: the next one, from that of the step before (1 at
     * first). Called once before the updates of a step. NULL = nothing is carried. */
    double (*carry)(const double *options, const struct lrp_optimizer_step *step, double before);
    void (*update)(const double *options, const struct lrp_optimizer_step *step);
};
extern const struct lrp_optimizer_row *const lrp_optimizers[]; /* ends with NULL, sorted by name */
extern const struct lrp_optimizer_row lrp_optimizer_adadelta, lrp_optimizer_adagrad;
extern const struct lrp_optimizer_row lrp_optimizer_adam, lrp_optimizer_adamw;
extern const struct lrp_optimizer_row lrp_optimizer_amsgrad, lrp_optimizer_diffgrad;
extern const struct lrp_optimizer_row lrp_optimizer_lion, lrp_optimizer_momentum_sgd;
extern const struct lrp_optimizer_row lrp_optimizer_nadam, lrp_optimizer_nesterov;
extern const struct lrp_optimizer_row lrp_optimizer_radam, lrp_optimizer_rmsprop, lrp_optimizer_sgd;

struct lrp_optimizer_spec {
    const struct lrp_optimizer_row *row;
    double options[LRP_OPTIMIZER_OPTIONS];
    bool given[LRP_OPTIMIZER_OPTIONS];
};
/* "momentum", "adam:beta2=0.99,weight_decay=0.01". LRP_E_ARG names what is wrong and what there is.
 */
enum lrp_status lrp_optimizer_parse(const char *text, struct lrp_optimizer_spec *spec,
                                    struct lrp_error *err);
/* Place of the option of this name (length characters of it) in the row's table; n_options if the
 * row has none. */
size_t lrp_optimizer_find(const struct lrp_optimizer_row *row, const char *name, size_t length);
/* Another default for an option that the spec's text did not set. */
void lrp_optimizer_set_default(struct lrp_optimizer_spec *spec, const char *name, double value);
/* Momentum (or beta1) that the options give; NaN where the optimizer has none, or has it switched
 * off as rmsprop has. */
double lrp_optimizer_momentum(const struct lrp_optimizer_spec *spec);
/* Blocks of state that an update reads and writes: 0 to LRP_OPTIMIZER_STATES. */
size_t lrp_optimizer_n_state(const struct lrp_optimizer_spec *spec);
/* The carried number of the step that begins, from that of the step before. */
double lrp_optimizer_carry(const struct lrp_optimizer_spec *spec,
                           const struct lrp_optimizer_step *step, double before);
/* Factor that brings a gradient of this norm down to clip_norm, 1 where it is not above (Pascanu et
 * al. 2013, algorithm 1); with the 1e-6 that PyTorch's clip_grad_norm_ adds to the norm. A norm
 * that is not finite is left: the loss will show it. */
double lrp_clip_factor(double norm, double clip_norm);
#endif
