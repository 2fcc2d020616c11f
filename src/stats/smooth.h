/* SPDX-License-Identifier: MIT */
/* Zero-lag smoothing of points that need not be equally spaced. */
#ifndef LRP_STATS_SMOOTH_H
#define LRP_STATS_SMOOTH_H

#include <stddef.h>

/* Local linear regression with a Gaussian kernel (Cleveland 1979 without the robust steps; Fan and
 * Gijbels 1996, section 3.1): at each grid point the weighted line through the neighbours, so that
 * a straight flank comes out unshifted, at the ends too.
 * x: n ascending abscissae (equal ones allowed), y: n finite values. grid: n_grid ascending points.
 * bandwidth: the kernel's standard deviation in units of x; where neighbours are farther apart than
 * that it widens to 1.5 times their distance. out: n_grid values, NaN outside [x[0], x[n-1]]. */
void lrp_smooth_local_linear(const double *x, const double *y, size_t n, const double *grid,
                             size_t n_grid, double bandwidth, double *out);
#endif
