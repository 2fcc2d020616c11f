/* SPDX-License-Identifier: MIT */
#include "changepoint.h"

#include "alloc.h"

#include <math.h>
#include <stdlib.h>

/* One side of the sum as it goes. */
struct climb {
    double sum;
    size_t onset;
};

static void climb_on(struct climb *climb, double step, size_t i)
{
    if (climb->sum <= 0) {
        climb->onset = i;
    }
    climb->sum = fmax(0, climb->sum + step);
}

void lrp_cusum(const double *y, size_t n, double centre, double sigma, double slack, double limit,
               enum lrp_cusum_side side, struct lrp_cusum *out)
{
    *out = (struct lrp_cusum){.alarm = n, .onset = n};
    if (!(sigma > 0)) {
        return;
    }
    struct climb up = {0, 0};
    struct climb down = {0, 0};
    for (size_t i = 0; i < n; i++) {
        double z = (y[i] - centre) / sigma;
        if (side != LRP_CUSUM_DOWN) {
            climb_on(&up, z - slack, i);
        }
        if (side != LRP_CUSUM_UP) {
            climb_on(&down, -z - slack, i);
        }
        bool upward = up.sum >= down.sum;
        const struct climb *higher = upward ? &up : &down;
        out->peak = fmax(out->peak, higher->sum);
        if (higher->sum > limit) {
            *out = (struct lrp_cusum){true, upward, i, higher->onset, out->peak};
            return;
        }
    }
}

/* Sums of the first i values and of their squares, about a value near the middle of them: the
 * squares of what is far from zero would swallow the differences. */
struct sums {
    double *first;
    double *second;
};

static void fill_sums(const double *y, size_t n, struct sums *sums)
{
    double mean = 0;
    for (size_t i = 0; i < n; i++) {
        mean += y[i] / (double)n;
    }
    sums->first[0] = 0;
    sums->second[0] = 0;
    for (size_t i = 0; i < n; i++) {
        double value = y[i] - mean;
        sums->first[i + 1] = sums->first[i] + value;
        sums->second[i + 1] = sums->second[i] + value * value;
    }
}

/* Squared distances of the values begin..end-1 from their mean. */
static double cost(const struct sums *sums, size_t begin, size_t end)
{
    double sum = sums->first[end] - sums->first[begin];
    double squares = sums->second[end] - sums->second[begin];
    return fmax(0, squares - sum * sum / (double)(end - begin));
}

/* best[t]: least cost of the first t values; before[t]: where their last segment begins. */
static void partition(const struct sums *sums, size_t n, double penalty, size_t least, double *best,
                      size_t *before)
{
    best[0] = -penalty;
    for (size_t end = least; end <= n; end++) {
        best[end] = HUGE_VAL;
        for (size_t begin = 0; begin + least <= end; begin++) {
            if (begin > 0 && begin < least) {
                continue; /* no segment fits before it */
            }
            double total = best[begin] + cost(sums, begin, end) + penalty;
            if (total < best[end]) {
                best[end] = total;
                before[end] = begin;
            }
        }
    }
}

enum lrp_status lrp_level_changes(const double *y, size_t n, double sigma, double strictness,
                                  size_t least, size_t *changes, size_t *n_changes,
                                  struct lrp_error *err)
{
    if (!(sigma > 0) || !(strictness > 0) || least == 0) {
        return lrp_fail(err, LRP_E_ARG, 0,
                        "level changes need a deviation and a penalty above 0 and segments of 1 "
                        "value or more");
    }
    if (n > LRP_CHANGES_MOST) {
        return lrp_fail(err, LRP_E_LIMIT, 0,
                        "level changes are sought in at most %d values, not %zu", LRP_CHANGES_MOST,
                        n);
    }
    if (n / 2 < least) {
        *n_changes = 0;
        return LRP_OK;
    }
    double *room = lrp_calloc_array(n + 1, 3 * sizeof *room);
    size_t *before = lrp_calloc_array(n + 1, sizeof *before);
    if (room == NULL || before == NULL) {
        free(room);
        free(before);
        return lrp_fail_memory(err, (n + 1) * (3 * sizeof *room + sizeof *before));
    }
    struct sums sums = {room, room + (n + 1)};
    fill_sums(y, n, &sums);
    partition(&sums, n, strictness * sigma * sigma * log((double)n), least, room + 2 * (n + 1),
              before);
    size_t count = 0;
    for (size_t end = before[n]; end > 0; end = before[end]) {
        count++;
    }
    *n_changes = count;
    for (size_t end = before[n]; end > 0; end = before[end]) {
        count--;
        changes[count] = end;
    }
    free(before);
    free(room);
    return LRP_OK;
}

/* Chance that the standardised difference somewhere between the shares `first` and 1 - first of the
 * series is beyond b. */
static double tail_of_maximum(double b, double first)
{
    const double density = 0.3989422804014327 * exp(-0.5 * b * b);
    double odds = (1 - first) / first;
    double p = 4 * density / b + (b - 1 / b) * density * log(odds * odds);
    return b > 1 && p < 1 ? p : 1; /* an approximation for the tail: it falls from b = 1.5 on */
}

enum lrp_status lrp_best_split(const double *y, size_t n, size_t least, struct lrp_split *out,
                               struct lrp_error *err)
{
    if (least == 0 || n / 2 < least || n < 4) {
        return lrp_fail(err, LRP_E_NODATA, 0, "a level shift needs %zu values on either side",
                        least < 2 ? (size_t)2 : least);
    }
    double *room = lrp_calloc_array(n + 1, 2 * sizeof *room);
    if (room == NULL) {
        return lrp_fail_memory(err, (n + 1) * 2 * sizeof *room);
    }
    struct sums sums = {room, room + (n + 1)};
    fill_sums(y, n, &sums);
    const double all = cost(&sums, 0, n);
    double best = 0;
    size_t index = n / 2;
    for (size_t k = least; k + least <= n; k++) { /* what a split at k explains */
        double explained = all - cost(&sums, 0, k) - cost(&sums, k, n);
        if (explained > best) {
            best = explained;
            index = k;
        }
    }
    struct lrp_split split = {.index = index, .p = 1};
    double first = sums.first[index] / (double)index;
    double second = (sums.first[n] - sums.first[index]) / (double)(n - index);
    if (best > 1e-14 * sums.second[n] && best > 0) {
        double freedom = (double)(n - 2);
        /* two exact levels leave nothing: t as large as the sums can tell */
        double rest = fmax(all - best, 1e-15 * sums.second[n]);
        split.shift = second - first;
        split.t = copysign(sqrt(freedom * best / rest), split.shift);
        double b = (8 * freedom + 1) / (8 * freedom + 3) *
                   sqrt(freedom * log1p(split.t * split.t / freedom));
        split.p = tail_of_maximum(b, (double)least / (double)n);
    }
    free(room);
    *out = split;
    return LRP_OK;
}
