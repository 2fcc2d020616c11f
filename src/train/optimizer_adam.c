/* SPDX-License-Identifier: MIT */
/* Adam, AdamW and AMSGrad, as PyTorch's Adam and AdamW. */
#include "optimizer_pass.h"

#include <math.h>

/* Adam (Kingma and Ba 2015, algorithm 1), with the bias corrections folded into two factors:
 * p -= lr / (1 - b1^t) m / (sqrt(v) / sqrt(1 - b2^t) + eps).
 * AMSGrad (Reddi et al. 2018, algorithm 2): the largest v so far instead of v; PyTorch corrects it
 * like v, the paper does not correct at all. */
LRP_INLINE_PASS void adam_pass(const struct lrp_optimizer_settings *settings,
                               const struct lrp_optimizer_step *step, bool amsgrad)
{
    float *restrict parameter = step->parameters;
    float *restrict mean = step->state[0];
    float *restrict square = step->state[1];
    float *restrict largest = step->state[2];
    const float *restrict gradient = step->gradients;
    const struct lrp_decay decay = lrp_decay_of(settings, step);
    const double t = (double)step->step;
    /* 1 - beta in double: 1.0f - 0.999f is wrong in the fifth digit */
    const float fresh1 = (float)(1 - step->momentum);
    const float beta2 = (float)settings->beta2;
    const float fresh2 = (float)(1 - settings->beta2);
    const float eps = (float)settings->eps;
    const float rate = (float)(step->lr / (1 - pow(step->momentum, t)));
    const float root = (float)(1 / sqrt(1 - pow(settings->beta2, t)));
    const float scale = (float)step->gradient_scale;
    for (size_t i = 0; i < step->n; i++) {
        float p = parameter[i];
        float g = scale * gradient[i] + decay.coupled * p;
        float m = mean[i] + fresh1 * (g - mean[i]);
        float v = beta2 * square[i] + fresh2 * g * g;
        mean[i] = m;
        square[i] = v;
        if (amsgrad) {
            v = v < largest[i] ? largest[i] : v;
            largest[i] = v;
        }
        parameter[i] = p * decay.shrink - rate * m / (sqrtf(v) * root + eps);
    }
}

LRP_VECTOR_CLONES
static void update_adam(const struct lrp_optimizer_settings *settings,
                        const struct lrp_optimizer_step *step)
{
    if (settings->amsgrad > 0) {
        adam_pass(settings, step, true);
    } else {
        adam_pass(settings, step, false);
    }
}

static size_t state_of_amsgrad(const struct lrp_optimizer_settings *settings)
{
    return settings->amsgrad > 0 ? 1 : 0;
}

const struct lrp_optimizer_row lrp_optimizer_adam = {
    .name = "adam",
    .help = "Adam (Kingma and Ba 2015)",
    .options = "beta1,beta2,eps,weight_decay,decoupled_weight_decay,amsgrad",
    .defaults = {.beta1 = 0.9, .beta2 = 0.999, .eps = 1e-8},
    .usual_lr = 1e-3,
    .n_state = 2,
    .more_state = state_of_amsgrad,
    .uses_beta1 = true,
    .update = update_adam,
};
const struct lrp_optimizer_row lrp_optimizer_adamw = {
    .name = "adamw",
    .help = "Adam with decoupled weight decay (Loshchilov and Hutter 2019)",
    .options = "beta1,beta2,eps,weight_decay,amsgrad",
    .defaults = {.beta1 = 0.9,
                 .beta2 = 0.999,
                 .eps = 1e-8,
                 .weight_decay = 0.01,
                 .decoupled_weight_decay = 1},
    .usual_lr = 1e-3,
    .n_state = 2,
    .more_state = state_of_amsgrad,
    .uses_beta1 = true,
    .update = update_adam,
};
const struct lrp_optimizer_row lrp_optimizer_amsgrad = {
    .name = "amsgrad",
    .help = "Adam with the largest mean square so far (Reddi et al. 2018)",
    .options = "beta1,beta2,eps,weight_decay,decoupled_weight_decay",
    .defaults = {.beta1 = 0.9, .beta2 = 0.999, .eps = 1e-8, .amsgrad = 1},
    .usual_lr = 1e-3,
    .n_state = 2,
    .more_state = state_of_amsgrad,
    .uses_beta1 = true,
    .update = update_adam,
};
