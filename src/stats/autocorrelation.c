/* SPDX-License-Identifier: MIT */
#include "autocorrelation.h"

#include "alloc.h"
#include "fourier.h"
#include "probability.h"
#include "robust.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Mean, and the largest deviation from it: sums of squares are taken in its units, so that neither
 * huge nor tiny values leave a double's range. */
static double mean_and_reach(const double *y, size_t n, double *reach)
{
    double mean = 0;
    for (size_t t = 0; t < n; t++) {
        mean += (y[t] - mean) / (double)(t + 1); /* a plain sum could overflow */
    }
    *reach = 0;
    for (size_t t = 0; t < n; t++) {
        *reach = fmax(*reach, fabs(y[t] - mean));
    }
    return mean;
}

double lrp_autocorrelation(const double *y, size_t n, size_t lag)
{
    double reach = 0;
    double mean = mean_and_reach(y, n, &reach);
    if (!(reach > 0)) {
        return (double)NAN;
    }
    double squares = 0;
    double products = 0;
    for (size_t t = 0; t < n; t++) {
        double now = (y[t] - mean) / reach;
        squares += now * now;
        products += t >= lag ? now * ((y[t - lag] - mean) / reach) : 0;
    }
    return products / squares;
}

/* The autocorrelations at the lags 0 .. max_lag < n by a Fourier transform, correct to about 1e-6;
 * out: max_lag + 1 values, the first NaN where nothing varies; scratch: room for n. O(n log n).
 * LRP_E_NOMEM.
 */
static enum lrp_status autocorrelations(const double *y, size_t n, size_t max_lag, double *scratch,
                                        double *out, struct lrp_error *err)
{
    double reach = 0;
    double mean = mean_and_reach(y, n, &reach);
    if (!(reach > 0)) {
        out[0] = (double)NAN;
        return LRP_OK;
    }
    for (size_t t = 0; t < n; t++) {
        scratch[t] = (y[t] - mean) / reach;
    }
    size_t length = lrp_fourier_length(n + max_lag);
    double *power = lrp_calloc_array(length / 2 + 1, sizeof *power);
    LRP_TRY_MEMORY(power, err);
    enum lrp_status status = lrp_fourier_power(scratch, n, length, power, err);
    if (status == LRP_OK) {
        status = lrp_fourier_covariance(power, length, out, max_lag + 1, err);
    }
    free(power);
    LRP_TRY(status);
    double variance = out[0];
    for (size_t lag = 0; lag <= max_lag; lag++) {
        out[lag] /= variance;
    }
    return LRP_OK;
}

/* ---- recurrence ---------------------------------------------------------------------------- */

enum { SHORTEST = 5, FEWEST = 30 };

/* Draws values beyond 3 robust deviations from the median in to there: the quartile of a normal
 * distribution is its median absolute deviation. */
static void draw_in(const double *y, size_t n, double *out)
{
    double median = lrp_median_of(y, n, out);
    double reach = 3 / lrp_normal_quantile(0.75) * lrp_mad_in_place(out, n);
    if (!(reach > 0)) {
        reach = (double)INFINITY; /* more than half of the values are the same */
    }
    for (size_t t = 0; t < n; t++) {
        out[t] = fmin(fmax(y[t], median - reach), median + reach);
    }
}

/* The standard deviation of r at long lags where there is no recurrence: Bartlett's formula (Box
 * and Jenkins, equation 2.1.15) for an AR(1) process with the r(1) that is seen, or the spread over
 * the lags (r: n / 3 + 2 values; scratch: as many). */
static double deviation_of_lags(const double *r, size_t n, double *scratch)
{
    double a = fmin(fabs(r[1]), 0.99);
    double expected = sqrt((1 + a * a) / (1 - a * a) / (double)n);
    size_t count = n / 3 - SHORTEST + 1;
    for (size_t i = 0; i < count; i++) {
        scratch[i] = fabs(r[SHORTEST + i]);
    }
    return fmax(expected, lrp_sigma_of_deviations(scratch, count));
}

/* r: autocorrelations at the lags 0 .. n / 3 + 1. */
static struct lrp_recurrence choose_period(const double *r, size_t n, double deviation)
{
    struct lrp_recurrence none = {0, (double)NAN, (double)NAN};
    struct lrp_recurrence found = none;
    double strongest = 0;
    double squares = 0; /* of r at the lags 1 .. lag - 1 */
    for (size_t lag = 1; lag <= n / 3; squares += r[lag] * r[lag], lag++) {
        double neighbours = 0.5 * (fabs(r[lag - 1]) + fabs(r[lag + 1]));
        /* one-sided tail of a normal, over all lags */
        double tail = 0.5 * erfc(r[lag] / deviation * 0.70710678118654752) * (double)(n / 3);
        bool stands_out = r[lag] > 0.2 && r[lag] > 4 * neighbours && tail < 0.001;
        if (lag < SHORTEST || !stands_out || squares / (double)(lag - 1) > 0.25 * r[lag] * r[lag]) {
            continue;
        }
        if (r[lag] > strongest / 0.8) {
            found = (struct lrp_recurrence){lag, r[lag], neighbours};
        }
        strongest = fmax(strongest, r[lag]);
    }
    return found;
}

enum lrp_status lrp_find_recurrence(const double *y, size_t n, struct lrp_recurrence *out,
                                    struct lrp_error *err)
{
    if (n > LRP_AUTOCORRELATION_MOST) {
        y += n - LRP_AUTOCORRELATION_MOST;
        n = LRP_AUTOCORRELATION_MOST;
    }
    struct lrp_recurrence found = {0, (double)NAN, (double)NAN};
    if (n < FEWEST) {
        *out = found;
        return LRP_OK;
    }
    size_t lags = n / 3 + 2;
    double *calm = lrp_calloc_array(2 * n + lags, sizeof *calm);
    LRP_TRY_MEMORY(calm, err);
    double *scratch = calm + n;
    double *r = scratch + n;
    draw_in(y, n, calm);
    enum lrp_status status = autocorrelations(calm, n, lags - 1, scratch, r, err);
    if (status == LRP_OK) {
        *out = isfinite(r[0]) ? choose_period(r, n, deviation_of_lags(r, n, scratch)) : found;
    }
    free(calm);
    return status;
}
