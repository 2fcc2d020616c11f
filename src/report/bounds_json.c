/* SPDX-License-Identifier: MIT */
#include "range_report.h"

#include "json.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static struct lrp_json *rate_json(const struct lrp_rate *rate)
{
    struct lrp_json *object = lrp_json_object();
    lrp_json_set_number(object, "value", rate->value);
    lrp_json_set_number(object, "low", rate->low);
    lrp_json_set_number(object, "high", rate->high);
    return object;
}

static void set_recommendations(struct lrp_json *root, const struct lrp_bounds *bounds)
{
    struct lrp_json *one_cycle = lrp_json_object();
    lrp_json_set_number(one_cycle, "max_lr", bounds->one_cycle.max_lr);
    lrp_json_set_number(one_cycle, "initial_lr", bounds->one_cycle.initial_lr);
    lrp_json_set_number(one_cycle, "final_lr", bounds->one_cycle.final_lr);
    lrp_json_set_number(one_cycle, "momentum_low", bounds->one_cycle.momentum_low);
    lrp_json_set_number(one_cycle, "momentum_high", bounds->one_cycle.momentum_high);
    lrp_json_set(root, "one_cycle", one_cycle);
    struct lrp_json *clr = lrp_json_object();
    lrp_json_set_number(clr, "base_lr", bounds->clr.base_lr);
    lrp_json_set_number(clr, "max_lr", bounds->clr.max_lr);
    lrp_json_set_number(clr, "step_size", bounds->clr.step_size);
    lrp_json_set_number(clr, "cycles", bounds->clr.cycles);
    lrp_json_set(root, "clr", clr);
}

enum lrp_status lrp_bounds_json(const struct lrp_bounds *bounds, char **out, struct lrp_error *err)
{
    struct lrp_json *root = lrp_json_object();
    lrp_json_set_string(root, "schema", "lrprobe.bounds/1");
    lrp_json_set_string(root, "outcome", lrp_outcome_name(bounds->outcome));
    lrp_json_set_string(root, "metric", bounds->metric);
    lrp_json_set_number(root, "interval_level", bounds->interval_level);
    struct lrp_json *range = lrp_json_array();
    lrp_json_add_number(range, bounds->lr_low);
    lrp_json_add_number(range, bounds->lr_high);
    lrp_json_set(root, "lr_range", range);
    lrp_json_set_number(root, "steps_planned", bounds->steps_planned);
    lrp_json_set(root, "base_lr", rate_json(&bounds->base_lr));
    lrp_json_set(root, "max_lr", rate_json(&bounds->max_lr));
    lrp_json_set(root, "suggested_lr", rate_json(&bounds->suggested_lr));
    set_recommendations(root, bounds);
    struct lrp_json *evidence = lrp_json_object();
    lrp_json_set_number(evidence, "diverged_lr", bounds->evidence.diverged_lr);
    lrp_json_set_number(evidence, "steepest_lr", bounds->evidence.steepest_lr);
    lrp_json_set_number(evidence, "lowest_loss_lr", bounds->evidence.lowest_loss_lr);
    lrp_json_set(root, "evidence", evidence);
    lrp_json_set_integer(root, "repeats", (long long)bounds->repeats);
    struct lrp_json *confirmed = lrp_json_object();
    lrp_json_set_null(confirmed, "runs");
    lrp_json_set_null(confirmed, "steps");
    lrp_json_set(root, "confirmed", confirmed);
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

static double number_at(const struct lrp_json *object, const char *key)
{
    const struct lrp_json *member = object != NULL ? lrp_json_member(object, key) : NULL;
    return member != NULL ? lrp_json_number(member) : (double)NAN;
}

static struct lrp_rate rate_at(const struct lrp_json *root, const char *key)
{
    const struct lrp_json *object = lrp_json_member(root, key);
    struct lrp_rate rate = {number_at(object, "value"), number_at(object, "low"),
                            number_at(object, "high")};
    return rate;
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
    const struct lrp_json *member = lrp_json_member(root, "outcome");
    const char *name = member != NULL ? lrp_json_string(member) : NULL;
    for (int i = LRP_OUTCOME_OK; name != NULL && i <= LRP_OUTCOME_TOO_SHORT; i++) {
        if (strcmp(name, lrp_outcome_name((enum lrp_outcome)i)) == 0) {
            out->outcome = (enum lrp_outcome)i;
            return LRP_OK;
        }
    }
    return lrp_fail(err, LRP_E_FORMAT, 0, "the bounds have no outcome that is known");
}

static void read_details(const struct lrp_json *root, struct lrp_bounds *out)
{
    const struct lrp_json *range = lrp_json_member(root, "lr_range");
    const struct lrp_json *one_cycle = lrp_json_member(root, "one_cycle");
    const struct lrp_json *clr = lrp_json_member(root, "clr");
    const struct lrp_json *evidence = lrp_json_member(root, "evidence");
    const struct lrp_json *peers = lrp_json_member(root, "peers");
    const struct lrp_json *warnings = lrp_json_member(root, "warnings");
    out->lr_low = range != NULL ? lrp_json_number(lrp_json_element(range, 0)) : (double)NAN;
    out->lr_high = range != NULL ? lrp_json_number(lrp_json_element(range, 1)) : (double)NAN;
    out->one_cycle.max_lr = number_at(one_cycle, "max_lr");
    out->one_cycle.initial_lr = number_at(one_cycle, "initial_lr");
    out->one_cycle.final_lr = number_at(one_cycle, "final_lr");
    out->one_cycle.momentum_low = number_at(one_cycle, "momentum_low");
    out->one_cycle.momentum_high = number_at(one_cycle, "momentum_high");
    out->clr.base_lr = number_at(clr, "base_lr");
    out->clr.max_lr = number_at(clr, "max_lr");
    out->clr.step_size = number_at(clr, "step_size");
    out->clr.cycles = number_at(clr, "cycles");
    out->evidence.diverged_lr = number_at(evidence, "diverged_lr");
    out->evidence.steepest_lr = number_at(evidence, "steepest_lr");
    out->evidence.lowest_loss_lr = number_at(evidence, "lowest_loss_lr");
    for (size_t i = 0; i < LRP_PEERS; i++) {
        out->peers[i] = number_at(peers, lrp_peer_name(i));
    }
    for (size_t i = 0; warnings != NULL && i < lrp_json_length(warnings); i++) {
        const char *text = lrp_json_string(lrp_json_element(warnings, i));
        if (text != NULL && out->n_warnings < LRP_BOUNDS_WARNINGS) {
            (void)snprintf(out->warnings[out->n_warnings], sizeof out->warnings[0], "%s", text);
            out->n_warnings++;
        }
    }
}

enum lrp_status lrp_bounds_from_json(const char *text, size_t length, struct lrp_bounds *out,
                                     struct lrp_error *err)
{
    struct lrp_json *root = NULL;
    struct lrp_bounds bounds;
    memset(&bounds, 0, sizeof bounds);
    enum lrp_status status = lrp_json_parse(text, length, &root, err);
    if (status != LRP_OK) {
        return status;
    }
    const struct lrp_json *schema = lrp_json_member(root, "schema");
    const char *name = schema != NULL ? lrp_json_string(schema) : NULL;
    if (name == NULL || strcmp(name, "lrprobe.bounds/1") != 0) {
        status = lrp_fail(err, LRP_E_FORMAT, 0, "the schema lrprobe.bounds/1 was expected");
    }
    status = status == LRP_OK ? read_outcome(root, &bounds, err) : status;
    if (status == LRP_OK) {
        const struct lrp_json *metric = lrp_json_member(root, "metric");
        double repeats = number_at(root, "repeats");
        bounds.metric = known_metric(metric != NULL ? lrp_json_string(metric) : NULL);
        bounds.interval_level = number_at(root, "interval_level");
        bounds.steps_planned = number_at(root, "steps_planned");
        bounds.base_lr = rate_at(root, "base_lr");
        bounds.max_lr = rate_at(root, "max_lr");
        bounds.suggested_lr = rate_at(root, "suggested_lr");
        bounds.repeats = repeats >= 0 && repeats < 1e9 ? (size_t)repeats : 0;
        read_details(root, &bounds);
        *out = bounds;
    }
    lrp_json_free(root);
    return status;
}
