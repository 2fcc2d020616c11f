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

/* The width of the middle 90 % of the values, 1 where they are all the same. scratch: n values. */
static double middle_width(const double *values, size_t n, double *scratch)
{
    memcpy(scratch, values, n * sizeof *scratch);
    lrp_sort_doubles(scratch, n);
    double width = lrp_quantile_sorted(scratch, n, 0.95) - lrp_quantile_sorted(scratch, n, 0.05);
    return width > 0 ? width : 1;
}

enum lrp_status lrp_run_levels(struct lrp_run *run, struct lrp_error *err)
{
    double width = 1;
    size_t tail = run->n / 10 > 3 ? run->n / 10 : 3;
    tail = tail < run->n ? tail : run->n;
    run->level = lrp_calloc_array(run->n, sizeof *run->level);
    LRP_TRY_MEMORY(run->level, err);
    run->initial = run->loss[0];
    run->final = lrp_median_of(run->loss + run->n - tail, tail, run->level); /* as scratch */
    run->log_level = true;
    for (size_t i = 0; i < run->n; i++) {
        run->log_level = run->log_level && run->loss[i] > 0;
    }
    if (!run->log_level) {
        width = middle_width(run->loss, run->n, run->level);
    }
    run->level_unit = run->log_level ? run->final : width;
    for (size_t i = 0; i < run->n; i++) {
        run->level[i] = run->log_level ? log(run->loss[i]) : run->loss[i] / width;
    }
    return LRP_OK;
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
    return lrp_mad_sigma_in_place(bend, n - 2) / sqrt(6);
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
    double *scratch = lrp_calloc_array(run->n / blocks->n + 1, sizeof *scratch);
    LRP_TRY_MEMORY(scratch, err);
    for (size_t b = 0; b < blocks->n; b++) {
        size_t begin = b * run->n / blocks->n;
        size_t end = (b + 1) * run->n / blocks->n;
        blocks->loss[b] = lrp_median_of(run->loss + begin, end - begin, scratch);
        blocks->level[b] = lrp_median_of(run->level + begin, end - begin, scratch);
        blocks->begin[b] = begin;
        blocks->at[b] = run->at[(begin + end - 1) / 2]; /* a step that was logged, to be shown */
    }
    free(scratch);
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

enum lrp_status lrp_remove_phase(double *residual, size_t n, size_t period, struct lrp_error *err)
{
    double *phase = lrp_calloc_array(n / period + 1, sizeof *phase);
    LRP_TRY_MEMORY(phase, err);
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
    for (size_t i = 0; i < n; i++) { /* a spike one point wide vanishes */
        out[i] = lrp_median_of_three(run->level + begin, n, i);
    }
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

/* What recurs each epoch: at the epoch's length that the log has, else wherever it is found. */
static enum lrp_status find_recurrence(struct lrp_run *run, struct lrp_error *err)
{
    struct lrp_recurrence found = {0, 0, 0};
    if (fits_as_period(run->points_per_epoch, run->n)) {
        found.period = (size_t)round(run->points_per_epoch);
        found.strength = lrp_autocorrelation(run->residual, run->n, found.period);
        found.neighbours =
            0.5 * (fabs(lrp_autocorrelation(run->residual, run->n, found.period - 1)) +
                   fabs(lrp_autocorrelation(run->residual, run->n, found.period + 1)));
    } else if (!(run->points_per_epoch < 3)) {
        LRP_TRY(lrp_find_recurrence(run->residual, run->n, &found, err));
    }
    run->recurrence.period = found.period;
    run->recurrence.strength = found.strength;
    run->recurrence.neighbours = found.neighbours;
    return LRP_OK;
}

/* Robust deviation over the last half. */
static enum lrp_status find_sigma(struct lrp_run *run, struct lrp_error *err)
{
    size_t half = run->n / 2;
    double *deviation = lrp_calloc_array(run->n - half, sizeof *deviation);
    LRP_TRY_MEMORY(deviation, err);
    for (size_t i = half; i < run->n; i++) {
        deviation[i - half] = fabs(run->residual[i]);
    }
    run->sigma = lrp_sigma_of_deviations(deviation, run->n - half);
    free(deviation);
    return LRP_OK;
}

enum lrp_status lrp_run_residual(struct lrp_run *run, struct lrp_error *err)
{
    size_t n = run->n;
    size_t width = n / TREND_SHARE > TREND_LEAST ? n / TREND_SHARE : (size_t)TREND_LEAST;
    width = width < TREND_MOST ? width : (size_t)TREND_MOST;
    run->residual = lrp_calloc_array(n, sizeof *run->residual);
    LRP_TRY_MEMORY(run->residual, err);
    LRP_TRY(lrp_run_detrend(run, 0, width, run->residual, err));
    LRP_TRY(find_recurrence(run, err));
    if (run->recurrence.period > 0) {
        LRP_TRY(lrp_remove_phase(run->residual, n, run->recurrence.period, err));
    }
    return n >= LRP_BLOCKS_LEAST ? find_sigma(run, err) : LRP_OK;
}
