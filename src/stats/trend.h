/* SPDX-License-Identifier: MIT */
/* Does a series rise or fall, how fast, and can one tell: tests that a few spikes do not move. For
 * block medians of a run, not for its raw steps. */
#ifndef LRP_STATS_TREND_H
#define LRP_STATS_TREND_H

#include "status.h"

#include <stddef.h>

enum {
    LRP_TREND_POINTS_MOST = 400, /* all pairs are looked at: 0.6 MB */
    LRP_TREND_LAGS = 3           /* see lrp_mann_kendall */
};
#define LRP_TREND_MODEL ((size_t)-1) /* see there */

struct lrp_theil_sen {
    double slope; /* units of y per unit of x */
    double low;   /* interval of the slope */
    double high;
    double intercept; /* median of y - slope x */
};
/* Slope as the median of the slopes of all pairs with different x (Theil 1950, Sen 1968); its
 * interval at a confidence level in (0, 1) lies between two of those slopes, by their ranks
 * (Gilbert 1987, section 16.5, with the variance for ties in x and y, as scipy.stats.theilslopes).
 * x, y: n finite values in any order of x, n at most LRP_TREND_POINTS_MOST.
 * variance_ratio: 1 for independent values; what lrp_mann_kendall found where they are not: the
 * variance the ranks come from is multiplied with it, so that the interval widens as the test does.
 * LRP_E_LIMIT; LRP_E_NODATA where no two x differ; LRP_E_NOMEM. */
enum lrp_status lrp_theil_sen(const double *x, const double *y, size_t n, double level,
                              double variance_ratio, struct lrp_theil_sen *out,
                              struct lrp_error *err);

struct lrp_mann_kendall {
    double s;              /* pairs that rise less pairs that fall */
    double variance;       /* of s for independent values, with ties (Kendall 1975) */
    double variance_ratio; /* n / n*, what serial correlation multiplies that variance with */
    double z;              /* (s - sign s) / sqrt(variance variance_ratio); negative: it falls */
    double p;              /* two-sided */
};
/* Mann's and Kendall's test for a trend in n values at equal distances, with the variance that
 * Hamed and Rao (1998, equation 10) give for serially correlated values: the autocorrelations of
 * the ranks of the series without its Theil-Sen line, those outside +-1.96 / sqrt(n) only, at lags
 * up to lags_most (0: all, as pymannkendall.hamed_rao_modification_test does). n from 4 (the
 * normal approximation wants 10) to LRP_TREND_POINTS_MOST.
 * Where the estimate is not positive (it can come out so for few values that alternate) there is
 * nothing to take the root of, and variance_ratio is 1, as it is for an exact line.
 * LRP_TREND_MODEL as lags_most: not those sums of what the lags happen to show, but all lags of the
 * model rho_k = r phi^(k-1), of an AR(1) process with or without white noise on it. r and r_2 are
 * the first two autocorrelations, cleared of the bias that taking out a line leaves, (n r + 2) /
 * (n - 4) (Marriott and Pope 1954, Kendall 1954); r counts if it was above 1.645 / sqrt(n), else
 * the ratio is 1; phi = r_2 / r, not below r, and r itself where r_2 is not significant; both
 * at most 0.97. It is never bolder than the plain test, makes the fewest false alarms, and misses
 * little: of 1,500 series, so many had p < 0.05 with no correction, all lags, 3 lags, the model:
 *   independent, n = 50:    5 %,  5 %,  5 %,  4 %     n = 200:  5 %,  4 %,  5 %, 5 %
 *   AR(1) 0.3,   n = 50:   13 %, 10 %, 10 %,  9 %     n = 200: 14 %, 10 %,  7 %, 5 %
 *   AR(1) 0.6,   n = 50:   31 %, 20 %, 14 %,  7 %     n = 200: 31 %, 16 %, 10 %, 6 %
 *   AR(1) 0.8,   n = 50:   49 %, 30 %, 21 %, 10 %     n = 200: 50 %, 24 %, 16 %, 6 %
 * (ratios below 1 as 1 throughout; without that independent values make 7 to 9 %), and of series
 * of AR(1) 0.3 noise that fall by 1.5 deviations from end to end at n = 100, 3 lags see 90 %, the
 * model 83 %.
 * What few values say of their own correlation is not enough: take block medians first.
 * Equal values all over: z = 0, p = 1. LRP_E_LIMIT, LRP_E_NODATA below 4 values, LRP_E_NOMEM. */
enum lrp_status lrp_mann_kendall(const double *y, size_t n, size_t lags_most,
                                 struct lrp_mann_kendall *out, struct lrp_error *err);

enum lrp_trend { LRP_TREND_FALLING, LRP_TREND_FLAT, LRP_TREND_RISING, LRP_TREND_UNDECIDED };
/* What an interval of a slope says beside a margin of equivalence delta >= 0: flat where all of it
 * lies within -delta..delta (two one-sided tests, Schuirmann 1987, at (1 - level) / 2 each: an
 * interval at level 0.90 tests at 0.05), falling where all of it lies below -delta, rising where
 * above delta, else undecided. With delta = 0: is there any trend; flat is then only a slope of
 * exactly 0. NaN: undecided. */
enum lrp_trend lrp_trend_of(double low, double high, double delta);
#endif
