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

static enum lrp_status resolve(struct lrp_schedule *schedule, struct lrp_error *err)
{
    double *values = schedule->values;
    if (isnan(values[STEP_SIZE_DOWN])) {
        values[STEP_SIZE_DOWN] = values[STEP_SIZE];
    }
    if (values[BASE_LR] > values[MAX_LR]) {
        return lrp_fail(err, LRP_E_ARG, 0, "base_lr of the schedule %s is above max_lr",
                        schedule->row->name);
    }
    if (values[MOMENTUM_LOW] > values[MOMENTUM_HIGH]) {
        return lrp_fail(err, LRP_E_ARG, 0, "momentum_low of the schedule %s is above momentum_high",
                        schedule->row->name);
    }
    return LRP_OK;
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

/* The momentum goes the other way by the same height. */
static struct lrp_schedule_point point_of(const double *values, double height)
{
    struct lrp_schedule_point point;
    point.lr = values[BASE_LR] + (values[MAX_LR] - values[BASE_LR]) * height;
    point.momentum = (double)NAN;
    if (values[CYCLE_MOMENTUM] > 0) {
        point.momentum =
            values[MOMENTUM_HIGH] - (values[MOMENTUM_HIGH] - values[MOMENTUM_LOW]) * height;
    }
    return point;
}

static struct lrp_schedule_point triangular_at(const struct lrp_schedule *schedule, double n_steps,
                                               double step)
{
    double cycle = 0;
    (void)n_steps;
    return point_of(schedule->values, height_of(schedule->values, step, &cycle));
}

/* The height halves with each cycle. */
static struct lrp_schedule_point triangular2_at(const struct lrp_schedule *schedule, double n_steps,
                                                double step)
{
    double cycle = 0;
    (void)n_steps;
    double height = height_of(schedule->values, step, &cycle);
    return point_of(schedule->values, height * pow(2, 1 - cycle));
}

/* The height falls by gamma with each step. Smith's text lets both bounds fall; this is PyTorch's
 * and Smith's own code, where base_lr stays. */
static struct lrp_schedule_point exp_range_at(const struct lrp_schedule *schedule, double n_steps,
                                              double step)
{
    double cycle = 0;
    (void)n_steps;
    double height = height_of(schedule->values, step, &cycle);
    return point_of(schedule->values, height * pow(schedule->values[GAMMA], step));
}

static void append_formula(const struct lrp_schedule *schedule, const char *scale,
                           struct lrp_text *out)
{
    const double *values = schedule->values;
    char number[3][LRP_NUMBER_SIZE];
    double total = values[STEP_SIZE] + values[STEP_SIZE_DOWN];
    (void)lrp_format_double(total, number[0]);
    (void)lrp_format_double(values[STEP_SIZE], number[1]);
    (void)lrp_format_double(values[STEP_SIZE_DOWN], number[2]);
    lrp_text_printf(out, "cycle = floor(1 + t / %s)\n", number[0]);
    lrp_text_printf(out, "x = t - %s * (cycle - 1)\n", number[0]);
    lrp_text_printf(out, "height = where(x <= %s, x / %s, (%s - x) / %s)%s\n", number[1], number[1],
                    number[0], number[2], scale);
    lrp_text_append(out, "rate = base_lr + (max_lr - base_lr) * height\n");
    if (values[CYCLE_MOMENTUM] > 0) {
        lrp_text_append(out,
                        "momentum = momentum_high - (momentum_high - momentum_low) * height\n");
    }
}

static void triangular_formula(const struct lrp_schedule *schedule, double n_steps,
                               struct lrp_text *out)
{
    (void)n_steps;
    append_formula(schedule, "", out);
}

static void triangular2_formula(const struct lrp_schedule *schedule, double n_steps,
                                struct lrp_text *out)
{
    (void)n_steps;
    append_formula(schedule, " * pow(2, 1 - cycle)", out);
}

static void exp_range_formula(const struct lrp_schedule *schedule, double n_steps,
                              struct lrp_text *out)
{
    (void)n_steps;
    append_formula(schedule, " * pow(gamma, t)", out);
}

static bool pytorch(const struct lrp_schedule *schedule, double n_steps, struct lrp_text *out)
{
    static const struct {
        size_t key;
        const char *name;
    } arguments[] = {{BASE_LR, "base_lr"},
                     {MAX_LR, "max_lr"},
                     {STEP_SIZE, "step_size_up"},
                     {STEP_SIZE_DOWN, "step_size_down"}};
    const double *values = schedule->values;
    char number[2][LRP_NUMBER_SIZE];
    (void)n_steps;
    lrp_text_append(out, "CyclicLR(optimizer");
    for (size_t i = 0; i < sizeof arguments / sizeof arguments[0]; i++) {
        lrp_text_printf(out, ", %s=%s", arguments[i].name,
                        lrp_format_double(values[arguments[i].key], number[0]));
    }
    lrp_text_printf(out, ", mode=\"%s\"", schedule->row->name);
    if (schedule->row == &lrp_schedule_exp_range) {
        lrp_text_printf(out, ", gamma=%s", lrp_format_double(values[GAMMA], number[0]));
    }
    if (values[CYCLE_MOMENTUM] > 0) {
        lrp_text_printf(out, ", base_momentum=%s, max_momentum=%s)",
                        lrp_format_double(values[MOMENTUM_LOW], number[0]),
                        lrp_format_double(values[MOMENTUM_HIGH], number[1]));
    } else {
        lrp_text_append(out, ", cycle_momentum=False)");
    }
    return true;
}

/* gamma is the last one: triangular and triangular2 end before it. */
static const struct lrp_schedule_key keys[] = {
    {.name = "base_lr",
     .low = LRP_RATE_LEAST,
     .high = LRP_RATE_MOST,
     .value = (double)NAN,
     .help = "the lowest rate",
     .source = LRP_FROM_CLR_BASE},
    {.name = "max_lr",
     .low = LRP_RATE_LEAST,
     .high = LRP_RATE_MOST,
     .value = (double)NAN,
     .help = "the highest rate",
     .source = LRP_FROM_CLR_MAX},
    {.name = "step_size",
     .low = 1,
     .high = 1e15,
     .value = 2000,
     .help = "steps from base_lr to max_lr: 2 to 10 epochs (Smith)",
     .source = LRP_FROM_CLR_STEP_SIZE,
     .whole = true},
    {.name = "step_size_down",
     .low = 1,
     .high = 1e15,
     .value = (double)NAN,
     .default_text = "step_size",
     .help = "steps back to base_lr",
     .whole = true},
    {.name = "cycle_momentum",
     .high = 1,
     .value = 1,
     .words = "0|1",
     .help = "the momentum goes the other way"},
    {.name = "momentum_low", .high = 1, .value = 0.8, .help = "momentum at max_lr"},
    {.name = "momentum_high", .high = 1, .value = 0.9, .help = "momentum at base_lr"},
    {.name = "gamma",
     .low = 1e-10,
     .high = 1,
     .value = 1,
     .help = "the factor of a step, as 0.9999; 1 is triangular"},
};

const struct lrp_schedule_row lrp_schedule_triangular = {
    .name = "triangular",
    .help = "cyclical rate: up and down in straight lines (CLR)",
    .source = "Smith 1506.01186, section 3.1; PyTorch CyclicLR",
    .keys = keys,
    .n_keys = GAMMA,
    .resolve = resolve,
    .at = triangular_at,
    .formula = triangular_formula,
    .pytorch = pytorch,
};

const struct lrp_schedule_row lrp_schedule_triangular2 = {
    .name = "triangular2",
    .help = "the same, each cycle half as high as the one before",
    .source = "Smith 1506.01186, section 3.1; PyTorch CyclicLR, mode triangular2",
    .keys = keys,
    .n_keys = GAMMA,
    .resolve = resolve,
    .at = triangular2_at,
    .formula = triangular2_formula,
    .pytorch = pytorch,
};

const struct lrp_schedule_row lrp_schedule_exp_range = {
    .name = "exp_range",
    .help = "the same, the height falls by gamma every step",
    .source = "Smith 1506.01186, section 3.1; PyTorch CyclicLR, mode exp_range",
    .keys = keys,
    .n_keys = GAMMA + 1,
    .resolve = resolve,
    .at = exp_range_at,
    .formula = exp_range_formula,
    .pytorch = pytorch,
};
