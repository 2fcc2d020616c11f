/* SPDX-License-Identifier: MIT */
/* Values that stand far above what came before them, among millions. */
#ifndef LRP_STATS_OUTLIERS_H
#define LRP_STATS_OUTLIERS_H

#include "status.h"

#include <stddef.h>

struct lrp_outlier {
    size_t index;
    double median;    /* of the window before it */
    double deviation; /* 1.4826 times the window's median absolute deviation, or `smallest` */
};

/* All values that stand more than `limit` deviations above the median of the (at most) `window`
 * values before them, where there are at least `least` (1 or more) of those: just what follows from
 * lrp_rolling_median, of which it computes as little as it can. y is finite, limit and smallest are
 * 0 or more. *out ascends; the caller frees it, NULL where there are none. LRP_E_ARG as in
 * lrp_rolling_median, LRP_E_NOMEM. */
enum lrp_status lrp_rolling_outliers(const double *y, size_t n, size_t window, size_t least,
                                     double limit, double smallest, struct lrp_outlier **out,
                                     size_t *n_out, struct lrp_error *err);
#endif
