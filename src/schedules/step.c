/* SPDX-License-Identifier: MIT */
/* Rates that fall in steps. */
#include "schedule.h"

#include "number.h"

#include <math.h>

enum { LR, GAMMA, STEP_SIZE, MILESTONES = STEP_SIZE };

/* lr gamma^floor(t / step_size); PyTorch's StepLR. */
static struct lrp_schedule_point step_at(const struct lrp_schedule *schedule, double n_steps,
                                         double step)
{
    const double *values = schedule->values;
    (void)n_steps;
    return (struct lrp_schedule_point){
        values[LR] * pow(values[GAMMA], floor(step / values[STEP_SIZE])), (double)NAN};
}

static void step_formula(const struct lrp_schedule *schedule, double n_steps, struct lrp_text *out)
{
    (void)schedule;
    (void)n_steps;
    lrp_text_append(out, "rate = lr * pow(gamma, floor(t / step_size))\n");
}

static bool step_pytorch(const struct lrp_schedule *schedule, double n_steps, struct lrp_text *out)
{
    char number[LRP_NUMBER_SIZE];
    (void)n_steps;
    lrp_text_printf(out, "StepLR(optimizer, step_size=%.0f, gamma=%s)", schedule->values[STEP_SIZE],
                    lrp_format_double(schedule->values[GAMMA], number));
    return true;
}

/* lr gamma^m, m the milestones at or before t; PyTorch's MultiStepLR. */
static struct lrp_schedule_point multistep_at(const struct lrp_schedule *schedule, double n_steps,
                                              double step)
{
    const double *values = schedule->values;
    size_t passed = 0;
    (void)n_steps;
    while (passed < schedule->n_list && schedule->list[passed] <= step) {
        passed++;
    }
    return (struct lrp_schedule_point){values[LR] * pow(values[GAMMA], (double)passed),
                                       (double)NAN};
}

static void multistep_formula(const struct lrp_schedule *schedule, double n_steps,
                              struct lrp_text *out)
{
    (void)n_steps;
    lrp_text_append(out, "passed = 0\n");
    for (size_t i = 0; i < schedule->n_list; i++) {
        char number[LRP_NUMBER_SIZE];
        lrp_text_printf(out, "passed = where(t >= %s, %zu, passed)\n",
                        lrp_format_double(schedule->list[i], number), i + 1);
    }
    lrp_text_append(out, "rate = lr * pow(gamma, passed)\n");
}

static bool multistep_pytorch(const struct lrp_schedule *schedule, double n_steps,
                              struct lrp_text *out)
{
    char number[LRP_NUMBER_SIZE];
    (void)n_steps;
    lrp_text_append(out, "MultiStepLR(optimizer, milestones=[");
    for (size_t i = 0; i < schedule->n_list; i++) {
        lrp_text_printf(out, "%s%.0f", i > 0 ? ", " : "", schedule->list[i]);
    }
    lrp_text_printf(out, "], gamma=%s)", lrp_format_double(schedule->values[GAMMA], number));
    return true;
}

static const struct lrp_schedule_key step_keys[] = {
    {.name = "lr",
     .low = LRP_RATE_LEAST,
     .high = LRP_RATE_MOST,
     .value = (double)NAN,
     .help = "the first rate",
     .source = LRP_FROM_SUGGESTED},
    {.name = "gamma", .low = 1e-10, .high = 1, .value = 0.1, .help = "the factor"},
    {.name = "step_size",
     .low = 1,
     .high = 1e15,
     .value = (double)NAN,
     .help = "steps from one fall to the next",
     .whole = true}};

const struct lrp_schedule_row lrp_schedule_step = {
    .name = "step",
    .by_factors = true,
    .help = "falls by a factor every so many steps",
    .source = "lr gamma^floor(t / step_size); PyTorch StepLR",
    .keys = step_keys,
    .n_keys = sizeof step_keys / sizeof step_keys[0],
    .at = step_at,
    .formula = step_formula,
    .pytorch = step_pytorch,
};

static const struct lrp_schedule_key multistep_keys[] = {
    {.name = "lr",
     .low = LRP_RATE_LEAST,
     .high = LRP_RATE_MOST,
     .value = (double)NAN,
     .help = "the first rate",
     .source = LRP_FROM_SUGGESTED},
    {.name = "gamma", .low = 1e-10, .high = 1, .value = 0.1, .help = "the factor"},
    {.name = "milestones",
     .low = 1,
     .high = 1e15,
     .value = (double)NAN,
     .help = "the steps at which it falls, as in 1000/2000/2500",
     .list = true}};

const struct lrp_schedule_row lrp_schedule_multistep = {
    .name = "multistep",
    .by_factors = true,
    .help = "falls by a factor at each of the given steps",
    .source = "lr gamma^(milestones at or before t); PyTorch MultiStepLR",
    .keys = multistep_keys,
    .n_keys = sizeof multistep_keys / sizeof multistep_keys[0],
    .at = multistep_at,
    .formula = multistep_formula,
    .pytorch = multistep_pytorch,
};
