/* SPDX-License-Identifier: MIT */
/* NAdam: Adam with Nesterov's momentum (Dozat 2016), with the rising momentum of that paper. */
#include "optimizer_pass.h"

#include <math.h>

enum { MOMENTUM_DECAY = LRP_ADAM_OPTIONS };
static const struct lrp_optimizer_option options_nadam[] = {
    LRP_OPTIONS_ADAM(0),
    [LRP_DECOUPLED] = LRP_OPTION_DECOUPLED,
    [MOMENTUM_DECAY] = {"momentum_decay", 0.004, 1e6,
                        "how fast the momentum rises from half of beta1 to beta1"},
};

/* mu_t = b1 (1 - 0.96^(t d) / 2), d = momentum_decay. */
static double momentum_at(const double *options, double beta1, double t)
{
    return beta1 * (1 - 0.5 * pow(0.96, t * options[MOMENTUM_DECAY]));
}

/* The product of mu_1 .. mu_t. */
static double carry_product(const double *options, const struct lrp_optimizer_step *step,
                            double before)
{
    return before * momentum_at(options, step->momentum, (double)step->step);
}

/* p -= lr ((1 - mu_t) / (1 - mu_1 .. mu_t) g + mu_(t+1) / (1 - mu_1 .. mu_(t+1)) m) / (sqrt(v / (1
 * - b2^t)) + eps), m and v as in Adam, not corrected. PyTorch before 2.0 has mu_t twice in the
 * second product unless it runs with foreach=True (fixed in its pull request 92699). */
LRP_VECTOR_CLONES
static void update_nadam(const double *options, const struct lrp_optimizer_step *step)
{
    float *restrict parameter = step->parameters;
    float *restrict mean = step->state[0];
    float *restrict square = step->state[1];
    const float *restrict gradient = step->gradients;
    const struct lrp_adam adam = lrp_adam_of(options, step);
    const double t = (double)step->step;
    const double now = momentum_at(options, step->momentum, t);
    const double next = momentum_at(options, step->momentum, t + 1);
    const float by_gradient = (float)(step->lr * (1 - now) / (1 - step->carried));
    const float by_mean = (float)(step->lr * next / (1 - step->carried * next));
    const float root = (float)(1 / sqrt(1 - pow(options[LRP_BETA2], t)));
    const float scale = (float)step->gradient_scale;
    for (size_t i = 0; i < step->n; i++) {
        float p = parameter[i];
        float g = scale * gradient[i] + adam.decay.coupled * p;
        float m = mean[i] + adam.fresh1 * (g - mean[i]);
        float v = adam.beta2 * square[i] + adam.fresh2 * g * g;
        mean[i] = m;
        square[i] = v;
        parameter[i] =
            p * adam.decay.shrink - (by_gradient * g + by_mean * m) / (sqrtf(v) * root + adam.eps);
    }
}

const struct lrp_optimizer_row lrp_optimizer_nadam = {
    .name = "nadam",
    .help = "Adam with Nesterov's momentum (Dozat 2016)",
    LRP_OPTIONS(options_nadam),
    .usual_lr = 2e-3,
    .n_state = 2,
    .carry = carry_product,
    .update = update_nadam,
};
