/* SPDX-License-Identifier: MIT */
/* Autocorrelation, and the period at which a run's data come again in the same order. Arrays hold
 * finite values. */
#ifndef LRP_STATS_AUTOCORRELATION_H
#define LRP_STATS_AUTOCORRELATION_H

#include "status.h"

/* Longer series are judged by so many of their last points. */
enum { LRP_AUTOCORRELATION_MOST = 1 << 17 };

/* Autocorrelation at one lag, mean removed, biased normaliser (Box and Jenkins, equation 2.1.11;
 * statsmodels' acf): r = sum_{t >= lag} (y[t] - m) (y[t - lag] - m) / sum_t (y[t] - m)^2, in -1..1.
 * 0 for lag >= n; NaN where nothing varies. O(n), no memory. White noise: mean near -1/n, standard
 * deviation near 1/sqrt(n). */
double lrp_autocorrelation(const double *y, size_t n, size_t lag);

/* A period at which the series repeats itself point by point, as a loss does whose batches come in
 * the same order each epoch. */
struct lrp_recurrence {
    size_t period;     /* in samples; 0 where there is none */
    double strength;   /* autocorrelation there */
    double neighbours; /* mean absolute autocorrelation one lag before and one after */
};
/* Looks for such a period E from 5 to a third of the points: r(E) > 0.2 and more than 4 times the
 * mean |r| of the lags E - 1 and E + 1 (shuffled batches of one fixed order are unlike their
 * neighbours; a smooth wave is not), beyond noise (p < 0.001 over all lags, with the deviation of r
 * by Bartlett's formula for an AR(1) process or as it is seen over the lags, whichever is larger),
 * and with little correlation at the lags before (a wave of about four samples to the period passes
 * all else). Single points beyond 3 robust deviations are drawn in first, or two spikes would make
 * a period. Of several such lags the first that is nearly as strong as the strongest, as multiples
 * of E stand out too. Below 5 the zero sum of the pattern's deviations leaves no such pattern.
 * y: a series without trend. Of the last LRP_AUTOCORRELATION_MOST points; n < 30: none.
 * LRP_E_NOMEM. */
enum lrp_status lrp_find_recurrence(const double *y, size_t n, struct lrp_recurrence *out,
                                    struct lrp_error *err);
#endif
