/* SPDX-License-Identifier: MIT */
/* The table of schedules, and specs read and written. */
#include "schedule.h"

#include "number.h"
#include "suggest.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { NAMES_MOST = 32 };

const struct lrp_schedule_row *const lrp_schedules[] = {
    &lrp_schedule_constant,
    &lrp_schedule_step,
    &lrp_schedule_multistep,
    &lrp_schedule_exponential,
    &lrp_schedule_polynomial,
    &lrp_schedule_inverse_time,
    &lrp_schedule_cosine,
    &lrp_schedule_clr,
    &lrp_schedule_triangular,
    &lrp_schedule_triangular2,
    &lrp_schedule_exp_range,
    &lrp_schedule_sgdr,
    &lrp_schedule_onecycle,
    &lrp_schedule_wsd,
    &lrp_schedule_plateau,
    &lrp_schedule_plateau_torch,
    NULL,
};
const struct lrp_schedule_key lrp_schedule_warmup_key = {
    .name = "warmup",
    .high = 1e15,
    .help = "steps of a linear warm-up in front; below 1 a share of the run"};

static enum lrp_status find_row(const char *text, size_t length,
                                const struct lrp_schedule_row **out, struct lrp_error *err)
{
    const char *names[NAMES_MOST];
    size_t n = 0;
    for (; lrp_schedules[n] != NULL && n < NAMES_MOST; n++) {
        names[n] = lrp_schedules[n]->name;
        if (strlen(names[n]) == length && strncmp(names[n], text, length) == 0) {
            *out = lrp_schedules[n];
            return LRP_OK;
        }
    }
    return lrp_fail_unknown("there is no schedule", text, length, names, n, "there are", err);
}

static enum lrp_status parse_list(const struct lrp_schedule_key *key, const char *text,
                                  size_t length, struct lrp_schedule *schedule,
                                  struct lrp_error *err)
{
    const char *end = text + length;
    schedule->n_list = 0;
    for (const char *at = text; at <= end;) {
        const char *slash = memchr(at, '/', (size_t)(end - at));
        size_t part = slash != NULL ? (size_t)(slash - at) : (size_t)(end - at);
        int64_t number = 0;
        if (schedule->n_list == LRP_SCHEDULE_LIST) {
            return lrp_fail(err, LRP_E_ARG, 0, "%s of the schedule %s has more than %d entries",
                            key->name, schedule->row->name, (int)LRP_SCHEDULE_LIST);
        }
        if (!lrp_parse_int64(at, part, (int64_t)key->low, (int64_t)key->high, &number)) {
            return lrp_fail(err, LRP_E_ARG, 0,
                            "%s of the schedule %s must be whole numbers with a slash between "
                            "them, as in 100/200/250",
                            key->name, schedule->row->name);
        }
        size_t place = schedule->n_list++;
        for (; place > 0 && schedule->list[place - 1] > (double)number; place--) {
            schedule->list[place] = schedule->list[place - 1];
        }
        schedule->list[place] = (double)number;
        at += part + 1;
    }
    return LRP_OK;
}

/* The value of one key. A list goes to the schedule's list, *out is then its length. */
static enum lrp_status parse_value(const struct lrp_schedule_key *key, const char *text,
                                   size_t length, struct lrp_schedule *schedule, double *out,
                                   struct lrp_error *err)
{
    double number = 0;
    if (key->list) {
        LRP_TRY(parse_list(key, text, length, schedule, err));
        *out = (double)schedule->n_list;
        return LRP_OK;
    }
    if (key->words != NULL) {
        int index = lrp_word_index(key->words, text, length);
        if (index < 0) {
            return lrp_fail(err, LRP_E_ARG, 0, "%s of the schedule %s must be one of %s", key->name,
                            schedule->row->name, key->words);
        }
        *out = index;
        return LRP_OK;
    }
    if (!lrp_parse_double(text, length, &number) || !(number >= key->low) ||
        !(number <= key->high) || (key->whole && number != floor(number))) {
        return lrp_fail(err, LRP_E_ARG, 0, "%s of the schedule %s must be a %s from %g to %g",
                        key->name, schedule->row->name, key->whole ? "whole number" : "number",
                        key->low, key->high);
    }
    *out = number;
    return LRP_OK;
}

/* Place of a key's name among the row's; n_keys is the warm-up's (wsd has its own). */
static enum lrp_status find_key(const struct lrp_schedule_row *row, const char *text, size_t length,
                                size_t *out, struct lrp_error *err)
{
    const char *names[LRP_SCHEDULE_KEYS + 1];
    char what[80];
    for (size_t k = 0; k <= row->n_keys; k++) {
        names[k] = k < row->n_keys ? row->keys[k].name : lrp_schedule_warmup_key.name;
        if (strlen(names[k]) == length && strncmp(names[k], text, length) == 0) {
            *out = k;
            return LRP_OK;
        }
    }
    (void)snprintf(what, sizeof what, "the schedule %s has no key", row->name);
    return lrp_fail_unknown(what, text, length, names, row->n_keys + 1, "it has", err);
}

/* "key=value" */
static enum lrp_status set_key(struct lrp_schedule *schedule, bool *given, const char *text,
                               size_t length, struct lrp_error *err)
{
    const struct lrp_schedule_row *row = schedule->row;
    const char *equals = memchr(text, '=', length);
    size_t name = equals != NULL ? (size_t)(equals - text) : length;
    size_t k = 0;
    LRP_TRY(find_key(row, text, name, &k, err));
    const struct lrp_schedule_key *key = k < row->n_keys ? &row->keys[k] : &lrp_schedule_warmup_key;
    if (equals == NULL) {
        return lrp_fail(err, LRP_E_ARG, 0,
                        "%s of the schedule %s has no value; %s=... was expected", key->name,
                        row->name, key->name);
    }
    if (given[k]) {
        return lrp_fail(err, LRP_E_ARG, 0, "%s of the schedule %s is given twice", key->name,
                        row->name);
    }
    given[k] = true;
    double *value = k < row->n_keys ? &schedule->values[k] : &schedule->warmup;
    return parse_value(key, equals + 1, length - name - 1, schedule, value, err);
}

/* The place of the switch of a momentum that cycles; n_keys where the row has none. */
static size_t find_switch(const struct lrp_schedule_row *row)
{
    size_t k = 0;
    while (k < row->n_keys && strcmp(row->keys[k].name, LRP_CYCLE_MOMENTUM) != 0) {
        k++;
    }
    return k;
}

/* A momentum that was not swept is not brought in: a rate that is right without one is up to
 * 1 / (1 - momentum) times too high with it. The two keys behind the switch are its range. */
static void switch_momentum(const struct lrp_bounds *bounds, const bool *given,
                            struct lrp_schedule *schedule)
{
    const char *swept = bounds->conditions.momentum;
    const size_t k = find_switch(schedule->row);
    if (k < schedule->row->n_keys && !given[k]) {
        bool has_one = strcmp(swept, "momentum") == 0 || strcmp(swept, "beta1") == 0;
        schedule->values[k] = has_one || given[k + 1] || given[k + 2] ? 1 : 0;
    }
}

/* Keys that were not given, where the bounds have them and the key may be so. */
static void fill_in(const struct lrp_bounds *bounds, const bool *given,
                    struct lrp_schedule *schedule)
{
    for (size_t k = 0; k < schedule->row->n_keys; k++) {
        const struct lrp_schedule_key *key = &schedule->row->keys[k];
        double value = (double)NAN;
        if (key->bound != 0) {
            memcpy(&value, (const char *)bounds + key->bound, sizeof value);
        }
        value = key->whole ? floor(value + 0.5) : value;
        if (!given[k] && value >= key->low && value <= key->high) {
            schedule->values[k] = value;
        }
    }
}

static enum lrp_status check_complete(const struct lrp_schedule *schedule,
                                      const struct lrp_bounds *bounds, struct lrp_error *err)
{
    const struct lrp_schedule_row *row = schedule->row;
    for (size_t k = 0; k < row->n_keys; k++) {
        const struct lrp_schedule_key *key = &row->keys[k];
        if (!isnan(schedule->values[k]) || key->default_text != NULL) {
            continue;
        }
        if (bounds != NULL && key->bound != 0) {
            const char *reason = lrp_reason_name(bounds->reason);
            return lrp_fail(err, LRP_E_NODATA, 0,
                            "the bounds have no rate for %s of the schedule %s (outcome %s%s%s)",
                            key->name, row->name, lrp_outcome_name(bounds->outcome),
                            reason != NULL ? ", " : "", reason != NULL ? reason : "");
        }
        return lrp_fail(err, LRP_E_ARG, 0, "the schedule %s needs %s= (%s)", row->name, key->name,
                        key->help);
    }
    return LRP_OK;
}

/* Values that depend on others, and what must hold between them. */
static enum lrp_status resolve(struct lrp_schedule *schedule, struct lrp_error *err)
{
    const struct lrp_schedule_row *row = schedule->row;
    if (row->resolve != NULL) {
        row->resolve(schedule->values);
    }
    for (size_t i = 0; row->ordered[i][0] != row->ordered[i][1]; i++) {
        const size_t *pair = row->ordered[i];
        if (schedule->values[pair[0]] > schedule->values[pair[1]]) {
            return lrp_fail(err, LRP_E_ARG, 0, "%s of the schedule %s is above %s",
                            row->keys[pair[0]].name, row->name, row->keys[pair[1]].name);
        }
    }
    for (size_t k = 0; k < row->n_keys; k++) {
        if (strcmp(row->keys[k].name, lrp_schedule_warmup_key.name) == 0) {
            schedule->warmup = schedule->values[k];
        }
    }
    return LRP_OK;
}

enum lrp_status lrp_schedule_parse(const char *text, const struct lrp_bounds *bounds,
                                   struct lrp_schedule *schedule, struct lrp_error *err)
{
    struct lrp_schedule parsed = {.row = NULL};
    bool given[LRP_SCHEDULE_KEYS + 1] = {false};
    size_t name = strcspn(text, ":");
    LRP_TRY(find_row(text, name, &parsed.row, err));
    for (size_t k = 0; k < parsed.row->n_keys; k++) {
        parsed.values[k] = parsed.row->keys[k].value;
    }
    for (const char *at = text + name + (text[name] == ':' ? 1 : 0); *at != '\0';) {
        size_t length = strcspn(at, ",");
        LRP_TRY(set_key(&parsed, given, at, length, err));
        at += length + (at[length] == ',' ? 1 : 0);
    }
    if (bounds != NULL) {
        fill_in(bounds, given, &parsed);
        switch_momentum(bounds, given, &parsed);
    }
    LRP_TRY(check_complete(&parsed, bounds, err));
    LRP_TRY(resolve(&parsed, err));
    *schedule = parsed;
    return LRP_OK;
}

double lrp_schedule_value(const struct lrp_schedule *schedule, size_t k, double n_steps)
{
    const double value = schedule->values[k];
    return schedule->row->keys[k].all_steps && !(value > 0) ? n_steps : value;
}

static void append_value(const struct lrp_schedule *schedule, size_t k, struct lrp_text *out)
{
    const struct lrp_schedule_key *key = &schedule->row->keys[k];
    char number[LRP_NUMBER_SIZE];
    if (key->words != NULL) {
        size_t length = 0;
        const char *word = lrp_word_at(key->words, (size_t)schedule->values[k], &length);
        lrp_text_append_bytes(out, word, length);
    } else if (key->list) {
        for (size_t i = 0; i < schedule->n_list; i++) {
            lrp_text_printf(out, "%s%.0f", i > 0 ? "/" : "", schedule->list[i]);
        }
    } else {
        lrp_text_append(out, lrp_format_double(schedule->values[k], number));
    }
}

void lrp_schedule_spec(const struct lrp_schedule *schedule, struct lrp_text *out)
{
    const struct lrp_schedule_row *row = schedule->row;
    char number[LRP_NUMBER_SIZE];
    const char *separator = ":";
    const size_t momentum = find_switch(row);
    bool own_warmup = false;
    lrp_text_append(out, row->name);
    for (size_t k = 0; k < row->n_keys; k++) {
        const struct lrp_schedule_key *key = &row->keys[k];
        own_warmup = own_warmup || strcmp(key->name, lrp_schedule_warmup_key.name) == 0;
        bool off = (k == momentum + 1 || k == momentum + 2) && !(schedule->values[momentum] > 0);
        if (off || (key->default_text != NULL && schedule->values[k] == key->value)) {
            continue;
        }
        lrp_text_printf(out, "%s%s=", separator, key->name);
        append_value(schedule, k, out);
        separator = ",";
    }
    if (schedule->warmup > 0 && !own_warmup) {
        lrp_text_printf(out, "%s%s=%s", separator, lrp_schedule_warmup_key.name,
                        lrp_format_double(schedule->warmup, number));
    }
}
