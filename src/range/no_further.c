/* SPDX-License-Identifier: MIT */
#include "no_further.h"

#include "pool.h"

#include <math.h>

/* What counts as a fall of the last decade, and as less far: as for the start of learning. */
static const double LEAST_SHARE = LRP_LEARNING_SHARE;
static const double LEVEL_DECADES = 1;

static size_t lowest_of(const struct lrp_curve *curve)
{
    size_t lowest = curve->n;
    for (size_t i = 0; i < curve->n; i++) {
        if (!isnan(curve->median[i]) &&
            (lowest == curve->n || curve->median[i] < curve->median[lowest])) {
            lowest = i;
        }
    }
    return lowest;
}

/* The lowest value at rates a decade and more below the highest one with a value. */
static double lowest_before_last_decade(const struct lrp_curve *curve)
{
    size_t last = curve->n;
    while (last > 0 && isnan(curve->median[last - 1])) {
        last--;
    }
    double lowest = (double)NAN;
    for (size_t i = 0; i < last; i++) {
        if (curve->log10_lr[i] <= curve->log10_lr[last - 1] - LEVEL_DECADES) {
            lowest = fmin(lowest, curve->median[i]);
        }
    }
    return lowest;
}

/* Where the curve is above level for the last time before its lowest place. */
static double comes_down_to(const struct lrp_curve *curve, size_t lowest, double level)
{
    size_t i = lowest;
    while (i > 0 && !(curve->median[i - 1] > level)) {
        i--;
    }
    return curve->log10_lr[i];
}

bool lrp_get_no_further(const struct lrp_curve *first, const struct lrp_curve *higher,
                        double *stops)
{
    const size_t lowest = lowest_of(first);
    const size_t other = lowest_of(higher);
    if (lowest == first->n || other == higher->n) {
        return false;
    }
    double top = (double)NAN;
    for (size_t i = 0; i <= lowest; i++) {
        top = fmax(top, first->median[i]);
    }
    const double bottom = first->median[lowest];
    const double fall = top - bottom;
    if (!(fall > 0) || !(higher->median[other] > bottom + LEAST_SHARE * fall) ||
        !(lowest_before_last_decade(first) <= bottom + LEAST_SHARE * fall)) {
        return false;
    }
    *stops = comes_down_to(first, lowest, bottom + LRP_BASIN_SHARE * fall);
    return true;
}
