/* SPDX-License-Identifier: MIT */
#include "plan.h"

#include "alloc.h"

#include <math.h>
#include <stdlib.h>

static double rate_of_step(enum lrp_sweep_shape shape, double lr_min, double lr_max, size_t n_steps,
                           size_t k)
{
    /* The ends are exact by definition, not by luck in pow(). */
    if (k == 0) {
        return lr_min;
    }
    if (k == n_steps - 1) {
        return lr_max;
    }
    double share = (double)k / (double)(n_steps - 1);
    if (shape == LRP_SWEEP_LINEAR) {
        return lr_min + (lr_max - lr_min) * share;
    }
    /* In logarithms: lr_max / lr_min may overflow where both are representable. */
    return exp(log(lr_min) + (log(lr_max) - log(lr_min)) * share);
}

enum lrp_status lrp_plan_check(double lr_min, double lr_max, size_t n_steps, struct lrp_error *err)
{
    if (!(lr_min > 0) || !isfinite(lr_min)) {
        return lrp_fail(err, LRP_E_ARG, 0, "lr-min is %g, but it must be a number above 0", lr_min);
    }
    if (!(lr_max > lr_min) || !isfinite(lr_max)) {
        return lrp_fail(err, LRP_E_ARG, 0,
                        "lr-max is %g, but it must be a number above lr-min, which is %g", lr_max,
                        lr_min);
    }
    if (n_steps < 2 || n_steps > LRP_PLAN_MAX_STEPS) {
        return lrp_fail(err, LRP_E_ARG, 0, "a sweep of %zu steps: it must have 2 to %d", n_steps,
                        LRP_PLAN_MAX_STEPS);
    }
    return LRP_OK;
}

enum lrp_status lrp_plan_sweep(enum lrp_sweep_shape shape, double lr_min, double lr_max,
                               size_t n_steps, double **rates, struct lrp_error *err)
{
    LRP_TRY(lrp_plan_check(lr_min, lr_max, n_steps, err));
    double *plan = lrp_calloc_array(n_steps, sizeof *plan);
    LRP_TRY_MEMORY(plan, err);
    for (size_t k = 0; k < n_steps; k++) {
        plan[k] = rate_of_step(shape, lr_min, lr_max, n_steps, k);
    }
    *rates = plan;
    return LRP_OK;
}
