/* SPDX-License-Identifier: MIT */
#include "schedule.h"

#include "number.h"

#include <math.h>
#include <string.h>

const struct lrp_schedule_row *const lrp_schedules[] = {
    &lrp_schedule_constant,
    &lrp_schedule_onecycle,
    &lrp_schedule_triangular,
    NULL,
};

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

static enum lrp_status set_key(struct lrp_schedule *schedule, const char *text, size_t length,
                               struct lrp_error *err)
{
    const char *equals = memchr(text, '=', length);
    size_t name = equals != NULL ? (size_t)(equals - text) : length;
    for (size_t i = 0; i < LRP_SCHEDULE_KEYS && schedule->row->keys[i].name != NULL; i++) {
        const struct lrp_schedule_key *key = &schedule->row->keys[i];
        if (equals == NULL || strlen(key->name) != name || strncmp(key->name, text, name) != 0) {
            continue;
        }
        const char *value = equals + 1;
        size_t rest = length - name - 1;
        double number = 0;
        if (key->words != NULL) {
            int index = word_index(key->words, value, rest);
            if (index < 0) {
                return lrp_fail(err, LRP_E_ARG, 0, "%s of the schedule %s must be one of %s",
                                key->name, schedule->row->name, key->words);
            }
            number = index;
        } else if (!lrp_parse_double(value, rest, &number) || !(number >= key->low) ||
                   !(number <= key->high)) {
            return lrp_fail(err, LRP_E_ARG, 0,
                            "%s of the schedule %s must be a number from %g to %g", key->name,
                            schedule->row->name, key->low, key->high);
        }
        schedule->values[i] = number;
        return LRP_OK;
    }
    return lrp_fail(err, LRP_E_ARG, 0,
                    "the schedule %s has no key \"%.*s\"; lrprobe list "
                    "schedules shows them",
                    schedule->row->name, (int)(name < 40 ? name : 40), text);
}

enum lrp_status lrp_schedule_parse(const char *text, struct lrp_schedule *schedule,
                                   struct lrp_error *err)
{
    size_t name = strcspn(text, ":");
    schedule->row = NULL;
    for (size_t i = 0; lrp_schedules[i] != NULL; i++) {
        if (strlen(lrp_schedules[i]->name) == name &&
            strncmp(lrp_schedules[i]->name, text, name) == 0) {
            schedule->row = lrp_schedules[i];
        }
    }
    if (schedule->row == NULL) {
        return lrp_fail(err, LRP_E_ARG, 0,
                        "there is no schedule \"%.40s\"; constant, onecycle or triangular was "
                        "expected, as in constant:lr=0.1",
                        text);
    }
    size_t n = 0;
    for (; n < LRP_SCHEDULE_KEYS && schedule->row->keys[n].name != NULL; n++) {
        schedule->values[n] = schedule->row->keys[n].value;
    }
    const char *at = text[name] == ':' ? text + name + 1 : text + name;
    while (*at != '\0') {
        size_t length = strcspn(at, ",");
        enum lrp_status status = set_key(schedule, at, length, err);
        if (status != LRP_OK) {
            return status;
        }
        at += length + (at[length] == ',' ? 1 : 0);
    }
    if (schedule->row->resolve != NULL) {
        enum lrp_status status = schedule->row->resolve(schedule->values, err);
        if (status != LRP_OK) {
            return status;
        }
    }
    for (size_t i = 0; i < n; i++) {
        if (isnan(schedule->values[i])) {
            return lrp_fail(err, LRP_E_ARG, 0, "the schedule %s needs %s=", schedule->row->name,
                            schedule->row->keys[i].name);
        }
    }
    return LRP_OK;
}

struct lrp_schedule_point lrp_schedule_at(const struct lrp_schedule *schedule, size_t n_steps,
                                          size_t step)
{
    return schedule->row->at(schedule->values, (double)n_steps, (double)step);
}
