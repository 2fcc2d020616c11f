/* SPDX-License-Identifier: MIT */
#include "sweep_outcome.h"

#include "answer.h"
#include "pool.h"
#include "robust.h"

#include <math.h>

/* float32: a fall below this share of the loss is rounding. */
static const double ROUNDING = 1e-6;
/* A level of that many widths of the head, before the loss rises, is one at which nothing is
 * learnt; less may be the end of a fall that lies below the range. */
static const double LEVEL_HEADS = 2;
/* A loss is memorised where it has come down to this share of its start and its noise to this share
 * of the noise before: with nothing wrong any more every batch has a loss near zero. Measured with
 * the built-in trainer, one sweep of 200 steps from 1e-4 to 10 each, as medians of 20 losses over
 * that of the first 20, and the noise of 20 likewise: 14 combinations of its generated data, 6
 * models and 4 optimizers went down to 0.09 .. 0.73, the noise to 0.08 at the least. Tables of 40
 * and 80 rows, in 40 and 80 steps: six of eight ended below 1e-3, the noise below 6e-3; plain SGD
 * had got to 0.03 and 0.003 only, and is not called memorised. The thresholds were not fitted to
 * these. */
enum { TAIL_VALUES = 24, TAIL_LEAST = 8 };
static const double MEMORISED_SHARE = 1e-3;
static const double MEMORISED_NOISE = 1e-2;

/* The grid's last point at which the curve is not above level, NaN where it is above from the first
 * one on. What no repeat reached counts as above. */
static double last_below(const struct lrp_curve *curve, double level)
{
    for (size_t g = curve->n; g > 0; g--) {
        if (curve->median[g - 1] <= level) {
            return curve->log10_lr[g - 1];
        }
    }
    return (double)NAN;
}

/* By the last values of a repeat; on a scale that begins at zero, so that a loss with an offset or
 * a score is never memorised. */
static bool is_memorised(const struct lrp_curve_points *points)
{
    double values[TAIL_VALUES];
    double changes[TAIL_VALUES];
    size_t n = points->n / 10 > TAIL_LEAST ? points->n / 10 : TAIL_LEAST;
    n = n > TAIL_VALUES ? TAIL_VALUES : n;
    if (points->n < 2 * n || points->nonfinite || !(points->start > 0)) {
        return false;
    }
    const double *tail = points->y + points->n - n;
    const double *head = points->y;
    for (size_t i = 0; i < points->n; i++) {
        if (points->y[i] < 0) {
            return false;
        }
    }
    for (size_t i = 1; i < n; i++) {
        changes[i - 1] = fabs(tail[i] - tail[i - 1]);
    }
    double tail_noise = lrp_sigma_of_changes(changes, n - 1);
    for (size_t i = 1; i < n; i++) {
        changes[i - 1] = fabs(head[i] - head[i - 1]);
    }
    double head_noise = lrp_sigma_of_changes(changes, n - 1);
    return lrp_median_of(tail, n, values) <= MEMORISED_SHARE * points->start &&
           tail_noise <= MEMORISED_NOISE * head_noise;
}

static void judge_no_fall(const struct lrp_curve *curve, const struct lrp_marks *marks,
                          bool diverged, double error, struct lrp_bounds *bounds)
{
    if (!diverged) {
        bounds->outcome = LRP_OUTCOME_FLAT;
        bounds->reason = LRP_REASON_RANGE_TOO_LOW;
        lrp_bounds_warn(bounds,
                        "no bounds: the loss does not move by more than its noise between %.3g and "
                        "%.3g",
                        bounds->lr_low, bounds->lr_high);
        return;
    }
    /* The head's median lies well above its first value where the loss rises at once; the curve's
     * end has twice the error of its middle. */
    double start = fmin(marks->start_value, curve->median[0] + 2 * error);
    double level = start + fmax(LRP_FALL_ERRORS * error, ROUNDING * fabs(start));
    double calm = last_below(curve, level);
    double level_width = LEVEL_HEADS * (curve->log10_lr[lrp_pool_head(curve)] - curve->log10_lr[0]);
    if (!(calm - curve->log10_lr[0] > level_width)) {
        bounds->outcome = LRP_OUTCOME_DIVERGED_AT_START;
        bounds->reason = LRP_REASON_RANGE_TOO_HIGH;
        lrp_bounds_warn(bounds,
                        "no bounds: the loss rises without having fallen, from %.3g on, the lowest "
                        "rate of the sweep",
                        bounds->lr_low);
        return;
    }
    bounds->outcome = LRP_OUTCOME_FLAT;
    bounds->reason = LRP_REASON_NO_LEARNING;
    bounds->evidence.diverged_lr = pow(10, calm);
    lrp_bounds_warn(bounds,
                    "no bounds: nothing is learnt from %.3g up to %.2g, and above that the loss "
                    "rises: higher rates are too high, and lower ones would learn even less",
                    bounds->lr_low, bounds->evidence.diverged_lr);
}

static void judge_no_rise(const struct lrp_curve_points *points, size_t n_points,
                          struct lrp_bounds *bounds)
{
    size_t memorised = 0;
    for (size_t r = 0; r < n_points; r++) {
        memorised += is_memorised(&points[r]) ? 1 : 0;
    }
    bounds->outcome = LRP_OUTCOME_DID_NOT_DIVERGE;
    if (2 * memorised > n_points) {
        bounds->reason = LRP_REASON_MEMORISED;
        lrp_bounds_warn_of(
            bounds, LRP_WARNING_NO_MAX_LR,
            "no max_lr: the loss came down to %.2g of its start before any rate was too "
            "high; a model that has memorised its data tolerates any rate, so this sweep "
            "cannot show max_lr (fewer steps, or --mode fresh, can)",
            fmax(points[0].lowest, 0) / points[0].start);
        return;
    }
    bounds->reason = LRP_REASON_RANGE_TOO_LOW;
    lrp_bounds_warn_of(
        bounds, LRP_WARNING_NO_MAX_LR,
        "no max_lr: the loss does not rise up to %.3g, the highest rate of the sweep",
        bounds->lr_high);
}

void lrp_judge_sweeps(const struct lrp_curve *curve, const struct lrp_marks *marks,
                      const struct lrp_curve_points *points, size_t n_points, double error,
                      struct lrp_bounds *bounds)
{
    double fall = marks->start_value - marks->lowest_value;
    size_t high = 0;
    for (size_t r = 0; r < n_points; r++) {
        high += lrp_ended_high(&points[r]) ? 1 : 0;
    }
    bool diverged = 2 * high > n_points;
    bool fell = fall > LRP_FALL_ERRORS * error && fall > ROUNDING * fabs(marks->start_value);
    bool at_once = marks->lowest <= curve->log10_lr[lrp_pool_head(curve) - 1];
    bounds->evidence.diverged_lr = pow(10, marks->diverged);
    if (!fell || (at_once && diverged)) {
        judge_no_fall(curve, marks, diverged, error, bounds);
    } else if (isnan(marks->basin_right)) {
        judge_no_rise(points, n_points, bounds);
    } else if (!(0.1 * fall > error) || isnan(marks->max)) {
        /* the crossings that max_lr stands on lie a tenth of the fall above the lowest place */
        bounds->outcome = LRP_OUTCOME_TOO_NOISY;
        bounds->reason = LRP_REASON_NOISE;
        lrp_bounds_warn_of(bounds, LRP_WARNING_NO_MAX_LR,
                           "no max_lr: the noise hides where the loss stops falling");
    } else {
        bounds->outcome = LRP_OUTCOME_OK;
    }
}
