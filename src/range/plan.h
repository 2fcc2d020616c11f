/* SPDX-License-Identifier: MIT */
/* Plans: the learning rate (and momentum) of every step of a run. */
#ifndef LRP_RANGE_PLAN_H
#define LRP_RANGE_PLAN_H

#include "status.h"

enum lrp_shape { LRP_SHAPE_EXP, LRP_SHAPE_LINEAR };
enum { LRP_PLAN_MAX_STEPS = 10000000 };

/* Rate of step k (from 0) of a sweep of n_steps: exp lr_min * (lr_max/lr_min)^(k/(n-1)), linear
 * lr_min + (lr_max - lr_min) k/(n-1). Step 0 is lr_min and the last step is lr_max, exactly. */
double lrp_plan_rate(enum lrp_shape shape, double lr_min, double lr_max, size_t n_steps, size_t k);
/* LRP_E_ARG with a sentence unless 0 < lr_min < lr_max, both finite, and 2 <= n_steps <=
 * LRP_PLAN_MAX_STEPS. */
enum lrp_status lrp_plan_check(double lr_min, double lr_max, size_t n_steps, struct lrp_error *err);
/* The rates of a whole sweep, heap memory that the caller frees. */
enum lrp_status lrp_plan_sweep(enum lrp_shape shape, double lr_min, double lr_max, size_t n_steps,
                               double **rates, struct lrp_error *err);
#endif
