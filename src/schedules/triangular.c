/* SPDX-License-Identifier: MIT */
/* Cyclical learning rates (CLR). */
#include "schedule.h"

#include "number.h"

#include <math.h>

enum {
    BASE_LR,
    MAX_LR,
    STEP_SIZE,
    STEP_SIZE_DOWN,
    CYCLE_MOMENTUM,
    MOMENTUM_LOW,
    MOMENTUM_HIGH,
    GAMMA
};

static void resolve(double *values)
{
    if (isnan(values[STEP_SIZE_DOWN])) {
        values[STEP_SIZE_DOWN] = values[STEP_SIZE];
    }
}

/* Where a step stands: cycle from 1, height of the triangle from 0 to 1 (Smith 1506.01186, section
 * 3.1; PyTorch's CyclicLR, with sides of different lengths). */
static double height_of(const double *values, double step, double *cycle)
{
    double total = values[STEP_SIZE] + values[STEP_SIZE_DOWN];
    double ratio = values[STEP_SIZE] / total;
    *cycle = floor(1 + step / total);
    double x = 1 + step / total - *cycle;
    return x <= ratio ? x / ratio : (x - 1) / (ratio - 1);
}

/* triangular2: the height halves with each cycle. exp_range: it falls by gamma with each step.
 * Smith's text lets both bounds fall there; this is PyTorch's and Smith's own code, where base_lr
 * stays. */
static double scale_of(const struct lrp_schedule *schedule, double cycle, double step)
{
    if (schedule->row == &lrp_schedule_triangular2) {
        return pow(2, 1 - cycle);
    }
    return schedule->row == &lrp_schedule_exp_range ? pow(schedule->values[GAMMA], step) : 1;
}

/* The momentum goes the other way by the same height. */
static struct lrp_schedule_point at(const struct lrp_schedule *schedule, double n_steps,
                                    double step)
{
    const double *values = schedule->values;
    double cycle = 0;
    (void)n_steps;
    double height = height_of(values, step, &cycle);
    height *= scale_of(schedule, cycle, step);
    struct lrp_schedule_point point = {
        values[BASE_LR] + (values[MAX_LR] - values[BASE_LR]) * height, (double)NAN};
    if (values[CYCLE_MOMENTUM] > 0) {
        point.momentum =
            values[MOMENTUM_HIGH] - (values[MOMENTUM_HIGH] - values[MOMENTUM_LOW]) * height;
    }
    return point;
}

static void formula(const struct lrp_schedule *schedule, double n_steps, struct lrp_text *out)
{
    const double *values = schedule->values;
    char total[LRP_NUMBER_SIZE];
    (void)n_steps;
    (void)lrp_format_double(values[STEP_SIZE] + values[STEP_SIZE_DOWN], total);
    lrp_text_printf(out,
                    "cycle = floor(1 + t / %s)\n"
                    "x = t - %s * (cycle - 1)\n"
                    "height = where(x <= $step_size, x / $step_size, (%s - x) / $step_size_down)",
                    total, total, total);
    lrp_text_append(out, schedule->row == &lrp_schedule_triangular2 ? " * pow(2, 1 - cycle)"
                         : schedule->row == &lrp_schedule_exp_range ? " * pow(gamma, t)"
                                                                    : "");
    lrp_text_append(out, "\nrate = base_lr + (max_lr - base_lr) * height\n");
    if (values[CYCLE_MOMENTUM] > 0) {
        lrp_text_append(out,
                        "momentum = momentum_high - (momentum_high - momentum_low) * height\n");
    }
}

/* gamma is the last one: triangular and triangular2 end before it. */
static const struct lrp_schedule_key keys[] = {
    LRP_RATE_KEY("base_lr", "the lowest rate", .bound = offsetof(struct lrp_bounds, clr.base_lr)),
    LRP_RATE_KEY("max_lr", "the highest rate", .bound = offsetof(struct lrp_bounds, clr.max_lr)),
    LRP_COUNT_KEY("step_size", 1, 2000, "steps from base_lr to max_lr: 2 to 10 epochs (Smith)",
                  .bound = offsetof(struct lrp_bounds, clr.step_size)),
    LRP_COUNT_KEY("step_size_down", 1, (double)NAN, "steps back to base_lr",
                  .default_text = "step_size"),
    LRP_MOMENTUM_KEY,
    LRP_NUMBER_KEY("momentum_low", 0, 1, 0.8, "momentum at max_lr",
                   .bound = offsetof(struct lrp_bounds, one_cycle.momentum_low)),
    LRP_NUMBER_KEY("momentum_high", 0, 1, 0.9, "momentum at base_lr",
                   .bound = offsetof(struct lrp_bounds, one_cycle.momentum_high)),
    LRP_NUMBER_KEY("gamma", 1e-10, 1, 1, "the factor of a step, as 0.9999; 1 is triangular"),
};

/* What the rows of this file have in common; n: the keys that a row takes. */
#define CYCLICAL(n)                                                                                \
    .keys = keys, .n_keys = (n), .resolve = resolve,                                               \
    .ordered = {{BASE_LR, MAX_LR}, {MOMENTUM_LOW, MOMENTUM_HIGH}}, .at = at,                       \
    .write_formula = formula

const struct lrp_schedule_row lrp_schedule_triangular = {
    .name = "triangular",
    .help = "cyclical rate: up and down in straight lines (CLR)",
    .source = "Smith 1506.01186, section 3.1; PyTorch CyclicLR",
    CYCLICAL(GAMMA),
};

const struct lrp_schedule_row lrp_schedule_clr = {
    .name = "clr",
    .help = "cyclical learning rates: the same as triangular",
    .source = "Smith 1506.01186, section 3.1; PyTorch CyclicLR",
    CYCLICAL(GAMMA),
};

const struct lrp_schedule_row lrp_schedule_triangular2 = {
    .name = "triangular2",
    .help = "the same, each cycle half as high as the one before",
    .source = "Smith 1506.01186, section 3.1; PyTorch CyclicLR, mode triangular2",
    CYCLICAL(GAMMA),
};

const struct lrp_schedule_row lrp_schedule_exp_range = {
    .name = "exp_range",
    .help = "the same, the height falls by gamma every step",
    .source = "Smith 1506.01186, section 3.1; PyTorch CyclicLR, mode exp_range",
    CYCLICAL(GAMMA + 1),
};
