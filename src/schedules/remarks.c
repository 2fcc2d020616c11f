/* SPDX-License-Identifier: MIT */
#include "remarks.h"

#include "number.h"

#include <math.h>
#include <string.h>

/* A run that is longer or shorter than planned by less than this has the same rates to two digits:
 * they fall by a fifth of a decade for a tenfold run. */
static const double LENGTH_TOLERANCE = 0.1;
/* Bounds for which no length was given are for ten sweeps; there by a factor. */
static const double SWEEPS_DEFAULT = 10;
static const double SWEEPS_FACTOR = 2;
/* A cycle that ends above this share of its height has not come down. */
static const double LOW_SHARE = 0.2;

/* Value of a key; NaN where the row has none of that name. */
static double value_of(const struct lrp_schedule *schedule, const char *name)
{
    for (size_t k = 0; k < schedule->row->n_keys; k++) {
        if (strcmp(schedule->row->keys[k].name, name) == 0) {
            return schedule->values[k];
        }
    }
    return (double)NAN;
}

/* of a cycle that begins at step begin and has length steps: whether the run ends before its end,
 * and at which rate */
static void remark_cycle(const struct lrp_schedule *schedule, double n_steps, double begin,
                         double length, double lowest, double highest, struct lrp_text *out)
{
    char number[LRP_NUMBER_SIZE];
    const double last = lrp_schedule_at(schedule, (size_t)n_steps, (size_t)n_steps - 1).lr;
    if (!(last > lowest + LOW_SHARE * (highest - lowest)) || begin + length <= n_steps) {
        return;
    }
    lrp_text_printf(out,
                    "the run of %.0f steps ends within a cycle, at a rate of %s; it comes down at "
                    "%.0f steps",
                    n_steps, lrp_format_short(last, 3, number), begin + length);
    if (begin > 0) {
        lrp_text_printf(out, ", or at %.0f", begin);
    }
    lrp_text_append(out, "\n");
}

/* Triangular schedules: up in step_size steps and down again. */
static void remark_triangle(const struct lrp_schedule *schedule, double n_steps, double warmup,
                            struct lrp_text *out)
{
    const double up = value_of(schedule, "step_size");
    const double length = up + value_of(schedule, "step_size_down");
    const double left = n_steps - warmup;
    if (left - 1 < up) {
        lrp_text_printf(out,
                        "the run of %.0f steps ends before the rate reaches max_lr, at step %.0f; "
                        "three cycles take step_size=%.0f\n",
                        n_steps, warmup + up, fmax(1, floor(left / 6)));
        return;
    }
    remark_cycle(schedule, n_steps, warmup + length * floor(left / length), length,
                 value_of(schedule, "base_lr"), value_of(schedule, "max_lr"), out);
}

/* sgdr: cycles that grow. */
static void remark_restarts(const struct lrp_schedule *schedule, double n_steps, double warmup,
                            struct lrp_text *out)
{
    double begin = warmup;
    double length = value_of(schedule, "t_0");
    const double factor = value_of(schedule, "t_mult");
    if (factor > 1) {
        for (; begin + length <= n_steps; length *= factor) {
            begin += length;
        }
    } else {
        begin += length * floor((n_steps - warmup) / length);
    }
    remark_cycle(schedule, n_steps, begin, length, value_of(schedule, "min_lr"),
                 value_of(schedule, "max_lr"), out);
}

/* Keys that stand for all steps where they are 0: the schedule has an end of its own. */
static void remark_end(const struct lrp_schedule *schedule, double n_steps, double warmup,
                       struct lrp_text *out)
{
    for (size_t k = 0; k < schedule->row->n_keys; k++) {
        const struct lrp_schedule_key *key = &schedule->row->keys[k];
        const double end = warmup + schedule->values[k];
        if (key->all_steps && end > warmup && end > n_steps) {
            lrp_text_printf(out,
                            "the run of %.0f steps ends before the schedule does, at step %.0f "
                            "(%s)\n",
                            n_steps, end, key->name);
        } else if (key->all_steps && end > warmup && end + 1 < n_steps &&
                   schedule->row == &lrp_schedule_cosine) {
            lrp_text_printf(out, "the rate rises again after step %.0f of %.0f (%s)\n", end,
                            n_steps, key->name);
        }
    }
}

/* Falls that lie beyond the end. */
static void remark_falls(const struct lrp_schedule *schedule, double n_steps, double warmup,
                         struct lrp_text *out)
{
    const double last = schedule->n_list > 0 ? schedule->list[schedule->n_list - 1] : 0;
    if (schedule->row == &lrp_schedule_step &&
        warmup + value_of(schedule, "step_size") >= n_steps) {
        lrp_text_printf(out, "the rate never falls in %.0f steps: step_size is %.0f\n", n_steps,
                        value_of(schedule, "step_size"));
    } else if (schedule->row == &lrp_schedule_multistep && warmup + last >= n_steps) {
        lrp_text_printf(out, "the milestone %.0f lies beyond the run of %.0f steps\n", last,
                        n_steps);
    }
}

/* What the rates of the bounds are for. */
static void remark_length(const struct lrp_bounds *bounds, double n_steps, struct lrp_text *out)
{
    const double planned = bounds->steps_planned;
    const double usual = SWEEPS_DEFAULT * bounds->conditions.steps;
    if (planned > 0 && fabs(n_steps - planned) > LENGTH_TOLERANCE * planned) {
        lrp_text_printf(out,
                        "the rates are for a run of %.0f steps, not of %.0f; --steps-planned %.0f "
                        "of sweep and bounds gives those for it\n",
                        planned, n_steps, n_steps);
    } else if (!(planned > 0) &&
               (n_steps > SWEEPS_FACTOR * usual || n_steps < usual / SWEEPS_FACTOR)) {
        lrp_text_printf(out,
                        "the rates are for a run of about %.0f steps, since no length was given; "
                        "--steps-planned %.0f of sweep and bounds gives those for it\n",
                        usual, n_steps);
    }
}

void lrp_schedule_remarks(const struct lrp_schedule *schedule, size_t n_steps,
                          const struct lrp_bounds *bounds, struct lrp_text *out)
{
    const double steps = (double)n_steps;
    const double warmup = lrp_schedule_warmup(schedule, n_steps);
    if (bounds != NULL) {
        remark_length(bounds, steps, out);
    }
    if (warmup >= steps) {
        lrp_text_printf(out, "the run of %.0f steps ends within the warm-up of %.0f\n", steps,
                        warmup);
    } else if (!isnan(value_of(schedule, "step_size_down"))) {
        remark_triangle(schedule, steps, warmup, out);
    } else if (!isnan(value_of(schedule, "t_0"))) {
        remark_restarts(schedule, steps, warmup, out);
    } else {
        remark_end(schedule, steps, warmup, out);
        remark_falls(schedule, steps, warmup, out);
    }
}
