/* SPDX-License-Identifier: MIT */
/* The rates of a fresh session: equally spaced in their logarithm, and on the same grid when the
 * range is moved, so that runs that were made stay of use. */
#ifndef LRP_SESSION_RATE_GRID_H
#define LRP_SESSION_RATE_GRID_H

#include <stdbool.h>
#include <stddef.h>

struct lrp_rate_grid {
    double anchor;  /* log10 of the rate with index 0 */
    double spacing; /* decades */
    long low, high; /* indices of the range */
    double lr_min;  /* given ends, kept to the last bit; NaN = none */
    double lr_max;
};
/* The range between two rates. With both ends given it has n rates (0 = three a decade); else three
 * a decade, the ends outwards on the grid. */
void lrp_rate_grid_set(struct lrp_rate_grid *grid, double lr_min, double lr_max, size_t n,
                       double low, double high);
/* n rates between the ends, for a range that a scout has found; n > 1. */
void lrp_rate_grid_divide(struct lrp_rate_grid *grid, size_t n);
/* Rate with that index: three digits, so that a person can read and type it, unless it is a given
 * end or the grid is too fine for that. */
double lrp_rate_grid_rate(const struct lrp_rate_grid *grid, long index);
/* The index at or below a rate (above: at or above it). */
long lrp_rate_grid_index(const struct lrp_rate_grid *grid, double rate, bool above);
#endif
