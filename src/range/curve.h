/* SPDX-License-Identifier: MIT */
/* Analysis of sweeps: repeats pooled into one curve over log10 rate, and the marks on it. */
#ifndef LRP_RANGE_CURVE_H
#define LRP_RANGE_CURVE_H

#include "status.h"

#include <stdbool.h>

/* One pooled curve on a grid of n points, equally spaced in log10 rate. For drawing. All arrays
 * have n values, NaN where no repeat reached that rate. For a metric that rises (accuracy) the
 * values are as measured, not turned over. */
struct lrp_curve {
    size_t n;
    double *log10_lr;
    double *median;   /* over the repeats' smoothed curves */
    double *band_low; /* 10 % and 90 % quantile over the repeats (their range below 5 repeats) */
    double *band_high;
    double *slope; /* d median / d log10 rate */
    size_t n_repeats;
    double **repeats; /* n_repeats arrays: each repeat, smoothed without lag, on the same grid */
};
void lrp_curve_free(struct lrp_curve *curve);

/* As lrp_bounds_find, and hands the pooled curve out too (*curve may be left NULL where the outcome
 * is too-short). The caller frees it. */
enum lrp_status lrp_bounds_find_curve(const struct lrp_record *const *records, size_t n_records,
                                      const struct lrp_bounds_options *options,
                                      struct lrp_bounds *out, struct lrp_curve **curve,
                                      struct lrp_error *err);

/* Streaming rule that ends a repeat which has clearly diverged; right for negative and near-zero
 * losses, since it measures in units of the run's own fall and noise. */
struct lrp_divergence {
    double first[16];
    double recent[9];
    double changes[64];
    size_t n; /* losses seen */
    double start;
    double best;
    size_t nonfinite_in_a_row;
};
void lrp_divergence_init(struct lrp_divergence *state);
/* One more loss, in step order; true once the run has clearly diverged (and ever after). */
bool lrp_divergence_feed(struct lrp_divergence *state, double loss);
#endif
