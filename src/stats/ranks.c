/* SPDX-License-Identifier: MIT */
#include "ranks.h"

#include "alloc.h"
#include "probability.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct placed {
    double value;
    size_t index;
};

static int compare_placed(const void *left, const void *right)
{
    const struct placed *a = left;
    const struct placed *b = right;
    if (a->value != b->value) {
        return (a->value > b->value) - (a->value < b->value);
    }
    return (a->index > b->index) - (a->index < b->index);
}

enum lrp_status lrp_ranks(const double *values, size_t n, double *ranks, double *ties,
                          struct lrp_error *err)
{
    struct placed *order = lrp_calloc_array(n, sizeof *order);
    LRP_TRY_MEMORY(order, err);
    for (size_t i = 0; i < n; i++) {
        order[i] = (struct placed){values[i], i};
    }
    qsort(order, n, sizeof *order, compare_placed);
    double sum = 0;
    for (size_t begin = 0; begin < n;) {
        size_t end = begin + 1;
        while (end < n && order[end].value == order[begin].value) {
            end++;
        }
        double count = (double)(end - begin);
        for (size_t i = begin; i < end; i++) {
            ranks[order[i].index] = (double)begin + (count + 1) / 2;
        }
        sum += count * count * count - count;
        begin = end;
    }
    free(order);
    if (ties != NULL) {
        *ties = sum;
    }
    return LRP_OK;
}

/* Pearson's correlation of two sets of ranks: both have the mean (n + 1) / 2. */
static double correlation(const double *x, const double *y, size_t n)
{
    double mean = ((double)n + 1) / 2;
    double xx = 0;
    double yy = 0;
    double xy = 0;
    for (size_t i = 0; i < n; i++) {
        xx += (x[i] - mean) * (x[i] - mean);
        yy += (y[i] - mean) * (y[i] - mean);
        xy += (x[i] - mean) * (y[i] - mean);
    }
    return xx > 0 && yy > 0 ? xy / (sqrt(xx) * sqrt(yy)) : (double)NAN;
}

enum lrp_status lrp_spearman(const double *x, const double *y, size_t n, double *out,
                             struct lrp_error *err)
{
    double *ranks = lrp_calloc_array(n, 2 * sizeof *ranks);
    LRP_TRY_MEMORY(ranks, err);
    enum lrp_status status = lrp_ranks(x, n, ranks, NULL, err);
    if (status == LRP_OK) {
        status = lrp_ranks(y, n, ranks + n, NULL, err);
    }
    if (status == LRP_OK) {
        *out = correlation(ranks, ranks + n, n);
    }
    free(ranks);
    return status;
}

enum lrp_status lrp_mann_whitney(const double *a, size_t n_a, const double *b, size_t n_b,
                                 struct lrp_mann_whitney *out, struct lrp_error *err)
{
    if (n_a == 0 || n_b == 0) {
        return lrp_fail(err, LRP_E_NODATA, 0, "a comparison needs values on both sides");
    }
    size_t n = n_a + n_b;
    double *values = lrp_calloc_array(n, 2 * sizeof *values);
    LRP_TRY_MEMORY(values, err);
    double *ranks = values + n;
    double ties = 0;
    memcpy(values, a, n_a * sizeof *values);
    memcpy(values + n_a, b, n_b * sizeof *values);
    enum lrp_status status = lrp_ranks(values, n, ranks, &ties, err);
    double sum = 0;
    for (size_t i = 0; i < n_a; i++) {
        sum += ranks[i];
    }
    free(values);
    LRP_TRY(status);
    const double count = (double)n;
    const double pairs = (double)n_a * (double)n_b;
    double variance = pairs / 12 * ((count + 1) - ties / (count * (count - 1)));
    out->u = sum - (double)n_a * ((double)n_a + 1) / 2;
    out->share = out->u / pairs;
    const double above = out->u - pairs / 2;
    const double deviation = sqrt(fmax(variance, 0));
    const double apart = fabs(above) - 0.5;
    out->z = deviation > 0 && apart > 0 ? copysign(apart / deviation, above) : 0;
    out->p = lrp_normal_two_sided(out->z);
    out->p_less = deviation > 0 ? lrp_normal_cdf((above + 0.5) / deviation) : 1;
    return LRP_OK;
}
