/* SPDX-License-Identifier: MIT */
#include "schedule.h"

#include <math.h>

enum { LR };

static struct lrp_schedule_point at(const struct lrp_schedule *schedule, double n_steps,
                                    double step)
{
    (void)n_steps;
    (void)step;
    return (struct lrp_schedule_point){schedule->values[LR], (double)NAN};
}

static void formula(const struct lrp_schedule *schedule, double n_steps, struct lrp_text *out)
{
    (void)schedule;
    (void)n_steps;
    lrp_text_append(out, "rate = lr\n");
}

static bool pytorch(const struct lrp_schedule *schedule, double n_steps, struct lrp_text *out)
{
    (void)schedule;
    (void)n_steps;
    lrp_text_append(out, "ConstantLR(optimizer, factor=1.0)");
    return true;
}

static const struct lrp_schedule_key constant_keys[] = {{.name = "lr",
                                                         .low = LRP_RATE_LEAST,
                                                         .high = LRP_RATE_MOST,
                                                         .value = (double)NAN,
                                                         .help = "the rate",
                                                         .source = LRP_FROM_SUGGESTED}};

const struct lrp_schedule_row lrp_schedule_constant = {
    .name = "constant",
    .help = "one rate throughout",
    .source = "what every other one is to be compared with",
    .keys = constant_keys,
    .n_keys = sizeof constant_keys / sizeof constant_keys[0],
    .at = at,
    .formula = formula,
    .pytorch = pytorch,
};
