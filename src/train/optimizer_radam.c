/* SPDX-License-Identifier: MIT */
/* RAdam (Liu et al. 2020, algorithm 2): Adam whose adaptive steps begin only when enough gradients
 * have been seen for their variance to be known, and are scaled by what is known: a warm-up of its
 * own. */
#include "optimizer_pass.h"

#include <math.h>

/* The two terms of the algorithm: whether the steps are adaptive yet, and their factor r_t (eq. 4
 * of the paper; PyTorch begins at rho > 5, the paper at 4). */
static bool rectification(double beta2, double t, double *factor)
{
    double power = pow(beta2, t);
    double longest = 2 / (1 - beta2) - 1;
    double length = longest - 2 * t * power / (1 - power);
    if (!(length > 5)) {
        return false;
    }
    *factor =
        sqrt((length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length)) *
        sqrt(1 - power);
    return true;
}

/* Adaptive: p -= lr m / (1 - b1^t) r_t sqrt(1 - b2^t) / (sqrt(v) + eps); before: p -= lr m / (1 -
 * b1^t). */
LRP_INLINE_PASS void radam_pass(const struct lrp_optimizer_settings *settings,
                                const struct lrp_optimizer_step *step, double factor, bool adaptive)
{
    float *restrict parameter = step->parameters;
    float *restrict mean = step->state[0];
    float *restrict square = step->state[1];
    const float *restrict gradient = step->gradients;
    const struct lrp_decay decay = lrp_decay_of(settings, step);
    const float fresh1 = (float)(1 - step->momentum);
    const float beta2 = (float)settings->beta2;
    const float fresh2 = (float)(1 - settings->beta2);
    const float eps = (float)settings->eps;
    const float rate = (float)(step->lr / (1 - pow(step->momentum, (double)step->step)) * factor);
    const float scale = (float)step->gradient_scale;
    for (size_t i = 0; i < step->n; i++) {
        float p = parameter[i];
        float g = scale * gradient[i] + decay.coupled * p;
        float m = mean[i] + fresh1 * (g - mean[i]);
        float v = beta2 * square[i] + fresh2 * g * g;
        mean[i] = m;
        square[i] = v;
        float move = adaptive ? rate * m / (sqrtf(v) + eps) : rate * m;
        parameter[i] = p * decay.shrink - move;
    }
}

LRP_VECTOR_CLONES
static void update_radam(const struct lrp_optimizer_settings *settings,
                         const struct lrp_optimizer_step *step)
{
    double factor = 1;
    if (rectification(settings->beta2, (double)step->step, &factor)) {
        radam_pass(settings, step, factor, true);
    } else {
        radam_pass(settings, step, 1, false);
    }
}

const struct lrp_optimizer_row lrp_optimizer_radam = {
    .name = "radam",
    .help = "Adam with a warm-up of its own, by the variance of its steps (Liu et al. 2020)",
    .options = "beta1,beta2,eps,weight_decay,decoupled_weight_decay",
    .defaults = {.beta1 = 0.9, .beta2 = 0.999, .eps = 1e-8},
    .usual_lr = 1e-3,
    .n_state = 2,
    .uses_beta1 = true,
    .update = update_radam,
};
