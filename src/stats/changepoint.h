/* SPDX-License-Identifier: MIT */
/* When did the level change? For residuals or block medians: values of a series that is long
 * correlated, or that still has its trend, change level all the time. Arrays hold finite values. */
#ifndef LRP_STATS_CHANGEPOINT_H
#define LRP_STATS_CHANGEPOINT_H

#include "status.h"

#include <stdbool.h>
#include <stddef.h>

/* Of the function that says so: all pairs of places are looked at. */
enum { LRP_CHANGES_MOST = 1000 };

enum lrp_cusum_side { LRP_CUSUM_UP, LRP_CUSUM_DOWN, LRP_CUSUM_BOTH };
struct lrp_cusum {
    bool alarmed;
    bool upward;  /* which side it was */
    size_t alarm; /* first index at which the sum passes the limit; n without an alarm */
    size_t onset; /* first index of the climb that ends there: when the change began; n without */
    double peak;  /* largest sum until then, in deviations */
};
/* Page's cumulative sum (Biometrika 1954): upward S_i = max(0, S_{i-1} + (y_i - centre) / sigma -
 * slack), downward the same of the negative, and an alarm where S_i > limit. slack is half the
 * shift that is to be found, in deviations. One side of independent normal values runs about
 *   (exp(2 k b) - 2 k b - 1) / (2 k^2) with b = limit + 1.166, k = slack (Siegmund 1985, 2.7)
 * values until a false alarm: 930 at slack 0.5, limit 5; 19,000 at limit 8.
 * sigma > 0; where it is not, nothing can be said and there is no alarm. O(n). */
void lrp_cusum(const double *y, size_t n, double centre, double sigma, double slack, double limit,
               enum lrp_cusum_side side, struct lrp_cusum *out);

/* Splits y into segments of constant level so that the sum of squared distances from the segments'
 * means, plus strictness * sigma^2 * ln(n) for every change, is least: optimal partitioning
 * (Jackson et al. 2005), which is what PELT (Killick et al. 2012) with the L2 cost finds.
 * sigma: deviation of one value within a segment (1.0484 times the median absolute difference of
 * neighbours estimates it for independent values). strictness: of series of 100 independent normal
 * values one in 18 shows a change at 2 and one in 230 at 3 (segments of 5 or more, measured).
 * least: values in a segment, 1 or more. changes: room for n / least indices, receives the first
 * index of each segment but the first, ascending. O(n^2).
 * LRP_E_ARG for a sigma or strictness that is not a number above 0, or for least 0; LRP_E_LIMIT for
 * n > LRP_CHANGES_MOST; LRP_E_NOMEM. n < 2 least: no change. */
enum lrp_status lrp_level_changes(const double *y, size_t n, double sigma, double strictness,
                                  size_t least, size_t *changes, size_t *n_changes,
                                  struct lrp_error *err);

struct lrp_split {
    size_t index; /* first value of the second part */
    double shift; /* mean of the second part less mean of the first */
    double t;     /* shift over its standard error, pooled variance; its sign */
    double p;     /* chance of so large a |t| at the best of all places, level being constant */
};
/* The single place, at least `least` (1 or more) values from either end, that best explains y by
 * two levels: largest |t|. p by the tail of the maximum of the normalised Brownian bridge (Miller
 * and Siegmund, Biometrics 1982, 4 phi(b) / b + (b - 1/b) phi(b) ln(odds)), with t turned into a
 * normal deviate b (Wallace 1959); for independent values, a little above the truth. O(n).
 * Where nothing varies p is 1, t and shift 0. LRP_E_NODATA for n < 2 least or n < 4. */
enum lrp_status lrp_best_split(const double *y, size_t n, size_t least, struct lrp_split *out,
                               struct lrp_error *err);
#endif
