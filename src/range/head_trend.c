/* SPDX-License-Identifier: MIT */
#include "head_trend.h"

#include "trend.h"

#include <math.h>

enum { LEAST_VALUES = 10 };
/* Once in 2,000 by chance for independent values; of one sweep alone once in 140, or what falls by
 * few steps would be missed too often (tests/unit/test_head_trend.c has the rates of both errors).
 */
static const double CERTAIN_Z = -3.3;
static const double CERTAIN_Z_ALONE = -2.45;
static const double REST_Z = -1.28;

/* Values of a sweep up to width decades above its first rate. */
static size_t count_head(const struct lrp_curve_points *points, double width)
{
    size_t n = 0;
    while (n < points->n && n < LRP_TREND_POINTS_MOST &&
           (n < LEAST_VALUES || points->x[n] - points->x[0] <= width)) {
        n++;
    }
    return n;
}

enum lrp_status lrp_falls_from_first_step(const struct lrp_curve_points *points, size_t n_points,
                                          double width, bool *falls, struct lrp_error *err)
{
    double sum = 0;
    double least = HUGE_VAL;
    *falls = false;
    for (size_t r = 0; r < n_points; r++) {
        struct lrp_mann_kendall trend;
        LRP_TRY(lrp_mann_kendall(points[r].y, count_head(&points[r], width), LRP_TREND_MODEL,
                                 &trend, err));
        sum += trend.z;
        least = fmin(least, trend.z);
    }
    double n = (double)n_points;
    double rest = n > 1 ? (sum - least) / sqrt(n - 1) : sum;
    *falls = sum / sqrt(n) < (n > 1 ? CERTAIN_Z : CERTAIN_Z_ALONE) && rest < REST_Z;
    return LRP_OK;
}
