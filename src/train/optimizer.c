/* SPDX-License-Identifier: MIT */
#include "optimizer.h"

#include "number.h"
#include "suggest.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { OPTIMIZERS_MOST = 64 };

const struct lrp_optimizer_row *const lrp_optimizers[] = {
    &lrp_optimizer_adadelta, &lrp_optimizer_adagrad,
    &lrp_optimizer_adam,     &lrp_optimizer_adamw,
    &lrp_optimizer_amsgrad,  &lrp_optimizer_diffgrad,
    &lrp_optimizer_lion,     &lrp_optimizer_momentum_sgd,
    &lrp_optimizer_nadam,    &lrp_optimizer_nesterov,
    &lrp_optimizer_radam,    &lrp_optimizer_rmsprop,
    &lrp_optimizer_sgd,      NULL,
};

size_t lrp_optimizer_find(const struct lrp_optimizer_row *row, const char *name, size_t length)
{
    size_t i = 0;
    while (i < row->n_options &&
           (row->options[i].name == NULL || strlen(row->options[i].name) != length ||
            memcmp(row->options[i].name, name, length) != 0)) {
        i++;
    }
    return i;
}

static enum lrp_status fail_option(const struct lrp_optimizer_row *row, const char *name,
                                   size_t length, struct lrp_error *err)
{
    const char *names[LRP_OPTIMIZER_OPTIONS];
    char what[80];
    size_t n = 0;
    for (size_t i = 0; i < row->n_options; i++) {
        if (row->options[i].name != NULL) {
            names[n++] = row->options[i].name;
        }
    }
    (void)snprintf(what, sizeof what, "the optimizer %s has no option", row->name);
    return lrp_fail_unknown(what, name, length, names, n, n > 0 ? "it has" : "it has none", err);
}

/* "NAME=VALUE". */
static enum lrp_status set_option(struct lrp_optimizer_spec *spec, const char *text, size_t length,
                                  struct lrp_error *err)
{
    const struct lrp_optimizer_row *row = spec->row;
    const char *equals = memchr(text, '=', length);
    size_t name = equals != NULL ? (size_t)(equals - text) : length;
    size_t i = lrp_optimizer_find(row, text, name);
    if (equals == NULL || i == row->n_options) {
        return i == row->n_options
                   ? fail_option(row, text, name, err)
                   : lrp_fail(err, LRP_E_ARG, 0,
                              "%s of the optimizer %s has no value; %s=... was "
                              "expected",
                              row->options[i].name, row->name, row->options[i].name);
    }
    const struct lrp_optimizer_option *option = &row->options[i];
    double value = 0;
    bool good = lrp_parse_double(equals + 1, length - name - 1, &value);
    if (option->below == 0 && !(good && (value == 0 || value == 1))) {
        return lrp_fail(err, LRP_E_ARG, 0, "%s of the optimizer %s must be 0 or 1", option->name,
                        row->name);
    }
    if (option->below > 0 && !(good && value >= 0 && value < option->below)) {
        return lrp_fail(
            err, LRP_E_ARG, 0,
            "%s of the optimizer %s must be a number from 0 up to, but not including, %g",
            option->name, row->name, option->below);
    }
    spec->options[i] = value;
    spec->given[i] = true;
    return LRP_OK;
}

enum lrp_status lrp_optimizer_parse(const char *text, struct lrp_optimizer_spec *spec,
                                    struct lrp_error *err)
{
    size_t name = strcspn(text, ":");
    const char *names[OPTIMIZERS_MOST];
    size_t n = 0;
    memset(spec, 0, sizeof *spec);
    for (; lrp_optimizers[n] != NULL && n < OPTIMIZERS_MOST; n++) {
        names[n] = lrp_optimizers[n]->name;
        if (strlen(names[n]) == name && strncmp(names[n], text, name) == 0) {
            spec->row = lrp_optimizers[n];
        }
    }
    if (spec->row == NULL) {
        return lrp_fail_unknown("there is no optimizer", text, name, names, n, "there are", err);
    }
    for (size_t i = 0; i < spec->row->n_options; i++) {
        spec->options[i] = spec->row->options[i].value;
    }
    const char *at = text[name] == ':' ? text + name + 1 : text + name;
    while (*at != '\0') {
        size_t length = strcspn(at, ",");
        LRP_TRY(set_option(spec, at, length, err));
        at += length + (at[length] == ',' ? 1 : 0);
    }
    return LRP_OK;
}

void lrp_optimizer_set_default(struct lrp_optimizer_spec *spec, const char *name, double value)
{
    size_t i = lrp_optimizer_find(spec->row, name, strlen(name));
    if (i < spec->row->n_options && !spec->given[i]) {
        spec->options[i] = value;
    }
}

double lrp_optimizer_momentum(const struct lrp_optimizer_spec *spec)
{
    const struct lrp_optimizer_row *row = spec->row;
    size_t i = lrp_optimizer_find(row, "beta1", strlen("beta1"));
    i = i < row->n_options ? i : lrp_optimizer_find(row, "momentum", strlen("momentum"));
    /* an optimizer whose default is 0 has no momentum unless it is asked for */
    bool off = i == row->n_options || (row->options[i].value == 0 && spec->options[i] == 0);
    return off ? (double)NAN : spec->options[i];
}

size_t lrp_optimizer_n_state(const struct lrp_optimizer_spec *spec)
{
    const struct lrp_optimizer_row *row = spec->row;
    return row->n_state + (row->more_state != NULL ? row->more_state(spec->options) : 0);
}

double lrp_optimizer_carry(const struct lrp_optimizer_spec *spec,
                           const struct lrp_optimizer_step *step, double before)
{
    return spec->row->carry != NULL ? spec->row->carry(spec->options, step, before) : before;
}

double lrp_clip_factor(double norm, double clip_norm)
{
    double factor = clip_norm / (norm + 1e-6);
    return factor < 1 && isfinite(norm) ? factor : 1;
}
