/* SPDX-License-Identifier: MIT */
#include "marks.h"

#include "pool.h"
#include "robust.h"

#include <math.h>

/* A fall is one from the level before learning, which is uncertain itself: of pure noise, the
 * difference between that level and a place of the curve has 1.5 (15 steps a decade) to 1.75 (150)
 * standard errors of the curve. Three deviations of it are this many. */
static const double FALL_ERRORS = LRP_FALL_ERRORS;
/* ... and one deviation. */
static const double LEVEL_ERRORS = LRP_FALL_ERRORS / 3.0;
static const double CLIMB_ERRORS = 3;
static const double CLIMB_SHARE = 0.5;
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

/* The deepest fall: the pair top < bottom of the largest y[top] - y[bottom]. For a sweep that
 * starts level this is its lowest point. Where a smoothed record climbs from its first value (an
 * average that starts at zero), the lowest value is that first one, and no place to train at. False
 * without two values. */
static bool deepest_fall(const double *y, size_t n, size_t *top, size_t *bottom)
{
    size_t highest = n;
    double deepest = -HUGE_VAL;
    for (size_t i = 0; i < n; i++) {
        if (isnan(y[i])) {
            continue;
        }
        if (highest != n && y[highest] - y[i] > deepest) {
            deepest = y[highest] - y[i];
            *top = highest;
            *bottom = i;
        }
        if (highest == n || y[i] > y[highest]) {
            highest = i;
        }
    }
    return deepest > -HUGE_VAL;
}

static size_t lowest_before(const double *y, size_t end)
{
    size_t lowest = 0;
    for (size_t i = 1; i < end; i++) {
        if (y[i] < y[lowest] || isnan(y[lowest])) {
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
    struct lrp_marks marks = {nan, nan, nan, nan, nan, nan, nan, nan, nan, nan, nan, false, false};
    size_t top = 0;
    size_t lowest = 0;
    if (!deepest_fall(y, n, &top, &lowest)) {
        return marks;
    }
    marks.start_value = head_level(y, n, head);
    marks.lowest_value = y[lowest];
    marks.lowest = x[lowest];
    double climb = y[top] - marks.start_value;
    const double least_climb = fmax(CLIMB_SHARE * (y[top] - y[lowest]), CLIMB_ERRORS * error);
    const size_t before = lowest_before(y, top);
    /* A climb of half the fall is no noise and no wobble: what comes before its top is left out,
     * unless the curve had fallen as far before: then the rate was too high from there on, and what
     * comes down behind it again is not where training begins. */
    if (top >= head && climb > least_climb && marks.start_value - y[before] > least_climb) {
        lowest = before;
        marks.lowest_value = y[lowest];
        marks.lowest = x[lowest];
    } else if (top >= head && climb > least_climb) {
        marks.start_value = y[top];
        marks.climbs_first = true;
    }
    double fall = marks.start_value - marks.lowest_value;
    if (!(fall > 0)) {
        return marks;
    }
    double least = FALL_ERRORS * error;
    double start = marks.start_value;
    double learnt = LRP_LEARNING_SHARE * fall;
    marks.base = last_descent(x, y, lowest, start - fmax(learnt, least));
    /* where the noise and not the share decides, a deviation less and a deviation more */
    const double deviation = LEVEL_ERRORS * error;
    marks.base_early = last_descent(x, y, lowest, start - fmax(0.5 * learnt, least - deviation));
    marks.base_late = last_descent(x, y, lowest, start - fmax(2 * learnt, least + deviation));
    marks.basin_left = last_descent(x, y, lowest, marks.lowest_value + LRP_BASIN_SHARE * fall);
    marks.basin_right = first_rise(x, y, n, lowest, marks.lowest_value + LRP_BASIN_SHARE * fall);
    marks.max = 0.5 * (marks.basin_left + marks.basin_right);
    marks.diverged = first_rise(x, y, n, lowest, marks.lowest_value + LRP_RISEN_SHARE * fall);
    marks.steepest = steepest_before(x, y, lowest);
    size_t end = head < n ? head : n - 1;
    marks.falls_at_once = !marks.climbs_first && y[0] - y[end] > LRP_LEARNING_SHARE * fall + error;
    return marks;
}
