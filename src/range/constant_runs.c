/* SPDX-License-Identifier: MIT */
/* Bounds from a set of runs of one task, each at its own constant rate. */
#include "answer.h"

#include "alloc.h"
#include "pool.h"
#include "robust.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LEAST_RATES = 4, LEAST_END = 3 };
static const double ROUNDING = 1e-6;

struct rate_result { /* one rate: what its runs ended with */
    double x;        /* log10 rate */
    double value;    /* metric at the end, low = good; inf = diverged */
};

static int compare_results(const void *left, const void *right)
{
    const struct rate_result *a = left;
    const struct rate_result *b = right;
    if (a->x != b->x) {
        return a->x > b->x ? 1 : -1;
    }
    return (a->value > b->value) - (a->value < b->value);
}

/* Median of the last tenth of a run, 3 values or more; inf where it ended not finite. */
static double end_value(const struct lrp_points *run, double *scratch)
{
    if (run->nonfinite) {
        return HUGE_VAL;
    }
    size_t n = run->n / 10 > LEAST_END ? run->n / 10 : LEAST_END;
    n = n > run->n ? run->n : n;
    memcpy(scratch, run->y + run->n - n, n * sizeof *scratch);
    return lrp_median_in_place(scratch, n);
}

/* Runs at one rate (to a thousandth) become one entry with their median. */
static size_t merge_equal_rates(struct rate_result *results, size_t n)
{
    size_t kept = 0;
    for (size_t begin = 0; begin < n;) {
        size_t end = begin + 1;
        while (end < n && results[end].x - results[begin].x < 5e-4) {
            end++;
        }
        /* sorted by rate first: within one group the values may need it once more */
        double values[64];
        size_t count = end - begin > 64 ? 64 : end - begin;
        for (size_t i = 0; i < count; i++) {
            values[i] = results[begin + i].value;
        }
        double middle = lrp_median_in_place(values, count);
        results[kept] = (struct rate_result){results[begin].x, isnan(middle) ? HUGE_VAL : middle};
        kept++;
        begin = end;
    }
    return kept;
}

/* The curve that is drawn: one point a rate, diverged ones left out. */
static enum lrp_status curve_of(const struct rate_result *results, size_t n,
                                struct lrp_curve **curve, struct lrp_error *err)
{
    struct lrp_points points;
    memset(&points, 0, sizeof points);
    points.x = lrp_calloc_array(n, sizeof *points.x);
    points.y = lrp_calloc_array(n, sizeof *points.y);
    if (points.x == NULL || points.y == NULL) {
        lrp_points_fini(&points);
        return lrp_fail_memory(err, n * sizeof *points.x);
    }
    for (size_t i = 0; i < n; i++) {
        if (isfinite(results[i].value)) {
            points.x[points.n] = results[i].x;
            points.y[points.n] = results[i].value;
            points.n++;
        }
    }
    enum lrp_status status = LRP_OK;
    if (points.n >= LEAST_RATES) {
        double error = 0;
        points.x_low = results[0].x;
        points.x_high = points.x[points.n - 1];
        points.start = points.y[0];
        points.lowest = points.y[0];
        for (size_t i = 1; i < points.n; i++) {
            points.start = fmax(points.start, points.y[i]);
            points.lowest = fmin(points.lowest, points.y[i]);
        }
        points.noise = 0;
        points.interval = (points.x_high - points.x_low) / (double)(points.n - 1);
        status = lrp_pool(&points, 1, curve, &error, err);
    }
    lrp_points_fini(&points);
    return status;
}

static void set_rate(struct lrp_rate *rate, double value, double low, double high)
{
    rate->value = pow(10, value);
    rate->low = pow(10, low);
    rate->high = pow(10, high);
}

/* base_lr: the first rate whose runs make a twentieth of the best fall. */
static void find_base(const struct rate_result *results, size_t best, double start, double fall,
                      struct lrp_bounds *bounds)
{
    size_t first = best;
    while (first > 0 && results[first - 1].value <= start - LRP_LEARNING_SHARE * fall) {
        first--;
    }
    if (first == 0) {
        lrp_bounds_warn(bounds,
                        "no base_lr: the run at the lowest rate, %.3g, already learns; add lower "
                        "rates",
                        bounds->lr_low);
        return;
    }
    set_rate(&bounds->base_lr, results[first].x, results[first - 1].x, results[first].x);
}

static void judge(const struct rate_result *results, size_t n, double start,
                  const struct lrp_bounds_options *options, double run_steps,
                  struct lrp_bounds *bounds)
{
    size_t best = 0;
    for (size_t i = 1; i < n; i++) {
        best = results[i].value < results[best].value ? i : best;
    }
    double fall = start - results[best].value;
    if (!(fall > ROUNDING * fabs(start))) {
        bounds->outcome = isfinite(results[n - 1].value) && results[n - 1].value <= start
                              ? LRP_OUTCOME_FLAT
                              : LRP_OUTCOME_DIVERGED_AT_START;
        lrp_bounds_warn(bounds, "no bounds: none of the runs ends lower than they start");
        return;
    }
    bounds->evidence.lowest_loss_lr = pow(10, results[best].x);
    size_t last = best;
    while (last + 1 < n &&
           results[last + 1].value <= results[best].value + LRP_BASIN_SHARE * fall) {
        last++;
    }
    find_base(results, best, start, fall, bounds);
    for (size_t i = last + 1; i < n && isnan(bounds->evidence.diverged_lr); i++) {
        if (results[i].value > results[best].value + LRP_RISEN_SHARE * fall) {
            bounds->evidence.diverged_lr = pow(10, results[i].x);
        }
    }
    if (last + 1 == n) {
        bounds->outcome = LRP_OUTCOME_DID_NOT_DIVERGE;
        lrp_bounds_warn(bounds,
                        "no max_lr: the run at the highest rate, %.3g, is as good as the best; add "
                        "higher rates",
                        bounds->lr_high);
        return;
    }
    bounds->outcome = LRP_OUTCOME_OK;
    set_rate(&bounds->max_lr, results[last].x, results[last].x, results[last + 1].x);
    lrp_bounds_recommend(bounds, options, run_steps);
    /* These runs were made to be judged by: the best of them is the rate to take. */
    size_t below = best > 0 ? best - 1 : best;
    size_t above = best + 1 < n ? best + 1 : best;
    set_rate(&bounds->suggested_lr, results[best].x, results[below].x, results[above].x);
    lrp_bounds_warn(bounds, "found from runs at constant rates: the ranges are the neighbouring "
                            "rates that were tried, not intervals");
}

enum lrp_status lrp_bounds_from_constant_runs(const struct lrp_points *runs, size_t n_runs,
                                              const struct lrp_bounds_options *options,
                                              struct lrp_bounds *bounds, struct lrp_curve **curve,
                                              struct lrp_error *err)
{
    size_t longest = 0;
    for (size_t r = 0; r < n_runs; r++) {
        longest = runs[r].n > longest ? runs[r].n : longest;
    }
    struct rate_result *results = lrp_calloc_array(n_runs, sizeof *results);
    double *scratch = lrp_calloc_array(longest > n_runs ? longest : n_runs, sizeof *scratch);
    if (results == NULL || scratch == NULL) {
        free(results);
        free(scratch);
        return lrp_fail_memory(err, n_runs * sizeof *results);
    }
    for (size_t r = 0; r < n_runs; r++) {
        results[r] = (struct rate_result){runs[r].x_low, end_value(&runs[r], scratch)};
    }
    for (size_t r = 0; r < n_runs; r++) {
        scratch[r] = runs[r].y[0];
    }
    double start = lrp_median_in_place(scratch, n_runs);
    qsort(results, n_runs, sizeof *results, compare_results);
    size_t n = merge_equal_rates(results, n_runs);
    enum lrp_status status = LRP_OK;
    if (n < LEAST_RATES) {
        lrp_bounds_warn(bounds, "%zu different constant rates: bounds need %d or more", n,
                        LEAST_RATES);
    } else {
        judge(results, n, start, options, (double)longest, bounds);
        status = curve_of(results, n, curve, err);
    }
    free(results);
    free(scratch);
    return status;
}
