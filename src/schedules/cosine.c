/* SPDX-License-Identifier: MIT */
/* Half a cosine from a high rate to a low one, once or with warm restarts. */
#include "schedule.h"

#include "number.h"

#include <math.h>

enum { MAX_LR, MIN_LR, T_MAX, T_0 = T_MAX, T_MULT };

static const double pi = 3.14159265358979323846;

static enum lrp_status resolve(struct lrp_schedule *schedule, struct lrp_error *err)
{
    if (schedule->values[MIN_LR] > schedule->values[MAX_LR]) {
        return lrp_fail(err, LRP_E_ARG, 0, "min_lr of the schedule %s is above max_lr",
                        schedule->row->name);
    }
    return LRP_OK;
}

static double between(const double *values, double share)
{
    return values[MIN_LR] + (values[MAX_LR] - values[MIN_LR]) * (1 + cos(pi * share)) / 2;
}

static double t_max_of(const struct lrp_schedule *schedule, double n_steps)
{
    return schedule->values[T_MAX] > 0 ? schedule->values[T_MAX] : n_steps;
}

/* Loshchilov and Hutter 1608.03983, equation 5, once; PyTorch's CosineAnnealingLR, which rises
 * again after t_max steps. */
static struct lrp_schedule_point cosine_at(const struct lrp_schedule *schedule, double n_steps,
                                           double step)
{
    return (struct lrp_schedule_point){
        between(schedule->values, step / t_max_of(schedule, n_steps)), (double)NAN};
}

static void cosine_formula(const struct lrp_schedule *schedule, double n_steps,
                           struct lrp_text *out)
{
    char number[LRP_NUMBER_SIZE];
    lrp_text_printf(out, "rate = min_lr + (max_lr - min_lr) * (1 + cos(pi * t / %s)) / 2\n",
                    lrp_format_double(t_max_of(schedule, n_steps), number));
}

static bool cosine_pytorch(const struct lrp_schedule *schedule, double n_steps,
                           struct lrp_text *out)
{
    char number[LRP_NUMBER_SIZE];
    lrp_text_printf(out, "CosineAnnealingLR(optimizer, T_max=%.0f, eta_min=%s)",
                    t_max_of(schedule, n_steps),
                    lrp_format_double(schedule->values[MIN_LR], number));
    return true;
}

/* The same equation with restarts: cycle i has t_0 t_mult^i steps. PyTorch's
 * CosineAnnealingWarmRestarts. */
static struct lrp_schedule_point sgdr_at(const struct lrp_schedule *schedule, double n_steps,
                                         double step)
{
    const double *values = schedule->values;
    double length = values[T_0];
    (void)n_steps;
    if (values[T_MULT] > 1) {
        while (step >= length) {
            step -= length;
            length *= values[T_MULT];
        }
    } else {
        step = fmod(step, length);
    }
    return (struct lrp_schedule_point){between(values, step / length), (double)NAN};
}

static void sgdr_formula(const struct lrp_schedule *schedule, double n_steps, struct lrp_text *out)
{
    char number[LRP_NUMBER_SIZE];
    double mult = schedule->values[T_MULT];
    if (mult > 1) { /* the restarts one by one: a logarithm would miss them by rounding */
        double length = schedule->values[T_0];
        size_t cycle = 1;
        lrp_text_append(out, "cycle = 0\n");
        for (double start = length; start < n_steps; start += length, cycle++) {
            lrp_text_printf(out, "cycle = where(t >= %s, %zu, cycle)\n",
                            lrp_format_double(start, number), cycle);
            length *= mult;
        }
        lrp_text_append(out, "length = t_0 * pow(t_mult, cycle)\n"
                             "start = (length - t_0) / (t_mult - 1)\n");
    } else {
        lrp_text_append(out, "length = t_0\nstart = t_0 * floor(t / t_0)\n");
    }
    lrp_text_append(
        out, "rate = min_lr + (max_lr - min_lr) * (1 + cos(pi * (t - start) / length)) / 2\n");
}

static bool sgdr_pytorch(const struct lrp_schedule *schedule, double n_steps, struct lrp_text *out)
{
    char number[LRP_NUMBER_SIZE];
    (void)n_steps;
    lrp_text_printf(out,
                    "CosineAnnealingWarmRestarts(optimizer, T_0=%.0f, T_mult=%.0f, eta_min=%s)",
                    schedule->values[T_0], schedule->values[T_MULT],
                    lrp_format_double(schedule->values[MIN_LR], number));
    return true;
}

static const struct lrp_schedule_key cosine_keys[] = {
    {.name = "max_lr",
     .low = LRP_RATE_LEAST,
     .high = LRP_RATE_MOST,
     .value = (double)NAN,
     .help = "the first rate",
     .source = LRP_FROM_SUGGESTED},
    {.name = "min_lr", .high = LRP_RATE_MOST, .help = "the lowest rate"},
    {.name = "t_max",
     .low = 0,
     .high = 1e15,
     .value = 0,
     .default_text = "all steps",
     .help = "steps until min_lr; later the rate rises again",
     .whole = true}};

const struct lrp_schedule_row lrp_schedule_cosine = {
    .name = "cosine",
    .help = "falls along half a cosine",
    .source = "min_lr + (max_lr - min_lr) (1 + cos(pi t / t_max)) / 2; Loshchilov and Hutter "
              "1608.03983, equation 5; PyTorch CosineAnnealingLR",
    .keys = cosine_keys,
    .n_keys = sizeof cosine_keys / sizeof cosine_keys[0],
    .resolve = resolve,
    .at = cosine_at,
    .formula = cosine_formula,
    .pytorch = cosine_pytorch,
};

static const struct lrp_schedule_key sgdr_keys[] = {
    {.name = "max_lr",
     .low = LRP_RATE_LEAST,
     .high = LRP_RATE_MOST,
     .value = (double)NAN,
     .help = "the first rate",
     .source = LRP_FROM_SUGGESTED},
    {.name = "min_lr", .high = LRP_RATE_MOST, .help = "the lowest rate"},
    {.name = "t_0",
     .low = 1,
     .high = 1e15,
     .value = (double)NAN,
     .help = "steps until the first restart",
     .whole = true},
    {.name = "t_mult",
     .low = 1,
     .high = 1000,
     .value = 1,
     .help = "each cycle is so many times as long as the one before",
     .whole = true}};

const struct lrp_schedule_row lrp_schedule_sgdr = {
    .name = "sgdr",
    .help = "half a cosine again and again: warm restarts",
    .source = "min_lr + (max_lr - min_lr) (1 + cos(pi T_cur / T_i)) / 2, T_i = t_0 t_mult^i; "
              "Loshchilov and Hutter 1608.03983, equation 5; PyTorch CosineAnnealingWarmRestarts",
    .keys = sgdr_keys,
    .n_keys = sizeof sgdr_keys / sizeof sgdr_keys[0],
    .resolve = resolve,
    .at = sgdr_at,
    .formula = sgdr_formula,
    .pytorch = sgdr_pytorch,
};
