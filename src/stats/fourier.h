/* SPDX-License-Identifier: MIT */
/* The discrete Fourier transform, by kissfft (single precision): what autocorrelation and spectrum
 * share. Values should be of order one, or they leave the range of a float: callers standardise. */
#ifndef LRP_STATS_FOURIER_H
#define LRP_STATS_FOURIER_H

#include "status.h"

/* At most so many points are transformed. */
enum { LRP_FOURIER_MOST = 1 << 19 };

/* The smallest length not below n, and the largest not above n (0 for n < 2), that is fast: even,
 * with no prime factor above 5. n at most LRP_FOURIER_MOST. */
size_t lrp_fourier_length(size_t n);
size_t lrp_fourier_length_within(size_t n);
/* power[k] = |sum_t y[t] exp(-2 pi i k t / length)|^2 for k = 0 .. length/2, y[t] = 0 from n on.
 * n <= length, length one of the above; O(length log length). LRP_E_NOMEM. */
enum lrp_status lrp_fourier_power(const double *y, size_t n, size_t length, double *power,
                                  struct lrp_error *err);
/* The way back from a power spectrum (length / 2 + 1 values): out[k] = the circular autocovariance
 * sum_t y[t] y[t+k] for k < n_out <= length. LRP_E_NOMEM. */
enum lrp_status lrp_fourier_covariance(const double *power, size_t length, double *out,
                                       size_t n_out, struct lrp_error *err);
#endif
