/* SPDX-License-Identifier: MIT */
#include "families.h"

#include "number.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

#define VERDICT(v) (1U << LRP_VERDICT_##v)

struct numbers {
    char buffer[6][LRP_NUMBER_SIZE];
    size_t n;
};

static const char *format(struct numbers *numbers, double value, int digits)
{
    char *buffer = numbers->buffer[numbers->n];
    numbers->n = (numbers->n + 1) % 6;
    return lrp_format_short(value, digits, buffer);
}

static const char *shown(struct numbers *numbers, double value)
{
    return format(numbers, value, 4);
}

/* Steps and the like are counted: they keep their digits. */
static const char *where(struct numbers *numbers, double position)
{
    return format(numbers, position, 9);
}

static void caption_divergence(const struct lrp_diagnosis *diagnosis, struct lrp_text *out)
{
    const struct lrp_run *run = diagnosis->run;
    const struct lrp_diagnosis_evidence *evidence = &diagnosis->evidence;
    const struct lrp_metric_series *loss = &run->metric[LRP_METRIC_LOSS];
    struct numbers numbers = {.n = 0};
    lrp_text_printf(out, "The first loss was %s, the lowest %s at %s %s, the last %s.",
                    shown(&numbers, run->initial), shown(&numbers, run->lowest), run->position,
                    where(&numbers, run->lowest_at), shown(&numbers, run->final));
    if (isfinite(evidence->onset)) {
        lrp_text_printf(out, " From %s %s on it rises.", run->position,
                        where(&numbers, evidence->onset));
    }
    if (isfinite(evidence->level_shift)) {
        lrp_text_printf(out, " At %s %s its level jumps up.", run->position,
                        where(&numbers, evidence->level_shift));
    }
    if (loss->first_bad < loss->n) {
        lrp_text_printf(out, " From %s %s on it is no number.", run->position,
                        where(&numbers, loss->at[loss->first_bad]));
    }
}

static void caption_oscillation(const struct lrp_diagnosis *diagnosis, struct lrp_text *out)
{
    const struct lrp_diagnosis_evidence *evidence = &diagnosis->evidence;
    const char *position = diagnosis->run->position;
    struct numbers numbers = {.n = 0};
    if (isfinite(evidence->oscillation.period)) {
        lrp_text_printf(out,
                        "The last periods of the swing. Seen from %s %s to %s, period %s %ss, "
                        "amplitude %s.",
                        position, where(&numbers, evidence->oscillation.from),
                        where(&numbers, evidence->oscillation.to),
                        shown(&numbers, evidence->oscillation.period), position,
                        shown(&numbers, evidence->oscillation.amplitude));
    } else if (evidence->n_spikes > 0) {
        lrp_text_printf(out, "Around the highest of %s%zu spike%s.",
                        evidence->n_spikes == LRP_EVIDENCE_SPIKES ? "the first " : "",
                        evidence->n_spikes, evidence->n_spikes == 1 ? "" : "s");
    } else {
        lrp_text_append(out, "The stretch in which it was seen; dashed the final loss.");
    }
}

/* A fitted floor of next to nothing is none. */
static double floor_of(const struct lrp_run *run, double floor)
{
    return fabs(floor) < 1e-6 * fabs(run->final) ? 0 : floor;
}

static void caption_progress(const struct lrp_diagnosis *diagnosis, struct lrp_text *out)
{
    const struct lrp_run *run = diagnosis->run;
    const struct lrp_diagnosis_evidence *evidence = &diagnosis->evidence;
    struct numbers numbers = {.n = 0};
    bool trend = isfinite(evidence->trend.from);
    if (trend) {
        lrp_text_printf(
            out, "The last trend goes from %s to %s (interval of its end %s to %s).",
            shown(&numbers, evidence->trend.loss_from), shown(&numbers, evidence->trend.loss_to),
            shown(&numbers, evidence->trend.low_to), shown(&numbers, evidence->trend.high_to));
    }
    if (isfinite(evidence->power.c)) {
        double twice = 2 * run->at[run->n - 1] - run->at[0];
        bool exponential = isfinite(evidence->power.tau);
        lrp_text_printf(out, "%sThe fitted %s%s%s towards %s; for a run twice as long, to %s %s,",
                        trend ? " " : "",
                        exponential ? "exponential decay falls to 1/e every "
                                    : "power law falls as t^-",
                        shown(&numbers, exponential ? evidence->power.tau : evidence->power.b),
                        exponential ? run->position[0] == 'e' ? " epochs" : " steps" : "",
                        shown(&numbers, floor_of(run, evidence->power.c)), run->position,
                        where(&numbers, twice));
        lrp_text_printf(out, " it predicts a loss of %s",
                        shown(&numbers, evidence->power.at_twice));
        if (isfinite(evidence->power.low) && isfinite(evidence->power.high)) {
            lrp_text_printf(out, " (%s to %s)", shown(&numbers, evidence->power.low),
                            shown(&numbers, evidence->power.high));
        }
        lrp_text_printf(out, " instead of %s.", shown(&numbers, run->final));
    }
    if (!trend && !isfinite(evidence->power.c)) {
        lrp_text_printf(out, "First loss %s, final loss %s; the last quarter is shaded.",
                        shown(&numbers, run->initial), shown(&numbers, run->final));
    }
}

static void caption_validation(const struct lrp_diagnosis *diagnosis, struct lrp_text *out)
{
    struct numbers numbers = {.n = 0};
    double best_at = diagnosis->evidence.best_val_at;
    lrp_text_append(out, "Training and validation loss.");
    if (isfinite(best_at)) {
        lrp_text_printf(out, " The smoothed validation loss is best at %s %s.",
                        diagnosis->run->position, where(&numbers, best_at));
    }
}

const struct lrp_family lrp_families[] = {
    {.id = "divergence",
     .plot = "divergence",
     .heading = "Divergence",
     .holds = LRP_FAMILY_DIVERGENCE,
     .verdicts = VERDICT(NON_FINITE) | VERDICT(DIVERGED),
     .always = true,
     .meaning = "The loss went up and did not come back, or stopped being a number. Nearly always "
                "the learning rate is above what the optimizer bears at that point: each step "
                "overshoots by more than the last one. Other causes are a broken batch, a "
                "logarithm of zero or a division by it, and half precision.",
     .draw = lrp_draw_divergence,
     .caption = caption_divergence},
    {.id = "oscillation",
     .plot = "oscillation",
     .heading = "Oscillation and spikes",
     .holds = LRP_FAMILY_OSCILLATION,
     .verdicts = VERDICT(OSCILLATING) | VERDICT(SPIKES),
     .always = true,
     .meaning = "The loss swings around its trend, or leaves it for a moment. A swing from one "
                "point to the next says that the rate is near the stability limit, where a step "
                "jumps across the valley; slower swings follow the schedule, the order of the "
                "data or the momentum. Of spikes it counts how often they come and whether the "
                "loss comes back.",
     .draw = lrp_draw_oscillation,
     .caption = caption_oscillation},
    {.id = "slow",
     .plot = "progress",
     .heading = "Slow convergence and plateaus",
     .holds = LRP_FAMILY_PROGRESS,
     .verdicts = VERDICT(NOT_LEARNING) | VERDICT(SLOW) | VERDICT(PLATEAU),
     .always = true,
     .meaning = "The run ended before the loss had settled, or it settled high. While the curve "
                "is smooth and still falling, a higher rate or a longer run brings more; where it "
                "has stopped at a high level, the rate may be too high to get lower, or nothing "
                "is learnt at all.",
     .draw = lrp_draw_progress,
     .caption = caption_progress},
    {.id = "generalisation",
     .plot = "validation",
     .heading = "Training against validation",
     .holds = LRP_FAMILY_GENERALISATION,
     .verdicts = VERDICT(OVERFITTING) | VERDICT(UNDERFITTING),
     .always = false,
     .meaning = "The model does better on what it has seen than on what it has not, or well on "
                "neither. The checkpoint at the best validation value is the one to keep.",
     .draw = lrp_draw_validation,
     .caption = caption_validation},
    {.id = "other", .heading = "Other findings", .holds = LRP_FAMILY_OTHER, .meaning = ""},
    {.id = NULL},
};

static const struct lrp_family *family_of(const struct lrp_finding *finding)
{
    const struct lrp_family *family = lrp_families;
    if (lrp_finding_is_alarm(finding)) { /* what it argues for says more than who found it */
        for (; family->verdicts != 0; family++) {
            if ((family->verdicts & 1U << finding->verdict) != 0) {
                return family;
            }
        }
    }
    const struct lrp_check *check = lrp_checks[lrp_check_index(finding->id, strlen(finding->id))];
    for (family = lrp_families; family->verdicts != 0; family++) {
        if (family->holds == check->family) {
            return family;
        }
    }
    return family; /* the last one holds the rest */
}

bool lrp_family_holds(const struct lrp_family *family, const struct lrp_finding *finding)
{
    return family_of(finding) == family;
}

size_t lrp_family_alarms(const struct lrp_family *family, const struct lrp_diagnosis *diagnosis)
{
    size_t count = 0;
    for (size_t i = 0; i < diagnosis->n_findings; i++) {
        const struct lrp_finding *finding = &diagnosis->findings[i];
        count += lrp_finding_is_alarm(finding) && lrp_family_holds(family, finding) ? 1 : 0;
    }
    return count;
}

bool lrp_next_sentence(const char **at, const char **sentence, size_t *length)
{
    const char *begin = *at + strspn(*at, " ");
    const char *end = begin;
    while (*end != '\0' && !(*end == '.' && end[1] == ' ' && isupper((unsigned char)end[2]))) {
        end++;
    }
    end += *end == '.' ? 1 : 0;
    *sentence = begin;
    *length = (size_t)(end - begin);
    *at = end;
    return end > begin;
}
