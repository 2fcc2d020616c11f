/* SPDX-License-Identifier: MIT */
/* The views of the loss: analysis scale, blocks, residual. */
#include "run_internal.h"

#include "alloc.h"
#include "autocorrelation.h"
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
    status = median_of(run->loss + run->n - tail, tail, &run->final, err);
    run->level_unit = run->log_level ? run->final : width;
    return status;
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

bool lrp_run_fell(const struct lrp_run *run)
{
    return run->lowest < (run->log_level ? 0.95 * run->initial : run->initial);
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
        blocks->at[b] = run->at[(begin + end - 1) / 2]; /* a step that was logged: it is told */
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

enum lrp_status lrp_remove_phase(double *residual, size_t n, size_t period, struct lrp_error *err)
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

enum lrp_status lrp_run_detrend(const struct lrp_run *run, size_t begin, size_t width, double *out,
                                struct lrp_error *err)
{
    size_t n = run->n - begin;
    double *trend = lrp_calloc_array(n, sizeof *trend);
    double *sums = lrp_calloc_array(n + 1, sizeof *sums);
    if (trend == NULL || sums == NULL) {
        free(trend);
        free(sums);
        return lrp_fail_memory(err, n * sizeof *trend);
    }
    median_of_three(run->level + begin, n, out);
    moving_average(out, n, width / 2, sums, trend);
    moving_average(trend, n, width / 2, sums, out);
    for (size_t i = 0; i < n; i++) {
        out[i] = run->level[begin + i] - out[i];
    }
    free(trend);
    free(sums);
    return LRP_OK;
}

/* Whether a period of so many points fits the run: at least three of them, and over all of them it
 * stays in step with whole points. */
static bool fits_as_period(double period, size_t n)
{
    double drift = fabs(period - round(period)) * (double)n / period;
    return period >= 3 && 3 * period <= (double)n && drift < 0.5;
}

/* What recurs each epoch: at the epoch's length that the log tells, else wherever it is found. */
static enum lrp_status find_recurrence(struct lrp_run *run, struct lrp_error *err)
{
    struct lrp_recurrence found = {0, 0, 0};
    enum lrp_status status = LRP_OK;
    if (fits_as_period(run->points_per_epoch, run->n)) {
        size_t period = (size_t)round(run->points_per_epoch);
        found.period = period;
        found.strength = lrp_autocorrelation(run->residual, run->n, period);
        found.neighbours = 0.5 * (fabs(lrp_autocorrelation(run->residual, run->n, period - 1)) +
                                  fabs(lrp_autocorrelation(run->residual, run->n, period + 1)));
    } else if (!(run->points_per_epoch < 3)) {
        status = lrp_find_recurrence(run->residual, run->n, &found, err);
    }
    run->recurrence.period = found.period;
    run->recurrence.strength = found.strength;
    run->recurrence.neighbours = found.neighbours;
    return status;
}

/* Robust deviation over the last half. */
static enum lrp_status find_sigma(struct lrp_run *run, struct lrp_error *err)
{
    size_t half = run->n / 2;
    double *deviation = lrp_calloc_array(run->n - half, sizeof *deviation);
    if (deviation == NULL) {
        return lrp_fail_memory(err, run->n * sizeof *deviation);
    }
    for (size_t i = half; i < run->n; i++) {
        deviation[i - half] = fabs(run->residual[i]);
    }
    run->sigma = 1.4826 * lrp_median_in_place(deviation, run->n - half);
    free(deviation);
    return LRP_OK;
}

enum lrp_status lrp_run_residual(struct lrp_run *run, struct lrp_error *err)
{
    size_t n = run->n;
    size_t width = n / TREND_SHARE > TREND_LEAST ? n / TREND_SHARE : (size_t)TREND_LEAST;
    width = width < TREND_MOST ? width : (size_t)TREND_MOST;
    run->residual = lrp_calloc_array(n, sizeof *run->residual);
    if (run->residual == NULL) {
        return lrp_fail_memory(err, n * sizeof *run->residual);
    }
    enum lrp_status status = lrp_run_detrend(run, 0, width, run->residual, err);
    status = status == LRP_OK ? find_recurrence(run, err) : status;
    if (status == LRP_OK && run->recurrence.period > 0) {
        status = lrp_remove_phase(run->residual, n, run->recurrence.period, err);
    }
    return status == LRP_OK && n >= LRP_BLOCKS_LEAST ? find_sigma(run, err) : status;
}
