/* SPDX-License-Identifier: MIT */
/* The normal distribution, and shares with their intervals. */
#ifndef LRP_STATS_PROBABILITY_H
#define LRP_STATS_PROBABILITY_H

#include <stddef.h>

/* P(Z <= z) for a standard normal Z, from erfc: full relative precision in the lower tail. */
double lrp_normal_cdf(double z);
/* z with P(Z <= z) = p, to 1e-15 (Wichura 1988, Algorithm AS 241, PPND16). -inf at 0, inf at 1, NaN
 * outside and for NaN. */
double lrp_normal_quantile(double p);
/* P(|Z| >= |z|): the p value of a two-sided test. */
double lrp_normal_two_sided(double z);

/* Interval of the probability behind `successes` out of n trials at a confidence level in (0, 1)
 * (Wilson 1927): with z the normal quantile at (1 + level) / 2, the two q that solve
 * (share - q)^2 = z^2 q (1 - q) / n. It never leaves [0, 1] and says something at 0 or n successes
 * too. 0..1 for n = 0. */
void lrp_wilson_interval(size_t successes, size_t n, double level, double *low, double *high);
#endif
