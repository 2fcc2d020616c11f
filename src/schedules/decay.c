/* SPDX-License-Identifier: MIT */
/* Rates that fall smoothly by a law of the step. */
#include "schedule.h"

#include "number.h"

#include <math.h>

enum { LR, GAMMA, DECAY = GAMMA, END_LR = 1, POWER, TOTAL };

/* lr gamma^t; PyTorch's ExponentialLR. */
static struct lrp_schedule_point exponential_at(const struct lrp_schedule *schedule, double n_steps,
                                                double step)
{
    (void)n_steps;
    return (struct lrp_schedule_point){schedule->values[LR] * pow(schedule->values[GAMMA], step),
                                       (double)NAN};
}

static void exponential_formula(const struct lrp_schedule *schedule, double n_steps,
                                struct lrp_text *out)
{
    (void)schedule;
    (void)n_steps;
    lrp_text_append(out, "rate = lr * pow(gamma, t)\n");
}

static bool exponential_pytorch(const struct lrp_schedule *schedule, double n_steps,
                                struct lrp_text *out)
{
    char number[LRP_NUMBER_SIZE];
    (void)n_steps;
    lrp_text_printf(out, "ExponentialLR(optimizer, gamma=%s)",
                    lrp_format_double(schedule->values[GAMMA], number));
    return true;
}

/* lr / (1 + decay t) (Robbins and Monro 1951 for the 1 / t; Keras' InverseTimeDecay with
 * decay_steps 1). */
static struct lrp_schedule_point inverse_time_at(const struct lrp_schedule *schedule,
                                                 double n_steps, double step)
{
    (void)n_steps;
    return (struct lrp_schedule_point){schedule->values[LR] / (1 + schedule->values[DECAY] * step),
                                       (double)NAN};
}

static void inverse_time_formula(const struct lrp_schedule *schedule, double n_steps,
                                 struct lrp_text *out)
{
    (void)schedule;
    (void)n_steps;
    lrp_text_append(out, "rate = lr / (1 + decay * t)\n");
}

static double total_of(const struct lrp_schedule *schedule, double n_steps)
{
    return schedule->values[TOTAL] > 0 ? schedule->values[TOTAL] : n_steps;
}

/* end_lr + (lr - end_lr) (1 - t / total)^power, end_lr from t = total on; with end_lr 0 PyTorch's
 * PolynomialLR (total_iters), with another one Keras' PolynomialDecay. */
static struct lrp_schedule_point polynomial_at(const struct lrp_schedule *schedule, double n_steps,
                                               double step)
{
    const double *values = schedule->values;
    double total = total_of(schedule, n_steps);
    double left = 1 - fmin(step, total) / total;
    return (struct lrp_schedule_point){
        values[END_LR] + (values[LR] - values[END_LR]) * pow(left, values[POWER]), (double)NAN};
}

static void polynomial_formula(const struct lrp_schedule *schedule, double n_steps,
                               struct lrp_text *out)
{
    char number[LRP_NUMBER_SIZE];
    (void)lrp_format_double(total_of(schedule, n_steps), number);
    lrp_text_printf(out, "left = 1 - min(t, %s) / %s\n", number, number);
    lrp_text_append(out, "rate = end_lr + (lr - end_lr) * pow(left, power)\n");
}

static bool polynomial_pytorch(const struct lrp_schedule *schedule, double n_steps,
                               struct lrp_text *out)
{
    char number[LRP_NUMBER_SIZE];
    if (schedule->values[END_LR] > 0) {
        return false;
    }
    lrp_text_printf(out, "PolynomialLR(optimizer, total_iters=%.0f, power=%s)",
                    total_of(schedule, n_steps),
                    lrp_format_double(schedule->values[POWER], number));
    return true;
}

static enum lrp_status polynomial_resolve(struct lrp_schedule *schedule, struct lrp_error *err)
{
    if (schedule->values[END_LR] > schedule->values[LR]) {
        return lrp_fail(err, LRP_E_ARG, 0, "end_lr of the schedule polynomial is above lr");
    }
    return LRP_OK;
}

static const struct lrp_schedule_key exponential_keys[] = {{.name = "lr",
                                                            .low = LRP_RATE_LEAST,
                                                            .high = LRP_RATE_MOST,
                                                            .value = (double)NAN,
                                                            .help = "the first rate",
                                                            .source = LRP_FROM_SUGGESTED},
                                                           {.name = "gamma",
                                                            .low = 1e-10,
                                                            .high = 1,
                                                            .value = (double)NAN,
                                                            .help = "the factor, as 0.999"}};

const struct lrp_schedule_row lrp_schedule_exponential = {
    .name = "exponential",
    .by_factors = true,
    .help = "falls by the same factor every step",
    .source = "lr gamma^t; PyTorch ExponentialLR",
    .keys = exponential_keys,
    .n_keys = sizeof exponential_keys / sizeof exponential_keys[0],
    .at = exponential_at,
    .formula = exponential_formula,
    .pytorch = exponential_pytorch,
};

static const struct lrp_schedule_key polynomial_keys[] = {
    {.name = "lr",
     .low = LRP_RATE_LEAST,
     .high = LRP_RATE_MOST,
     .value = (double)NAN,
     .help = "the first rate",
     .source = LRP_FROM_SUGGESTED},
    {.name = "end_lr",
     .low = 0,
     .high = LRP_RATE_MOST,
     .value = 0,
     .help = "the rate after total_iters steps"},
    {.name = "power", .low = 1e-3, .high = 100, .value = 1, .help = "the power"},
    {.name = "total_iters",
     .low = 0,
     .high = 1e15,
     .value = 0,
     .default_text = "all steps",
     .help = "steps until end_lr",
     .whole = true}};

const struct lrp_schedule_row lrp_schedule_polynomial = {
    .name = "polynomial",
    .help = "falls by a power of what is left of the run, in a straight line at power 1",
    .source = "end_lr + (lr - end_lr) (1 - t / total_iters)^power; PyTorch PolynomialLR, Keras "
              "PolynomialDecay",
    .keys = polynomial_keys,
    .n_keys = sizeof polynomial_keys / sizeof polynomial_keys[0],
    .resolve = polynomial_resolve,
    .at = polynomial_at,
    .formula = polynomial_formula,
    .pytorch = polynomial_pytorch,
};

static const struct lrp_schedule_key inverse_time_keys[] = {
    {.name = "lr",
     .low = LRP_RATE_LEAST,
     .high = LRP_RATE_MOST,
     .value = (double)NAN,
     .help = "the first rate",
     .source = LRP_FROM_SUGGESTED},
    {.name = "decay",
     .low = 0,
     .high = 1e10,
     .value = (double)NAN,
     .help = "per step: after 1 / decay steps the rate is half the first"}};

const struct lrp_schedule_row lrp_schedule_inverse_time = {
    .name = "inverse_time",
    .help = "falls like one over the step",
    .source = "lr / (1 + decay t); Robbins and Monro 1951, Keras InverseTimeDecay",
    .keys = inverse_time_keys,
    .n_keys = sizeof inverse_time_keys / sizeof inverse_time_keys[0],
    .at = inverse_time_at,
    .formula = inverse_time_formula,
};
