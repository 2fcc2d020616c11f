/* SPDX-License-Identifier: MIT */
/* Patterns that come again point by point, as losses do whose batches keep their order. */
#ifndef LRP_CHECKS_PHASES_H
#define LRP_CHECKS_PHASES_H

#include <stdbool.h>
#include <stddef.h>

/* Share of the variance of n values (with mean near 0) that the medians of the phases of a period
 * explain, less what they would explain of noise. scratch: n values. 0 when memory is short. */
double lrp_explained_by_phases(const double *values, size_t n, size_t period, double *scratch);
/* Whether half of the variance of n values is a pattern with an odd period from 3 to 15 points: a
 * zig-zag, whose period is 2, is none. */
bool lrp_repeats_odd(const double *values, size_t n);
#endif
