/* SPDX-License-Identifier: MIT */
/* diffGrad (Dubey et al. 2019, arXiv 1909.11015, algorithm 1): Adam whose steps are smaller where
 * the gradient changes little from step to step, as near a minimum. */
#include "optimizer_pass.h"

#include "vector_exp.h"

#include <math.h>

enum { PAPER_BUG = LRP_ADAM_OPTIONS };
static const struct lrp_optimizer_option options_diffgrad[] = {
    LRP_OPTIONS_ADAM(0),
    [LRP_DECOUPLED] = LRP_OPTION_DECOUPLED,
    [PAPER_BUG] = {"paper_bug", 0, 0,
                   "1: as in the code behind the paper's results, which compared the gradient with "
                   "itself: after the first step, Adam at half the rate"},
};

/* xi = 1 / (1 + exp(-|g_before - g|)) lies in [1/2, 1); p -= lr sqrt(1 - b2^t) / (1 - b1^t) xi m /
 * (sqrt(v) + eps): eps before the correction, as in the authors' code. The gradient before the
 * first is 0. Where gradients are much smaller than 1, xi is about 1/2 + |change| / 4, hardly more
 * than a half, and the effect depends on the loss's scale.
 *
 * The code with which the paper's results were made kept the gradient before by reference, so that
 * it was the gradient itself: xi = 1/2 from the second step on, Adam at half the rate (issue 2 of
 * github.com/shivram1987/diffGrad; its diffGrad_v2.py mends it). paper_bug = 1 does the same. */
LRP_INLINE_PASS void diffgrad_pass(const double *options, const struct lrp_optimizer_step *step,
                                   bool constant_friction)
{
    float *restrict parameter = step->parameters;
    float *restrict mean = step->state[0];
    float *restrict square = step->state[1];
    float *restrict before = step->state[2];
    const float *restrict gradient = step->gradients;
    const struct lrp_adam adam = lrp_adam_of(options, step);
    const double t = (double)step->step;
    const float rate =
        (float)(step->lr * sqrt(1 - pow(options[LRP_BETA2], t)) / (1 - pow(step->momentum, t)));
    const float scale = (float)step->gradient_scale;
    for (size_t i = 0; i < step->n; i++) {
        float p = parameter[i];
        float g = scale * gradient[i] + adam.decay.coupled * p;
        float m = mean[i] + adam.fresh1 * (g - mean[i]);
        float v = adam.beta2 * square[i] + adam.fresh2 * g * g;
        float friction = 0.5f;
        mean[i] = m;
        square[i] = v;
        if (!constant_friction) {
            friction = 1.0f / (1.0f + lrp_exp_minus(fabsf(before[i] - g)));
            before[i] = g;
        }
        parameter[i] = p * adam.decay.shrink - rate * (friction * m) / (sqrtf(v) + adam.eps);
    }
}

LRP_VECTOR_CLONES
static void update_diffgrad(const double *options, const struct lrp_optimizer_step *step)
{
    if (options[PAPER_BUG] > 0 && step->step > 1) {
        diffgrad_pass(options, step, true);
    } else {
        diffgrad_pass(options, step, false);
    }
}

const struct lrp_optimizer_row lrp_optimizer_diffgrad = {
    .name = "diffgrad",
    .help = "Adam with smaller steps where the gradient hardly changes (Dubey et al. 2019)",
    LRP_OPTIONS(options_diffgrad),
    .usual_lr = 1e-3,
    .n_state = 3,
    .update = update_diffgrad,
};
