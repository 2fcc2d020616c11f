/* SPDX-License-Identifier: MIT */
#include "marks.h"

#include "pool.h"
#include "robust.h"

#include <math.h>

static const double NOISE_ERRORS = 3;
/* Where the curve comes down through level for the last time before index `end`. */
static double last_descent(const double *x, const double *y, size_t end, double level)
{
    for (size_t i = end; i > 0; i--) {
        if (y[i - 1] > level && y[i] <= level) {
            return x[i - 1] + (x[i] - x[i - 1]) * (y[i - 1] - level) / (y[i - 1] - y[i]);
        }
    }
    return (double)NAN;
}

/* Where it first rises through level from index `begin` on. */
static double first_rise(const double *x, const double *y, size_t n, size_t begin, double level)
{
    for (size_t i = begin; i + 1 < n; i++) {
        if (y[i] <= level && y[i + 1] > level) {
            return x[i] + (x[i + 1] - x[i]) * (level - y[i]) / (y[i + 1] - y[i]);
        }
    }
    return (double)NAN;
}

/* Level before learning: the median of the first values. At most 512 are looked at: a grid's head
 * is an eighth of 2,000 points. */
static double head_level(const double *y, size_t n, size_t head)
{
    double values[512];
    size_t count = 0;
    for (size_t i = 0; i < n && i < head && count < 512; i++) {
        if (!isnan(y[i])) {
            values[count] = y[i];
            count++;
        }
    }
    return lrp_median_in_place(values, count);
}

static size_t lowest_index(const double *y, size_t n)
{
    size_t lowest = n;
    for (size_t i = 0; i < n; i++) {
        if (!isnan(y[i]) && (lowest == n || y[i] < y[lowest])) {
            lowest = i;
        }
    }
    return lowest;
}

static double steepest_before(const double *x, const double *y, size_t end)
{
    double steepest = 0;
    double at = (double)NAN;
    for (size_t i = 1; i + 1 <= end; i++) {
        double slope = (y[i + 1] - y[i - 1]) / (x[i + 1] - x[i - 1]);
        if (slope < steepest) {
            steepest = slope;
            at = x[i];
        }
    }
    return at;
}

struct lrp_marks lrp_find_marks(const double *x, const double *y, size_t n, size_t head,
                                double error)
{
    const double nan = (double)NAN;
    struct lrp_marks marks = {nan, nan, nan, nan, nan, nan, nan, nan, nan, nan, nan, false};
    size_t lowest = lowest_index(y, n);
    if (lowest == n) {
        return marks;
    }
    marks.start_value = head_level(y, n, head);
    marks.lowest_value = y[lowest];
    marks.lowest = x[lowest];
    double fall = marks.start_value - marks.lowest_value;
    if (!(fall > 0)) {
        return marks;
    }
    double least = NOISE_ERRORS * error;
    double start = marks.start_value;
    marks.base = last_descent(x, y, lowest, start - fmax(LRP_LEARNING_SHARE * fall, least));
    marks.base_early =
        last_descent(x, y, lowest, start - fmax(0.5 * LRP_LEARNING_SHARE * fall, least));
    marks.base_late =
        last_descent(x, y, lowest, start - fmax(2 * LRP_LEARNING_SHARE * fall, least));
    marks.basin_left = last_descent(x, y, lowest, marks.lowest_value + LRP_BASIN_SHARE * fall);
    marks.basin_right = first_rise(x, y, n, lowest, marks.lowest_value + LRP_BASIN_SHARE * fall);
    marks.max = 0.5 * (marks.basin_left + marks.basin_right);
    marks.diverged = first_rise(x, y, n, lowest, marks.lowest_value + LRP_RISEN_SHARE * fall);
    marks.steepest = steepest_before(x, y, lowest);
    size_t end = head < n ? head : n - 1;
    marks.falls_at_once = !isnan(y[0]) && !isnan(y[end]) &&
                          y[0] - y[end] > LRP_LEARNING_SHARE * fall + NOISE_ERRORS * 1.5 * error;
    return marks;
}
