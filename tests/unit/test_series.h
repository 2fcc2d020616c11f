/* SPDX-License-Identifier: MIT */
/* The series that the oracles in tests/data/oracle/series.py make, and random ones. */
#ifndef LRP_TESTS_UNIT_TEST_SERIES_H
#define LRP_TESTS_UNIT_TEST_SERIES_H

#include "random.h"

/* y[t] = a y[t-1] + u[t] - 0.5, u uniform from the C standard's linear congruential generator. */
static inline void oracle_red(uint64_t seed, size_t n, double a, double *out)
{
    uint64_t state = seed;
    double last = 0;
    for (size_t i = 0; i < n; i++) {
        state = (1103515245 * state + 12345) % 0x80000000u;
        last = a * last + ((double)state / 0x80000000u - 0.5);
        out[i] = last;
    }
}

/* Normal AR(1) noise of variance 1, from its stationary distribution. */
static inline void red_noise(struct lrp_random *random, size_t n, double a, double *out)
{
    double last = lrp_random_normal(random);
    for (size_t i = 0; i < n; i++) {
        out[i] = last;
        last = a * last + __builtin_sqrt(1 - a * a) * lrp_random_normal(random);
    }
}
#endif
