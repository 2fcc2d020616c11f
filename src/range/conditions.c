/* SPDX-License-Identifier: MIT */
#include "conditions.h"

#include "answer.h"
#include "number.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* The value that the heads of all records have; NULL where one lacks it, or they differ: then
 * *other is the one that differs from *first. */
static const char *agreed(const struct lrp_record *const *records, size_t n_records,
                          const char *key, const char **first, const char **other)
{
    *first = lrp_record_meta(records[0], key);
    *other = NULL;
    bool missing = *first == NULL;
    for (size_t r = 1; r < n_records && *other == NULL; r++) {
        const char *own = lrp_record_meta(records[r], key);
        *first = *first != NULL ? *first : own;
        missing = missing || own == NULL;
        if (own != NULL && strcmp(own, *first) != 0) {
            *other = own;
        }
    }
    return missing || *other != NULL ? NULL : *first;
}

static const char *quietly(const struct lrp_record *const *records, size_t n_records,
                           const char *key)
{
    const char *first = NULL;
    const char *other = NULL;
    return agreed(records, n_records, key, &first, &other);
}

/* With a warning where they differ; NULL then. */
static const char *aloud(const struct lrp_record *const *records, size_t n_records, const char *key,
                         const char *noun, struct lrp_bounds *bounds)
{
    const char *first = NULL;
    const char *other = NULL;
    const char *value = agreed(records, n_records, key, &first, &other);
    if (other != NULL) {
        lrp_bounds_warn(bounds,
                        "the records were made with different %s (%.60s and %.60s): bounds of one "
                        "do not hold for the other",
                        noun, first, other);
    }
    return value;
}

static void copy_text(const char *text, size_t length, char *out, size_t size)
{
    (void)snprintf(out, size, "%.*s", (int)length, text);
}

/* A number above 0, NaN for anything else. */
static double positive(const char *text, size_t length)
{
    double value = 0;
    return lrp_parse_double(text, length, &value) && value > 0 && isfinite(value) ? value
                                                                                  : (double)NAN;
}

static double positive_fact(const struct lrp_record *const *records, size_t n_records,
                            const char *key)
{
    const char *text = quietly(records, n_records, key);
    return text != NULL ? positive(text, strlen(text)) : (double)NAN;
}

/* The number after "key=" in "a=1 key=0.9/0.999 b=2"; NaN where there is none. */
static double option_value(const char *options, const char *key)
{
    size_t length = strlen(key);
    for (const char *at = strstr(options, key); at != NULL; at = strstr(at + 1, key)) {
        if ((at == options || at[-1] == ' ') && at[length] == '=') {
            const char *number = at + length + 1;
            double value = (double)NAN;
            (void)lrp_parse_double(number, strcspn(number, " /,"), &value);
            return value;
        }
    }
    return (double)NAN;
}

/* Options that a head lists in full say whether there is momentum, and under which name. */
static void momentum_by_options(struct lrp_conditions *conditions)
{
    double momentum = option_value(conditions->options, "momentum");
    double beta = option_value(conditions->options, "betas");
    beta = isnan(beta) ? option_value(conditions->options, "beta1") : beta;
    const char *name = momentum > 0 ? "momentum" : !isnan(beta) ? "beta1" : "none";
    (void)snprintf(conditions->momentum, sizeof conditions->momentum, "%s", name);
    conditions->momentum_value = momentum > 0 ? momentum : beta;
}

/* lrprobe's own trainer names its optimizer without defaults, and writes momentum, or beta1 of the
 * optimizers that have it instead, as a column, which is empty where there is neither. */
static void momentum_by_column(const struct lrp_record *record, struct lrp_conditions *conditions)
{
    static const char *const with_momentum[] = {"momentum", "nesterov", "sgd"};
    size_t column = lrp_record_find_column(record, "momentum");
    if (column == LRP_NO_COLUMN || lrp_record_meta(record, "version") == NULL) {
        return;
    }
    const char *name = "none";
    for (size_t row = 0; row < lrp_record_rows(record); row++) {
        if (lrp_record_present(record, column, row) != 0) {
            conditions->momentum_value = lrp_record_values(record, column)[row];
            name = "beta1";
            break;
        }
    }
    for (size_t i = 0; i < sizeof with_momentum / sizeof with_momentum[0]; i++) {
        bool own = strcasecmp(conditions->optimizer, with_momentum[i]) == 0;
        name = own && strcmp(name, "beta1") == 0 ? "momentum" : name;
    }
    (void)snprintf(conditions->momentum, sizeof conditions->momentum, "%s", name);
}

/* "AdamW", or "adamw:beta1=0.8,weight_decay=0.1" of the built-in trainer. */
static void take_optimizer(const struct lrp_record *const *records, size_t n_records,
                           struct lrp_bounds *bounds)
{
    struct lrp_conditions *conditions = &bounds->conditions;
    const char *name = aloud(records, n_records, "optimizer", "optimizers", bounds);
    if (name == NULL) {
        return;
    }
    size_t length = strcspn(name, ":");
    copy_text(name, length, conditions->optimizer, sizeof conditions->optimizer);
    const char *options =
        aloud(records, n_records, "optimizer_options", "options of the optimizer", bounds);
    if (options != NULL) {
        copy_text(options, strlen(options), conditions->options, sizeof conditions->options);
        momentum_by_options(conditions);
        conditions->n_groups = conditions->n_optimizers =
            1; /* what else there is, is in the head */
        conditions->group_ratios[0] = 1;
        return;
    }
    if (name[length] == ':') {
        copy_text(name + length + 1, strlen(name + length + 1), conditions->options,
                  sizeof conditions->options);
        for (char *at = conditions->options; (at = strchr(at, ',')) != NULL;) {
            *at = ' ';
        }
    }
    momentum_by_column(records[0], conditions);
}

/* "0.0005,0.05" to ratios over the fastest. */
static void take_groups(const char *rates, struct lrp_conditions *conditions)
{
    double own[LRP_GROUPS];
    double fastest = 0;
    size_t n = 0;
    while (*rates != '\0') {
        rates += strspn(rates, ", ");
        size_t length = strcspn(rates, ", ");
        if (length > 0) {
            double rate = 0;
            (void)lrp_parse_double(rates, length, &rate);
            if (n < LRP_GROUPS) {
                own[n] = rate;
            }
            fastest = fmax(fastest, rate);
            n++;
        }
        rates += length;
    }
    if (n == 0 || !(fastest > 0) || !isfinite(fastest)) {
        return;
    }
    conditions->n_groups = n;
    for (size_t i = 0; i < n && i < LRP_GROUPS; i++) {
        conditions->group_ratios[i] = own[i] / fastest; /* 0: a group that is frozen */
    }
    conditions->own_lr = isnan(conditions->own_lr) ? fastest : conditions->own_lr;
}

void lrp_bounds_read_conditions(const struct lrp_record *const *records, size_t n_records,
                                struct lrp_bounds *bounds)
{
    struct lrp_conditions *conditions = &bounds->conditions;
    take_optimizer(records, n_records, bounds);
    const char *batch = aloud(records, n_records, "batch_size", "batch sizes", bounds);
    if (batch != NULL) {
        conditions->batch_size = positive(batch, strlen(batch));
    }
    conditions->own_lr = positive_fact(records, n_records, "own_lr");
    const char *groups = quietly(records, n_records, "group_rates");
    if (groups != NULL) {
        take_groups(groups, conditions);
    }
    double optimizers = positive_fact(records, n_records, "optimizers");
    if (optimizers >= 1 && optimizers < 1e6) {
        conditions->n_optimizers = (size_t)optimizers;
    }
    const char *start = quietly(records, n_records, "start");
    if (start != NULL) {
        copy_text(start, strlen(start), conditions->start, sizeof conditions->start);
    }
    const char *framework = quietly(records, n_records, "framework");
    if (framework != NULL) {
        copy_text(framework, strlen(framework), conditions->framework,
                  sizeof conditions->framework);
    }
}

bool lrp_is_condition(const char *key)
{
    static const char *const keys[] = {"optimizer",  "optimizer_options", "own_lr", "group_rates",
                                       "optimizers", "batch_size",        "start",  "framework"};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        if (strcmp(key, keys[i]) == 0) {
            return true;
        }
    }
    return false;
}
