/* SPDX-License-Identifier: MIT */
/* Stochastic gradient descent: plain, with heavy-ball momentum, with Nesterov's. As PyTorch's SGD;
 * decoupled weight decay is SGDW (Loshchilov and Hutter 2019, algorithm 1). */
#include "optimizer_pass.h"

LRP_VECTOR_CLONES
static void update_sgd(const struct lrp_optimizer_settings *settings,
                       const struct lrp_optimizer_step *step)
{
    float *restrict parameter = step->parameters;
    const float *restrict gradient = step->gradients;
    const struct lrp_decay decay = lrp_decay_of(settings, step);
    const float lr = (float)step->lr;
    const float scale = (float)step->gradient_scale;
    for (size_t i = 0; i < step->n; i++) {
        float p = parameter[i];
        parameter[i] = p * decay.shrink - lr * (scale * gradient[i] + decay.coupled * p);
    }
}

/* PyTorch's momentum (Polyak 1964; Sutskever et al. 2013, eq. 1 and 2 in another scaling): v = m v
 * + (1 - d) g, the first time v = g; p -= lr v. */
LRP_VECTOR_CLONES
static void update_momentum(const struct lrp_optimizer_settings *settings,
                            const struct lrp_optimizer_step *step)
{
    float *restrict parameter = step->parameters;
    float *restrict velocity = step->state[0];
    const float *restrict gradient = step->gradients;
    const struct lrp_decay decay = lrp_decay_of(settings, step);
    const float lr = (float)step->lr;
    const float scale = (float)step->gradient_scale;
    const float momentum = (float)step->momentum;
    const float fresh = step->step == 1 ? 1.0f : (float)(1 - settings->dampening);
    for (size_t i = 0; i < step->n; i++) {
        float p = parameter[i];
        float g = scale * gradient[i] + decay.coupled * p;
        float v = momentum * velocity[i] + fresh * g;
        velocity[i] = v;
        parameter[i] = p * decay.shrink - lr * v;
    }
}

/* Nesterov (Sutskever et al. 2013, eq. 3 and 4, in the place looked ahead to): v = m v + g; p -= lr
 * (g + m v). */
LRP_VECTOR_CLONES
static void update_nesterov(const struct lrp_optimizer_settings *settings,
                            const struct lrp_optimizer_step *step)
{
    float *restrict parameter = step->parameters;
    float *restrict velocity = step->state[0];
    const float *restrict gradient = step->gradients;
    const struct lrp_decay decay = lrp_decay_of(settings, step);
    const float lr = (float)step->lr;
    const float scale = (float)step->gradient_scale;
    const float momentum = (float)step->momentum;
    for (size_t i = 0; i < step->n; i++) {
        float p = parameter[i];
        float g = scale * gradient[i] + decay.coupled * p;
        float v = momentum * velocity[i] + g;
        velocity[i] = v;
        parameter[i] = p * decay.shrink - lr * (g + momentum * v);
    }
}

const struct lrp_optimizer_row lrp_optimizer_sgd = {
    .name = "sgd",
    .help = "stochastic gradient descent",
    .options = "weight_decay,decoupled_weight_decay",
    .update = update_sgd,
};
const struct lrp_optimizer_row lrp_optimizer_momentum_sgd = {
    .name = "momentum",
    .help = "stochastic gradient descent with heavy-ball momentum (Polyak 1964)",
    .options = "momentum,dampening,weight_decay,decoupled_weight_decay",
    .defaults = {.momentum = 0.9},
    .n_state = 1,
    .has_momentum = true,
    .update = update_momentum,
};
const struct lrp_optimizer_row lrp_optimizer_nesterov = {
    .name = "nesterov",
    .help = "stochastic gradient descent with Nesterov's momentum (Sutskever et al. 2013)",
    .options = "momentum,weight_decay,decoupled_weight_decay",
    .defaults = {.momentum = 0.9},
    .n_state = 1,
    .has_momentum = true,
    .update = update_nesterov,
};
