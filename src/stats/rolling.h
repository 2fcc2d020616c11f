/* SPDX-License-Identifier: MIT */
/* Medians over windows that move along millions of values. Values may be infinite, never NaN. */
#ifndef LRP_STATS_ROLLING_H
#define LRP_STATS_ROLLING_H

#include "status.h"

#include <stddef.h>

/* Longest causal window. */
enum { LRP_ROLLING_MOST = 4096 };

/* What came before: median[i] and mad[i] are the median of the (at most) `window` values before i,
 * i itself not among them, and their median absolute deviation about it (exact, not scaled to
 * sigma). Both are NaN while there are fewer than `least` (1 or more) such values; a deviation from
 * an infinite median is NaN.
 * A window is kept sorted: one search and one move of up to `window` values a point, and the
 * deviations' median by bisection in it. LRP_E_ARG for a window of 0 or over LRP_ROLLING_MOST,
 * LRP_E_NOMEM. */
enum lrp_status lrp_rolling_median(const double *y, size_t n, size_t window, size_t least,
                                   double *median, double *mad, struct lrp_error *err);
#endif
