/* SPDX-License-Identifier: MIT */
/* What the optimizers share: options that several have, weight decay, Adam's constants. The fused
 * passes have no branch on data, so that compilers turn their loops into vector code. */
#ifndef LRP_TRAIN_OPTIMIZER_PASS_H
#define LRP_TRAIN_OPTIMIZER_PASS_H

#include "optimizer.h"
#include "vector.h"

/* A loop with switches that are constants in each call: one loop for each. */
#define LRP_INLINE_PASS static inline __attribute__((always_inline))

/* Rows for a table of options; the argument is the default. */
#define LRP_OPTION_MOMENTUM(value)                                                                 \
    {                                                                                              \
        "momentum", value, 1, "share of the last update that is kept; a schedule may cycle it"     \
    }
#define LRP_OPTION_BETA1(value)                                                                    \
    {                                                                                              \
        "beta1", value, 1, "decay of the mean gradient; a schedule may cycle it"                   \
    }
#define LRP_OPTION_BETA2(value)                                                                    \
    {                                                                                              \
        "beta2", value, 1, "decay of the mean squared gradient (lion: mean gradient)"              \
    }
#define LRP_OPTION_EPS(value)                                                                      \
    {                                                                                              \
        "eps", value, 1e6, "added to the denominator"                                              \
    }
#define LRP_OPTION_WEIGHT_DECAY(value)                                                             \
    {                                                                                              \
        "weight_decay", value, 1e6,                                                                \
            "pull of the weights towards 0, as part of the gradient (adamw, lion: apart from it)"  \
    }
#define LRP_OPTION_DECOUPLED                                                                       \
    {                                                                                              \
        "decoupled_weight_decay", 0, 0,                                                            \
            "1: weights shrink by lr * weight_decay apart from the gradient, as in adamw"          \
    }
#define LRP_OPTION_AMSGRAD                                                                         \
    {                                                                                              \
        "amsgrad", 0, 0, "1: the largest mean square so far divides, as in amsgrad"                \
    }
/* A value that is part of the rule. */
#define LRP_OPTION_FIXED(value)                                                                    \
    {                                                                                              \
        NULL, value, 0, NULL                                                                       \
    }
#define LRP_OPTIONS(table) .options = (table), .n_options = sizeof(table) / sizeof(table)[0]

/* Weight decay of a step. Coupled: the gradient grows by coupled * parameter (L2 regularisation).
 * Decoupled (Loshchilov and Hutter 2019): the parameter is multiplied by shrink = 1 - lr * decay
 * first, and the rule does not see it. */
struct lrp_weight_decay {
    float coupled;
    float shrink;
};
static inline struct lrp_weight_decay lrp_weight_decay_of(const struct lrp_optimizer_step *step,
                                                          double decay, double decoupled)
{
    return decoupled > 0 ? (struct lrp_weight_decay){0.0f, (float)(1 - step->lr * decay)}
                         : (struct lrp_weight_decay){(float)decay, 1.0f};
}

/* Adam and its relatives: their tables begin with these options. */
enum { LRP_BETA1, LRP_BETA2, LRP_EPS, LRP_WEIGHT_DECAY, LRP_DECOUPLED, LRP_ADAM_OPTIONS };
#define LRP_OPTIONS_ADAM(weight_decay)                                                             \
    [LRP_BETA1] = LRP_OPTION_BETA1(0.9), [LRP_BETA2] = LRP_OPTION_BETA2(0.999),                    \
    [LRP_EPS] = LRP_OPTION_EPS(1e-8), [LRP_WEIGHT_DECAY] = LRP_OPTION_WEIGHT_DECAY(weight_decay)
/* Factors of the running means: m += fresh1 (g - m), v = beta2 v + fresh2 g^2. */
struct lrp_adam {
    float fresh1, beta2, fresh2, eps;
    struct lrp_weight_decay decay;
};
static inline struct lrp_adam lrp_adam_of(const double *options,
                                          const struct lrp_optimizer_step *step)
{
    /* 1 - beta in double: 1.0f - 0.999f is wrong in the fifth digit */
    return (struct lrp_adam){
        .fresh1 = (float)(1 - step->momentum),
        .beta2 = (float)options[LRP_BETA2],
        .fresh2 = (float)(1 - options[LRP_BETA2]),
        .eps = (float)options[LRP_EPS],
        .decay = lrp_weight_decay_of(step, options[LRP_WEIGHT_DECAY], options[LRP_DECOUPLED]),
    };
}
#endif
