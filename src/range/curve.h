/* SPDX-License-Identifier: MIT */
/* Analysis of sweeps: repeats pooled into one curve over log10 rate, and the marks on it. */
#ifndef LRP_RANGE_CURVE_H
#define LRP_RANGE_CURVE_H

#include "status.h"

#include <stdbool.h>
#include <stddef.h>

/* One pooled curve on a grid of n points, for drawing: equally spaced in log10 rate for sweeps, the
 * rates that were tried for runs at constant rates. All arrays have n values, NaN where no repeat
 * reached that rate. For a metric that rises (accuracy) the
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
    double error;     /* standard error of the median away from the flanks; 0 = not known */
    bool of_ends;     /* what runs at constant rates ended with, not smoothed */
    double *memory;   /* of all arrays of double */
};
void lrp_curve_free(struct lrp_curve *curve);

/* As lrp_bounds_find, and hands the pooled curve out too (*curve may be left NULL where the outcome
 * is too-short). The caller frees it. */
enum lrp_status lrp_bounds_find_curve(const struct lrp_record *const *records, size_t n_records,
                                      const struct lrp_bounds_options *options,
                                      struct lrp_bounds *out, struct lrp_curve **curve,
                                      struct lrp_error *err);

enum { LRP_DIVERGENCE_FIRST = 16, LRP_DIVERGENCE_RECENT = 9, LRP_DIVERGENCE_CHANGES = 64 };
/* Streaming rule that ends a repeat which has clearly diverged: the median of the last 9 losses
 * lies above the start (median of the first 16) by the whole fall so far, or by 20 standard
 * deviations of the noise where that is more; or three losses in a row are not finite. Nothing in
 * it asks for the sign or the size of the loss: adding a constant or scaling by a positive one
 * changes nothing. Plain memory, no end function. */
struct lrp_divergence {
    double first[LRP_DIVERGENCE_FIRST];     /* finite losses */
    double recent[LRP_DIVERGENCE_RECENT];   /* ring */
    double changes[LRP_DIVERGENCE_CHANGES]; /* ring of |loss - loss before|, while not risen */
    size_t n_finite;
    size_t n_changes;
    double previous;
    double start;    /* NaN until 16 finite losses came */
    double best;     /* lowest median of 9 */
    double greatest; /* largest |loss| among the first 16, for the rounding floor */
    size_t nonfinite_in_a_row;
    bool diverged;
};
void lrp_divergence_init(struct lrp_divergence *state);
/* One more loss, in step order; true once the run has clearly diverged (and ever after). */
bool lrp_divergence_feed(struct lrp_divergence *state, double loss);
#endif
