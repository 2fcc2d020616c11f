/* SPDX-License-Identifier: MIT */
/* A periodic component in red noise: the periodogram against an AR(1) background. */
#ifndef LRP_STATS_SPECTRUM_H
#define LRP_STATS_SPECTRUM_H

#include "status.h"

enum {
    LRP_SPECTRUM_LEAST = 32,     /* points below which there is no spectrum */
    LRP_SPECTRUM_MOST = 1 << 16, /* longer series are judged by so many of their last points */
};

/* The most significant peak of a spectrum. */
struct lrp_spectral_peak {
    double period; /* in samples, between the bins of the transform */
    double ratio;  /* power over background; exponential with mean 1 in mere noise */
    double p;      /* of such a ratio in any bin, Bonferroni over the bins; 0 where it underflows */
    double share;  /* of the variance: the line's three bins above the background, 0..1 */
    double amplitude;  /* of the sinusoid with this period that fits best, in units of y */
    double background; /* the AR(1) coefficient of the noise, -0.99..0.99 */
    size_t bins;       /* that were looked at */
    size_t n;          /* points that were used: the last ones, of a fast length */
};

/* Periodogram of the Hann-tapered, mean-removed series, each bin divided by the background
 *   P(w) = s (1 - a^2) / (1 + a^2 - 2 a cos w)   (Torrence and Compo 1998, equation 16),
 * a and s fitted to the bins by Whittle's likelihood, with ordinates drawn in at 5 times the
 * background, so that a strong line does not pass for red noise. Where the median of the octave
 * around a bin lies higher (a residue of trend over white noise), that is the background: a peak is
 * narrower than an octave. A bin's p value is exp(-ratio) (a chi-squared with 2 degrees of freedom;
 * with 1 at the Nyquist bin). Periods longer than a quarter of the series are drift, not
 * oscillation, and are left out. Lines that are known (the period of an epoch) are removed before.
 * y: n finite values, a series without trend. O(n log n). LRP_E_NODATA where n is below
 * LRP_SPECTRUM_LEAST or nothing varies; LRP_E_NOMEM. */
enum lrp_status lrp_spectral_peak(const double *y, size_t n, struct lrp_spectral_peak *out,
                                  struct lrp_error *err);
#endif
