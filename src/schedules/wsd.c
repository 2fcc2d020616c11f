/* SPDX-License-Identifier: MIT */
/* Warm-up, stable, decay. */
#include "schedule.h"

#include "number.h"

#include <math.h>

enum { MAX_LR, WARMUP, DECAY, MIN_LR, SHAPE, KEYS };
enum { LINEAR, SQRT, COSINE, EXP };

static const double pi = 3.14159265358979323846;
static const double halvings = 10; /* of the exponential decay: to about a thousandth */

/* Steps of the decay; a share counts the warm-up with the run. */
static double decay_of(const struct lrp_schedule *schedule, double n_steps)
{
    double decay = schedule->values[DECAY];
    double warmup = schedule->warmup;
    if (decay < 1) {
        double whole = warmup < 1 ? n_steps / (1 - warmup) : n_steps + warmup;
        decay = floor(decay * whole + 0.5);
    }
    return fmin(decay, n_steps);
}

/* What is left of max_lr - min_lr after a share of the decay. */
static double left_of(double shape, double share)
{
    if (shape == SQRT) {
        return 1 - sqrt(share);
    }
    if (shape == COSINE) {
        return (1 + cos(pi * share)) / 2;
    }
    return shape == EXP ? pow(2, -halvings * share) : 1 - share;
}

/* Hu et al. 2404.06395 (MiniCPM), section 4.2, equation 1, whose decay is the exponential one, by
 * halves; 1 - sqrt: Haegele et al. 2405.18392. As PyTorch's cosine
 * does, the decay ends one step after the run's last. */
static struct lrp_schedule_point at(const struct lrp_schedule *schedule, double n_steps,
                                    double step)
{
    const double *values = schedule->values;
    double decay = decay_of(schedule, n_steps);
    double share = decay > 0 ? fmin(fmax(0, (step - (n_steps - decay)) / decay), 1) : 0;
    return (struct lrp_schedule_point){values[MIN_LR] + (values[MAX_LR] - values[MIN_LR]) *
                                                            left_of(values[SHAPE], share),
                                       (double)NAN};
}

static void formula(const struct lrp_schedule *schedule, double n_steps, struct lrp_text *out)
{
    static const char *const left[] = {[LINEAR] = "1 - share",
                                       [SQRT] = "1 - sqrt(share)",
                                       [COSINE] = "(1 + cos(pi * share)) / 2",
                                       [EXP] = "pow(2, -10 * share)"};
    char number[2][LRP_NUMBER_SIZE];
    double decay = decay_of(schedule, n_steps);
    if (decay > 0) {
        lrp_text_printf(out, "share = min(max(0, (t - %s) / %s), 1)\n",
                        lrp_format_double(n_steps - decay, number[0]),
                        lrp_format_double(decay, number[1]));
        lrp_text_printf(out, "rate = min_lr + (max_lr - min_lr) * (%s)\n",
                        left[(size_t)schedule->values[SHAPE]]);
    } else {
        lrp_text_append(out, "rate = max_lr\n");
    }
}

static const struct lrp_schedule_key keys[KEYS] = {
    LRP_FIRST_RATE_KEY("max_lr", "the rate between warm-up and decay"),
    LRP_NUMBER_KEY("warmup", 0, 1e15, (double)NAN,
                   "steps of the warm-up; below 1 a share of the run"),
    LRP_NUMBER_KEY("decay", 0, 1e15, 0.1, "steps of the decay; below 1 a share of the run"),
    LRP_LOW_RATE_KEY("min_lr", "the rate after the decay"),
    LRP_WORD_KEY("shape", "linear|sqrt|cos|exp", EXP, LINEAR,
                 "how it decays: in a line, as 1 - sqrt, along half a cosine, by ten halvings"),
};

const struct lrp_schedule_row lrp_schedule_wsd = {
    .name = "wsd",
    .help = "warm-up, then a constant rate, then a short decay",
    .source = "Hu et al. 2404.06395, section 4.2; the shapes: Haegele et al. 2405.18392",
    .keys = keys,
    .n_keys = KEYS,
    .ordered = {{MIN_LR, MAX_LR}},
    .at = at,
    .write_formula = formula,
};
