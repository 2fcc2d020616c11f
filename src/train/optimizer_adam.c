/* SPDX-License-Identifier: MIT */
/* Adam, AdamW and AMSGrad, as PyTorch's Adam and AdamW. */
#include "optimizer_pass.h"

#include <math.h>

enum { AMSGRAD = LRP_ADAM_OPTIONS };
static const struct lrp_optimizer_option options_adam[] = {
    [LRP_BETA1] = LRP_OPTION_BETA1(0.9),    [LRP_BETA2] = LRP_OPTION_BETA2(0.999),
    [LRP_EPS] = LRP_OPTION_EPS(1e-8),       [LRP_WEIGHT_DECAY] = LRP_OPTION_WEIGHT_DECAY(0),
    [LRP_DECOUPLED] = LRP_OPTION_DECOUPLED, [AMSGRAD] = LRP_OPTION_AMSGRAD,
};
static const struct lrp_optimizer_option options_adamw[] = {
    [LRP_BETA1] = LRP_OPTION_BETA1(0.9),   [LRP_BETA2] = LRP_OPTION_BETA2(0.999),
    [LRP_EPS] = LRP_OPTION_EPS(1e-8),      [LRP_WEIGHT_DECAY] = LRP_OPTION_WEIGHT_DECAY(0.01),
    [LRP_DECOUPLED] = LRP_OPTION_FIXED(1), [AMSGRAD] = LRP_OPTION_AMSGRAD,
};
static const struct lrp_optimizer_option options_amsgrad[] = {
    [LRP_BETA1] = LRP_OPTION_BETA1(0.9),    [LRP_BETA2] = LRP_OPTION_BETA2(0.999),
    [LRP_EPS] = LRP_OPTION_EPS(1e-8),       [LRP_WEIGHT_DECAY] = LRP_OPTION_WEIGHT_DECAY(0),
    [LRP_DECOUPLED] = LRP_OPTION_DECOUPLED, [AMSGRAD] = LRP_OPTION_FIXED(1),
};

/* Adam (Kingma and Ba 2015, algorithm 1), with the bias corrections folded into two factors:
 * p -= lr / (1 - b1^t) m / (sqrt(v) / sqrt(1 - b2^t) + eps).
 * AMSGrad (Reddi et al. 2018, algorithm 2): the largest v so far instead of v; PyTorch corrects it
 * like v, the paper does not correct at all. */
LRP_INLINE_PASS void adam_pass(const double *options, const struct lrp_optimizer_step *step,
                               bool amsgrad)
{
    float *restrict parameter = step->parameters;
    float *restrict mean = step->state[0];
    float *restrict square = step->state[1];
    float *restrict largest = step->state[2];
    const float *restrict gradient = step->gradients;
    const struct lrp_adam adam = lrp_adam_of(options, step);
    const double t = (double)step->step;
    const float rate = (float)(step->lr / (1 - pow(step->momentum, t)));
    const float root = (float)(1 / sqrt(1 - pow(options[LRP_BETA2], t)));
    const float scale = (float)step->gradient_scale;
    for (size_t i = 0; i < step->n; i++) {
        float p = parameter[i];
        float g = scale * gradient[i] + adam.decay.coupled * p;
        float m = mean[i] + adam.fresh1 * (g - mean[i]);
        float v = adam.beta2 * square[i] + adam.fresh2 * g * g;
        mean[i] = m;
        square[i] = v;
        if (amsgrad) {
            v = v < largest[i] ? largest[i] : v;
            largest[i] = v;
        }
        parameter[i] = p * adam.decay.shrink - rate * m / (sqrtf(v) * root + adam.eps);
    }
}

LRP_VECTOR_CLONES
static void update_adam(const double *options, const struct lrp_optimizer_step *step)
{
    if (options[AMSGRAD] > 0) {
        adam_pass(options, step, true);
    } else {
        adam_pass(options, step, false);
    }
}

static size_t state_of_amsgrad(const double *options)
{
    return options[AMSGRAD] > 0 ? 1 : 0;
}

const struct lrp_optimizer_row lrp_optimizer_adam = {
    .name = "adam",
    .help = "Adam (Kingma and Ba 2015)",
    LRP_OPTIONS(options_adam),
    .usual_lr = 1e-3,
    .n_state = 2,
    .more_state = state_of_amsgrad,
    .update = update_adam,
};
const struct lrp_optimizer_row lrp_optimizer_adamw = {
    .name = "adamw",
    .help = "Adam with decoupled weight decay (Loshchilov and Hutter 2019)",
    LRP_OPTIONS(options_adamw),
    .usual_lr = 1e-3,
    .n_state = 2,
    .more_state = state_of_amsgrad,
    .update = update_adam,
};
const struct lrp_optimizer_row lrp_optimizer_amsgrad = {
    .name = "amsgrad",
    .help = "Adam with the maximum of all second moments so far (Reddi et al. 2018)",
    LRP_OPTIONS(options_amsgrad),
    .usual_lr = 1e-3,
    .n_state = 2,
    .more_state = state_of_amsgrad,
    .update = update_adam,
};
