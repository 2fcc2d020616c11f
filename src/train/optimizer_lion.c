/* SPDX-License-Identifier: MIT */
/* Lion (Chen et al. 2023, arXiv 2302.06675, algorithm 2): the sign of an interpolation of momentum
 * and gradient, so that each parameter moves by the rate. */
#include "optimizer_pass.h"

/* u = sign(b1 m + (1 - b1) g); p = p (1 - lr decay) - lr u; m = b2 m + (1 - b2) g. The sign of 0 is
 * 0, that of NaN is NaN. Weight decay is decoupled, as in the paper. */
LRP_VECTOR_CLONES
static void update_lion(const struct lrp_optimizer_settings *settings,
                        const struct lrp_optimizer_step *step)
{
    float *restrict parameter = step->parameters;
    float *restrict mean = step->state[0];
    const float *restrict gradient = step->gradients;
    const struct lrp_decay decay = lrp_decay_of(settings, step);
    const float lr = (float)step->lr;
    const float beta1 = (float)step->momentum;
    const float fresh1 = (float)(1 - step->momentum);
    const float beta2 = (float)settings->beta2;
    const float fresh2 = (float)(1 - settings->beta2);
    const float scale = (float)step->gradient_scale;
    for (size_t i = 0; i < step->n; i++) {
        float p = parameter[i];
        float g = scale * gradient[i] + decay.coupled * p;
        float u = beta1 * mean[i] + fresh1 * g;
        float above = u > 0.0f ? 1.0f : 0.0f;
        float below = u < 0.0f ? 1.0f : 0.0f;
        float neither = u == u ? 0.0f : u; /* NaN stays one */
        mean[i] = beta2 * mean[i] + fresh2 * g;
        parameter[i] = p * decay.shrink - lr * (above - below + neither);
    }
}

const struct lrp_optimizer_row lrp_optimizer_lion = {
    .name = "lion",
    .help = "steps by the sign of momentum and gradient (Chen et al. 2023)",
    .options = "beta1,beta2,weight_decay",
    .defaults = {.beta1 = 0.9, .beta2 = 0.99, .decoupled_weight_decay = 1},
    .usual_lr = 1e-4,
    .n_state = 1,
    .uses_beta1 = true,
    .update = update_lion,
};
