/* SPDX-License-Identifier: MIT */
#include "around.h"

#include "number.h"

#include <stdio.h>

/* A range test knows the best constant rate to about this factor (reports/spread.md). */
static const double CLOSE = 2;

static void from_bounds(double rate, const struct lrp_bounds *bounds, const char *name, char *out,
                        size_t size)
{
    char best[LRP_NUMBER_SIZE];
    char bound[LRP_NUMBER_SIZE];
    const double max_lr = bounds->max_lr.value;
    double good = bounds->suggested_lr.value;
    good = good > 0 ? good : max_lr / CLOSE;
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

void lrp_around_advice(double rate, const struct lrp_bounds *bounds, const char *by, char *out,
                       size_t size)
{
    char name[LRP_NUMBER_SIZE];
    char ends[2][LRP_NUMBER_SIZE];
    char what[200] = "";
    (void)lrp_format_short(rate, 3, name);
    (void)lrp_format_short(bounds->lr_low, 2, ends[0]);
    (void)lrp_format_short(bounds->lr_high, 2, ends[1]);
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
