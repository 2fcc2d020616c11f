/* SPDX-License-Identifier: MIT */
/* From one short sweep over many decades: the range that is worth repeats. */
#ifndef LRP_RANGE_SCOUT_READING_H
#define LRP_RANGE_SCOUT_READING_H

#include <stdbool.h>
#include <stddef.h>

struct lrp_scout {
    double starts;   /* rate where the loss begins to fall; NaN = nowhere */
    double diverges; /* rate where it has risen again by a quarter of its fall, or for good where
                        there is no fall, or where the run ended early; NaN = nowhere */
    double lr_min;   /* chosen: from a decade below starts to twice diverges, 3 decades at least */
    double lr_max;
};

/* lr and loss of the sweep in order, nan and inf allowed; ended_early: it was stopped because it
 * had diverged. lr_min and lr_max are set whatever the curve is; false when memory is short. */
bool lrp_scout_choose(const double *lr, const double *loss, size_t n, bool ended_early,
                      struct lrp_scout *scout);
/* Where a search that finds no end is given up. */
#define LRP_LOWEST_RATE  1e-9
#define LRP_HIGHEST_RATE 1e4
/* The range of a scout: what was given, and the usual ends, 1e-7 to 10, for what is NaN. */
void lrp_scout_ends(double lr_min, double lr_max, double *low, double *high);
/* One significant digit, downwards or upwards: 0.00123 gives 0.001 or 0.002. */
double lrp_round_rate(double rate, bool up);
#endif
