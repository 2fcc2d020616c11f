/* SPDX-License-Identifier: MIT */
/* Plans: the learning rate (and momentum) of every step of a run. */
#ifndef LRP_RANGE_PLAN_H
#define LRP_RANGE_PLAN_H

#include "status.h"

enum lrp_sweep_shape { LRP_SWEEP_EXP, LRP_SWEEP_LINEAR };
enum { LRP_PLAN_MAX_STEPS = 10000000 };

/* LRP_E_ARG with a sentence unless 0 < lr_min < lr_max, both finite, and 2 <= n_steps <=
 * LRP_PLAN_MAX_STEPS. */
enum lrp_status lrp_plan_check(double lr_min, double lr_max, size_t n_steps, struct lrp_error *err);
/* The rates of a sweep, heap memory that the caller frees. Step k (from 0) of n has, for exp,
 * lr_min * (lr_max/lr_min)^(k/(n-1)), for linear lr_min + (lr_max - lr_min) k/(n-1). Step 0 is
 * lr_min and the last step is lr_max, exactly. LRP_E_ARG as lrp_plan_check, LRP_E_NOMEM. */
enum lrp_status lrp_plan_sweep(enum lrp_sweep_shape shape, double lr_min, double lr_max,
                               size_t n_steps, double **rates, struct lrp_error *err);
#endif
