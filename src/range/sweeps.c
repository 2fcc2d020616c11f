/* SPDX-License-Identifier: MIT */
#include "answer.h"

#include "alloc.h"
#include "head_trend.h"
#include "marks.h"
#include "pool.h"
#include "robust.h"
#include "sweep_outcome.h"

#include <math.h>
#include <stdlib.h>

/* How far single sweeps of one task with other seeds lie apart, standard deviation in decades of
 * base_lr and max_lr, and the weight of that, in repeats: the prior of lrp_pooled_half_interval,
 * fitted to 12 tasks of 40 sweeps (reports/spread.md has how it holds on 12 others). The spread of
 * tasks is wide, so that the prior counts as one repeat only. */
static const double PRIOR_BASE = 0.104;
static const double PRIOR_MAX = 0.051;
static const unsigned PRIOR_WEIGHT = 1;
/* sqrt(pi / 2): the pooled curve is a median, which is that much less sharp than a mean. */
static const double MEDIAN_ERROR = 1.2533;
/* Fewer steps in a decade than that teach little below max_lr: the bounds come out high. */
static const double SPARSE_STEPS = 10;
/* Learning that starts between two steps so many decades apart is seen at the second one only. */
static const double WIDE_GAP = 0.3;
/* Of one repeat the place is looked for where the pooled curve begins to fall: by so many of its
 * own errors, which are larger, since with those of a certain fall it would begin decades later. */
static const double SINGLE_ERRORS = 3;
/* The trend of the first points is looked for in so many widths of the head. */
static const double TREND_HEADS = 1.5;
static struct lrp_rate rate_with_interval(double value, double half)
{
    struct lrp_rate rate = {pow(10, value), pow(10, value - half), pow(10, value + half)};
    return rate;
}

/* Half widths in decades, NaN where no repeat shows the mark. */
struct spread {
    double base;
    double max;
    double differ; /* of max_lr, as if the repeats' mean were looked for */
    size_t n_max;  /* repeats that show max_lr */
};

/* What each repeat shows by itself, as t intervals with the pooled prior. */
static enum lrp_status repeat_spread(const struct lrp_curve *curve, double error, double level,
                                     struct spread *spread, struct lrp_error *err)
{
    size_t n = curve->n_repeats;
    double *base = lrp_calloc_array(n, 2 * sizeof *base);
    LRP_TRY_MEMORY(base, err);
    double *max = base + n;
    size_t n_base = 0;
    double single = SINGLE_ERRORS / LRP_FALL_ERRORS * error * sqrt((double)n);
    for (size_t r = 0; r < n; r++) {
        struct lrp_marks own = lrp_find_marks(curve->log10_lr, curve->repeats[r], curve->n,
                                              lrp_pool_head(curve), single);
        if (!isnan(own.base)) {
            base[n_base++] = own.base;
        }
        if (!isnan(own.max)) {
            max[spread->n_max++] = own.max;
        }
    }
    const double median = n > 2 ? MEDIAN_ERROR : 1;
    spread->base = median * lrp_pooled_half_interval(base, n_base, level, PRIOR_WEIGHT, PRIOR_BASE);
    spread->differ = lrp_pooled_half_interval(max, spread->n_max, level, PRIOR_WEIGHT, PRIOR_MAX);
    spread->max = median * spread->differ;
    free(base);
    return LRP_OK;
}

/* The steps around log10 rate x, from the first sweep that has any; false where they are near. */
static bool in_wide_gap(const struct lrp_curve_points *points, size_t n_points, double x,
                        double *before, double *after)
{
    for (size_t r = 0; r < n_points; r++) {
        for (size_t i = 1; i < points[r].n; i++) {
            if (points[r].x[i - 1] < x && x <= points[r].x[i]) {
                bool wide = points[r].x[i] - points[r].x[i - 1] > WIDE_GAP;
                *after = points[r].x[i];
                /* the smoother reaches over neighbouring gaps */
                while (i > 1 && points[r].x[i - 1] - points[r].x[i - 2] > WIDE_GAP) {
                    i--;
                }
                *before = points[r].x[i - 1];
                return wide;
            }
        }
    }
    return false;
}

/* The first step of a linear sweep may skip decades: what is drawn between is no observation. */
static bool set_base_of_gap(struct lrp_bounds *bounds, const struct lrp_curve_points *points,
                            size_t n_points, double base)
{
    double before = 0;
    double after = 0;
    if (!in_wide_gap(points, n_points, base, &before, &after)) {
        return false;
    }
    bounds->base_lr = (struct lrp_rate){pow(10, after), pow(10, before), pow(10, after)};
    lrp_bounds_warn(bounds,
                    "base_lr lies between %.3g and %.3g: the sweep has too few steps there; sweep "
                    "exponentially, or in more steps",
                    pow(10, before), pow(10, after));
    return true;
}

static void set_base(struct lrp_bounds *bounds, const struct lrp_marks *marks,
                     const struct spread *spread, const struct lrp_curve_points *points,
                     size_t n_points)
{
    if (marks->falls_at_once) {
        lrp_bounds_warn_of(bounds, LRP_WARNING_NO_BASE_LR,
                           "no base_lr: the loss falls from the first step on, so base_lr is at or "
                           "below %.3g; sweep from a lower rate",
                           bounds->lr_low);
        return;
    }
    if (isnan(marks->base) || set_base_of_gap(bounds, points, n_points, marks->base)) {
        return;
    }
    /* Beside the seeds, what the choice of the share makes of it, and the noise where that decides:
     * of more repeats base_lr is seen earlier. */
    double early = isnan(marks->base_early) ? 0 : fmax(marks->base - marks->base_early, 0);
    double late = isnan(marks->base_late) ? 0 : fmax(marks->base_late - marks->base, 0);
    bounds->base_lr.value = pow(10, marks->base);
    bounds->base_lr.low = pow(10, marks->base - hypot(spread->base, early));
    bounds->base_lr.high = pow(10, marks->base + hypot(spread->base, late));
}

static void set_max(struct lrp_bounds *bounds, const struct lrp_marks *marks,
                    const struct spread *spread)
{
    if (bounds->outcome == LRP_OUTCOME_TOO_NOISY) {
        return; /* the noise hides it */
    }
    if (bounds->outcome == LRP_OUTCOME_OK) {
        lrp_bounds_repeats_differ(bounds, spread->differ, spread->n_max);
    }
    if (!isnan(marks->max)) {
        bounds->max_lr = rate_with_interval(marks->max, spread->max);
    }
}

static double longest_steps(const struct lrp_curve_points *points, size_t n_points)
{
    size_t most = 0;
    for (size_t r = 0; r < n_points; r++) {
        most = points[r].n > most ? points[r].n : most;
    }
    return (double)most;
}

enum lrp_status lrp_bounds_from_sweeps(const struct lrp_curve_points *points, size_t n_points,
                                       const struct lrp_bounds_options *options,
                                       struct lrp_bounds *bounds, struct lrp_curve **curve,
                                       struct lrp_error *err)
{
    double error = 0;
    LRP_TRY(lrp_pool(points, n_points, curve, &error, err));
    const struct lrp_curve *pooled = *curve;
    struct lrp_marks marks =
        lrp_find_marks(pooled->log10_lr, pooled->median, pooled->n, lrp_pool_head(pooled), error);
    struct spread spread = {(double)NAN, (double)NAN, (double)NAN, 0};
    LRP_TRY(repeat_spread(pooled, error, options->interval_level, &spread, err));
    if (marks.falls_at_once) {
        double head = pooled->log10_lr[lrp_pool_head(pooled)] - pooled->log10_lr[0];
        LRP_TRY(lrp_falls_from_first_step(points, n_points, TREND_HEADS * head,
                                          &marks.falls_at_once, err));
    }
    lrp_judge_sweeps(pooled, &marks, points, n_points, error, bounds);
    bounds->interval_level = spread.n_max >= 2 ? options->interval_level : (double)NAN;
    if (bounds->outcome == LRP_OUTCOME_FLAT || bounds->outcome == LRP_OUTCOME_DIVERGED_AT_START) {
        return LRP_OK;
    }
    if (marks.climbs_first) {
        lrp_bounds_warn(bounds, "the curve climbs before it falls, as smoothed records do at their "
                                "start; the fall is counted from its top");
    }
    bounds->evidence.steepest_lr = pow(10, marks.steepest);
    bounds->evidence.lowest_loss_lr = pow(10, marks.lowest);
    set_base(bounds, &marks, &spread, points, n_points);
    set_max(bounds, &marks, &spread);
    if (bounds->outcome == LRP_OUTCOME_OK) {
        lrp_bounds_recommend(bounds, options, longest_steps(points, n_points));
    }
    lrp_bounds_keep_order(bounds);
    if (points[0].interval * SPARSE_STEPS > 1) {
        lrp_bounds_warn_of(
            bounds, LRP_WARNING_SPARSE,
            "only %.2g steps a decade: so short a sweep shows the bounds too high; take more steps",
            1 / points[0].interval);
    }
    if (bounds->outcome == LRP_OUTCOME_OK && isnan(bounds->interval_level)) {
        lrp_bounds_warn(bounds, n_points == 1
                                    ? "one sweep only: the ranges are as wide as sweeps of other "
                                      "tasks lie apart, they are no intervals of this one"
                                    : "one repeat only shows max_lr: the ranges are as wide as "
                                      "sweeps of other tasks lie apart, they are no intervals");
    }
    return LRP_OK;
}
