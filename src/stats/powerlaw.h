/* SPDX-License-Identifier: MIT */
/* Curves of decay fitted to a loss, and what they say about a longer run. */
#ifndef LRP_STATS_POWERLAW_H
#define LRP_STATS_POWERLAW_H

#include "status.h"

#include <stdint.h>

enum {
    LRP_DECAY_POINTS_LEAST = 8,
    LRP_DECAY_POINTS_MOST = 200, /* block medians, not steps */
    LRP_DECAY_RESAMPLES_MOST = 10000,
};

enum lrp_decay_shape {
    LRP_DECAY_POWER,       /* y = c + a (t + t0)^-b, b in [0.05, 3], t0 >= 0 */
    LRP_DECAY_EXPONENTIAL, /* y = c + a exp(-t / tau), tau from 0.001 to 100 times the range of t */
};

struct lrp_decay_fit {
    enum lrp_decay_shape shape;
    double c; /* the level that is approached, from the floor to the largest of the last tenth */
    double a; /* > 0; inf where it leaves a double's range, so: */
    double first;     /* position of the first point */
    double height;    /* of the curve above c there */
    double b, t0;     /* of a power law, else NaN */
    double tau;       /* of an exponential, else NaN */
    double deviation; /* of the residuals, with n minus the number of parameters */
    double r2;        /* share of the variance that the curve explains; at most 1 */
    double aicc; /* Akaike's criterion, small-sample form; to be compared within one data set */
};

/* Of both shapes the better by Akaike's criterion (Hurvich and Tsai 1989), each the curve that fits
 * best in the sense of least squares: Levenberg and Marquardt (MINPACK's lmder) from the two best
 * of a grid of starts; the bounds by transformations (squares and squared sines).
 * t: n ascending positions >= 0; y: n finite values on any scale. floor: the least c that makes
 * sense, 0 for a cross entropy, -INFINITY where there is none (c then reaches 10 ranges of y below
 * it); a floor above the least y counts as that. Where y does not fall, the curve is nearly flat
 * and r2 near 0. Parameters of a power law are loosely told apart by short curves (a, b and t0
 * trade places); its values between and shortly after the points are not. No memory. LRP_E_NODATA
 * for n < LRP_DECAY_POINTS_LEAST or where t or y do not vary, LRP_E_LIMIT for n >
 * LRP_DECAY_POINTS_MOST. */
enum lrp_status lrp_fit_decay(const double *t, const double *y, size_t n, double floor,
                              struct lrp_decay_fit *out, struct lrp_error *err);

struct lrp_decay_forecast {
    double value, low, high;          /* of the curve there */
    double gain, gain_low, gain_high; /* how far it lies below the curve at the last point */
};
/* The curve at the position `at` with a `level` interval (0.9: from the 5 to the 95 % quantile) by
 * a moving-block bootstrap of the residuals (Kuensch 1989): blocks of n^(1/3) points keep what
 * correlation there is; residuals are widened by sqrt(n / (n - parameters * n^(1/3))), at most
 * sqrt(2), as the fit took their slow part out of them; each resample is fitted again from the
 * fit's parameters. An interval of the curve, not of single values, with the shape taken as true:
 * over twice the run, 90 % intervals held the truth in 72 to 96 of 100 cases (least with correlated
 * noise). t, y, n, floor: as they were for the fit. resamples: 20 to LRP_DECAY_RESAMPLES_MOST. The
 * same seed gives the same interval. LRP_E_ARG, LRP_E_NOMEM. */
enum lrp_status lrp_forecast_decay(const struct lrp_decay_fit *decay, const double *t,
                                   const double *y, size_t n, double floor, double at,
                                   size_t resamples, uint64_t seed, double level,
                                   struct lrp_decay_forecast *out, struct lrp_error *err);
#endif
