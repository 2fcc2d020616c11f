/* SPDX-License-Identifier: MIT */
#include "schedule.h"

#include <math.h>

enum {
    MAX_LR,
    INITIAL_LR,
    FINAL_LR,
    PCT_START,
    ANNEAL,
    THREE_PHASE,
    CYCLE_MOMENTUM,
    MOMENTUM_LOW,
    MOMENTUM_HIGH
};

/* PyTorch: div_factor 25, final_div_factor 1e4. */
static enum lrp_status resolve(double *values, struct lrp_error *err)
{
    (void)err;
    if (isnan(values[INITIAL_LR])) {
        values[INITIAL_LR] = values[MAX_LR] / 25;
    }
    if (isnan(values[FINAL_LR])) {
        values[FINAL_LR] = values[INITIAL_LR] / 1e4;
    }
    return LRP_OK;
}

static double anneal(double kind, double from, double to, double share)
{
    if (kind > 0) {
        return from + (to - from) * share;
    }
    return to + (from - to) / 2 * (1 + cos(3.14159265358979323846 * share));
}

/* Smith 1803.09820; PyTorch's OneCycleLR, its phases by their last steps. */
static struct lrp_schedule_point at(const double *values, double n_steps, double step)
{
    const bool three = values[THREE_PHASE] > 0;
    const double up = values[PCT_START] * n_steps - 1;
    const double middle = three ? 2 * values[PCT_START] * n_steps - 2 : up;
    const double end = n_steps - 1;
    double from = values[INITIAL_LR];
    double to = values[MAX_LR];
    double momentum_from = values[MOMENTUM_HIGH];
    double momentum_to = values[MOMENTUM_LOW];
    double begin = 0;
    double stop = up;
    if (step > up && three && step <= middle) {
        from = values[MAX_LR];
        to = values[INITIAL_LR];
        momentum_from = values[MOMENTUM_LOW];
        momentum_to = values[MOMENTUM_HIGH];
        begin = up;
        stop = middle;
    } else if (step > up) {
        from = three ? values[INITIAL_LR] : values[MAX_LR];
        to = values[FINAL_LR];
        momentum_from = three ? values[MOMENTUM_HIGH] : values[MOMENTUM_LOW];
        momentum_to = values[MOMENTUM_HIGH];
        begin = middle;
        stop = end;
    }
    double share = stop > begin ? (step - begin) / (stop - begin) : 1;
    struct lrp_schedule_point point;
    point.lr = anneal(values[ANNEAL], from, to, share);
    point.momentum = values[CYCLE_MOMENTUM] > 0
                         ? anneal(values[ANNEAL], momentum_from, momentum_to, share)
                         : (double)NAN;
    return point;
}

const struct lrp_schedule_row lrp_schedule_onecycle = {
    .name = "onecycle",
    .help = "one cycle up and down below the initial rate, momentum the other way",
    .keys = {{"max_lr", 1e-30, 1e30, (double)NAN, NULL},
             {"initial_lr", 1e-30, 1e30, (double)NAN, NULL},
             {"final_lr", 0, 1e30, (double)NAN, NULL},
             {"pct_start", 0, 1, 0.3, NULL},
             {"anneal", 0, 1, 0, "cos|linear"},
             {"three_phase", 0, 1, 0, "0|1"},
             {"cycle_momentum", 0, 1, 1, "0|1"},
             {"momentum_low", 0, 1, 0.85, NULL},
             {"momentum_high", 0, 1, 0.95, NULL}},
    .resolve = resolve,
    .at = at,
};
