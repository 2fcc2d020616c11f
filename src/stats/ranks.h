/* SPDX-License-Identifier: MIT */
/* Tests and measures that look at the order of values only. */
#ifndef LRP_STATS_RANKS_H
#define LRP_STATS_RANKS_H

#include "status.h"

#include <stddef.h>

/* ranks[i]: the place of values[i] when sorted, from 1 to n; equal values share the mean of their
 * places. ties (NULL allowed): the sum over groups of t equal values of t^3 - t. No NaN.
 * O(n log n). LRP_E_NOMEM. */
enum lrp_status lrp_ranks(const double *values, size_t n, double *ranks, double *ties,
                          struct lrp_error *err);

/* Spearman's rank correlation of n pairs: Pearson's correlation of the ranks, ties shared. NaN for
 * n < 2 and where all x or all y are equal. O(n log n). LRP_E_NOMEM. */
enum lrp_status lrp_spearman(const double *x, const double *y, size_t n, double *out,
                             struct lrp_error *err);

struct lrp_mann_whitney {
    double u;      /* pairs with a > b; those with a = b count half */
    double share;  /* u / (n_a n_b): the chance that an a exceeds a b, 0.5 for no difference */
    double z;      /* corrected for continuity; positive where a is larger */
    double p;      /* two-sided */
    double p_less; /* one-sided: small where a is smaller */
};
/* Mann and Whitney (1947): do values of a tend to be larger than those of b? The normal
 * approximation with the variance for ties (Lehmann 1975, section 1.4), good from about 8 values
 * on each side. z = 0, p = 1 and p_less = 1 where all values are equal. LRP_E_NODATA where one side
 * is empty, LRP_E_NOMEM. */
enum lrp_status lrp_mann_whitney(const double *a, size_t n_a, const double *b, size_t n_b,
                                 struct lrp_mann_whitney *out, struct lrp_error *err);
#endif
