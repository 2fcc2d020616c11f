/* SPDX-License-Identifier: MIT */
/* What the fused passes of the optimizers share. Each loop has no branch on data, so that compilers
 * turn it into vector code. */
#ifndef LRP_TRAIN_OPTIMIZER_PASS_H
#define LRP_TRAIN_OPTIMIZER_PASS_H

#include "optimizer.h"
#include "vector.h"

/* A loop with switches that are constants in each call: one loop for each. */
#define LRP_INLINE_PASS static inline __attribute__((always_inline))

/* Weight decay of a step. Coupled: the gradient grows by coupled * parameter (L2 regularisation).
 * Decoupled (Loshchilov and Hutter 2019): the parameter is multiplied by shrink = 1 - lr * decay
 * first, and the rule does not see it. */
struct lrp_decay {
    float coupled;
    float shrink;
};
static inline struct lrp_decay lrp_decay_of(const struct lrp_optimizer_settings *settings,
                                            const struct lrp_optimizer_step *step)
{
    struct lrp_decay decay = {(float)settings->weight_decay, 1.0f};
    if (settings->decoupled_weight_decay > 0) {
        decay.coupled = 0.0f;
        decay.shrink = (float)(1 - step->lr * settings->weight_decay);
    }
    return decay;
}
#endif
