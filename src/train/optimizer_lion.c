/* SPDX-License-Identifier: MIT */
/* Lion (Chen et al. 2023, arXiv 2302.06675, algorithm 2): the sign of an interpolation of momentum
 * and gradient, so that each parameter moves by the rate. */
#include "optimizer_pass.h"

enum { BETA1, BETA2, WEIGHT_DECAY };
static const struct lrp_optimizer_option options_lion[] = {
    [BETA1] = LRP_OPTION_BETA1(0.9),
    [BETA2] = LRP_OPTION_BETA2(0.99),
    [WEIGHT_DECAY] = LRP_OPTION_WEIGHT_DECAY(0),
};

/* u = sign(b1 m + (1 - b1) g); p = p (1 - lr decay) - lr u; m = b2 m + (1 - b2) g. The sign of 0 is
 * 0, that of NaN is NaN. Weight decay is decoupled, as in the paper. */
LRP_VECTOR_CLONES
static void update_lion(const double *options, const struct lrp_optimizer_step *step)
{
    float *restrict parameter = step->parameters;
    float *restrict mean = step->state[0];
    const float *restrict gradient = step->gradients;
    const struct lrp_weight_decay decay = lrp_weight_decay_of(step, options[WEIGHT_DECAY], 1);
    const float lr = (float)step->lr;
    const float beta1 = (float)step->momentum;
    const float fresh1 = (float)(1 - step->momentum);
    const float beta2 = (float)options[BETA2];
    const float fresh2 = (float)(1 - options[BETA2]);
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
    .help = "steps by the sign of a mean of momentum and gradient (Chen et al. 2023)",
    LRP_OPTIONS(options_lion),
    .usual_lr = 1e-4,
    .n_state = 1,
    .update = update_lion,
};
