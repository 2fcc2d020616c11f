/* SPDX-License-Identifier: MIT */
#include "schedule.h"

#include <math.h>

static struct lrp_schedule_point at(const double *values, double n_steps, double step)
{
    (void)n_steps;
    (void)step;
    return (struct lrp_schedule_point){values[0], (double)NAN};
}

const struct lrp_schedule_row lrp_schedule_constant = {
    .name = "constant",
    .help = "one rate throughout",
    .keys = {{"lr", 1e-30, 1e30, (double)NAN, NULL}},
    .at = at,
};
