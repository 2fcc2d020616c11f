/* SPDX-License-Identifier: MIT */
/* Records of sweeps and of runs at one rate whose right answer is known. */
#ifndef LRP_TESTS_SWEEP_CURVES_H
#define LRP_TESTS_SWEEP_CURVES_H

#include "record.h"

/* Loss without noise at a log10 rate. */
typedef double clean_curve(double x);
struct sweep_curve {
    clean_curve *clean;
    const char *metric; /* name of the column, NULL = "loss" */
    double lr_min, lr_max;
    size_t steps;
    double noise;
};
/* Falls about 10^-2.2 from 2.3, is lowest near 10^-1, rises from 10^-0.3 on. */
double healthy_curve(double x);
/* Level 1.39 up to 10^-1.8, then it rises. */
double flat_then_rising(double x);
/* One sweep: columns lr and the metric. */
struct lrp_record *sweep_record(const struct sweep_curve *curve, uint64_t seed);
/* n columns of one name each, no rows. */
struct lrp_record *empty_record(const char *const *names, size_t n);
/* Bounds from so many sweeps, seeds seed, seed + 1, ...; options may be NULL. */
struct lrp_bounds sweep_bounds(const struct sweep_curve *curve, size_t repeats, uint64_t seed,
                               const struct lrp_bounds_options *options);
/* Whether one of the warnings has part in it. */
bool has_warning(const struct lrp_bounds *bounds, const char *part);
#endif
