/* SPDX-License-Identifier: MIT */
/* The table of schedules, and specs read and written. */
#include "schedule.h"

#include "number.h"
#include "suggest.h"

#include <math.h>
#include <string.h>

enum { WORD_MOST = 40, NAMES_MOST = 32, MESSAGE_MOST = 300 };

const struct lrp_schedule_row *const lrp_schedules[] = {
    &lrp_schedule_constant,      &lrp_schedule_step,
    &lrp_schedule_multistep,     &lrp_schedule_exponential,
    &lrp_schedule_polynomial,    &lrp_schedule_inverse_time,
    &lrp_schedule_cosine,        &lrp_schedule_triangular,
    &lrp_schedule_triangular2,   &lrp_schedule_exp_range,
    &lrp_schedule_sgdr,          &lrp_schedule_onecycle,
    &lrp_schedule_wsd,           &lrp_schedule_plateau,
    &lrp_schedule_plateau_torch, NULL,
};
const struct lrp_schedule_key lrp_schedule_warmup_key = {
    .name = "warmup",
    .high = 1e15,
    .help = "steps of a linear warm-up in front; below 1 a share of the run"};

/* Index of the word in "a|b|c", -1 if it is not there. */
static int word_index(const char *words, const char *text, size_t length)
{
    int index = 0;
    for (const char *at = words; *at != '\0'; index++) {
        size_t word = strcspn(at, "|");
        if (word == length && strncmp(at, text, length) == 0) {
            return index;
        }
        at += word + (at[word] == '|' ? 1 : 0);
    }
    return -1;
}

static const char *word_at(const char *words, size_t index, size_t *length)
{
    for (; index > 0; index--) {
        words += strcspn(words, "|") + 1;
    }
    *length = strcspn(words, "|");
    return words;
}

/* ", did you mean x?" where a name is near to the given one, else ": it has a, b, c". */
static enum lrp_status fail_unknown(const char *what, const char *given, size_t length,
                                    const char *const *names, size_t n_names, const char *has,
                                    struct lrp_error *err)
{
    struct lrp_text clean;
    struct lrp_text all;
    char word[WORD_MOST + 1];
    length = length < WORD_MOST ? length : WORD_MOST;
    memcpy(word, given, length);
    word[length] = '\0';
    lrp_text_init(&clean, 4 * (size_t)WORD_MOST);
    lrp_text_init(&all, MESSAGE_MOST);
    lrp_text_append_clean(&clean, word, length);
    const char *near = lrp_nearest_name(word, names, n_names);
    if (near != NULL) {
        lrp_text_printf(&all, "; did you mean %s?", near);
    } else {
        for (size_t i = 0; i < n_names; i++) {
            lrp_text_printf(&all, "%s%s", i == 0 ? has : ", ", names[i]);
        }
    }
    enum lrp_status status = lrp_fail(err, LRP_E_ARG, 0, "%s \"%s\"%s", what,
                                      lrp_text_string(&clean), lrp_text_string(&all));
    lrp_text_fini(&clean);
    lrp_text_fini(&all);
    return status;
}

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
    return fail_unknown("there is no schedule", text, length, names, n, "; there are ", err);
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
        enum lrp_status status = parse_list(key, text, length, schedule, err);
        *out = status == LRP_OK ? (double)schedule->n_list : *out;
        return status;
    }
    if (key->words != NULL) {
        int index = word_index(key->words, text, length);
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

static enum lrp_status set_key(struct lrp_schedule *schedule, bool *given, const char *text,
                               size_t length, struct lrp_error *err)
{
    const struct lrp_schedule_row *row = schedule->row;
    const char *names[LRP_SCHEDULE_KEYS + 1];
    const char *equals = memchr(text, '=', length);
    size_t name = equals != NULL ? (size_t)(equals - text) : length;
    size_t k = 0;
    for (; k < row->n_keys; k++) {
        names[k] = row->keys[k].name;
    }
    names[k] = lrp_schedule_warmup_key.name;
    size_t n_names = k + 1; /* wsd names its own warm-up */
    for (k = 0; k < n_names; k++) {
        if (strlen(names[k]) == name && strncmp(names[k], text, name) == 0) {
            break;
        }
    }
    if (k == n_names) {
        char what[80];
        struct lrp_text begin;
        lrp_text_init(&begin, sizeof what - 1);
        lrp_text_printf(&begin, "the schedule %s has no key", row->name);
        memcpy(what, lrp_text_string(&begin), begin.length + 1);
        lrp_text_fini(&begin);
        return fail_unknown(what, text, name, names, n_names, "; it has ", err);
    }
    if (equals == NULL) {
        return lrp_fail(err, LRP_E_ARG, 0,
                        "%s of the schedule %s has no value; %s=... was expected", names[k],
                        row->name, names[k]);
    }
    const struct lrp_schedule_key *key = k < row->n_keys ? &row->keys[k] : &lrp_schedule_warmup_key;
    if (given[k]) {
        return lrp_fail(err, LRP_E_ARG, 0, "%s of the schedule %s is given twice", key->name,
                        row->name);
    }
    given[k] = true;
    double *value = k < row->n_keys ? &schedule->values[k] : &schedule->warmup;
    return parse_value(key, equals + 1, length - name - 1, schedule, value, err);
}

static double bound_of(const struct lrp_bounds *bounds, enum lrp_schedule_source source)
{
    switch (source) {
    case LRP_FROM_SUGGESTED:
        return bounds->suggested_lr.value;
    case LRP_FROM_ONE_CYCLE_MAX:
        return bounds->one_cycle.max_lr;
    case LRP_FROM_ONE_CYCLE_INITIAL:
        return bounds->one_cycle.initial_lr;
    case LRP_FROM_ONE_CYCLE_FINAL:
        return bounds->one_cycle.final_lr;
    case LRP_FROM_MOMENTUM_LOW:
        return bounds->one_cycle.momentum_low;
    case LRP_FROM_MOMENTUM_HIGH:
        return bounds->one_cycle.momentum_high;
    case LRP_FROM_CLR_BASE:
        return bounds->clr.base_lr;
    case LRP_FROM_CLR_MAX:
        return bounds->clr.max_lr;
    case LRP_FROM_CLR_STEP_SIZE:
        return bounds->clr.step_size;
    case LRP_FROM_NOTHING:
    default:
        return (double)NAN;
    }
}

/* Keys that were not given, where the bounds have them and the key may be so. */
static void fill_in(const struct lrp_bounds *bounds, const bool *given,
                    struct lrp_schedule *schedule)
{
    for (size_t k = 0; k < schedule->row->n_keys; k++) {
        const struct lrp_schedule_key *key = &schedule->row->keys[k];
        double value = bound_of(bounds, key->source);
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
        if (bounds != NULL && key->source != LRP_FROM_NOTHING) {
            return lrp_fail(err, LRP_E_NODATA, 0,
                            "the bounds have no rate for %s of the schedule %s (outcome %s)",
                            key->name, row->name, lrp_outcome_name(bounds->outcome));
        }
        return lrp_fail(err, LRP_E_ARG, 0, "the schedule %s needs %s= (%s)", row->name, key->name,
                        key->help);
    }
    return LRP_OK;
}

enum lrp_status lrp_schedule_parse(const char *text, const struct lrp_bounds *bounds,
                                   struct lrp_schedule *schedule, struct lrp_error *err)
{
    struct lrp_schedule parsed;
    bool given[LRP_SCHEDULE_KEYS + 1] = {false};
    size_t name = strcspn(text, ":");
    memset(&parsed, 0, sizeof parsed);
    enum lrp_status status = find_row(text, name, &parsed.row, err);
    for (size_t k = 0; status == LRP_OK && k < parsed.row->n_keys; k++) {
        parsed.values[k] = parsed.row->keys[k].value;
    }
    const char *at = text[name] == ':' ? text + name + 1 : text + name;
    while (status == LRP_OK && *at != '\0') {
        size_t length = strcspn(at, ",");
        status = set_key(&parsed, given, at, length, err);
        at += length + (at[length] == ',' ? 1 : 0);
    }
    if (status == LRP_OK && bounds != NULL) {
        fill_in(bounds, given, &parsed);
    }
    status = status == LRP_OK ? check_complete(&parsed, bounds, err) : status;
    if (status == LRP_OK && parsed.row->resolve != NULL) {
        status = parsed.row->resolve(&parsed, err);
    }
    if (status == LRP_OK) {
        *schedule = parsed;
    }
    return status;
}

static void append_value(const struct lrp_schedule *schedule, size_t k, struct lrp_text *out)
{
    const struct lrp_schedule_key *key = &schedule->row->keys[k];
    char number[LRP_NUMBER_SIZE];
    if (key->words != NULL) {
        size_t length = 0;
        const char *word = word_at(key->words, (size_t)schedule->values[k], &length);
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
    bool own_warmup = false;
    lrp_text_append(out, row->name);
    for (size_t k = 0; k < row->n_keys; k++) {
        const struct lrp_schedule_key *key = &row->keys[k];
        own_warmup = own_warmup || strcmp(key->name, lrp_schedule_warmup_key.name) == 0;
        if (key->default_text != NULL && schedule->values[k] == key->value) {
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
