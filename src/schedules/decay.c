/* SPDX-License-Identifier: MIT */
/* Rates that fall by a law of the step: smoothly, or in steps. */
#include "schedule.h"

#include "number.h"

#include <math.h>

enum { LR, GAMMA, DECAY = GAMMA, END_LR = 1, STEP_SIZE, POWER = STEP_SIZE, TOTAL_ITERS };

static struct lrp_schedule_point point(double lr)
{
    return (struct lrp_schedule_point){lr, (double)NAN};
}

/* ---- exponential ---------------------------------------------------------------------------- */

/* lr gamma^t; PyTorch's ExponentialLR. */
static struct lrp_schedule_point exponential_at(const struct lrp_schedule *schedule, double n_steps,
                                                double step)
{
    (void)n_steps;
    return point(schedule->values[LR] * pow(schedule->values[GAMMA], step));
}

static const struct lrp_schedule_key exponential_keys[] = {
    LRP_FIRST_RATE_KEY("lr", "the first rate"),
    LRP_NUMBER_KEY("gamma", 1e-10, 1, (double)NAN, "the factor, as 0.999"),
};

const struct lrp_schedule_row lrp_schedule_exponential = {
    .name = "exponential",
    .by_factors = true,
    .help = "falls by the same factor every step",
    .source = "lr gamma^t; PyTorch ExponentialLR",
    .keys = exponential_keys,
    .n_keys = sizeof exponential_keys / sizeof exponential_keys[0],
    .at = exponential_at,
    .formula = "rate = lr * pow(gamma, t)\n",
};

/* ---- polynomial ----------------------------------------------------------------------------- */

/* end_lr + (lr - end_lr) (1 - t / total)^power, end_lr from t = total on; with end_lr 0 PyTorch's
 * PolynomialLR (total_iters), with another one Keras' PolynomialDecay. */
static struct lrp_schedule_point polynomial_at(const struct lrp_schedule *schedule, double n_steps,
                                               double step)
{
    const double *values = schedule->values;
    double total = lrp_schedule_value(schedule, TOTAL_ITERS, n_steps);
    double left = 1 - fmin(step, total) / total;
    return point(values[END_LR] + (values[LR] - values[END_LR]) * pow(left, values[POWER]));
}

static const struct lrp_schedule_key polynomial_keys[] = {
    LRP_FIRST_RATE_KEY("lr", "the first rate"),
    LRP_LOW_RATE_KEY("end_lr", "the rate after total_iters steps"),
    LRP_NUMBER_KEY("power", 1e-3, 100, 1, "the power"),
    LRP_COUNT_KEY("total_iters", 0, 0, "steps until end_lr", .default_text = "all steps",
                  .all_steps = true),
};

const struct lrp_schedule_row lrp_schedule_polynomial = {
    .name = "polynomial",
    .help = "falls by a power of what is left of the run, in a straight line at power 1",
    .source = "end_lr + (lr - end_lr) (1 - t / total_iters)^power; PyTorch PolynomialLR, Keras "
              "PolynomialDecay",
    .keys = polynomial_keys,
    .n_keys = sizeof polynomial_keys / sizeof polynomial_keys[0],
    .ordered = {{END_LR, LR}},
    .at = polynomial_at,
    .formula = "left = 1 - min(t, $total_iters) / $total_iters\n"
               "rate = end_lr + (lr - end_lr) * pow(left, power)\n",
};

/* ---- inverse time --------------------------------------------------------------------------- */

/* lr / (1 + decay t) (Robbins and Monro 1951 for the 1 / t; Keras' InverseTimeDecay with
 * decay_steps 1). */
static struct lrp_schedule_point inverse_time_at(const struct lrp_schedule *schedule,
                                                 double n_steps, double step)
{
    (void)n_steps;
    return point(schedule->values[LR] / (1 + schedule->values[DECAY] * step));
}

static const struct lrp_schedule_key inverse_time_keys[] = {
    LRP_FIRST_RATE_KEY("lr", "the first rate"),
    LRP_NUMBER_KEY("decay", 0, 1e10, (double)NAN,
                   "per step: after 1 / decay steps the rate is half the first"),
};

const struct lrp_schedule_row lrp_schedule_inverse_time = {
    .name = "inverse_time",
    .help = "falls like one over the step",
    .source = "lr / (1 + decay t); Robbins and Monro 1951, Keras InverseTimeDecay",
    .keys = inverse_time_keys,
    .n_keys = sizeof inverse_time_keys / sizeof inverse_time_keys[0],
    .at = inverse_time_at,
    .formula = "rate = lr / (1 + decay * t)\n",
};

/* ---- step ----------------------------------------------------------------------------------- */

/* lr gamma^floor(t / step_size); PyTorch's StepLR. */
static struct lrp_schedule_point step_at(const struct lrp_schedule *schedule, double n_steps,
                                         double step)
{
    const double *values = schedule->values;
    (void)n_steps;
    return point(values[LR] * pow(values[GAMMA], floor(step / values[STEP_SIZE])));
}

static const struct lrp_schedule_key step_keys[] = {
    LRP_FIRST_RATE_KEY("lr", "the first rate"),
    LRP_NUMBER_KEY("gamma", 1e-10, 1, 0.1, "the factor"),
    LRP_COUNT_KEY("step_size", 1, (double)NAN, "steps from one fall to the next"),
};

const struct lrp_schedule_row lrp_schedule_step = {
    .name = "step",
    .by_factors = true,
    .help = "falls by a factor every so many steps",
    .source = "lr gamma^floor(t / step_size); PyTorch StepLR",
    .keys = step_keys,
    .n_keys = sizeof step_keys / sizeof step_keys[0],
    .at = step_at,
    .formula = "rate = lr * pow(gamma, floor(t / step_size))\n",
};

/* ---- multistep ------------------------------------------------------------------------------ */

/* lr gamma^m, m the milestones at or before t; PyTorch's MultiStepLR. */
static struct lrp_schedule_point multistep_at(const struct lrp_schedule *schedule, double n_steps,
                                              double step)
{
    size_t passed = 0;
    (void)n_steps;
    while (passed < schedule->n_list && schedule->list[passed] <= step) {
        passed++;
    }
    return point(schedule->values[LR] * pow(schedule->values[GAMMA], (double)passed));
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

static const struct lrp_schedule_key multistep_keys[] = {
    LRP_FIRST_RATE_KEY("lr", "the first rate"),
    LRP_NUMBER_KEY("gamma", 1e-10, 1, 0.1, "the factor"),
    LRP_NUMBER_KEY("milestones", 1, 1e15, (double)NAN,
                   "the steps at which it falls, as in 1000/2000/2500", .list = true),
};

const struct lrp_schedule_row lrp_schedule_multistep = {
    .name = "multistep",
    .by_factors = true,
    .help = "falls by a factor at each of the given steps",
    .source = "lr gamma^(milestones at or before t); PyTorch MultiStepLR",
    .keys = multistep_keys,
    .n_keys = sizeof multistep_keys / sizeof multistep_keys[0],
    .at = multistep_at,
    .write_formula = multistep_formula,
};
