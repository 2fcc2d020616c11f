/* SPDX-License-Identifier: MIT */
/* Adadelta (Zeiler 2012, algorithm 1): steps in the units of the parameters, from running means of
 * squared gradients and squared steps. As PyTorch's, with a learning rate in front. */
#include "optimizer_pass.h"

#include <math.h>

enum { RHO, EPS, WEIGHT_DECAY, DECOUPLED };
static const struct lrp_optimizer_option options_adadelta[] = {
    [RHO] = {"rho", 0.9, 1, "decay of both running means"},
    [EPS] = LRP_OPTION_EPS(1e-6),
    [WEIGHT_DECAY] = LRP_OPTION_WEIGHT_DECAY(0),
    [DECOUPLED] = LRP_OPTION_DECOUPLED,
};

/* s = rho s + (1 - rho) g^2; d = sqrt(u + eps) / sqrt(s + eps) g; u = rho u + (1 - rho) d^2; p -=
 * lr d. */
LRP_VECTOR_CLONES
static void update_adadelta(const double *options, const struct lrp_optimizer_step *step)
{
    float *restrict parameter = step->parameters;
    float *restrict squares = step->state[0];
    float *restrict steps = step->state[1];
    const float *restrict gradient = step->gradients;
    const struct lrp_weight_decay decay =
        lrp_weight_decay_of(step, options[WEIGHT_DECAY], options[DECOUPLED]);
    const float lr = (float)step->lr;
    const float rho = (float)options[RHO];
    const float fresh = (float)(1 - options[RHO]);
    const float eps = (float)options[EPS];
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
    LRP_OPTIONS(options_adadelta),
    .usual_lr = 1,
    .n_state = 2,
    .update = update_adadelta,
};
