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

struct state {
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

static struct lrp_schedule_point at(const struct lrp_schedule *schedule, double n_steps,
                                    double step)
{
    (void)n_steps;
    (void)step;
    return (struct lrp_schedule_point){schedule->values[LR], (double)NAN};
}

static void settle(struct lrp_schedule *schedule, double n_steps, double steps_per_epoch)
{
    double *values = schedule->values;
    double metric = values[METRIC];
    (void)n_steps;
    if (values[MODE] == MODE_AUTO) {
        values[MODE] = metric == LRP_SCHEDULE_BY_ACCURACY || metric == LRP_SCHEDULE_BY_VAL_ACCURACY
                           ? MODE_MAX
                           : MODE_MIN;
    }
    if (!(values[EVERY] > 0)) {
        bool every_step = metric == LRP_SCHEDULE_BY_LOSS || metric == LRP_SCHEDULE_BY_ACCURACY;
        values[EVERY] = every_step ? fmax(1, steps_per_epoch) : 1;
    }
}

static void begin(const struct lrp_schedule *schedule, void *memory)
{
    struct state *state = memory;
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

static bool pytorch(const struct lrp_schedule *schedule, double n_steps, struct lrp_text *out)
{
    static const struct {
        size_t key;
        const char *name;
    } arguments[] = {
        {FACTOR, "factor"}, {THRESHOLD, "threshold"}, {MIN_LR, "min_lr"}, {EPS, "eps"}};
    const double *values = schedule->values;
    char number[LRP_NUMBER_SIZE];
    (void)n_steps;
    lrp_text_printf(out,
                    "ReduceLROnPlateau(optimizer, mode=\"%s\", patience=%.0f, cooldown=%.0f, "
                    "threshold_mode=\"%s\"",
                    wants_max(schedule) ? "max" : "min", values[PATIENCE], values[COOLDOWN],
                    values[THRESHOLD_MODE] > 0 ? "abs" : "rel");
    for (size_t i = 0; i < sizeof arguments / sizeof arguments[0]; i++) {
        lrp_text_printf(out, ", %s=%s", arguments[i].name,
                        lrp_format_double(values[arguments[i].key], number));
    }
    lrp_text_append(out, ")");
    return true;
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

static void take(const struct lrp_schedule *schedule, struct state *state, double value)
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
    struct state *state = memory;
    state->sum += value;
    state->summed++;
    if (state->summed >= state->every) {
        take(schedule, state, state->sum / state->summed);
        state->sum = state->summed = 0;
    }
    return state->rate;
}

static const struct lrp_schedule_key keys[KEYS] = {
    {.name = "lr",
     .low = LRP_RATE_LEAST,
     .high = LRP_RATE_MOST,
     .value = (double)NAN,
     .help = "the first rate",
     .source = LRP_FROM_SUGGESTED},
    {.name = "factor",
     .low = 1e-10,
     .high = 0.999999,
     .value = 0.1,
     .help = "the factor of a fall"},
    {.name = "patience",
     .high = 1e15,
     .value = 10,
     .help = "values without a better one that are borne",
     .whole = true},
    {.name = "threshold",
     .high = 1e30,
     .value = 1e-4,
     .help = "by how much a value has to be better to count"},
    {.name = "threshold_mode",
     .high = 1,
     .words = "rel|abs",
     .help = "threshold as a share of the best value, or by itself"},
    {.name = "cooldown",
     .high = 1e15,
     .help = "values after a fall that do not count",
     .whole = true},
    {.name = "min_lr", .high = LRP_RATE_MOST, .help = "the lowest rate"},
    {.name = "eps", .high = 1, .value = 1e-8, .help = "a fall by less than this is left out"},
    {.name = "metric",
     .high = LRP_SCHEDULE_BY_VAL_ACCURACY,
     .words = LRP_SCHEDULE_BY_WORDS,
     .help = "what is watched"},
    {.name = "mode",
     .high = MODE_MAX,
     .words = "auto|min|max",
     .help = "which way is better; auto: max for an accuracy"},
    {.name = "every",
     .high = 1e15,
     .default_text = "an epoch",
     .help = "of the loss of so many steps the mean is one value",
     .whole = true},
};

const struct lrp_schedule_row lrp_schedule_plateau_torch = {
    .name = "plateau_torch",
    .by_factors = true,
    .help = "falls when the loss has had no new best for a while, as PyTorch has it",
    .source = "PyTorch ReduceLROnPlateau",
    .keys = keys,
    .n_keys = KEYS,
    .at = at,
    .state_size = sizeof(struct state),
    .metric_key = METRIC,
    .formula = formula,
    .pytorch = pytorch,
    .settle = settle,
    .begin = begin,
    .observe = observe,
};
