/* SPDX-License-Identifier: MIT */
/* Sums over blocks of float32 of any size, to six digits, in an order that is the same on every
 * processor. */
#ifndef LRP_TRAIN_VECTOR_SUMS_H
#define LRP_TRAIN_VECTOR_SUMS_H

#include <stddef.h>

/* Sum of a[i]^2. */
double lrp_sum_squares(const float *a, size_t n);
/* Sum of a[i] b[i]. */
double lrp_dot(const float *a, const float *b, size_t n);
#endif
