/* SPDX-License-Identifier: MIT */
/* Adagrad (Duchi et al. 2011, section 1.1, diagonal): each parameter's rate falls with the sum of
 * its squared gradients. As PyTorch's. */
#include "optimizer_pass.h"

#include <math.h>

/* s += g^2; p -= lr / (1 + (t - 1) lr_decay) g / (sqrt(s) + eps). */
LRP_VECTOR_CLONES
static void update_adagrad(const struct lrp_optimizer_settings *settings,
                           const struct lrp_optimizer_step *step)
{
    float *restrict parameter = step->parameters;
    float *restrict sum = step->state[0];
    const float *restrict gradient = step->gradients;
    const struct lrp_decay decay = lrp_decay_of(settings, step);
    const float start = step->step == 1 ? (float)settings->initial_accumulator_value : 0.0f;
    const float rate = (float)(step->lr / (1 + (double)(step->step - 1) * settings->lr_decay));
    const float eps = (float)settings->eps;
    const float scale = (float)step->gradient_scale;
    for (size_t i = 0; i < step->n; i++) {
        float p = parameter[i];
        float g = scale * gradient[i] + decay.coupled * p;
        float s = sum[i] + start + g * g;
        sum[i] = s;
        parameter[i] = p * decay.shrink - rate * g / (sqrtf(s) + eps);
    }
}

const struct lrp_optimizer_row lrp_optimizer_adagrad = {
    .name = "adagrad",
    .help = "rates that fall with the sum of squared gradients (Duchi et al. 2011)",
    .options = "eps,weight_decay,decoupled_weight_decay,lr_decay,initial_accumulator_value",
    .defaults = {.eps = 1e-10},
    .usual_lr = 1e-2,
    .n_state = 1,
    .update = update_adagrad,
};
