/* SPDX-License-Identifier: MIT */
#include "range_report.h"

#include "gz.h"
#include "json.h"
#include "range_advice.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BOUNDS_MOST = 1 << 24, NEXT_MOST = 1 << 12 };

/* The numbers of bounds.json in its order. group: the object that holds it, NULL = the root; key
 * NULL: an element of an array of that name. */
static const struct {
    const char *group, *key;
    size_t offset;
} fields[] = {
#define FIELD(group, key, member)                                                                  \
    {                                                                                              \
        group, key, offsetof(struct lrp_bounds, member)                                            \
    }
#define RATE(name)                                                                                 \
    FIELD(#name, "value", name.value), FIELD(#name, "low", name.low),                              \
        FIELD(#name, "high", name.high)
    FIELD(NULL, "interval_level", interval_level),
    FIELD("lr_range", NULL, lr_low),
    FIELD("lr_range", NULL, lr_high),
    FIELD(NULL, "steps_planned", steps_planned),
    RATE(base_lr),
    RATE(max_lr),
    RATE(suggested_lr),
    FIELD("one_cycle", "max_lr", one_cycle.max_lr),
    FIELD("one_cycle", "initial_lr", one_cycle.initial_lr),
    FIELD("one_cycle", "final_lr", one_cycle.final_lr),
    FIELD("one_cycle", "momentum_low", one_cycle.momentum_low),
    FIELD("one_cycle", "momentum_high", one_cycle.momentum_high),
    FIELD("clr", "base_lr", clr.base_lr),
    FIELD("clr", "max_lr", clr.max_lr),
    FIELD("clr", "step_size", clr.step_size),
    FIELD("clr", "cycles", clr.cycles),
    FIELD("evidence", "diverged_lr", evidence.diverged_lr),
    FIELD("evidence", "steepest_lr", evidence.steepest_lr),
    FIELD("evidence", "lowest_loss_lr", evidence.lowest_loss_lr),
#undef RATE
#undef FIELD
};
enum { FIELDS = sizeof fields / sizeof fields[0] };

static void write_fields(struct lrp_json *root, const struct lrp_bounds *bounds)
{
    struct lrp_json *group = NULL;
    const char *open = ""; /* the name of group */
    for (size_t i = 0; i < FIELDS; i++) {
        const double *value = (const void *)((const char *)bounds + fields[i].offset);
        if (fields[i].group == NULL) {
            lrp_json_set_number(root, fields[i].key, *value);
            continue;
        }
        if (strcmp(open, fields[i].group) != 0) {
            open = fields[i].group;
            group = fields[i].key != NULL ? lrp_json_object() : lrp_json_array();
            lrp_json_set(root, open, group); /* which owns it from here on */
        }
        if (fields[i].key != NULL) {
            lrp_json_set_number(group, fields[i].key, *value);
        } else {
            lrp_json_add_number(group, *value);
        }
    }
}

/* ---- conditions ----------------------------------------------------------------------------- */

/* The texts and the single numbers of the conditions, in the order of the file. */
static const struct {
    const char *key;
    size_t offset;
    size_t size; /* of a text's array */
} condition_texts[] = {
#define TEXT(key, member)                                                                          \
    {                                                                                              \
        key, offsetof(struct lrp_conditions, member), sizeof((struct lrp_conditions *)0)->member   \
    }
    TEXT("optimizer", optimizer),
    TEXT("options", options),
    TEXT("start", start),
    TEXT("framework", framework),
#undef TEXT
};
static const struct {
    const char *key;
    size_t offset;
} condition_numbers[] = {
    {"own_lr", offsetof(struct lrp_conditions, own_lr)},
    {"batch_size", offsetof(struct lrp_conditions, batch_size)},
    {"steps", offsetof(struct lrp_conditions, steps)},
};
enum {
    CONDITION_TEXTS = sizeof condition_texts / sizeof condition_texts[0],
    CONDITION_NUMBERS = sizeof condition_numbers / sizeof condition_numbers[0]
};

static void set_known_text(struct lrp_json *object, const char *key, const char *text)
{
    lrp_json_set_string(object, key, text[0] != '\0' ? text : NULL);
}

static void set_known_count(struct lrp_json *object, const char *key, size_t count)
{
    lrp_json_set_number(object, key, count > 0 ? (double)count : (double)NAN);
}

static struct lrp_json *conditions_json(const struct lrp_bounds *bounds)
{
    const struct lrp_conditions *conditions = &bounds->conditions;
    const char *start = (const char *)conditions;
    struct lrp_json *object = lrp_json_object();
    struct lrp_json *momentum = lrp_json_object();
    struct lrp_json *groups = lrp_json_object();
    struct lrp_json *ratios = lrp_json_array();
    for (size_t i = 0; i < CONDITION_TEXTS; i++) {
        set_known_text(object, condition_texts[i].key, start + condition_texts[i].offset);
    }
    set_known_text(momentum, "name", conditions->momentum);
    lrp_json_set_number(momentum, "value", conditions->momentum_value);
    lrp_json_set(object, "momentum", momentum);
    for (size_t i = 0; i < CONDITION_NUMBERS; i++) {
        const double *value = (const void *)(start + condition_numbers[i].offset);
        lrp_json_set_number(object, condition_numbers[i].key, *value);
    }
    set_known_count(groups, "count", conditions->n_groups);
    for (size_t i = 0; i < conditions->n_groups && i < LRP_GROUPS; i++) {
        lrp_json_add_number(ratios, conditions->group_ratios[i]);
    }
    lrp_json_set(groups, "ratios", ratios);
    lrp_json_set(object, "groups", groups);
    set_known_count(object, "optimizers", conditions->n_optimizers);
    lrp_json_set_string(object, "metric_direction",
                        bounds->reason == LRP_REASON_DIRECTION_UNKNOWN ? NULL
                        : conditions->higher_is_better                 ? "higher"
                                                                       : "lower");
    lrp_json_set_integer(object, "repeats", (long long)bounds->repeats);
    return object;
}

static void set_next_step(struct lrp_json *root, const struct lrp_bounds *bounds)
{
    struct lrp_text next;
    lrp_text_init(&next, NEXT_MOST);
    lrp_append_next_step(bounds, &next);
    set_known_text(root, "next_step", lrp_text_string(&next));
    lrp_text_fini(&next);
}

/* ---- writing -------------------------------------------------------------------------------- */

enum lrp_status lrp_bounds_json(const struct lrp_bounds *bounds, char **out, struct lrp_error *err)
{
    struct lrp_json *root = lrp_json_object();
    lrp_json_set_string(root, "schema", "lrprobe.bounds/1");
    lrp_json_set_string(root, "outcome", lrp_outcome_name(bounds->outcome));
    lrp_json_set_string(root, "reason", lrp_reason_name(bounds->reason));
    set_next_step(root, bounds);
    lrp_json_set_string(root, "metric", bounds->metric);
    write_fields(root, bounds);
    lrp_json_set_integer(root, "repeats", (long long)bounds->repeats);
    lrp_json_set(root, "conditions", conditions_json(bounds));
    struct lrp_json *peers = lrp_json_object();
    for (size_t i = 0; i < LRP_PEERS; i++) {
        lrp_json_set_number(peers, lrp_peer_name(i), bounds->peers[i]);
    }
    lrp_json_set(root, "peers", peers);
    struct lrp_json *warnings = lrp_json_array();
    for (size_t i = 0; i < bounds->n_warnings; i++) {
        lrp_json_add_string(warnings, bounds->warnings[i]);
    }
    lrp_json_set(root, "warnings", warnings);
    enum lrp_status status = lrp_json_text(root, out, err);
    lrp_json_free(root);
    return status;
}

/* ---- reading -------------------------------------------------------------------------------- */

static const char *string_at(const struct lrp_json *object, const char *key)
{
    const struct lrp_json *member = lrp_json_member(object, key);
    return member != NULL ? lrp_json_string(member) : NULL;
}

static double number_of(const struct lrp_json *value)
{
    return value != NULL ? lrp_json_number(value) : (double)NAN;
}

static void read_fields(const struct lrp_json *root, struct lrp_bounds *out)
{
    size_t element = 0; /* of an array */
    for (size_t i = 0; i < FIELDS; i++) {
        const char *group = fields[i].group;
        const struct lrp_json *holder = group != NULL ? lrp_json_member(root, group) : root;
        const struct lrp_json *value = NULL;
        element = fields[i].key == NULL ? element + 1 : 0;
        if (holder != NULL) {
            value = element > 0 ? lrp_json_element(holder, element - 1)
                                : lrp_json_member(holder, fields[i].key);
        }
        *(double *)(void *)((char *)out + fields[i].offset) = number_of(value);
    }
}

/* The metric is a static string in struct lrp_bounds: one of those that can decide. */
static const char *known_metric(const char *name)
{
    static const char *const metrics[] = {"loss", "val_loss", "accuracy", "val_accuracy"};
    for (size_t i = 0; name != NULL && i < sizeof metrics / sizeof metrics[0]; i++) {
        if (strcmp(metrics[i], name) == 0) {
            return metrics[i];
        }
    }
    return "loss";
}

static enum lrp_status read_outcome(const struct lrp_json *root, struct lrp_bounds *out,
                                    struct lrp_error *err)
{
    const char *name = string_at(root, "outcome");
    for (int i = LRP_OUTCOME_OK; name != NULL && i <= LRP_OUTCOME_TOO_SHORT; i++) {
        if (strcmp(name, lrp_outcome_name((enum lrp_outcome)i)) == 0) {
            out->outcome = (enum lrp_outcome)i;
            return LRP_OK;
        }
    }
    return lrp_fail(err, LRP_E_FORMAT, 0, "the bounds have no outcome that is known");
}

/* A reason of a later version is none that can be told. */
static void read_reason(const struct lrp_json *root, struct lrp_bounds *out)
{
    const char *name = string_at(root, "reason");
    for (int i = LRP_REASON_NONE + 1; name != NULL && lrp_reason_name((enum lrp_reason)i) != NULL;
         i++) {
        if (strcmp(name, lrp_reason_name((enum lrp_reason)i)) == 0) {
            out->reason = (enum lrp_reason)i;
        }
    }
}

static size_t count_of(const struct lrp_json *value)
{
    double count = number_of(value);
    return count >= 0 && count < 1e9 ? (size_t)count : 0;
}

/* What a file does not say, as one of an earlier version, is not known. */
static void read_conditions(const struct lrp_json *root, struct lrp_bounds *out)
{
    const struct lrp_json *object = lrp_json_member(root, "conditions");
    const struct lrp_json *momentum = lrp_json_member(object, "momentum");
    const struct lrp_json *groups = lrp_json_member(object, "groups");
    const struct lrp_json *ratios = lrp_json_member(groups, "ratios");
    const char *direction = string_at(object, "metric_direction");
    const char *name = string_at(momentum, "name");
    struct lrp_conditions *conditions = &out->conditions;
    char *start = (char *)conditions;
    for (size_t i = 0; i < CONDITION_TEXTS; i++) {
        const char *text = string_at(object, condition_texts[i].key);
        (void)snprintf(start + condition_texts[i].offset, condition_texts[i].size, "%s",
                       text != NULL ? text : "");
    }
    for (size_t i = 0; i < CONDITION_NUMBERS; i++) {
        double *value = (void *)(start + condition_numbers[i].offset);
        *value = number_of(lrp_json_member(object, condition_numbers[i].key));
    }
    (void)snprintf(conditions->momentum, sizeof conditions->momentum, "%s",
                   name != NULL ? name : "");
    conditions->momentum_value = number_of(lrp_json_member(momentum, "value"));
    conditions->n_groups = count_of(lrp_json_member(groups, "count"));
    for (size_t i = 0; i < conditions->n_groups && i < LRP_GROUPS; i++) {
        conditions->group_ratios[i] = number_of(lrp_json_element(ratios, i));
    }
    conditions->n_optimizers = count_of(lrp_json_member(object, "optimizers"));
    conditions->higher_is_better = direction != NULL && strcmp(direction, "higher") == 0;
}

static enum lrp_status read_bounds(const struct lrp_json *root, struct lrp_bounds *out,
                                   struct lrp_error *err)
{
    const char *schema = string_at(root, "schema");
    memset(out, 0, sizeof *out);
    if (schema == NULL || strcmp(schema, "lrprobe.bounds/1") != 0) {
        return lrp_fail(err, LRP_E_FORMAT, 0, "the schema lrprobe.bounds/1 was expected");
    }
    LRP_TRY(read_outcome(root, out, err));
    read_fields(root, out);
    out->metric = known_metric(string_at(root, "metric"));
    out->repeats = count_of(lrp_json_member(root, "repeats"));
    read_reason(root, out);
    read_conditions(root, out);
    const struct lrp_json *peers = lrp_json_member(root, "peers");
    for (size_t i = 0; i < LRP_PEERS; i++) {
        out->peers[i] = number_of(peers != NULL ? lrp_json_member(peers, lrp_peer_name(i)) : NULL);
    }
    const struct lrp_json *warnings = lrp_json_member(root, "warnings");
    for (size_t i = 0; warnings != NULL && i < lrp_json_length(warnings); i++) {
        const char *text = lrp_json_string(lrp_json_element(warnings, i));
        if (text != NULL && out->n_warnings < LRP_BOUNDS_WARNINGS) {
            (void)snprintf(out->warnings[out->n_warnings], sizeof out->warnings[0], "%s", text);
            out->n_warnings++;
        }
    }
    return LRP_OK;
}

enum lrp_status lrp_bounds_from_json(const char *text, size_t length, struct lrp_bounds *out,
                                     struct lrp_error *err)
{
    struct lrp_json *root = NULL;
    struct lrp_bounds bounds;
    LRP_TRY(lrp_json_parse(text, length, &root, err));
    enum lrp_status status = read_bounds(root, &bounds, err);
    lrp_json_free(root);
    if (status == LRP_OK) {
        *out = bounds;
    }
    return status;
}

enum lrp_status lrp_read_bounds_file(const char *path, struct lrp_bounds *out,
                                     struct lrp_error *err)
{
    unsigned char *bytes = NULL;
    size_t length = 0;
    LRP_TRY(lrp_read_whole(path, BOUNDS_MOST, &bytes, &length, err));
    enum lrp_status status = lrp_bounds_from_json((const char *)bytes, length, out, err);
    free(bytes);
    return status;
}
