/* SPDX-License-Identifier: MIT */
/* Adadelta (Zeiler 2012, algorithm 1): steps in the units of the parameters, from running means of
 * squared gradients and squared steps. As PyTorch's, with a learning rate in front. */
#include "optimizer_pass.h"

#include <math.h>

/* s = rho s + (1 - rho) g^2; d = sqrt(u + eps) / sqrt(s + eps) g; u = rho u + (1 - rho) d^2; p -=
 * lr d. */
LRP_VECTOR_CLONES
static void update_adadelta(const struct lrp_optimizer_settings *settings,
                            const struct lrp_optimizer_step *step)
{
    float *restrict parameter = step->parameters;
    float *restrict squares = step->state[0];
    float *restrict steps = step->state[1];
    const float *restrict gradient = step->gradients;
    const struct lrp_decay decay = lrp_decay_of(settings, step);
    const float lr = (float)step->lr;
    const float rho = (float)settings->rho;
    const float fresh = (float)(1 - settings->rho);
    const float eps = (float)settings->eps;
    const float scale = (float)step->gradient_scale;
    for (size_t i = 0; i < step->n; i++) {
        float p = parameter[i];
        float g = scale * gradient[i] + decay.coupled * p;
        float s = rho * squares[i] + fresh * g * g;
        float d = sqrtf(steps[i] + eps) / sqrtf(s + eps) * g;
        squares[i] = s;
        steps[i] = rho * steps[i] + fresh * d * d;
        parameter[i] = p * decay.shrink - lr * d;
    }
}

const struct lrp_optimizer_row lrp_optimizer_adadelta = {
    .name = "adadelta",
    .help = "steps in the parameters' own units, from running means (Zeiler 2012)",
    .options = "rho,eps,weight_decay,decoupled_weight_decay",
    .defaults = {.rho = 0.9, .eps = 1e-6},
    .usual_lr = 1,
    .n_state = 2,
    .update = update_adadelta,
};
