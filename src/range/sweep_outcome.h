/* SPDX-License-Identifier: MIT */
/* What sweeps show and what they do not: outcome, reason, and the sentence with the figures. */
#ifndef LRP_RANGE_SWEEP_OUTCOME_H
#define LRP_RANGE_SWEEP_OUTCOME_H

#include "curve.h"
#include "curve_points.h"
#include "marks.h"

/* Sets outcome, reason and evidence.diverged_lr of bounds, and warns where the outcome is not ok.
 * curve, marks: of the pooled repeats; points: the repeats; error:
 * standard error of the curve. */
void lrp_judge_sweeps(const struct lrp_curve *curve, const struct lrp_marks *marks,
                      const struct lrp_curve_points *points, size_t n_points, double error,
                      struct lrp_bounds *bounds);
#endif
