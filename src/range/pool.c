/* SPDX-License-Identifier: MIT */
#include "pool.h"

#include "alloc.h"
#include "robust.h"
#include "smooth.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    GRID_LEAST = 100,
    GRID_MOST = 2000,
    MEDIAN_HALF = 2,
    END_VALUES = 3,
    FIRST_VALUES = 4,
    FIRST_WINDOW = 9
};
/* A first value so many times its neighbours' spread above them is a spike. */
static const double SPIKE_SPREADS = 8;
static const double GRID_STEP = 0.02; /* decades */
static const double HEAD_WIDTH = 0.25;
/* 2 sqrt(pi): effective number of points under a Gaussian kernel of one deviation, times spacing.
 */
static const double KERNEL_POINTS = 3.5449;

void lrp_curve_free(struct lrp_curve *curve)
{
    if (curve != NULL) {
        free(curve->memory);
        free(curve->repeats);
        free(curve);
    }
}

enum lrp_status lrp_curve_new(size_t n, size_t n_repeats, struct lrp_curve **out,
                              struct lrp_error *err)
{
    struct lrp_curve *curve = lrp_calloc_array(1, sizeof *curve);
    LRP_TRY_MEMORY(curve, err);
    double **arrays[] = {&curve->log10_lr, &curve->median, &curve->band_low, &curve->band_high,
                         &curve->slope};
    const size_t n_arrays = sizeof arrays / sizeof arrays[0];
    curve->n = n;
    curve->n_repeats = n_repeats;
    curve->memory = lrp_calloc_array(n, (n_arrays + n_repeats) * sizeof(double));
    curve->repeats = lrp_calloc_array(n_repeats, sizeof *curve->repeats);
    if (curve->memory == NULL || curve->repeats == NULL) {
        lrp_curve_free(curve);
        return lrp_fail_memory(err, n * (n_arrays + n_repeats) * sizeof(double));
    }
    for (size_t i = 0; i < n_arrays; i++) {
        *arrays[i] = curve->memory + i * n;
    }
    for (size_t r = 0; r < n_repeats; r++) {
        curve->repeats[r] = curve->memory + (n_arrays + r) * n;
    }
    *out = curve;
    return LRP_OK;
}

bool lrp_ended_high(const struct lrp_curve_points *points)
{
    if (points->nonfinite) {
        return true;
    }
    double last[END_VALUES];
    size_t n = points->n < END_VALUES ? points->n : (size_t)END_VALUES;
    double fall = points->start - points->lowest;
    double rise = lrp_median_of(points->y + points->n - n, n, last) - points->lowest;
    /* without a fall, the noise is the measure */
    return rise > LRP_RISEN_SHARE * fall && rise > 6 * points->noise && rise > 0;
}

/* Spikes among the first values become the median of those around them that are none. A running
 * median cannot do it there: its window has them all on one side, and two spikes in five values
 * make it the largest of the other three. */
static void mend_first_spikes(const double *values, size_t n, double noise, double *out)
{
    double kept[FIRST_WINDOW];
    size_t n_kept = 0;
    if (n < FIRST_WINDOW) {
        return;
    }
    double middle = lrp_median_of(values, FIRST_WINDOW, kept);
    double spread = fmax(lrp_mad_sigma_in_place(kept, FIRST_WINDOW), noise);
    double ceiling = middle + SPIKE_SPREADS * spread;
    for (size_t i = 0; i < FIRST_WINDOW; i++) {
        if (values[i] <= ceiling) {
            kept[n_kept] = values[i];
            n_kept++;
        }
    }
    double usual = lrp_median_in_place(kept, n_kept);
    for (size_t i = 0; i < FIRST_VALUES; i++) {
        out[i] = values[i] > ceiling ? usual : values[i];
    }
}

static enum lrp_status smooth_repeat(const struct lrp_curve_points *points,
                                     const struct lrp_curve *curve, double bandwidth, double *out,
                                     struct lrp_error *err)
{
    double *y = lrp_calloc_array(points->n, 2 * sizeof *y);
    LRP_TRY_MEMORY(y, err);
    double *raw = y + points->n;
    memcpy(raw, points->y, points->n * sizeof *raw);
    mend_first_spikes(points->y, points->n, points->noise, raw);
    lrp_running_median(raw, points->n, MEDIAN_HALF, y);
    /* A loss of 1e6 at the end would reach far back through any smoother; how far above the start
     * a diverged loss lies says nothing. */
    double ceiling = points->start + (points->start - points->lowest);
    if (!(points->start - points->lowest > 6 * points->noise)) {
        ceiling = points->start + 6 * points->noise;
    }
    for (size_t i = 0; i < points->n; i++) {
        if (y[i] > ceiling) {
            y[i] = ceiling;
        }
    }
    lrp_smooth_local_linear(points->x, y, points->n, curve->log10_lr, curve->n, bandwidth, out);
    if (lrp_ended_high(points)) {
        for (size_t g = 0; g < curve->n; g++) {
            if (isnan(out[g]) && curve->log10_lr[g] > points->x[points->n - 1]) {
                out[g] = ceiling;
            }
        }
    }
    free(y);
    return LRP_OK;
}

void lrp_curve_combine(struct lrp_curve *curve, double *column)
{
    for (size_t g = 0; g < curve->n; g++) {
        size_t n = 0;
        for (size_t r = 0; r < curve->n_repeats; r++) {
            if (!isnan(curve->repeats[r][g])) {
                column[n] = curve->repeats[r][g];
                n++;
            }
        }
        bool enough = 2 * n > curve->n_repeats;
        lrp_sort_doubles(column, n);
        /* With fewer than five repeats a tenth is not there to be seen: their range. */
        double tail = curve->n_repeats < 5 ? 0 : 0.1;
        curve->median[g] = enough ? lrp_quantile_sorted(column, n, 0.5) : (double)NAN;
        curve->band_low[g] = enough ? lrp_quantile_sorted(column, n, tail) : (double)NAN;
        curve->band_high[g] = enough ? lrp_quantile_sorted(column, n, 1 - tail) : (double)NAN;
    }
    for (size_t g = 0; g < curve->n; g++) {
        size_t before = g > 0 && !isnan(curve->median[g - 1]) ? g - 1 : g;
        size_t after = g + 1 < curve->n && !isnan(curve->median[g + 1]) ? g + 1 : g;
        curve->slope[g] = after > before ? (curve->median[after] - curve->median[before]) /
                                               (curve->log10_lr[after] - curve->log10_lr[before])
                                         : (double)NAN;
    }
}

static double error_of_pool(const struct lrp_curve_points *points, size_t n_points,
                            double bandwidth, double *column)
{
    for (size_t r = 0; r < n_points; r++) {
        double beneath =
            points[r].interval > 0 ? KERNEL_POINTS * bandwidth / points[r].interval : 1;
        column[r] = points[r].noise / sqrt(beneath > 1 ? beneath : 1);
    }
    /* 1.2533 = sqrt(pi / 2): a median is that much less sharp than a mean. */
    double median = lrp_median_in_place(column, n_points);
    return (n_points > 2 ? 1.2533 : 1.0) * median / sqrt((double)n_points);
}

size_t lrp_pool_head(const struct lrp_curve *curve)
{
    double span = curve->log10_lr[curve->n - 1] - curve->log10_lr[0];
    double width = fmin(HEAD_WIDTH, span / 8);
    size_t head = (size_t)(width / span * (double)(curve->n - 1)) + 1;
    return head < curve->n ? head : curve->n;
}

/* The lowest log10 rate that more than half of the repeats reach: below it there is no median, and
 * sweeps over different ranges would have no level before learning. */
static enum lrp_status usual_begin(const struct lrp_curve_points *points, size_t n_points,
                                   double *low, struct lrp_error *err)
{
    double *begins = lrp_calloc_array(n_points, sizeof *begins);
    LRP_TRY_MEMORY(begins, err);
    for (size_t r = 0; r < n_points; r++) {
        begins[r] = points[r].x[0];
    }
    *low = lrp_select_in_place(begins, n_points, n_points / 2);
    free(begins);
    return LRP_OK;
}

enum lrp_status lrp_pool(const struct lrp_curve_points *points, size_t n_points,
                         struct lrp_curve **curve, double *standard_error, struct lrp_error *err)
{
    double low = 0;
    double high = -HUGE_VAL;
    double finite_high = -HUGE_VAL;
    LRP_TRY(usual_begin(points, n_points, &low, err));
    for (size_t r = 0; r < n_points; r++) {
        high = fmax(high, points[r].x_high);
        finite_high = fmax(finite_high, points[r].x[points[r].n - 1]);
    }
    /* Grid and bandwidth come from where the metric is finite: a tail of NaN changes neither. */
    double span = finite_high - low;
    double step = fmin(GRID_STEP, span / GRID_LEAST);
    double steps = fmin(fmax(round((high - low) / step), 1), GRID_MOST);
    step = fmax(step, (high - low) / (steps + 0.5));
    struct lrp_curve *pooled = NULL;
    LRP_TRY(lrp_curve_new((size_t)steps + 1, n_points, &pooled, err));
    *curve = pooled;
    for (size_t g = 0; g < pooled->n; g++) {
        pooled->log10_lr[g] = low + step * (double)g;
    }
    /* The last point is where the sweep ends. Beyond it there would be no value, or that of a loss
     * which has diverged. */
    pooled->log10_lr[pooled->n - 1] = high;
    double bandwidth = fmin(LRP_POOL_BANDWIDTH, span / 10);
    for (size_t r = 0; r < n_points; r++) {
        LRP_TRY(smooth_repeat(&points[r], pooled, bandwidth, pooled->repeats[r], err));
    }
    double *column = lrp_calloc_array(n_points, sizeof *column);
    LRP_TRY_MEMORY(column, err);
    lrp_curve_combine(pooled, column);
    pooled->error = error_of_pool(points, n_points, bandwidth, column);
    *standard_error = pooled->error;
    free(column);
    return LRP_OK;
}

void lrp_curve_turn_over(struct lrp_curve *curve)
{
    for (size_t g = 0; g < curve->n; g++) {
        double high = -curve->band_low[g];
        curve->band_low[g] = -curve->band_high[g];
        curve->band_high[g] = high;
        curve->median[g] = -curve->median[g];
        curve->slope[g] = -curve->slope[g];
        for (size_t r = 0; r < curve->n_repeats; r++) {
            curve->repeats[r][g] = -curve->repeats[r][g];
        }
    }
}
