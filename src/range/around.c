/* SPDX-License-Identifier: MIT */
#include "around.h"

#include "answer.h"
#include "number.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* A range test knows the best constant rate to about this factor (reports/spread.md). */
static const double CLOSE = 2;

enum way { WAY_NOT_KNOWN, WAY_DOWN, WAY_STAY, WAY_UP };

static double good_rate(const struct lrp_bounds *bounds)
{
    double good = bounds->suggested_lr.value;
    return good > 0 ? good : bounds->max_lr.value / CLOSE;
}

static enum way way_of(double rate, const struct lrp_bounds *bounds)
{
    switch (bounds->outcome) {
    case LRP_OUTCOME_OK:
        return rate > good_rate(bounds) * CLOSE   ? WAY_DOWN
               : rate < good_rate(bounds) / CLOSE ? WAY_UP
                                                  : WAY_STAY;
    case LRP_OUTCOME_DID_NOT_DIVERGE:
        return bounds->reason == LRP_REASON_MEMORISED ? WAY_NOT_KNOWN : WAY_UP;
    case LRP_OUTCOME_FLAT:
        if (bounds->reason == LRP_REASON_NO_LEARNING) {
            return rate > bounds->evidence.diverged_lr ? WAY_DOWN : WAY_STAY;
        }
        return bounds->reason == LRP_REASON_NO_EFFECT ? WAY_NOT_KNOWN : WAY_UP;
    case LRP_OUTCOME_DIVERGED_AT_START:
        return WAY_DOWN;
    case LRP_OUTCOME_TOO_NOISY:
    case LRP_OUTCOME_TOO_SHORT:
        break;
    }
    return WAY_NOT_KNOWN;
}

static void from_bounds(double rate, const struct lrp_bounds *bounds, const char *name, char *out,
                        size_t size)
{
    char best[LRP_NUMBER_SIZE];
    char bound[LRP_NUMBER_SIZE];
    const double max_lr = bounds->max_lr.value;
    const double good = good_rate(bounds);
    (void)lrp_format_short(good, 2, best);
    (void)lrp_format_short(max_lr, 2, bound);
    if (rate > max_lr) {
        (void)snprintf(out, size, "go down from %s to about %s: max_lr is %s", name, best, bound);
    } else if (rate < good / CLOSE) {
        (void)snprintf(out, size, "go up from %s to about %s: max_lr is %s", name, best, bound);
    } else if (rate > good * CLOSE) {
        (void)snprintf(out, size,
                       "%s is near max_lr, which is %s: for a long run go down to about %s", name,
                       bound, best);
    } else {
        (void)snprintf(out, size, "stay at %s: about %s is best, and max_lr is %s", name, best,
                       bound);
    }
}

/* Nothing falls up to a rate, and above it the metric gets worse. */
static void from_level(double rate, const struct lrp_bounds *bounds, const char *name, char *out,
                       size_t size)
{
    char edge[LRP_NUMBER_SIZE];
    (void)lrp_format_short(bounds->evidence.diverged_lr, 2, edge);
    if (way_of(rate, bounds) == WAY_DOWN) {
        (void)snprintf(out, size, "go down from %s to below %s, above which it gets worse", name,
                       edge);
    } else {
        (void)snprintf(out, size,
                       "stay at %s: up to %s it gets neither better nor worse, and above that it "
                       "gets worse",
                       name, edge);
    }
}

void lrp_around_advice(double rate, const struct lrp_bounds *bounds, const char *by, char *out,
                       size_t size)
{
    char name[LRP_NUMBER_SIZE];
    char ends[2][LRP_NUMBER_SIZE];
    char what[200] = "";
    const char *reason = lrp_reason_name(bounds->reason);
    (void)lrp_format_short(rate, 3, name);
    (void)lrp_format_short(bounds->lr_low, 2, ends[0]);
    (void)lrp_format_short(bounds->lr_high, 2, ends[1]);
    if (bounds->reason == LRP_REASON_MEMORISED || bounds->reason == LRP_REASON_NO_EFFECT) {
        (void)snprintf(out, size, "by %s (%s): no advice on %s: %s", by, bounds->metric, name,
                       reason);
        return;
    }
    switch (bounds->outcome) {
    case LRP_OUTCOME_OK:
        from_bounds(rate, bounds, name, what, sizeof what);
        break;
    case LRP_OUTCOME_DID_NOT_DIVERGE:
        (void)snprintf(what, sizeof what,
                       "go up from %s: up to %s nothing diverged; try --around %s", name, ends[1],
                       ends[1]);
        break;
    case LRP_OUTCOME_FLAT:
        if (bounds->reason == LRP_REASON_NO_LEARNING) {
            from_level(rate, bounds, name, what, sizeof what);
            break;
        }
        (void)snprintf(what, sizeof what,
                       "go up from %s: between %s and %s nothing was learnt; try --around %s", name,
                       ends[0], ends[1], ends[1]);
        break;
    case LRP_OUTCOME_DIVERGED_AT_START:
        (void)snprintf(what, sizeof what, "go down from %s: already %s diverges; try --around %s",
                       name, ends[0], ends[0]);
        break;
    case LRP_OUTCOME_TOO_NOISY:
    case LRP_OUTCOME_TOO_SHORT:
        (void)snprintf(what, sizeof what, "no advice on %s: the sweep is %s", name,
                       lrp_outcome_name(bounds->outcome));
        break;
    }
    (void)snprintf(out, size, "by %s (%s): %s", by,
                   bounds->metric == NULL ? "loss" : bounds->metric, what);
}

void lrp_around_conclude(double rate, const struct lrp_bounds *loss,
                         const struct lrp_bounds *validation, struct lrp_bounds *out)
{
    char advice[sizeof out->warnings[0]];
    const enum way by_loss = way_of(rate, loss);
    const enum way by_validation = validation != NULL ? way_of(rate, validation) : WAY_NOT_KNOWN;
    const bool parted =
        by_validation != WAY_NOT_KNOWN && by_loss != WAY_NOT_KNOWN && by_loss != by_validation;
    const bool fine_tuning = strcmp(loss->conditions.start, "checkpoint") == 0;
    if (by_validation != WAY_NOT_KNOWN) {
        lrp_around_advice(rate, validation, "validation", advice, sizeof advice);
        lrp_bounds_warn(out, "%s%s", advice, parted ? " (validation decides)" : "");
    }
    if (by_validation == WAY_NOT_KNOWN && by_loss == WAY_UP && fine_tuning) {
        lrp_bounds_warn(out,
                        "no advice to go up from %.3g: the run starts from a checkpoint, and its "
                        "training loss (%s) does not show what a higher rate spoils; only "
                        "validation does",
                        rate, loss->metric);
        return;
    }
    lrp_around_advice(rate, loss, parted ? "convergence alone" : "convergence", advice,
                      sizeof advice);
    lrp_bounds_warn(out, "%s", advice);
}
