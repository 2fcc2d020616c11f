/* SPDX-License-Identifier: MIT */
#include "optimizer.h"

#include "number.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

const struct lrp_optimizer_row *const lrp_optimizers[] = {
    &lrp_optimizer_adadelta, &lrp_optimizer_adagrad,
    &lrp_optimizer_adam,     &lrp_optimizer_adamw,
    &lrp_optimizer_amsgrad,  &lrp_optimizer_diffgrad,
    &lrp_optimizer_lion,     &lrp_optimizer_momentum_sgd,
    &lrp_optimizer_nadam,    &lrp_optimizer_nesterov,
    &lrp_optimizer_radam,    &lrp_optimizer_rmsprop,
    &lrp_optimizer_sgd,      NULL,
};

#define AT(member) offsetof(struct lrp_optimizer_settings, member)
const struct lrp_optimizer_option lrp_optimizer_options[] = {
    {"momentum", AT(momentum), 1, false,
     "share of the last update that is kept; a schedule may cycle it"},
    {"dampening", AT(dampening), 1, false, "share of the gradient that momentum leaves out"},
    {"beta1", AT(beta1), 1, false, "decay of the mean gradient; a schedule may cycle it"},
    {"beta2", AT(beta2), 1, false, "decay of the mean squared gradient (lion: mean gradient)"},
    {"rho", AT(rho), 1, false, "decay of both running means"},
    {"alpha", AT(alpha), 1, false, "decay of the mean squared gradient"},
    {"eps", AT(eps), 1e6, false, "added to the denominator"},
    {"weight_decay", AT(weight_decay), 1e6, false,
     "pull of the weights towards 0, as part of the gradient (adamw, lion: apart from it)"},
    {"decoupled_weight_decay", AT(decoupled_weight_decay), 1, true,
     "1: weights shrink by lr * weight_decay apart from the gradient, as in adamw"},
    {"amsgrad", AT(amsgrad), 1, true, "1: the largest mean square so far divides, as in amsgrad"},
    {"centered", AT(centered), 1, true, "1: the variance divides, not the mean square"},
    {"lr_decay", AT(lr_decay), 1e6, false, "the rate is divided by 1 + steps * lr_decay"},
    {"initial_accumulator_value", AT(initial_accumulator_value), 1e6, false,
     "where the sum of squares begins"},
    {"momentum_decay", AT(momentum_decay), 1e6, false,
     "how fast the momentum rises from half of beta1 to beta1"},
    {"paper_bug", AT(paper_bug), 1, true,
     "1: as the code behind the paper's results, which compared the gradient with itself: after "
     "the first step Adam at half the rate"},
    {.name = NULL},
};

bool lrp_optimizer_takes(const struct lrp_optimizer_row *row, const char *name, size_t length)
{
    for (const char *at = row->options; *at != '\0';) {
        size_t word = strcspn(at, ",");
        if (word == length && strncmp(at, name, length) == 0) {
            return true;
        }
        at += word + (at[word] == ',' ? 1 : 0);
    }
    return false;
}

double lrp_optimizer_value(const struct lrp_optimizer_option *option,
                           const struct lrp_optimizer_settings *settings)
{
    return *(const double *)(const void *)((const char *)settings + option->offset);
}

static enum lrp_status set_value(struct lrp_optimizer_spec *spec,
                                 const struct lrp_optimizer_option *option, const char *text,
                                 size_t length, struct lrp_error *err)
{
    double value = 0;
    bool good = lrp_parse_double(text, length, &value);
    if (option->is_switch && !(good && (value == 0 || value == 1))) {
        return lrp_fail(err, LRP_E_ARG, 0, "%s of the optimizer %s must be 0 or 1", option->name,
                        spec->row->name);
    }
    if (!option->is_switch && !(good && value >= 0 && value < option->below)) {
        return lrp_fail(err, LRP_E_ARG, 0,
                        "%s of the optimizer %s must be a number from 0 to below %g", option->name,
                        spec->row->name, option->below);
    }
    *(double *)(void *)((char *)&spec->settings + option->offset) = value;
    return LRP_OK;
}

static enum lrp_status set_one(struct lrp_optimizer_spec *spec, const char *text, size_t length,
                               struct lrp_error *err)
{
    const char *equals = memchr(text, '=', length);
    size_t name = equals != NULL ? (size_t)(equals - text) : length;
    if (equals == NULL || !lrp_optimizer_takes(spec->row, text, name)) {
        return lrp_fail(err, LRP_E_ARG, 0,
                        "the optimizer %s has no option \"%.*s\"; it takes %s=", spec->row->name,
                        (int)(name < 40 ? name : 40), text, spec->row->options);
    }
    enum lrp_status status = LRP_OK;
    for (const struct lrp_optimizer_option *option = lrp_optimizer_options; option->name != NULL;
         option++) {
        if (strlen(option->name) == name && strncmp(option->name, text, name) == 0) {
            status = set_value(spec, option, equals + 1, length - name - 1, err);
            spec->weight_decay_given |= option->offset == AT(weight_decay);
        }
    }
    return status;
}

enum lrp_status lrp_optimizer_parse(const char *text, struct lrp_optimizer_spec *spec,
                                    struct lrp_error *err)
{
    size_t name = strcspn(text, ":");
    memset(spec, 0, sizeof *spec);
    for (size_t i = 0; lrp_optimizers[i] != NULL; i++) {
        const struct lrp_optimizer_row *row = lrp_optimizers[i];
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
    const struct lrp_optimizer_row *row = spec->row;
    if (row->uses_beta1) {
        return spec->settings.beta1;
    }
    bool on = row->has_momentum && !(row->momentum_is_off && spec->settings.momentum == 0);
    return on ? spec->settings.momentum : (double)NAN;
}

size_t lrp_optimizer_n_state(const struct lrp_optimizer_spec *spec)
{
    const struct lrp_optimizer_row *row = spec->row;
    return row->n_state + (row->more_state != NULL ? row->more_state(&spec->settings) : 0);
}

double lrp_optimizer_carry(const struct lrp_optimizer_spec *spec,
                           const struct lrp_optimizer_step *step, double before)
{
    return spec->row->carry != NULL ? spec->row->carry(&spec->settings, step, before) : before;
}

double lrp_clip_factor(double norm, double clip_norm)
{
    double factor = clip_norm / (norm + 1e-6);
    return factor < 1 && isfinite(norm) ? factor : 1;
}
