/* SPDX-License-Identifier: MIT */
/* The views of the loss: analysis scale, blocks, residual. */
#include "run_internal.h"

#include "alloc.h"
#include "robust.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCKS_WANTED = 100, TREND_SHARE = 25, TREND_LEAST = 5, TREND_MOST = 1001 };

/* Median of a copy. */
static enum lrp_status median_of(const double *values, size_t n, double *out, struct lrp_error *err)
{
    double *copy = lrp_calloc_array(n, sizeof *copy);
    if (copy == NULL) {
        return lrp_fail_memory(err, n * sizeof *copy);
    }
    memcpy(copy, values, n * sizeof *copy);
    *out = lrp_median_in_place(copy, n);
    free(copy);
    return LRP_OK;
}

/* The width of the middle 90 % of the values, 1 where they are all the same. */
static enum lrp_status middle_width(const double *values, size_t n, double *out,
                                    struct lrp_error *err)
{
    double *copy = lrp_calloc_array(n, sizeof *copy);
    if (copy == NULL) {
        return lrp_fail_memory(err, n * sizeof *copy);
    }
    memcpy(copy, values, n * sizeof *copy);
    lrp_sort_doubles(copy, n);
    double width = lrp_quantile_sorted(copy, n, 0.95) - lrp_quantile_sorted(copy, n, 0.05);
    *out = width > 0 ? width : 1;
    free(copy);
    return LRP_OK;
}

enum lrp_status lrp_run_levels(struct lrp_run *run, struct lrp_error *err)
{
    double width = 1;
    run->log_level = true;
    for (size_t i = 0; i < run->n; i++) {
        run->log_level = run->log_level && run->loss[i] > 0;
    }
    enum lrp_status status = run->log_level ? LRP_OK : middle_width(run->loss, run->n, &width, err);
    if (status != LRP_OK) {
        return status;
    }
    run->level = lrp_calloc_array(run->n, sizeof *run->level);
    if (run->level == NULL) {
        return lrp_fail_memory(err, run->n * sizeof *run->level);
    }
    for (size_t i = 0; i < run->n; i++) {
        run->level[i] = run->log_level ? log(run->loss[i]) : run->loss[i] / width;
    }
    size_t tail = run->n / 10 > 3 ? run->n / 10 : 3;
    tail = tail < run->n ? tail : run->n;
    run->initial = run->loss[0];
    return median_of(run->loss + run->n - tail, tail, &run->final, err);
}

double lrp_noise_of(const double *values, size_t n)
{
    double bend[LRP_BLOCKS_MOST];
    if (n < 5 || n > LRP_BLOCKS_MOST) {
        return (double)NAN;
    }
    for (size_t i = 0; i + 2 < n; i++) {
        bend[i] = values[i + 2] - 2 * values[i + 1] + values[i];
    }
    double centre = lrp_median_in_place(bend, n - 2);
    for (size_t i = 0; i + 2 < n; i++) {
        bend[i] = fabs(values[i + 2] - 2 * values[i + 1] + values[i] - centre);
    }
    return 1.4826 * lrp_median_in_place(bend, n - 2) / sqrt(6);
}

double lrp_run_block_noise(const struct lrp_run *run)
{
    size_t half = run->blocks.n / 2;
    return lrp_noise_of(run->blocks.loss + half, run->blocks.n - half);
}

double lrp_run_loss_around(const struct lrp_run *run, double share)
{
    double near[5];
    size_t count = 0;
    double middle = share * (double)run->blocks.n;
    for (size_t b = 0; b < run->blocks.n && count < 5; b++) {
        if (fabs((double)b - floor(middle)) <= 2) {
            near[count] = run->blocks.loss[b];
            count++;
        }
    }
    return lrp_median_in_place(near, count);
}

static void find_extremes(struct lrp_run *run, const double *at, const double *values, size_t n)
{
    run->lowest = HUGE_VAL;
    run->highest = -HUGE_VAL;
    for (size_t i = 0; i < n; i++) {
        if (values[i] < run->lowest) {
            run->lowest = values[i];
            run->lowest_at = at[i];
        }
        run->highest = fmax(run->highest, values[i]);
    }
}

enum lrp_status lrp_run_blocks(struct lrp_run *run, struct lrp_error *err)
{
    struct lrp_blocks *blocks = &run->blocks;
    find_extremes(run, run->at, run->loss, run->n);
    blocks->sigma = (double)NAN;
    if (run->n < LRP_BLOCKS_LEAST) {
        return LRP_OK;
    }
    blocks->points_per_block = run->n / BLOCKS_WANTED > 1 ? run->n / BLOCKS_WANTED : 1;
    blocks->n = run->n / blocks->points_per_block;
    blocks->n = blocks->n < LRP_BLOCKS_MOST ? blocks->n : (size_t)LRP_BLOCKS_MOST;
    for (size_t b = 0; b < blocks->n; b++) {
        size_t begin = b * run->n / blocks->n;
        size_t end = (b + 1) * run->n / blocks->n;
        enum lrp_status status = median_of(run->loss + begin, end - begin, &blocks->loss[b], err);
        if (status != LRP_OK) {
            return status;
        }
        status = median_of(run->level + begin, end - begin, &blocks->level[b], err);
        if (status != LRP_OK) {
            return status;
        }
        blocks->begin[b] = begin;
        blocks->at[b] = 0.5 * (run->at[begin] + run->at[end - 1]);
    }
    blocks->sigma = lrp_noise_of(blocks->level, blocks->n);
    find_extremes(run, blocks->at, blocks->loss, blocks->n);
    return LRP_OK;
}

/* Moving average over at most 2 half + 1 neighbours, a symmetric window at the ends too, so that a
 * straight line comes out unshifted. out may not be values. sums: n + 1. */
static void moving_average(const double *values, size_t n, size_t half, double *sums, double *out)
{
    sums[0] = 0;
    for (size_t i = 0; i < n; i++) {
        sums[i + 1] = sums[i] + (values[i] - values[0]);
    }
    for (size_t i = 0; i < n; i++) {
        size_t reach = half < i ? half : i;
        reach = reach < n - 1 - i ? reach : n - 1 - i;
        out[i] = values[0] + (sums[i + reach + 1] - sums[i - reach]) / (double)(2 * reach + 1);
    }
}

/* Median of each value and its two neighbours: a spike one point wide vanishes. */
static void median_of_three(const double *values, size_t n, double *out)
{
    for (size_t i = 0; i < n; i++) {
        double a = values[i > 0 ? i - 1 : i];
        double b = values[i];
        double c = values[i + 1 < n ? i + 1 : i];
        out[i] = fmax(fmin(a, b), fmin(fmax(a, b), c));
    }
}

/* Subtracts from the residual what recurs at each phase of the epoch: its median over the epochs.
 */
static enum lrp_status remove_phase(double *residual, size_t n, size_t period,
                                    struct lrp_error *err)
{
    double *phase = lrp_calloc_array(n / period + 1, sizeof *phase);
    if (phase == NULL) {
        return lrp_fail_memory(err, n / period * sizeof *phase);
    }
    for (size_t p = 0; p < period; p++) {
        size_t count = 0;
        for (size_t i = p; i < n; i += period) {
            phase[count] = residual[i];
            count++;
        }
        double middle = lrp_median_in_place(phase, count);
        for (size_t i = p; i < n; i += period) {
            residual[i] -= middle;
        }
    }
    free(phase);
    return LRP_OK;
}

enum lrp_status lrp_run_residual(struct lrp_run *run, struct lrp_error *err)
{
    size_t n = run->n;
    size_t width = n / TREND_SHARE > TREND_LEAST ? n / TREND_SHARE : (size_t)TREND_LEAST;
    width = width < TREND_MOST ? width : (size_t)TREND_MOST;
    double *trend = lrp_calloc_array(n, sizeof *trend);
    double *sums = lrp_calloc_array(n + 1, sizeof *sums);
    double *deviation = lrp_calloc_array(n, sizeof *deviation);
    enum lrp_status status = LRP_OK;
    run->residual = lrp_calloc_array(n, sizeof *run->residual);
    if (trend == NULL || sums == NULL || deviation == NULL || run->residual == NULL) {
        status = lrp_fail_memory(err, n * sizeof *trend);
    } else {
        median_of_three(run->level, n, deviation);
        moving_average(deviation, n, width / 2, sums, trend);
        moving_average(trend, n, width / 2, sums, deviation);
        for (size_t i = 0; i < n; i++) {
            run->residual[i] = run->level[i] - deviation[i];
        }
        double epoch = round(run->points_per_epoch);
        if (epoch >= 3 && 3 * epoch <= (double)n) {
            status = remove_phase(run->residual, n, (size_t)epoch, err);
        }
    }
    if (status == LRP_OK && n >= LRP_BLOCKS_LEAST) {
        size_t half = n / 2;
        for (size_t i = half; i < n; i++) {
            deviation[i - half] = fabs(run->residual[i]);
        }
        run->sigma = 1.4826 * lrp_median_in_place(deviation, n - half);
    }
    free(trend);
    free(sums);
    free(deviation);
    return status;
}
