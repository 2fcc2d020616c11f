/* SPDX-License-Identifier: MIT */
#include "rolling.h"

#include "alloc.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* First index in n sorted values that is not below value; without branches that cannot be
 * foreseen. */
static size_t place_of(const double *sorted, size_t n, double value)
{
    const double *base = sorted;
    while (n > 1) {
        size_t half = n / 2;
        base += base[half - 1] < value ? half : 0;
        n -= half;
    }
    return (size_t)(base - sorted) + (n == 1 && base[0] < value);
}

static double middle_of(double low, double high)
{
    return low == high ? low : 0.5 * low + 0.5 * high;
}

/* Median of the absolute deviations of n sorted values from their median. Seen from there the
 * deviations to either side ascend, so two sorted sequences are to be merged up to their middle:
 * bisection for how many of those come from the left. */
static double mad_of_sorted(const double *sorted, size_t n, double median)
{
    const size_t rank = (n - 1) / 2;
    const size_t n_left = n / 2; /* sorted[n_left - 1] <= median <= sorted[n_left] */
    const size_t n_right = n - n_left;
    const double *right = sorted + n_left; /* to the left: right[-1], right[-2], ... */
    size_t low = rank + 1 > n_right ? rank + 1 - n_right : 0;
    size_t high = rank + 1 < n_left ? rank + 1 : n_left;
    while (low < high) {
        size_t taken = low + (high - low) / 2;
        if (median - right[-(ptrdiff_t)taken - 1] < right[rank - taken] - median) {
            low = taken + 1;
        } else {
            high = taken;
        }
    }
    size_t from_right = rank + 1 - low;
    double last_left = low > 0 ? median - right[-(ptrdiff_t)low] : 0;
    double last_right = from_right > 0 ? right[from_right - 1] - median : 0;
    double below = last_left > last_right ? last_left : last_right;
    if (n % 2 == 1) {
        return below;
    }
    double next_left = low < n_left ? median - right[-(ptrdiff_t)low - 1] : HUGE_VAL;
    double next_right = from_right < n_right ? right[from_right] - median : HUGE_VAL;
    return middle_of(below, next_left < next_right ? next_left : next_right);
}

static void median_and_mad(const double *sorted, size_t n, double *median, double *mad)
{
    *median = middle_of(sorted[(n - 1) / 2], sorted[n / 2]);
    *mad = isfinite(*median) ? mad_of_sorted(sorted, n, *median) : (double)NAN;
}

/* Takes out gone and puts in came; both places are near each other in order, on average a third of
 * the window apart. */
static void replace(double *sorted, size_t n, double gone, double came)
{
    size_t from = place_of(sorted, n, gone);
    size_t to = place_of(sorted, n, came);
    if (to > from) {
        to--;
        memmove(sorted + from, sorted + from + 1, (to - from) * sizeof *sorted);
    } else {
        memmove(sorted + to + 1, sorted + to, (from - to) * sizeof *sorted);
    }
    sorted[to] = came;
}

enum lrp_status lrp_rolling_median(const double *y, size_t n, size_t window, size_t least,
                                   double *median, double *mad, struct lrp_error *err)
{
    if (window == 0 || window > LRP_ROLLING_MOST) {
        return lrp_fail(err, LRP_E_ARG, 0, "a rolling window has 1 to %d values, not %zu",
                        LRP_ROLLING_MOST, window);
    }
    double *sorted = lrp_calloc_array(window, sizeof *sorted);
    LRP_TRY_MEMORY(sorted, err);
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
        median[i] = (double)NAN;
        mad[i] = (double)NAN;
        if (count >= least && count > 0) {
            median_and_mad(sorted, count, &median[i], &mad[i]);
        }
        if (count == window) {
            replace(sorted, window, y[i - window], y[i]);
        } else {
            size_t at = place_of(sorted, count, y[i]);
            memmove(sorted + at + 1, sorted + at, (count - at) * sizeof *sorted);
            sorted[at] = y[i];
            count++;
        }
    }
    free(sorted);
    return LRP_OK;
}
