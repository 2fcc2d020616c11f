/* SPDX-License-Identifier: MIT */
/* From marks to an answer: what sweeps and sets of constant-rate runs share. */
#ifndef LRP_RANGE_ANSWER_H
#define LRP_RANGE_ANSWER_H

#include "curve.h"
#include "curve_points.h"

/* All values NaN, no warning, outcome too-short. */
void lrp_bounds_clear(struct lrp_bounds *bounds);
/* One more sentence in bounds->warnings; dropped where it is there already, and when they are full.
 */
void lrp_bounds_warn(struct lrp_bounds *bounds, const char *format, ...) LRP_PRINTF(2, 3);
/* The same of a kind. */
void lrp_bounds_warn_of(struct lrp_bounds *bounds, enum lrp_warning kind, const char *format, ...)
    LRP_PRINTF(3, 4);
/* Takes the warnings of a kind out; whether there were any. */
bool lrp_bounds_drop_warnings(struct lrp_bounds *bounds, enum lrp_warning kind);
/* Where the half interval of max_lr, in decades, is so wide that max_lr is not known to a factor of
 * 10: a warning and the reason repeats-differ, and from three repeats on the outcome too-noisy;
 * returns whether it is that. NaN: it is not. */
bool lrp_bounds_repeats_differ(struct lrp_bounds *bounds, double half_interval, size_t n_repeats);
/* To be called last: no recommended rate and no interval reaches beyond a rate at which a run
 * diverged (evidence.diverged_lr), suggested_lr stays within max_lr, and base_lr below it;
 * too-noisy has neither bound. */
void lrp_bounds_keep_order(struct lrp_bounds *bounds);
/* suggested_lr, one_cycle and clr from base_lr, max_lr and conditions. sweep_steps: length of the
 * runs that the bounds were found with. To be called again where one of them has changed. */
void lrp_bounds_recommend(struct lrp_bounds *bounds, const struct lrp_bounds_options *options,
                          double sweep_steps);

/* Bounds from sweeps. points: only usable ones (10 points and more), low = good. */
enum lrp_status lrp_bounds_from_sweeps(const struct lrp_curve_points *points, size_t n_points,
                                       const struct lrp_bounds_options *options,
                                       struct lrp_bounds *bounds, struct lrp_curve **curve,
                                       struct lrp_error *err);
/* Bounds from runs at one rate each, of one task. */
enum lrp_status lrp_bounds_from_constant_runs(const struct lrp_curve_points *runs, size_t n_runs,
                                              const struct lrp_bounds_options *options,
                                              struct lrp_bounds *bounds, struct lrp_curve **curve,
                                              struct lrp_error *err);
#endif
