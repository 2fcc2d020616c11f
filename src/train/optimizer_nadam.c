/* SPDX-License-Identifier: MIT */
/* NAdam: Adam with Nesterov's momentum (Dozat 2016), with the rising momentum of that paper. */
#include "optimizer_pass.h"

#include <math.h>

/* mu_t = b1 (1 - 0.96^(t d) / 2), d = momentum_decay. */
static double momentum_at(const struct lrp_optimizer_settings *settings, double beta1, double t)
{
    return beta1 * (1 - 0.5 * pow(0.96, t * settings->momentum_decay));
}

/* The product of mu_1 .. mu_t. */
static double carry_product(const struct lrp_optimizer_settings *settings,
                            const struct lrp_optimizer_step *step, double before)
{
    return before * momentum_at(settings, step->momentum, (double)step->step);
}

/* p -= lr ((1 - mu_t) / (1 - mu_1 .. mu_t) g + mu_(t+1) / (1 - mu_1 .. mu_(t+1)) m) / (sqrt(v / (1
 * - b2^t)) + eps), m and v as in Adam, not corrected. PyTorch before 2.0 has mu_t twice in the
 * second product unless it runs with foreach=True (mended in its pull request 92699). */
LRP_VECTOR_CLONES
static void update_nadam(const struct lrp_optimizer_settings *settings,
                         const struct lrp_optimizer_step *step)
{
    float *restrict parameter = step->parameters;
    float *restrict mean = step->state[0];
    float *restrict square = step->state[1];
    const float *restrict gradient = step->gradients;
    const struct lrp_decay decay = lrp_decay_of(settings, step);
    const double t = (double)step->step;
    const double now = momentum_at(settings, step->momentum, t);
    const double next = momentum_at(settings, step->momentum, t + 1);
    const float by_gradient = (float)(step->lr * (1 - now) / (1 - step->carried));
    const float by_mean = (float)(step->lr * next / (1 - step->carried * next));
    const float fresh1 = (float)(1 - step->momentum);
    const float beta2 = (float)settings->beta2;
    const float fresh2 = (float)(1 - settings->beta2);
    const float eps = (float)settings->eps;
    const float root = (float)(1 / sqrt(1 - pow(settings->beta2, t)));
    const float scale = (float)step->gradient_scale;
    for (size_t i = 0; i < step->n; i++) {
        float p = parameter[i];
        float g = scale * gradient[i] + decay.coupled * p;
        float m = mean[i] + fresh1 * (g - mean[i]);
        float v = beta2 * square[i] + fresh2 * g * g;
        mean[i] = m;
        square[i] = v;
        parameter[i] = p * decay.shrink - (by_gradient * g + by_mean * m) / (sqrtf(v) * root + eps);
    }
}

const struct lrp_optimizer_row lrp_optimizer_nadam = {
    .name = "nadam",
    .help = "Adam with Nesterov's momentum (Dozat 2016)",
    .options = "beta1,beta2,eps,weight_decay,decoupled_weight_decay,momentum_decay",
    .defaults = {.beta1 = 0.9, .beta2 = 0.999, .eps = 1e-8, .momentum_decay = 0.004},
    .usual_lr = 2e-3,
    .n_state = 2,
    .uses_beta1 = true,
    .carry = carry_product,
    .update = update_nadam,
};
