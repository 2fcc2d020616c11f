/* SPDX-License-Identifier: MIT */
/* Order statistics, robust scale and the t interval. */
#ifndef LRP_STATS_ROBUST_H
#define LRP_STATS_ROBUST_H

#include <stddef.h>

/* Sorts values ascending; a NaN may not be among them. */
void lrp_sort_doubles(double *values, size_t n);
/* Quantile share (0..1) of n sorted values, linear between neighbours (Hyndman and Fan's type 7).
 * NaN for n = 0. */
double lrp_quantile_sorted(const double *sorted, size_t n, double share);
/* The value that stands at place rank (0-based, below n) when sorted, in O(n): quickselect (Hoare
 * 1961, Algorithm 65) with a median of three, and a sort where that does not get smaller. Permutes
 * values: what lies before rank is not larger, what lies behind is not smaller. No NaN; infinities
 * are values. */
double lrp_select_in_place(double *values, size_t n, size_t rank);
/* Median, in O(n); the mean of the middle two for an even n. Permutes values and leaves them in no
 * particular order. NaN for n = 0. */
double lrp_median_in_place(double *values, size_t n);
/* Median of a copy, which is made in scratch (n values). */
double lrp_median_of(const double *values, size_t n, double *scratch);
/* Median of value i and its two neighbours; at the ends the value stands in for the missing one. */
double lrp_median_of_three(const double *values, size_t n, size_t i);

/* Times the median absolute deviation, this is the standard deviation of normal values (Hampel
 * 1974). */
#define LRP_MAD_TO_SIGMA 1.4826
/* Standard deviation from absolute deviations about a known centre: LRP_MAD_TO_SIGMA times their
 * median, in O(n). Whatever less than half of the values are, it is that of the normal rest.
 * Permutes deviations. NaN for n = 0. */
double lrp_sigma_of_deviations(double *deviations, size_t n);
/* Median absolute deviation from the values' own median, not scaled to sigma; and scaled. 0 where
 * more than half are equal. Overwrites values. */
double lrp_mad_in_place(double *values, size_t n);
double lrp_mad_sigma_in_place(double *values, size_t n);
/* Standard deviation of one value from the absolute differences of independent neighbours, which
 * are wider by the root of 2. Permutes changes. NaN for n = 0. */
double lrp_sigma_of_changes(double *changes, size_t n);
/* Values with the running median over 2 * half + 1 neighbours: a monotone sequence stays as it is,
 * but for its first half values, which all get the first whole window's median (the first steps of
 * a run are where spikes are common); towards the end the window shrinks. out may not be values.
 * half at most 8. */
void lrp_running_median(const double *values, size_t n, size_t half, double *out);
/* Mean and standard deviation (n - 1) of n values; the deviation is NaN for n < 2. */
void lrp_mean_deviation(const double *values, size_t n, double *mean, double *deviation);
/* Half the width of Student's t interval, at a confidence level in (0, 1), of the mean of n values:
 * with n - 1 degrees of freedom t times their deviation over the root of n. NaN for n < 2. */
double lrp_mean_half_interval(const double *values, size_t n, double level);
/* The same with a prior on the deviation, which counts as prior_weight further degrees of freedom
 * in which prior_deviation was seen (the posterior under a scaled inverse chi-squared prior on the
 * variance: Gelman et al., Bayesian Data Analysis, section 2.6; Smyth 2004 for many small groups).
 * With a prior one value has an interval too. NaN for n = 0, and n = 1 without a prior. */
double lrp_pooled_half_interval(const double *values, size_t n, double level, unsigned prior_weight,
                                double prior_deviation);
#endif
