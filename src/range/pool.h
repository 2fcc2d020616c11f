/* SPDX-License-Identifier: MIT */
/* Repeats pooled into one curve. */
#ifndef LRP_RANGE_POOL_H
#define LRP_RANGE_POOL_H

#include "curve.h"
#include "curve_points.h"

/* Standard deviation of the smoothing kernel in decades. On the study problems 0.12 gave the
 * steadiest max_lr: half of it lets the noise through, twice of it rounds the minimum off. */
#define LRP_POOL_BANDWIDTH 0.12
/* Share of the whole fall that the loss has to rise by to count as diverging. */
#define LRP_RISEN_SHARE 0.25
/* DESIGN section 5: the model starts to learn where 5 % of the whole fall are made. */
#define LRP_LEARNING_SHARE 0.05
/* The lowest point of a flat basin wanders (10 to 90 % range over 12 range tests of 14 problems up
 * to 0.44 decades); the middle of the basin at a tenth of the fall stays within 0.22. */
#define LRP_BASIN_SHARE 0.10

/* A curve of n points with room for n_repeats; all values 0. */
enum lrp_status lrp_curve_new(size_t n, size_t n_repeats, struct lrp_curve **out,
                              struct lrp_error *err);
/* Median, band and slope from the repeats. column: n_repeats values of scratch. */
void lrp_curve_combine(struct lrp_curve *curve, double *column);
/* Smooths every repeat on one common grid and takes the median over them. A repeat that ended high
 * (stopped, or not finite any more) counts as high beyond its end: else the survivors would decide.
 * points: n_points records with 2 points or more each, low = good. The curve has the same sense.
 * standard_error: of the pooled curve away from the flanks. LRP_E_NOMEM; *curve, where it is not
 * NULL then, is the caller's to free in every case. */
enum lrp_status lrp_pool(const struct lrp_curve_points *points, size_t n_points,
                         struct lrp_curve **curve, double *standard_error, struct lrp_error *err);
/* Whether the repeat ends risen: not finite, or above its lowest place by a quarter of its fall. */
bool lrp_ended_high(const struct lrp_curve_points *points);
/* Width of the first part of the grid, whose median is the level before learning: a quarter of a
 * decade, less for narrow sweeps. */
size_t lrp_pool_head(const struct lrp_curve *curve);
/* Turns a curve that was analysed as low = good into one as measured (accuracy). */
void lrp_curve_turn_over(struct lrp_curve *curve);
#endif
