/* SPDX-License-Identifier: MIT */
/* RMSProp (Tieleman and Hinton 2012, lecture 6e): gradients divided by the root of a running mean
 * of their squares. Centred (Graves 2013, eq. 38 to 45): by that of their variance. As PyTorch's,
 * eps outside of the root. */
#include "optimizer_pass.h"

#include <math.h>

enum { MOMENTUM, ALPHA, EPS, WEIGHT_DECAY, DECOUPLED, CENTERED };
static const struct lrp_optimizer_option options_rmsprop[] = {
    [MOMENTUM] = LRP_OPTION_MOMENTUM(0),
    [ALPHA] = {"alpha", 0.99, 1, "decay of the mean squared gradient"},
    [EPS] = LRP_OPTION_EPS(1e-8),
    [WEIGHT_DECAY] = LRP_OPTION_WEIGHT_DECAY(0),
    [DECOUPLED] = LRP_OPTION_DECOUPLED,
    [CENTERED] = {"centered", 0, 0, "1: divide by the variance, not by the mean square"},
};

/* s = a s + (1 - a) g^2; centred: e = a e + (1 - a) g, s - e^2 instead of s; p -= lr g / (sqrt(s) +
 * eps), or with momentum b = m b + g / (sqrt(s) + eps), p -= lr b.
 * A variance that rounding has made negative counts as 0 (in PyTorch its root is NaN). */
LRP_INLINE_PASS void rmsprop_pass(const double *options, const struct lrp_optimizer_step *step,
                                  bool centred, bool with_momentum)
{
    float *restrict parameter = step->parameters;
    float *restrict squares = step->state[0];
    float *restrict mean = step->state[1];
    float *restrict velocity = step->state[centred ? 2 : 1];
    const float *restrict gradient = step->gradients;
    const struct lrp_weight_decay decay =
        lrp_weight_decay_of(step, options[WEIGHT_DECAY], options[DECOUPLED]);
    const float lr = (float)step->lr;
    const float alpha = (float)options[ALPHA];
    const float fresh = (float)(1 - options[ALPHA]);
    const float momentum = (float)step->momentum;
    const float eps = (float)options[EPS];
    const float scale = (float)step->gradient_scale;
    for (size_t i = 0; i < step->n; i++) {
        float p = parameter[i];
        float g = scale * gradient[i] + decay.coupled * p;
        float s = alpha * squares[i] + fresh * g * g;
        squares[i] = s;
        if (centred) {
            float e = alpha * mean[i] + fresh * g;
            mean[i] = e;
            s -= e * e;
            s = s < 0.0f ? 0.0f : s;
        }
        float move = g / (sqrtf(s) + eps);
        if (with_momentum) {
            move += momentum * velocity[i];
            velocity[i] = move;
        }
        parameter[i] = p * decay.shrink - lr * move;
    }
}

LRP_VECTOR_CLONES
static void update_rmsprop(const double *options, const struct lrp_optimizer_step *step)
{
    bool with_momentum = options[MOMENTUM] > 0;
    if (options[CENTERED] > 0 && with_momentum) {
        rmsprop_pass(options, step, true, true);
    } else if (options[CENTERED] > 0) {
        rmsprop_pass(options, step, true, false);
    } else if (with_momentum) {
        rmsprop_pass(options, step, false, true);
    } else {
        rmsprop_pass(options, step, false, false);
    }
}

static size_t more_state(const double *options)
{
    return (options[CENTERED] > 0 ? 1U : 0U) + (options[MOMENTUM] > 0 ? 1U : 0U);
}

const struct lrp_optimizer_row lrp_optimizer_rmsprop = {
    .name = "rmsprop",
    .help = "gradients divided by their running root mean square (Tieleman and Hinton 2012)",
    LRP_OPTIONS(options_rmsprop),
    .usual_lr = 1e-2,
    .n_state = 1,
    .more_state = more_state,
    .update = update_rmsprop,
};
