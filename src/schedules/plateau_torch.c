/* SPDX-License-Identifier: MIT */
/* PyTorch's ReduceLROnPlateau, rule for rule: the rate falls by a factor when more than `patience`
 * values in a row were no better than the best one. As it stands there: a value is better if it is
 * below best (1 - threshold), which for negative losses asks for less than best itself (threshold
 * abs does not), a single lucky value delays the fall by the whole patience, and nan counts as not
 * better. A value is the mean of `every` losses: of an epoch where its length is known, since that
 * is what people hand to step(). */
#include "schedule.h"

#include "number.h"

#include <math.h>

enum {
    LR,
    FACTOR,
    PATIENCE,
    THRESHOLD,
    THRESHOLD_MODE,
    COOLDOWN,
    MIN_LR,
    EPS,
    METRIC,
    MODE,
    EVERY,
    KEYS
};
enum { MODE_AUTO, MODE_MIN, MODE_MAX };

struct best_state {
    double rate;
    double best;
    double bad, cooldown; /* counts of values */
    double every;
    double sum, summed; /* of the value that is being gathered */
};

static bool wants_max(const struct lrp_schedule *schedule)
{
    return schedule->values[MODE] == MODE_MAX;
}

static void settle(struct lrp_schedule *schedule, double n_steps, double steps_per_epoch)
{
    double *values = schedule->values;
    const enum lrp_schedule_metric metric = lrp_schedule_metric(schedule);
    (void)n_steps;
    if (values[MODE] == MODE_AUTO) {
        values[MODE] = lrp_schedule_metric_rises(metric) ? MODE_MAX : MODE_MIN;
    }
    if (!(values[EVERY] > 0)) {
        values[EVERY] = lrp_schedule_metric_each_step(metric) ? fmax(1, steps_per_epoch) : 1;
    }
}

static void begin(const struct lrp_schedule *schedule, void *memory)
{
    struct best_state *state = memory;
    state->rate = schedule->values[LR];
    state->best = wants_max(schedule) ? -HUGE_VAL : HUGE_VAL;
    state->every = schedule->values[EVERY];
}

static void formula(const struct lrp_schedule *schedule, double n_steps, struct lrp_text *out)
{
    (void)n_steps;
    lrp_text_printf(out, "maximise = %d\nrelative = %d\n", wants_max(schedule) ? 1 : 0,
                    schedule->values[THRESHOLD_MODE] > 0 ? 0 : 1);
}

static bool is_better(const struct lrp_schedule *schedule, double value, double best)
{
    double threshold = schedule->values[THRESHOLD];
    bool absolute = schedule->values[THRESHOLD_MODE] > 0;
    if (wants_max(schedule)) {
        return value > (absolute ? best + threshold : best * (threshold + 1));
    }
    return value < (absolute ? best - threshold : best * (1 - threshold));
}

static void take(const struct lrp_schedule *schedule, struct best_state *state, double value)
{
    const double *values = schedule->values;
    if (is_better(schedule, value, state->best)) {
        state->best = value;
        state->bad = 0;
    } else {
        state->bad++;
    }
    if (state->cooldown > 0) {
        state->cooldown--;
        state->bad = 0;
    }
    if (state->bad > values[PATIENCE]) {
        double lower = fmax(state->rate * values[FACTOR], values[MIN_LR]);
        state->rate = state->rate - lower > values[EPS] ? lower : state->rate;
        state->cooldown = values[COOLDOWN];
        state->bad = 0;
    }
}

static double observe(const struct lrp_schedule *schedule, void *memory, double value)
{
    struct best_state *state = memory;
    state->sum += value;
    state->summed++;
    if (state->summed >= state->every) {
        take(schedule, state, state->sum / state->summed);
        state->sum = state->summed = 0;
    }
    return state->rate;
}

static const struct lrp_schedule_key keys[KEYS] = {
    LRP_FIRST_RATE_KEY("lr", "the first rate"),
    LRP_NUMBER_KEY("factor", 1e-10, 0.999999, 0.1, "the factor of a fall"),
    LRP_COUNT_KEY("patience", 0, 10, "values without a better one that are tolerated"),
    LRP_NUMBER_KEY("threshold", 0, 1e30, 1e-4, "by how much a value has to be better to count"),
    LRP_WORD_KEY("threshold_mode", "rel|abs", 1, 0,
                 "threshold as a share of the best value, or by itself"),
    LRP_COUNT_KEY("cooldown", 0, 0, "values after a fall that do not count"),
    LRP_LOW_RATE_KEY("min_lr", "the lowest rate"),
    LRP_NUMBER_KEY("eps", 0, 1, 1e-8, "a fall by less than this is left out"),
    LRP_METRIC_KEY,
    LRP_WORD_KEY("mode", "auto|min|max", MODE_MAX, MODE_AUTO,
                 "which way is better; auto: max for an accuracy"),
    LRP_COUNT_KEY("every", 0, 0, "of the loss of so many steps the mean is one value",
                  .default_text = "an epoch"),
};

const struct lrp_schedule_row lrp_schedule_plateau_torch = {
    .name = "plateau_torch",
    .by_factors = true,
    .help = "falls when the loss has had no new best for a while, as PyTorch has it",
    .source = "PyTorch ReduceLROnPlateau",
    .keys = keys,
    .n_keys = KEYS,
    .state_size = sizeof(struct best_state),
    .metric_key = METRIC,
    .write_formula = formula,
    .settle = settle,
    .begin = begin,
    .observe = observe,
};
