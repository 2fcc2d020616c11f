/* SPDX-License-Identifier: MIT */
/* What the analysis takes from one run record: its metric over log10 rate. */
#ifndef LRP_RANGE_CURVE_POINTS_H
#define LRP_RANGE_CURVE_POINTS_H

#include "status.h"

#include <stdbool.h>

enum lrp_rate_kind {
    LRP_RATE_SWEEP,    /* the rate rises */
    LRP_RATE_CONSTANT, /* one rate throughout */
    LRP_RATE_OTHER     /* it falls, goes up and down, or is a warm-up */
};

/* Points with a finite metric, in order of the rate. A metric that rises when things go well
 * (accuracy) is turned over, so that low is good everywhere in the analysis. */
struct lrp_curve_points {
    double *x; /* log10 rate, ascending; n values */
    double *y; /* metric; n values, in one block with x */
    size_t n;
    double x_low;    /* log10 of the first and last rate of the record, also where not finite */
    double x_high;   /* (of the rising part) */
    bool nonfinite;  /* it ends in losses that are not finite: diverged there */
    double start;    /* median of the first twelfth (8 values or more) */
    double lowest;   /* lowest running median of 5 */
    double noise;    /* standard deviation of one value, from differences of neighbours up to the
                        lowest place, or of the first 16 where that comes at once */
    double interval; /* median distance of neighbours in x */
    double steps;    /* length of the run: by its column step, else its rows */
};

/* Name of the column that decides: the wanted one, or val_loss, val_accuracy, loss, whichever
 * comes first with enough cells (8, over at least half a decade) in every record. NULL if none. */
const char *lrp_choose_metric(const struct lrp_record *const *records, size_t n_records,
                              const char *wanted);
/* Whether the rate in column lr rises, is constant, or neither. */
enum lrp_rate_kind lrp_rate_kind(const struct lrp_record *record);
/* Collects the points; LRP_E_NOMEM only. sign: 1 where low is good, -1 where high is. fini in every
 * case. */
enum lrp_status lrp_curve_points_collect(const struct lrp_record *record, const char *metric,
                                         double sign, struct lrp_curve_points *points,
                                         struct lrp_error *err);
void lrp_curve_points_fini(struct lrp_curve_points *points);
#endif
