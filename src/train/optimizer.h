/* SPDX-License-Identifier: MIT */
/* Optimizers: one fused pass over the parameters, in float32. Rules, defaults and the place of eps
 * are PyTorch's where PyTorch has the optimizer; each row's file names the paper. */
#ifndef LRP_TRAIN_OPTIMIZER_H
#define LRP_TRAIN_OPTIMIZER_H

#include "status.h"

#include <stdbool.h>

enum { LRP_OPTIMIZER_STATES = 3 };

struct lrp_optimizer_settings { /* what a row's options fill in; switches are 0 or 1 */
    double momentum;
    double dampening;
    double weight_decay;
    double decoupled_weight_decay;
    double beta1;
    double beta2;
    double eps;
    double amsgrad;
    double alpha;
    double rho;
    double centered;
    double lr_decay;
    double initial_accumulator_value;
    double momentum_decay;
    double paper_bug;
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
struct lrp_optimizer_row {
    const char *name;
    const char *help;
    const char *options; /* "momentum,dampening,weight_decay" */
    struct lrp_optimizer_settings defaults;
    double usual_lr; /* PyTorch's default rate, or the paper's; 0 = there is none */
    size_t n_state;  /* blocks of state */
    /* More blocks that the settings call for; NULL = none. */
    size_t (*more_state)(const struct lrp_optimizer_settings *settings);
    bool uses_beta1;      /* a cycled momentum means beta1 here */
    bool has_momentum;    /* it means momentum */
    bool momentum_is_off; /* unless momentum= is given */
    /* A number that goes from step to step: the next one, from that of the step before (1 at
     * first). Called once before the updates of a step. NULL = nothing is carried. */
    double (*carry)(const struct lrp_optimizer_settings *settings,
                    const struct lrp_optimizer_step *step, double before);
    void (*update)(const struct lrp_optimizer_settings *settings,
                   const struct lrp_optimizer_step *step);
};
extern const struct lrp_optimizer_row *const lrp_optimizers[]; /* ends with NULL, sorted by name */
extern const struct lrp_optimizer_row lrp_optimizer_adadelta;
extern const struct lrp_optimizer_row lrp_optimizer_adagrad;
extern const struct lrp_optimizer_row lrp_optimizer_adam;
extern const struct lrp_optimizer_row lrp_optimizer_adamw;
extern const struct lrp_optimizer_row lrp_optimizer_amsgrad;
extern const struct lrp_optimizer_row lrp_optimizer_diffgrad;
extern const struct lrp_optimizer_row lrp_optimizer_lion;
extern const struct lrp_optimizer_row lrp_optimizer_momentum_sgd;
extern const struct lrp_optimizer_row lrp_optimizer_nadam;
extern const struct lrp_optimizer_row lrp_optimizer_nesterov;
extern const struct lrp_optimizer_row lrp_optimizer_radam;
extern const struct lrp_optimizer_row lrp_optimizer_rmsprop;
extern const struct lrp_optimizer_row lrp_optimizer_sgd;

struct lrp_optimizer_option {
    const char *name;
    size_t offset; /* of a double in the settings */
    double below;  /* allowed: 0 <= value < below; a switch: 0 or 1 */
    bool is_switch;
    const char *help; /* one sentence, small letter, no full stop */
};
extern const struct lrp_optimizer_option lrp_optimizer_options[]; /* ends with a NULL name */

struct lrp_optimizer_spec {
    const struct lrp_optimizer_row *row;
    struct lrp_optimizer_settings settings;
    bool weight_decay_given;
};
/* "momentum", "adam:beta2=0.99,weight_decay=0.01". LRP_E_ARG names what is wrong and what there is.
 */
enum lrp_status lrp_optimizer_parse(const char *text, struct lrp_optimizer_spec *spec,
                                    struct lrp_error *err);
/* Whether the row has the option of this name (length characters of it). */
bool lrp_optimizer_takes(const struct lrp_optimizer_row *row, const char *name, size_t length);
/* Value of an option in settings. */
double lrp_optimizer_value(const struct lrp_optimizer_option *option,
                           const struct lrp_optimizer_settings *settings);
/* Momentum (or beta1) that the settings give; NaN where the optimizer has none. */
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
