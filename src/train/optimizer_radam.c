/* SPDX-License-Identifier: MIT */
/* RAdam (Liu et al. 2020, algorithm 2): Adam whose adaptive steps begin only when enough gradients
 * have been seen for their variance to be known, and are scaled by what is known: a warm-up of its
 * own. */
#include "optimizer_pass.h"

#include <math.h>

static const struct lrp_optimizer_option options_radam[] = {
    [LRP_BETA1] = LRP_OPTION_BETA1(0.9),    [LRP_BETA2] = LRP_OPTION_BETA2(0.999),
    [LRP_EPS] = LRP_OPTION_EPS(1e-8),       [LRP_WEIGHT_DECAY] = LRP_OPTION_WEIGHT_DECAY(0),
    [LRP_DECOUPLED] = LRP_OPTION_DECOUPLED,
};

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
LRP_INLINE_PASS void radam_pass(const double *options, const struct lrp_optimizer_step *step,
                                double factor, bool adaptive)
{
    float *restrict parameter = step->parameters;
    float *restrict mean = step->state[0];
    float *restrict square = step->state[1];
    const float *restrict gradient = step->gradients;
    const struct lrp_adam adam = lrp_adam_of(options, step);
    const float rate = (float)(step->lr / (1 - pow(step->momentum, (double)step->step)) * factor);
    const float scale = (float)step->gradient_scale;
    for (size_t i = 0; i < step->n; i++) {
        float p = parameter[i];
        float g = scale * gradient[i] + adam.decay.coupled * p;
        float m = mean[i] + adam.fresh1 * (g - mean[i]);
        float v = adam.beta2 * square[i] + adam.fresh2 * g * g;
        mean[i] = m;
        square[i] = v;
        float move = adaptive ? rate * m / (sqrtf(v) + adam.eps) : rate * m;
        parameter[i] = p * adam.decay.shrink - move;
    }
}

LRP_VECTOR_CLONES
static void update_radam(const double *options, const struct lrp_optimizer_step *step)
{
    double factor = 1;
    if (rectification(options[LRP_BETA2], (double)step->step, &factor)) {
        radam_pass(options, step, factor, true);
    } else {
        radam_pass(options, step, 1, false);
    }
}

const struct lrp_optimizer_row lrp_optimizer_radam = {
    .name = "radam",
    .help = "Adam with a built-in warmup, from the variance of its steps (Liu et al. 2020)",
    LRP_OPTIONS(options_radam),
    .usual_lr = 1e-3,
    .n_state = 2,
    .update = update_radam,
};
