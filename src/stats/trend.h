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
 * LRP_TREND_LAGS lags make the fewest false alarms. Of 600 to 2,000 series without a trend, so many
 * had p < 0.05 with no correction, with 3 lags, with all lags:
 *   independent, n = 50:    5 %,  7 %,  9 %      n = 200:  5 %, 5 %,  9 %
 *   AR(1) 0.3,   n = 50:   13 %, 12 %, 16 %      n = 200: 12 %, 6 %,  8 %
 *   AR(1) 0.6,   n = 50:   30 %, 16 %, 22 %      n = 200: 31 %, 8 %, 16 %
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
/* "falling", "flat", "rising", "undecided". */
const char *lrp_trend_name(enum lrp_trend trend);
#endif
