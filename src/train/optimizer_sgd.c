/* SPDX-License-Identifier: MIT */
/* Stochastic gradient descent: plain, with heavy-ball momentum, with Nesterov's. As PyTorch's SGD;
 * decoupled weight decay is SGDW (Loshchilov and Hutter 2019, algorithm 1). */
#include "optimizer_pass.h"

enum { MOMENTUM, DAMPENING, WEIGHT_DECAY, DECOUPLED };
static const struct lrp_optimizer_option options_sgd[] = {
    [MOMENTUM] = LRP_OPTION_FIXED(0),
    [DAMPENING] = LRP_OPTION_FIXED(0),
    [WEIGHT_DECAY] = LRP_OPTION_WEIGHT_DECAY(0),
    [DECOUPLED] = LRP_OPTION_DECOUPLED,
};
static const struct lrp_optimizer_option options_momentum[] = {
    [MOMENTUM] = LRP_OPTION_MOMENTUM(0.9),
    [DAMPENING] = {"dampening", 0, 1, "share of the gradient that momentum leaves out"},
    [WEIGHT_DECAY] = LRP_OPTION_WEIGHT_DECAY(0),
    [DECOUPLED] = LRP_OPTION_DECOUPLED,
};
static const struct lrp_optimizer_option options_nesterov[] = {
    [MOMENTUM] = LRP_OPTION_MOMENTUM(0.9),
    [DAMPENING] = LRP_OPTION_FIXED(0),
    [WEIGHT_DECAY] = LRP_OPTION_WEIGHT_DECAY(0),
    [DECOUPLED] = LRP_OPTION_DECOUPLED,
};

LRP_VECTOR_CLONES
static void update_sgd(const double *options, const struct lrp_optimizer_step *step)
{
    float *restrict parameter = step->parameters;
    const float *restrict gradient = step->gradients;
    const struct lrp_weight_decay decay =
        lrp_weight_decay_of(step, options[WEIGHT_DECAY], options[DECOUPLED]);
    const float lr = (float)step->lr;
    const float scale = (float)step->gradient_scale;
    for (size_t i = 0; i < step->n; i++) {
        float p = parameter[i];
        parameter[i] = p * decay.shrink - lr * (scale * gradient[i] + decay.coupled * p);
    }
}

/* PyTorch's momentum (Polyak 1964; Sutskever et al. 2013, eq. 1 and 2 in another scaling): v = m v
 * + (1 - d) g, the first time v = g; p -= lr v. Nesterov's (the same, eq. 3 and 4, in the place
 * looked ahead to): p -= lr (g + m v). */
LRP_INLINE_PASS void momentum_pass(const double *options, const struct lrp_optimizer_step *step,
                                   bool nesterov)
{
    float *restrict parameter = step->parameters;
    float *restrict velocity = step->state[0];
    const float *restrict gradient = step->gradients;
    const struct lrp_weight_decay decay =
        lrp_weight_decay_of(step, options[WEIGHT_DECAY], options[DECOUPLED]);
    const float lr = (float)step->lr;
    const float scale = (float)step->gradient_scale;
    const float momentum = (float)step->momentum;
    const float fresh = step->step == 1 ? 1.0f : (float)(1 - options[DAMPENING]);
    for (size_t i = 0; i < step->n; i++) {
        float p = parameter[i];
        float g = scale * gradient[i] + decay.coupled * p;
        float v = momentum * velocity[i] + fresh * g;
        velocity[i] = v;
        parameter[i] = p * decay.shrink - lr * (nesterov ? g + momentum * v : v);
    }
}

LRP_VECTOR_CLONES
static void update_momentum(const double *options, const struct lrp_optimizer_step *step)
{
    momentum_pass(options, step, false);
}

LRP_VECTOR_CLONES
static void update_nesterov(const double *options, const struct lrp_optimizer_step *step)
{
    momentum_pass(options, step, true);
}

const struct lrp_optimizer_row lrp_optimizer_sgd = {
    .name = "sgd",
    .help = "stochastic gradient descent",
    LRP_OPTIONS(options_sgd),
    .update = update_sgd,
};
const struct lrp_optimizer_row lrp_optimizer_momentum_sgd = {
    .name = "momentum",
    .help = "stochastic gradient descent with heavy-ball momentum (Polyak 1964)",
    LRP_OPTIONS(options_momentum),
    .n_state = 1,
    .update = update_momentum,
};
const struct lrp_optimizer_row lrp_optimizer_nesterov = {
    .name = "nesterov",
    .help = "stochastic gradient descent with Nesterov's momentum (Sutskever et al. 2013)",
    LRP_OPTIONS(options_nesterov),
    .n_state = 1,
    .update = update_nesterov,
};
