/* SPDX-License-Identifier: MIT */
#include "range_advice.h"

#include "number.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_MOST = 1 << 14, RATIOS_SHOWN = 4 };
/* Closer than this is "about": the third digit of a bound is not known. */
static const double ABOUT = 1.1;

static bool is_terminal(const struct lrp_document *document)
{
    return document->audience == LRP_FOR_TERMINAL;
}

/* text as a line of the terminal behind a name, or as a paragraph. */
static void add_words(struct lrp_document *document, const char *name, struct lrp_text *text)
{
    if (text->length > 0 && is_terminal(document)) {
        lrp_document_add(document, LRP_NODE_LINE, "  %s%s", name, lrp_text_string(text));
    } else if (text->length > 0) {
        lrp_document_add(document, LRP_NODE_PARAGRAPH, "%s", lrp_text_string(text));
    }
    lrp_text_fini(text);
}

/* ---- own rate ------------------------------------------------------------------------------- */

static bool is_about(double a, double b)
{
    return fmax(a, b) < ABOUT * fmin(a, b);
}

/* " is 6 times below base_lr", with a remark where the rate is within the interval of the bound. */
static void append_distance(struct lrp_text *out, double own, const struct lrp_rate *bound,
                            const char *name)
{
    char number[LRP_NUMBER_SIZE];
    if (is_about(own, bound->value)) {
        lrp_text_printf(out, " is about %s", name);
        return;
    }
    double factor = fmax(own, bound->value) / fmin(own, bound->value);
    bool within = own >= bound->low && own <= bound->high;
    lrp_text_printf(out, " is %s times %s %s%s", lrp_format_short(factor, 2, number),
                    own < bound->value ? "below" : "above", name,
                    within ? ", within its range" : "");
}

static void append_own_rate(struct lrp_text *out, const struct lrp_bounds *bounds)
{
    const struct lrp_rate *base = &bounds->base_lr;
    const struct lrp_rate *max = &bounds->max_lr;
    const double own = bounds->conditions.own_lr;
    const bool has_base = isfinite(base->value);
    const bool has_max = isfinite(max->value);
    char number[2][LRP_NUMBER_SIZE];
    if (!has_base && !has_max) {
        bool in = own >= bounds->lr_low && own <= bounds->lr_high;
        lrp_text_printf(out, " lies %s the swept range, %s .. %s", in ? "in" : "outside",
                        lrp_format_short(bounds->lr_low, 2, number[0]),
                        lrp_format_short(bounds->lr_high, 2, number[1]));
    } else if (has_base && (own < base->value || is_about(own, base->value) || !has_max)) {
        append_distance(out, own, base, "base_lr");
        lrp_text_append(out, !has_max && own > base->value ? "; max_lr was not seen" : "");
    } else if (own > max->value || is_about(own, max->value) || !has_base) {
        append_distance(out, own, max, "max_lr");
        lrp_text_append(out, !has_base && own < max->value ? "; base_lr was not seen" : "");
    } else {
        lrp_text_printf(out, " lies between base_lr and max_lr, %s times below max_lr",
                        lrp_format_short(max->value / own, 2, number[0]));
    }
}

void lrp_add_own_rate(struct lrp_document *document, const struct lrp_bounds *bounds)
{
    char number[LRP_NUMBER_SIZE];
    struct lrp_text text;
    bool tells =
        bounds->reason != LRP_REASON_NO_EFFECT && bounds->reason != LRP_REASON_DIRECTION_UNKNOWN;
    if (!tells || !(bounds->conditions.own_lr > 0) || !isfinite(bounds->lr_low)) {
        return;
    }
    lrp_text_init(&text, TEXT_MOST);
    lrp_text_printf(&text, "%s %s", is_terminal(document) ? "your" : "Your",
                    lrp_format_short(bounds->conditions.own_lr, 3, number));
    append_own_rate(&text, bounds);
    if (is_terminal(document)) {
        lrp_document_add(document, LRP_NODE_LINE, "  %s", lrp_text_string(&text));
    } else {
        lrp_document_add(document, LRP_NODE_PARAGRAPH, "%s.", lrp_text_string(&text));
    }
    lrp_text_fini(&text);
}

/* ---- outcome -------------------------------------------------------------------------------- */

/* What is said of an outcome whose reason is not known. */
static const char *const outcome_sentences[] = {
    [LRP_OUTCOME_OK] =
        "The loss falls and then rises again within the swept range: both bounds are seen.",
    [LRP_OUTCOME_DID_NOT_DIVERGE] =
        "The loss never rises again: max_lr lies above the swept range. Sweep higher rates.",
    [LRP_OUTCOME_DIVERGED_AT_START] =
        "The loss rises before it has fallen: even the lowest rate is too high. Sweep lower "
        "rates, and check the data and the loss.",
    [LRP_OUTCOME_FLAT] = "The loss does not move by more than its noise. Sweep higher rates, take "
                         "more steps, and check that the model learns at all.",
    [LRP_OUTCOME_TOO_NOISY] = "The noise hides where the loss stops falling. Take more repeats, "
                              "more steps, or a larger batch.",
    [LRP_OUTCOME_TOO_SHORT] = "There are too few points to say anything. Take more steps.",
};

/* The same of a metric that is to be high; $metric is its name. */
static const char *const score_sentences[] = {
    [LRP_OUTCOME_OK] =
        "$metric rises and then falls again within the swept range: both bounds are seen.",
    [LRP_OUTCOME_DID_NOT_DIVERGE] =
        "$metric never falls again: max_lr lies above the swept range. Sweep higher rates.",
    [LRP_OUTCOME_DIVERGED_AT_START] =
        "$metric falls before it has risen: even the lowest rate is too high. Sweep lower rates, "
        "and check the data and the metric.",
    [LRP_OUTCOME_FLAT] = "$metric does not move by more than its noise. Sweep higher rates, take "
                         "more steps, and check that the model learns at all.",
    [LRP_OUTCOME_TOO_NOISY] = "The noise hides where $metric stops rising. Take more repeats, more "
                              "steps, or a larger batch.",
    [LRP_OUTCOME_TOO_SHORT] = "There are too few points to say anything. Take more steps.",
};

static const char *outcome_sentence(const struct lrp_bounds *bounds)
{
    const bool score = bounds->conditions.higher_is_better != 0;
    if (bounds->outcome == LRP_OUTCOME_OK && isnan(bounds->base_lr.value)) {
        return score ? "$metric falls again within the swept range, so max_lr is seen; where the "
                       "model starts to learn is not."
                     : "The loss rises again within the swept range, so max_lr is seen; where the "
                       "model starts to learn is not.";
    }
    return (score ? score_sentences : outcome_sentences)[bounds->outcome];
}

const char *lrp_above_max(const struct lrp_bounds *bounds)
{
    return bounds->conditions.higher_is_better != 0 ? "above it the score stops rising"
                                                    : "above it the loss stops falling";
}

/* A reason, and what to do about it. In next $higher and $lower are rates beyond the swept range,
 * $steps and $fewer numbers of steps, $repeats a number of repeats, $metric the metric. */
static const struct {
    const char *what, *next;
} reasons[] = {
    [LRP_REASON_RANGE_TOO_LOW] = {"The highest rate that was swept is still too low.",
                                  "Sweep higher rates: --lr-max $higher."},
    [LRP_REASON_RANGE_TOO_HIGH] = {"Even the lowest rate that was swept is too high.",
                                   "Sweep lower rates: --lr-min $lower."},
    [LRP_REASON_NO_LEARNING] =
        {"Nothing is learnt at any rate below those that are too high.",
         "Check the data, the labels and the loss on one batch, or take more steps: --steps "
         "$steps."},
    [LRP_REASON_MEMORISED] =
        {"The training data are memorised before any rate is too high: the loss is close to zero, "
         "and no rate does harm any more.",
         "Take fewer steps (--steps $fewer) or more data, or one run per rate (--mode fresh)."},
    [LRP_REASON_NO_EFFECT] =
        {"The losses do not depend on the learning rate that was set.",
         "See whether the script keeps a rate of its own: in a copy, in an optimizer that it makes "
         "anew, or set in every step."},
    [LRP_REASON_TRAINER_ENDED] =
        {"The trainer ended by itself before more could be seen.",
         "Take fewer steps than it makes (--steps), or let it run longer."},
    [LRP_REASON_DIRECTION_UNKNOWN] =
        {"Whether a high or a low value of $metric is good is not known.",
         "Say which: --direction higher or --direction lower."},
    [LRP_REASON_NOISE] = {"The noise hides where max_lr lies.",
                          "Take more repeats (--repeats $repeats), more steps (--steps $steps) or "
                          "a larger batch."},
    [LRP_REASON_FEW_STEPS] = {"There are too few steps to say more.",
                              "Take more steps: --steps $steps."},
    [LRP_REASON_REPEATS_DIFFER] =
        {"The repeats do not agree.",
         "Take more repeats (--repeats $repeats), and see that all begin from the same state."},
};

/* "1e-09": of one digit, as a rate to try. */
static void append_rate(struct lrp_text *out, double rate)
{
    char number[LRP_NUMBER_SIZE];
    lrp_text_append(out, isfinite(rate) ? lrp_format_short(rate, 1, number) : "RATE");
}

static void append_option_value(struct lrp_text *out, const struct lrp_bounds *bounds,
                                const char *name, size_t length)
{
    const double steps = bounds->conditions.steps;
    const double repeats = fmax(2 * (double)bounds->repeats, 4);
    if (strncmp(name, "higher", length) == 0) {
        append_rate(out, 100 * bounds->lr_high);
    } else if (strncmp(name, "lower", length) == 0) {
        append_rate(out, bounds->lr_low / 1000);
    } else if (strncmp(name, "metric", length) == 0) {
        lrp_text_append(out, bounds->metric);
    } else if (strncmp(name, "repeats", length) == 0) {
        lrp_text_printf(out, "%.0f", repeats);
    } else if (isfinite(steps)) {
        lrp_text_printf(out, "%.0f",
                        strncmp(name, "fewer", length) == 0 ? ceil(steps / 2) : 3 * steps);
    } else {
        lrp_text_append(out, "N");
    }
}

static void append_template(struct lrp_text *out, const struct lrp_bounds *bounds,
                            const char *template)
{
    while (*template != '\0') {
        size_t plain = strcspn(template, "$");
        lrp_text_append_bytes(out, template, plain);
        template += plain;
        if (*template == '$') {
            size_t name = strspn(template + 1, "abcdefghijklmnopqrstuvwxyz");
            append_option_value(out, bounds, template + 1, name);
            template += 1 + name;
        }
    }
}

static bool has_reason(const struct lrp_bounds *bounds)
{
    size_t index = (size_t)bounds->reason;
    return index < sizeof reasons / sizeof reasons[0] && reasons[index].what != NULL;
}

void lrp_append_next_step(const struct lrp_bounds *bounds, struct lrp_text *out)
{
    if (has_reason(bounds)) {
        append_template(out, bounds, reasons[bounds->reason].next);
    }
}

void lrp_add_outcome(struct lrp_document *document, const struct lrp_bounds *bounds)
{
    const bool ok = bounds->outcome == LRP_OUTCOME_OK;
    const bool reason = has_reason(bounds);
    const char *name = lrp_outcome_name(bounds->outcome);
    struct lrp_text what;
    struct lrp_text next;
    lrp_text_init(&what, TEXT_MOST);
    lrp_text_init(&next, TEXT_MOST);
    append_template(&what, bounds,
                    reason ? reasons[bounds->reason].what : outcome_sentence(bounds));
    lrp_append_next_step(bounds, &next);
    if (is_terminal(document)) {
        if (!ok || reason) { /* where both bounds are seen they say it */
            lrp_document_stress(document, LRP_NODE_LINE, "  outcome   ", LRP_TONE_PLAIN, name,
                                "%s%s", reason ? ", " : "",
                                reason ? lrp_reason_name(bounds->reason) : "");
            lrp_document_add(document, LRP_NODE_LINE, "  %s", lrp_text_string(&what));
        }
        lrp_text_fini(&what);
        add_words(document, "next      ", &next);
    } else {
        lrp_document_stress(document, LRP_NODE_PARAGRAPH,
                            "Outcome: ", ok ? LRP_TONE_GOOD : LRP_TONE_BAD, name, "%s%s. %s",
                            reason ? ", " : "", reason ? lrp_reason_name(bounds->reason) : "",
                            lrp_text_string(&what));
        lrp_text_fini(&what);
        add_words(document, "", &next);
    }
}

/* ---- whose rates ---------------------------------------------------------------------------- */

/* "1/100", or "0.65" */
static void append_ratio(struct lrp_text *out, double ratio)
{
    char number[LRP_NUMBER_SIZE];
    double inverse = 1 / ratio;
    if (inverse >= 2 && fabs(inverse - round(inverse)) < 1e-6 * inverse) {
        lrp_text_printf(out, "1/%s", lrp_format_short(round(inverse), 6, number));
    } else {
        lrp_text_append(out, lrp_format_short(ratio, 3, number));
    }
}

/* The ratios below 1, each once, the largest last; returns how many. Negative: one is not known. */
static int slower_ratios(const struct lrp_conditions *conditions, double *ratios)
{
    int n = 0;
    for (size_t i = 0; i < conditions->n_groups && i < LRP_GROUPS; i++) {
        double ratio = conditions->group_ratios[i];
        bool known = false;
        if (!(ratio >= 0 && ratio <= 1)) {
            return -1;
        }
        for (int k = 0; k < n; k++) {
            known = known || fabs(ratios[k] - ratio) <= 1e-6 * ratio;
        }
        if (!known && ratio < 1 - 1e-6) {
            ratios[n] = ratio;
            n++;
        }
    }
    qsort(ratios, (size_t)n, sizeof *ratios, lrp_compare_doubles);
    return n;
}

static void append_groups(struct lrp_text *out, const struct lrp_conditions *conditions)
{
    double ratios[LRP_GROUPS];
    int n = conditions->n_groups > 1 ? slower_ratios(conditions, ratios) : 0;
    if (n == 0) {
        return;
    }
    lrp_text_printf(out, "The rates are those of the fastest of %zu parameter groups",
                    conditions->n_groups);
    if (n > 0) {
        bool all = n <= RATIOS_SHOWN;
        lrp_text_append(out, conditions->n_groups == 2 ? "; the other is at "
                                                       : "; the slower ones are at ");
        for (int k = 0; k < (all ? n : 1); k++) {
            lrp_text_append(out, k == 0 ? "" : k == n - 1 ? " and " : ", ");
            append_ratio(out, ratios[k]);
        }
        if (!all) {
            lrp_text_append(out, " to ");
            append_ratio(out, ratios[n - 1]);
        }
        lrp_text_append(out, " of it");
    }
    lrp_text_append(out, ".");
}

static void append_optimizers(struct lrp_text *out, const struct lrp_conditions *conditions)
{
    if (conditions->n_optimizers > 1) {
        lrp_text_printf(out,
                        "%sThe rates are those of %s, the one of %zu optimizers with the most "
                        "parameters.",
                        out->length > 0 ? " " : "",
                        conditions->optimizer[0] != '\0' ? conditions->optimizer : "one optimizer",
                        conditions->n_optimizers);
    }
}

void lrp_add_owner(struct lrp_document *document, const struct lrp_bounds *bounds)
{
    struct lrp_text text;
    lrp_text_init(&text, TEXT_MOST);
    append_groups(&text, &bounds->conditions);
    append_optimizers(&text, &bounds->conditions);
    add_words(document, "", &text);
}

/* ---- conditions ----------------------------------------------------------------------------- */

static void add_known(struct lrp_document *document, const char *name, const char *text)
{
    if (text[0] != '\0') {
        lrp_document_fact(document, name, "%s", text);
    }
}

static void add_known_number(struct lrp_document *document, const char *name, double value)
{
    char number[LRP_NUMBER_SIZE];
    if (isfinite(value)) {
        lrp_document_fact(document, name, "%s", lrp_format_short(value, 6, number));
    }
}

/* "0.9", "0.9 (beta1)", "none" */
static void add_momentum(struct lrp_document *document, const struct lrp_conditions *conditions)
{
    char number[LRP_NUMBER_SIZE];
    const char *name = conditions->momentum;
    const bool own_name = strcmp(name, "momentum") != 0;
    if (name[0] != '\0' && isfinite(conditions->momentum_value)) {
        lrp_document_fact(document, "momentum", "%s%s%s%s",
                          lrp_format_short(conditions->momentum_value, 6, number),
                          own_name ? " (" : "", own_name ? name : "", own_name ? ")" : "");
    } else {
        add_known(document, "momentum", name);
    }
}

/* "Not known, ...: optimizer, batch size." */
static void add_unknown(struct lrp_document *document, const struct lrp_conditions *conditions)
{
    const struct {
        const char *name;
        bool known;
    } all[] = {{"optimizer", conditions->optimizer[0] != '\0'},
               {"momentum", conditions->momentum[0] != '\0'},
               {"batch size", isfinite(conditions->batch_size)},
               {"the script's own rate", isfinite(conditions->own_lr)}};
    struct lrp_text text;
    lrp_text_init(&text, TEXT_MOST);
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        if (!all[i].known) {
            lrp_text_printf(&text, "%s%s", text.length > 0 ? ", " : "", all[i].name);
        }
    }
    if (text.length > 0) {
        lrp_document_add(document, LRP_NODE_PARAGRAPH, "Not known from the records: %s.",
                         lrp_text_string(&text));
        lrp_document_tone(document, LRP_TONE_SOFT);
    }
    lrp_text_fini(&text);
}

static void add_conditions_line(struct lrp_document *document, const struct lrp_bounds *bounds)
{
    const struct lrp_conditions *conditions = &bounds->conditions;
    const char *options = conditions->options;
    char number[LRP_NUMBER_SIZE];
    struct lrp_text text;
    lrp_text_init(&text, TEXT_MOST);
    if (conditions->optimizer[0] != '\0') {
        lrp_text_printf(&text, "%s%s%s%s", conditions->optimizer, options[0] != '\0' ? " (" : "",
                        options, options[0] != '\0' ? ")" : "");
        if (isfinite(conditions->batch_size)) {
            lrp_text_printf(&text, ", batch size %s",
                            lrp_format_short(conditions->batch_size, 6, number));
        }
        lrp_text_append(&text,
                        strcmp(conditions->start, "checkpoint") == 0 ? ", from a checkpoint" : "");
    }
    add_words(document, "for       ", &text);
}

void lrp_add_conditions(struct lrp_document *document, const struct lrp_bounds *bounds)
{
    const struct lrp_conditions *conditions = &bounds->conditions;
    if (is_terminal(document)) {
        add_conditions_line(document, bounds);
        return;
    }
    lrp_document_add(document, LRP_NODE_HEADING, "Conditions");
    lrp_document_add(
        document, LRP_NODE_PARAGRAPH,
        "The advice is for these conditions. Another optimizer, other options of it or "
        "another batch size need rates of their own.");
    lrp_document_begin(document, LRP_NODE_TABLE);
    add_known(document, "optimizer", conditions->optimizer);
    add_known(document, "its options", conditions->options);
    add_momentum(document, conditions);
    add_known_number(document, "the script's own rate", conditions->own_lr);
    add_known_number(document, "parameter groups",
                     conditions->n_groups > 0 ? (double)conditions->n_groups : (double)NAN);
    add_known_number(document, "batch size", conditions->batch_size);
    add_known_number(document, "steps of a run", conditions->steps);
    add_known(document, "start",
              strcmp(conditions->start, "checkpoint") == 0 ? "from a checkpoint"
                                                           : conditions->start);
    add_known_number(document, "repeats", (double)bounds->repeats);
    lrp_document_fact(document, "metric", "%s%s", bounds->metric,
                      bounds->reason == LRP_REASON_DIRECTION_UNKNOWN ? ""
                      : conditions->higher_is_better                 ? ", higher is better"
                                                                     : ", lower is better");
    add_known(document, "framework", conditions->framework);
    lrp_document_end(document);
    add_unknown(document, conditions);
}
