/* SPDX-License-Identifier: MIT */
/* Adagrad (Duchi et al. 2011, section 1.1, diagonal): each parameter's rate falls with the sum of
 * its squared gradients. As PyTorch's. */
#include "optimizer_pass.h"

#include <math.h>

enum { EPS, WEIGHT_DECAY, DECOUPLED, LR_DECAY, INITIAL };
static const struct lrp_optimizer_option options_adagrad[] = {
    [EPS] = LRP_OPTION_EPS(1e-10),
    [WEIGHT_DECAY] = LRP_OPTION_WEIGHT_DECAY(0),
    [DECOUPLED] = LRP_OPTION_DECOUPLED,
    [LR_DECAY] = {"lr_decay", 0, 1e6, "the rate is divided by 1 + steps * lr_decay"},
    [INITIAL] = {"initial_accumulator_value", 0, 1e6, "initial value of the sum of squares"},
};

/* s += g^2; p -= lr / (1 + (t - 1) lr_decay) g / (sqrt(s) + eps). */
LRP_VECTOR_CLONES
static void update_adagrad(const double *options, const struct lrp_optimizer_step *step)
{
    float *restrict parameter = step->parameters;
    float *restrict sum = step->state[0];
    const float *restrict gradient = step->gradients;
    const struct lrp_weight_decay decay =
        lrp_weight_decay_of(step, options[WEIGHT_DECAY], options[DECOUPLED]);
    const float start = step->step == 1 ? (float)options[INITIAL] : 0.0f;
    const float rate = (float)(step->lr / (1 + (double)(step->step - 1) * options[LR_DECAY]));
    const float eps = (float)options[EPS];
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
    .help = "learning rates that fall with the sum of squared gradients (Duchi et al. 2011)",
    LRP_OPTIONS(options_adagrad),
    .usual_lr = 1e-2,
    .n_state = 1,
    .update = update_adagrad,
};
