/* SPDX-License-Identifier: MIT */
#include "optimizer.h"

#include "number.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

/* Wider vectors where the processor has them. The values are
 * the same: each is computed alone, and multiply and add are never contracted. */
#if LRP_HAVE_VECTOR_CLONES
#define LRP_VECTOR_CLONES __attribute__((target_clones("arch=x86-64-v3", "default")))
#else
#define LRP_VECTOR_CLONES
#endif

/* Weight decay of all but AdamW is coupled: the gradient grows by decay * parameter. */

LRP_VECTOR_CLONES
static void update_sgd(const struct lrp_optimizer_settings *settings,
                       const struct lrp_optimizer_step *step)
{
    float *restrict parameter = step->parameters;
    const float *restrict gradient = step->gradients;
    const float lr = (float)step->lr;
    const float decay = (float)settings->weight_decay;
    const float scale = (float)step->gradient_scale;
    for (size_t i = 0; i < step->n; i++) {
        parameter[i] -= lr * (scale * gradient[i] + decay * parameter[i]);
    }
}

/* PyTorch's momentum (Sutskever et al. 2013 in another scaling): v = m v + (1 - d) g, the first
 * time v = g; p -= lr v. */
LRP_VECTOR_CLONES
static void update_momentum(const struct lrp_optimizer_settings *settings,
                            const struct lrp_optimizer_step *step)
{
    float *restrict parameter = step->parameters;
    float *restrict velocity = step->state[0];
    const float *restrict gradient = step->gradients;
    const float lr = (float)step->lr;
    const float decay = (float)settings->weight_decay;
    const float scale = (float)step->gradient_scale;
    const float momentum = (float)step->momentum;
    const float fresh = step->step == 1 ? 1.0f : (float)(1 - settings->dampening);
    for (size_t i = 0; i < step->n; i++) {
        float g = scale * gradient[i] + decay * parameter[i];
        float v = momentum * velocity[i] + fresh * g;
        velocity[i] = v;
        parameter[i] -= lr * v;
    }
}

/* Nesterov: p -= lr (g + m v). */
LRP_VECTOR_CLONES
static void update_nesterov(const struct lrp_optimizer_settings *settings,
                            const struct lrp_optimizer_step *step)
{
    float *restrict parameter = step->parameters;
    float *restrict velocity = step->state[0];
    const float *restrict gradient = step->gradients;
    const float lr = (float)step->lr;
    const float decay = (float)settings->weight_decay;
    const float scale = (float)step->gradient_scale;
    const float momentum = (float)step->momentum;
    for (size_t i = 0; i < step->n; i++) {
        float g = scale * gradient[i] + decay * parameter[i];
        float v = momentum * velocity[i] + g;
        velocity[i] = v;
        parameter[i] -= lr * (g + momentum * v);
    }
}

/* Adam (Kingma and Ba 2015, algorithm 1), with the bias corrections folded into two factors:
 * p -= lr / (1 - b1^t) m / (sqrt(v) / sqrt(1 - b2^t) + eps). */
LRP_VECTOR_CLONES
static void adam_pass(const struct lrp_optimizer_settings *settings,
                      const struct lrp_optimizer_step *step, float coupled, float shrink)
{
    float *restrict parameter = step->parameters;
    float *restrict mean = step->state[0];
    float *restrict square = step->state[1];
    const float *restrict gradient = step->gradients;
    const double t = (double)step->step;
    /* 1 - beta in double: 1.0f - 0.999f is wrong in the fifth digit */
    const float fresh1 = (float)(1 - step->momentum);
    const float beta2 = (float)settings->beta2;
    const float fresh2 = (float)(1 - settings->beta2);
    const float eps = (float)settings->eps;
    const float rate = (float)(step->lr / (1 - pow(step->momentum, t)));
    const float root = (float)(1 / sqrt(1 - pow(settings->beta2, t)));
    const float scale = (float)step->gradient_scale;
    for (size_t i = 0; i < step->n; i++) {
        float p = parameter[i];
        float g = scale * gradient[i] + coupled * p;
        float m = mean[i] + fresh1 * (g - mean[i]);
        float v = beta2 * square[i] + fresh2 * g * g;
        mean[i] = m;
        square[i] = v;
        parameter[i] = p * shrink - rate * m / (sqrtf(v) * root + eps);
    }
}

static void update_adam(const struct lrp_optimizer_settings *settings,
                        const struct lrp_optimizer_step *step)
{
    adam_pass(settings, step, (float)settings->weight_decay, 1.0f);
}

/* Decoupled weight decay (Loshchilov and Hutter 2019): p shrinks by lr * decay first. */
static void update_adamw(const struct lrp_optimizer_settings *settings,
                         const struct lrp_optimizer_step *step)
{
    adam_pass(settings, step, 0.0f, (float)(1 - step->lr * settings->weight_decay));
}

const struct lrp_optimizer_row lrp_optimizer_table[] = {
    {.name = "adam",
     .help = "Adam (Kingma and Ba 2015)",
     .options = "beta1,beta2,eps,weight_decay",
     .defaults = {.beta1 = 0.9, .beta2 = 0.999, .eps = 1e-8},
     .n_state = 2,
     .uses_beta1 = true,
     .update = update_adam},
    {.name = "adamw",
     .help = "Adam with decoupled weight decay (Loshchilov and Hutter 2019)",
     .options = "beta1,beta2,eps,weight_decay",
     .defaults = {.beta1 = 0.9, .beta2 = 0.999, .eps = 1e-8, .weight_decay = 0.01},
     .n_state = 2,
     .uses_beta1 = true,
     .update = update_adamw},
    {.name = "momentum",
     .help = "stochastic gradient descent with heavy-ball momentum",
     .options = "momentum,dampening,weight_decay",
     .defaults = {.momentum = 0.9},
     .n_state = 1,
     .has_momentum = true,
     .update = update_momentum},
    {.name = "nesterov",
     .help = "stochastic gradient descent with Nesterov momentum",
     .options = "momentum,weight_decay",
     .defaults = {.momentum = 0.9},
     .n_state = 1,
     .has_momentum = true,
     .update = update_nesterov},
    {.name = "sgd",
     .help = "stochastic gradient descent",
     .options = "weight_decay",
     .update = update_sgd},
    {.name = NULL},
};

struct setting {
    const char *name;
    size_t offset;
    double below; /* allowed: 0 <= value < below */
};
static const struct setting settings_table[LRP_OPTIMIZER_OPTIONS] = {
    {"momentum", offsetof(struct lrp_optimizer_settings, momentum), 1},
    {"dampening", offsetof(struct lrp_optimizer_settings, dampening), 1},
    {"weight_decay", offsetof(struct lrp_optimizer_settings, weight_decay), 1e6},
    {"beta1", offsetof(struct lrp_optimizer_settings, beta1), 1},
    {"beta2", offsetof(struct lrp_optimizer_settings, beta2), 1},
    {"eps", offsetof(struct lrp_optimizer_settings, eps), 1e6},
};

/* Whether name is one of the words in "a,b,c". */
static bool is_listed(const char *list, const char *name, size_t length)
{
    for (const char *at = list; *at != '\0';) {
        size_t word = strcspn(at, ",");
        if (word == length && strncmp(at, name, length) == 0) {
            return true;
        }
        at += word + (at[word] == ',' ? 1 : 0);
    }
    return false;
}

static enum lrp_status set_one(struct lrp_optimizer_spec *spec, const char *text, size_t length,
                               struct lrp_error *err)
{
    const char *equals = memchr(text, '=', length);
    size_t name = equals != NULL ? (size_t)(equals - text) : length;
    if (equals == NULL || !is_listed(spec->row->options, text, name)) {
        return lrp_fail(err, LRP_E_ARG, 0,
                        "the optimizer %s has no option \"%.*s\"; it takes %s=", spec->row->name,
                        (int)(name < 40 ? name : 40), text, spec->row->options);
    }
    for (size_t i = 0; i < LRP_OPTIMIZER_OPTIONS; i++) {
        const struct setting *setting = &settings_table[i];
        double value = 0;
        if (strlen(setting->name) != name || strncmp(setting->name, text, name) != 0) {
            continue;
        }
        if (!lrp_parse_double(equals + 1, length - name - 1, &value) || !(value >= 0) ||
            !(value < setting->below)) {
            return lrp_fail(err, LRP_E_ARG, 0,
                            "%s of the optimizer %s must be a number from 0 to below %g",
                            setting->name, spec->row->name, setting->below);
        }
        *(double *)(void *)((char *)&spec->settings + setting->offset) = value;
    }
    return LRP_OK;
}

enum lrp_status lrp_optimizer_parse(const char *text, struct lrp_optimizer_spec *spec,
                                    struct lrp_error *err)
{
    size_t name = strcspn(text, ":");
    memset(spec, 0, sizeof *spec);
    for (size_t i = 0; lrp_optimizer_table[i].name != NULL; i++) {
        const struct lrp_optimizer_row *row = &lrp_optimizer_table[i];
        if (strlen(row->name) == name && strncmp(row->name, text, name) == 0) {
            spec->row = row;
            spec->settings = row->defaults;
        }
    }
    if (spec->row == NULL) {
        return lrp_fail(err, LRP_E_ARG, 0,
                        "there is no optimizer \"%.40s\"; lrprobe list optimizers shows them",
                        text);
    }
    const char *at = text[name] == ':' ? text + name + 1 : text + name;
    while (*at != '\0') {
        size_t length = strcspn(at, ",");
        enum lrp_status status = set_one(spec, at, length, err);
        if (status != LRP_OK) {
            return status;
        }
        at += length + (at[length] == ',' ? 1 : 0);
    }
    return LRP_OK;
}

double lrp_optimizer_momentum(const struct lrp_optimizer_spec *spec)
{
    if (spec->row->uses_beta1) {
        return spec->settings.beta1;
    }
    return spec->row->has_momentum ? spec->settings.momentum : (double)NAN;
}
