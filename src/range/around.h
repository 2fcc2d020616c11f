/* SPDX-License-Identifier: MIT */
/* A rate that somebody has, held against a range test around it. */
#ifndef LRP_RANGE_AROUND_H
#define LRP_RANGE_AROUND_H

#include "lrprobe/lrprobe.h"

#include <stddef.h>

/* One sentence: whether to go up or down from rate, by what the bounds say of the metric they rest
 * on; by: "convergence", "validation". The sentence goes to out, size bytes with its NUL. */
void lrp_around_advice(double rate, const struct lrp_bounds *bounds, const char *by, char *out,
                       size_t size);
#endif
