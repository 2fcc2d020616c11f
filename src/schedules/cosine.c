/* SPDX-License-Identifier: MIT */
/* Half a cosine from a high rate to a low one, once or with warm restarts. */
#include "schedule.h"

#include "number.h"

#include <math.h>

enum { MAX_LR, MIN_LR, T_MAX, T_0 = T_MAX, T_MULT };

static const double pi = 3.14159265358979323846;

static struct lrp_schedule_point between(const double *values, double share)
{
    return (struct lrp_schedule_point){values[MIN_LR] + (values[MAX_LR] - values[MIN_LR]) *
                                                            (1 + cos(pi * share)) / 2,
                                       (double)NAN};
}

/* Loshchilov and Hutter 1608.03983, equation 5, once; PyTorch's CosineAnnealingLR, which rises
 * again after t_max steps. */
static struct lrp_schedule_point cosine_at(const struct lrp_schedule *schedule, double n_steps,
                                           double step)
{
    return between(schedule->values, step / lrp_schedule_value(schedule, T_MAX, n_steps));
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
    return between(values, step / length);
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

static const struct lrp_schedule_key cosine_keys[] = {
    LRP_FIRST_RATE_KEY("max_lr", "the first rate"),
    LRP_LOW_RATE_KEY("min_lr", "the lowest rate"),
    LRP_COUNT_KEY("t_max", 0, 0, "steps until min_lr; later the rate rises again",
                  .default_text = "all steps", .all_steps = true),
};

const struct lrp_schedule_row lrp_schedule_cosine = {
    .name = "cosine",
    .help = "falls along half a cosine",
    .source = "min_lr + (max_lr - min_lr) (1 + cos(pi t / t_max)) / 2; Loshchilov and Hutter "
              "1608.03983, equation 5; PyTorch CosineAnnealingLR",
    .keys = cosine_keys,
    .n_keys = sizeof cosine_keys / sizeof cosine_keys[0],
    .ordered = {{MIN_LR, MAX_LR}},
    .at = cosine_at,
    .formula = "rate = min_lr + (max_lr - min_lr) * (1 + cos(pi * t / $t_max)) / 2\n",
};

static const struct lrp_schedule_key sgdr_keys[] = {
    LRP_FIRST_RATE_KEY("max_lr", "the first rate"),
    LRP_LOW_RATE_KEY("min_lr", "the lowest rate"),
    LRP_COUNT_KEY("t_0", 1, (double)NAN, "steps until the first restart"),
    LRP_NUMBER_KEY("t_mult", 1, 1000, 1, "each cycle is so many times as long as the one before",
                   .whole = true),
};

const struct lrp_schedule_row lrp_schedule_sgdr = {
    .name = "sgdr",
    .help = "half a cosine again and again: warm restarts",
    .source = "min_lr + (max_lr - min_lr) (1 + cos(pi T_cur / T_i)) / 2, T_i = t_0 t_mult^i; "
              "Loshchilov and Hutter 1608.03983, equation 5; PyTorch CosineAnnealingWarmRestarts",
    .keys = sgdr_keys,
    .n_keys = sizeof sgdr_keys / sizeof sgdr_keys[0],
    .ordered = {{MIN_LR, MAX_LR}},
    .at = sgdr_at,
    .write_formula = sgdr_formula,
};
