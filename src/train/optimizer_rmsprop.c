/* SPDX-License-Identifier: MIT */
/* RMSProp (Tieleman and Hinton 2012, lecture 6e): gradients divided by the root of a running mean
 * of their squares. Centred (Graves 2013, eq. 38 to 45): by that of their variance. As PyTorch's,
 * eps outside of the root. */
#include "optimizer_pass.h"

#include <math.h>

/* s = a s + (1 - a) g^2; centred: e = a e + (1 - a) g, s - e^2 instead of s; p -= lr g / (sqrt(s) +
 * eps), or with momentum b = m b + g / (sqrt(s) + eps), p -= lr b.
 * A variance that rounding has made negative counts as 0 (in PyTorch its root is NaN). */
LRP_INLINE_PASS void rmsprop_pass(const struct lrp_optimizer_settings *settings,
                                  const struct lrp_optimizer_step *step, bool centred,
                                  bool with_momentum)
{
    float *restrict parameter = step->parameters;
    float *restrict squares = step->state[0];
    float *restrict mean = step->state[1];
    float *restrict velocity = step->state[centred ? 2 : 1];
    const float *restrict gradient = step->gradients;
    const struct lrp_decay decay = lrp_decay_of(settings, step);
    const float lr = (float)step->lr;
    const float alpha = (float)settings->alpha;
    const float fresh = (float)(1 - settings->alpha);
    const float momentum = (float)step->momentum;
    const float eps = (float)settings->eps;
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
static void update_rmsprop(const struct lrp_optimizer_settings *settings,
                           const struct lrp_optimizer_step *step)
{
    bool with_momentum = settings->momentum > 0;
    if (settings->centered > 0 && with_momentum) {
        rmsprop_pass(settings, step, true, true);
    } else if (settings->centered > 0) {
        rmsprop_pass(settings, step, true, false);
    } else if (with_momentum) {
        rmsprop_pass(settings, step, false, true);
    } else {
        rmsprop_pass(settings, step, false, false);
    }
}

static size_t more_state(const struct lrp_optimizer_settings *settings)
{
    return (settings->centered > 0 ? 1U : 0U) + (settings->momentum > 0 ? 1U : 0U);
}

const struct lrp_optimizer_row lrp_optimizer_rmsprop = {
    .name = "rmsprop",
    .help = "gradients divided by their running root mean square (Tieleman and Hinton 2012)",
    .options = "alpha,eps,weight_decay,decoupled_weight_decay,momentum,centered",
    .defaults = {.alpha = 0.99, .eps = 1e-8},
    .usual_lr = 1e-2,
    .n_state = 1,
    .more_state = more_state,
    .has_momentum = true,
    .momentum_is_off = true,
    .update = update_rmsprop,
};
