/* SPDX-License-Identifier: MIT */
#include "schedule.h"

#include <math.h>

enum { BASE_LR, MAX_LR, STEP_SIZE, CYCLE_MOMENTUM, MOMENTUM_LOW, MOMENTUM_HIGH };

static enum lrp_status resolve(double *values, struct lrp_error *err)
{
    if (values[BASE_LR] > values[MAX_LR]) {
        return lrp_fail(err, LRP_E_ARG, 0, "base_lr of the schedule triangular is above max_lr");
    }
    return LRP_OK;
}

/* Smith 1506.01186; PyTorch's CyclicLR, mode triangular: between base_lr and max_lr in 2 step_size
 * steps and back, the momentum the other way. */
static struct lrp_schedule_point at(const double *values, double n_steps, double step)
{
    (void)n_steps;
    double size = values[STEP_SIZE];
    double cycle = floor(1 + step / (2 * size));
    double x = 1 + step / (2 * size) - cycle;
    double height = x <= 0.5 ? x / 0.5 : (x - 1) / (0.5 - 1);
    struct lrp_schedule_point point;
    point.lr = values[BASE_LR] + (values[MAX_LR] - values[BASE_LR]) * height;
    point.momentum = (double)NAN;
    if (values[CYCLE_MOMENTUM] > 0) {
        point.momentum =
            values[MOMENTUM_HIGH] - (values[MOMENTUM_HIGH] - values[MOMENTUM_LOW]) * height;
    }
    return point;
}

const struct lrp_schedule_row lrp_schedule_triangular = {
    .name = "triangular",
    .help = "cyclical rate: up and down in straight lines (CLR)",
    .keys = {{"base_lr", 1e-30, 1e30, (double)NAN, NULL},
             {"max_lr", 1e-30, 1e30, (double)NAN, NULL},
             {"step_size", 1, 1e15, 2000, NULL},
             {"cycle_momentum", 0, 1, 1, "0|1"},
             {"momentum_low", 0, 1, 0.8, NULL},
             {"momentum_high", 0, 1, 0.9, NULL}},
    .resolve = resolve,
    .at = at,
};
