/* SPDX-License-Identifier: MIT */
#include "trend.h"

#include "alloc.h"
#include "autocorrelation.h"
#include "probability.h"
#include "ranks.h"
#include "robust.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { POINTS_LEAST = 4 };

static enum lrp_status check_count(size_t n, size_t least, struct lrp_error *err)
{
    if (n > LRP_TREND_POINTS_MOST) {
        return lrp_fail(err, LRP_E_LIMIT, 0, "a trend of %zu points: at most %d are looked at", n,
                        LRP_TREND_POINTS_MOST);
    }
    if (n < least) {
        return lrp_fail(err, LRP_E_NODATA, 0, "a trend of %zu points: it takes %zu", n, least);
    }
    return LRP_OK;
}

/* Slopes of all pairs with different x; x NULL: 0, 1, 2, ... Returns how many. */
static size_t collect_slopes(const double *x, const double *y, size_t n, double *slopes)
{
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
        for (size_t j = i + 1; j < n; j++) {
            double run = x == NULL ? (double)(j - i) : x[j] - x[i];
            if (run != 0) {
                slopes[count] = (y[j] - y[i]) / run;
                count++;
            }
        }
    }
    return count;
}

/* Sum of t (t - 1) (2 t + 5) over groups of t equal values. scratch: n values. */
static double tie_term(const double *values, size_t n, double *scratch)
{
    double sum = 0;
    memcpy(scratch, values, n * sizeof *scratch);
    lrp_sort_doubles(scratch, n);
    for (size_t begin = 0; begin < n;) {
        size_t end = begin + 1;
        while (end < n && scratch[end] == scratch[begin]) {
            end++;
        }
        double t = (double)(end - begin);
        sum += t * (t - 1) * (2 * t + 5);
        begin = end;
    }
    return sum;
}

static double score_variance(size_t n, double ties)
{
    double count = (double)n;
    return (count * (count - 1) * (2 * count + 5) - ties) / 18;
}

/* The slope of rank `place` (from 0), the nearest there is. */
static double slope_at(double *slopes, size_t count, double place)
{
    double last = (double)(count - 1);
    double nearest = place < 0 ? 0 : (place > last ? last : place);
    return lrp_select_in_place(slopes, count, (size_t)nearest);
}

enum lrp_status lrp_theil_sen(const double *x, const double *y, size_t n, double level,
                              double variance_ratio, struct lrp_theil_sen *out,
                              struct lrp_error *err)
{
    LRP_TRY(check_count(n, 2, err));
    size_t pairs = n * (n - 1) / 2;
    double *slopes = lrp_calloc_array(pairs + n, sizeof *slopes);
    LRP_TRY_MEMORY(slopes, err);
    double *scratch = slopes + pairs;
    size_t count = collect_slopes(x, y, n, slopes);
    if (count == 0) {
        free(slopes);
        return lrp_fail(err, LRP_E_NODATA, 0, "a trend of %zu points at the same place", n);
    }
    double ties = tie_term(x, n, scratch) + tie_term(y, n, scratch);
    double deviation = sqrt(fmax(score_variance(n, ties), 0) * variance_ratio);
    double reach = lrp_normal_quantile(0.5 + 0.5 * level) * deviation;
    out->slope = lrp_median_in_place(slopes, count);
    out->low = slope_at(slopes, count, rint(((double)count - reach) / 2) - 1);
    out->high = slope_at(slopes, count, rint(((double)count + reach) / 2));
    for (size_t i = 0; i < n; i++) {
        scratch[i] = y[i] - out->slope * x[i];
    }
    out->intercept = lrp_median_in_place(scratch, n);
    free(slopes);
    return LRP_OK;
}

/* Hamed and Rao's n / n*. */
static double variance_ratio(const double *ranks, size_t n, size_t lags_most)
{
    const double count = (double)n;
    const double bound = lrp_normal_quantile(0.975) / sqrt(count);
    double sum = 0;
    for (size_t lag = 1; lag <= lags_most; lag++) {
        double left = (double)(n - lag);
        double r = lrp_autocorrelation(ranks, n, lag);
        if (fabs(r) > bound) {
            sum += left * (left - 1) * (left - 2) * r;
        }
    }
    double ratio = 1 + 2 / (count * (count - 1) * (count - 2)) * sum;
    return ratio > 0 ? ratio : 1;
}

/* The same ratio with the autocorrelations of a model instead of what each lag shows. */
static double modelled_ratio(const double *ranks, size_t n)
{
    const double count = (double)n;
    const double bound = lrp_normal_quantile(0.95) / sqrt(count);
    const double most = 0.97; /* beyond it n values say nothing about their trend */
    double first = lrp_autocorrelation(ranks, n, 1);
    double second = lrp_autocorrelation(ranks, n, 2);
    if (n < 8 || !(first > bound)) {
        return 1;
    }
    /* a series without its line shows less correlation than there is */
    double r = fmin((count * first + 2) / (count - 4), most);
    double factor = second > bound ? fmax((count * second + 2) / (count - 4) / r, r) : r;
    factor = fmin(factor, most);
    double sum = 0;
    double modelled = r;
    for (size_t lag = 1; lag < n; lag++) {
        double left = (double)(n - lag);
        sum += left * (left - 1) * (left - 2) * modelled;
        modelled *= factor;
    }
    return 1 + 2 / (count * (count - 1) * (count - 2)) * sum;
}

/* The series without its Theil-Sen line into residual. False where nothing is left but rounding,
 * whose ranks mean nothing. */
static bool take_line_out(const double *y, size_t n, double *slopes, double *residual)
{
    size_t count = collect_slopes(NULL, y, n, slopes);
    double slope = lrp_median_in_place(slopes, count);
    double low = HUGE_VAL;
    double high = -HUGE_VAL;
    double largest = 0;
    for (size_t i = 0; i < n; i++) {
        residual[i] = y[i] - slope * (double)i;
        low = fmin(low, residual[i]);
        high = fmax(high, residual[i]);
        largest = fmax(largest, fabs(y[i]));
    }
    return high - low > 1e-12 * largest;
}

enum lrp_status lrp_mann_kendall(const double *y, size_t n, size_t lags_most,
                                 struct lrp_mann_kendall *out, struct lrp_error *err)
{
    LRP_TRY(check_count(n, POINTS_LEAST, err));
    size_t pairs = n * (n - 1) / 2;
    double *slopes = lrp_calloc_array(pairs + 2 * n, sizeof *slopes);
    LRP_TRY_MEMORY(slopes, err);
    double *residual = slopes + pairs;
    double *ranks = residual + n;
    double score = 0;
    for (size_t i = 0; i < n; i++) {
        for (size_t j = i + 1; j < n; j++) {
            score += (y[j] > y[i]) - (y[j] < y[i]);
        }
    }
    double variance = score_variance(n, tie_term(y, n, residual));
    enum lrp_status status = LRP_OK;
    double ratio = 1;
    if (take_line_out(y, n, slopes, residual)) {
        status = lrp_ranks(residual, n, ranks, NULL, err);
        size_t lags = lags_most > 0 && lags_most < n ? lags_most : n - 1;
        ratio = lags_most == LRP_TREND_MODEL ? modelled_ratio(ranks, n)
                                             : variance_ratio(ranks, n, lags);
    }
    free(slopes);
    LRP_TRY(status);
    double distance = fabs(score) - 1;
    double deviation = sqrt(variance * ratio);
    double z = distance > 0 && deviation > 0 ? copysign(distance / deviation, score) : 0;
    *out = (struct lrp_mann_kendall){score, variance, ratio, z, lrp_normal_two_sided(z)};
    return LRP_OK;
}

enum lrp_trend lrp_trend_of(double low, double high, double delta)
{
    if (!(low <= high)) {
        return LRP_TREND_UNDECIDED;
    }
    if (low >= -delta && high <= delta) {
        return LRP_TREND_FLAT;
    }
    if (high < -delta) {
        return LRP_TREND_FALLING;
    }
    return low > delta ? LRP_TREND_RISING : LRP_TREND_UNDECIDED;
}
