/* SPDX-License-Identifier: MIT */
/* One cycle up and down, and an annihilation far below. */
#include "schedule.h"

#include "number.h"

#include <math.h>
#include <string.h>

enum {
    MAX_LR,
    INITIAL_LR,
    FINAL_LR,
    PCT_START,
    ANNEAL,
    THREE_PHASE,
    CYCLE_MOMENTUM,
    MOMENTUM_LOW,
    MOMENTUM_HIGH,
    KEYS
};
enum { PHASES_MOST = 3 };

static const double pi = 3.14159265358979323846;

/* PyTorch: div_factor 25, final_div_factor 1e4. */
static void resolve(double *values)
{
    if (isnan(values[INITIAL_LR])) {
        values[INITIAL_LR] = values[MAX_LR] / 25;
    }
    if (isnan(values[FINAL_LR])) {
        values[FINAL_LR] = values[INITIAL_LR] / 1e4;
    }
}

/* From the key `lr_from` at step begin to `lr_to` at step end. */
struct phase {
    double begin, end;
    size_t lr_from, lr_to, momentum_from, momentum_to;
};

/* The phases as PyTorch has them: each ends at its last step, which may be fractional, and the next
 * one begins there. Returns how many there are. */
static size_t phases_of(const double *values, double n_steps, struct phase *phases)
{
    const double up = values[PCT_START] * n_steps - 1;
    const double down = 2 * values[PCT_START] * n_steps - 2;
    const double last = n_steps - 1;
    phases[0] = (struct phase){0, up, INITIAL_LR, MAX_LR, MOMENTUM_HIGH, MOMENTUM_LOW};
    if (values[THREE_PHASE] > 0) {
        phases[1] = (struct phase){up, down, MAX_LR, INITIAL_LR, MOMENTUM_LOW, MOMENTUM_HIGH};
        phases[2] = (struct phase){down, last, INITIAL_LR, FINAL_LR, MOMENTUM_HIGH, MOMENTUM_HIGH};
        return 3;
    }
    phases[1] = (struct phase){up, last, MAX_LR, FINAL_LR, MOMENTUM_LOW, MOMENTUM_HIGH};
    phases[2] = phases[1];
    return 2;
}

static double anneal(double kind, double from, double to, double share)
{
    if (kind > 0) {
        return from + (to - from) * share;
    }
    return to + (from - to) / 2 * (1 + cos(pi * share));
}

/* Smith 1803.09820, section 4.1 (linear, three phases); PyTorch's OneCycleLR. A phase of no length,
 * where PyTorch divides by zero, is at its end. */
static struct lrp_schedule_point at(const struct lrp_schedule *schedule, double n_steps,
                                    double step)
{
    const double *values = schedule->values;
    struct phase phases[PHASES_MOST];
    size_t n_phases = phases_of(values, n_steps, phases);
    size_t p = 0;
    while (p + 1 < n_phases && step > phases[p].end) {
        p++;
    }
    const struct phase *phase = &phases[p];
    double share =
        phase->end > phase->begin ? (step - phase->begin) / (phase->end - phase->begin) : 1;
    share = fmin(fmax(share, 0), 1);
    struct lrp_schedule_point point;
    point.lr = anneal(values[ANNEAL], values[phase->lr_from], values[phase->lr_to], share);
    point.momentum = values[CYCLE_MOMENTUM] > 0
                         ? anneal(values[ANNEAL], values[phase->momentum_from],
                                  values[phase->momentum_to], share)
                         : (double)NAN;
    return point;
}

#define ONE_CYCLE(member) offsetof(struct lrp_bounds, one_cycle.member)
static const struct lrp_schedule_key keys[KEYS] = {
    LRP_RATE_KEY("max_lr", "the highest rate", .bound = ONE_CYCLE(max_lr)),
    LRP_RATE_KEY("initial_lr", "the first rate", .default_text = "max_lr / 25",
                 .bound = ONE_CYCLE(initial_lr)),
    LRP_NUMBER_KEY("final_lr", 0, LRP_RATE_MOST, (double)NAN, "the last rate",
                   .default_text = "initial_lr / 1e4", .bound = ONE_CYCLE(final_lr)),
    LRP_NUMBER_KEY("pct_start", 0, 1, 0.3, "share of the run in which it rises"),
    LRP_WORD_KEY("anneal", "cos|linear", 1, 0, "how it rises and falls"),
    LRP_WORD_KEY("three_phase", "0|1", 1, 0, "down to initial_lr as fast as up, then to final_lr"),
    LRP_MOMENTUM_KEY,
    LRP_NUMBER_KEY("momentum_low", 0, 1, 0.85, "momentum at max_lr",
                   .bound = ONE_CYCLE(momentum_low)),
    LRP_NUMBER_KEY("momentum_high", 0, 1, 0.95, "momentum at both ends",
                   .bound = ONE_CYCLE(momentum_high)),
};

/* "name = where(t > end, value, name)" for every phase but the first. */
static void append_choice(const char *name, const char *const *choices, const struct phase *phases,
                          size_t n_phases, struct lrp_text *out)
{
    char number[LRP_NUMBER_SIZE];
    lrp_text_printf(out, "%s = %s\n", name, choices[0]);
    for (size_t p = 1; p < n_phases; p++) {
        if (strcmp(choices[p], choices[p - 1]) != 0) {
            lrp_text_printf(out, "%s = where(t > %s, %s, %s)\n", name,
                            lrp_format_double(phases[p - 1].end, number), choices[p], name);
        }
    }
}

static void append_share(const struct phase *phases, size_t n_phases, struct lrp_text *out)
{
    char shares[PHASES_MOST][3 * LRP_NUMBER_SIZE];
    const char *choices[PHASES_MOST];
    for (size_t p = 0; p < n_phases; p++) {
        struct lrp_text share;
        char number[LRP_NUMBER_SIZE];
        lrp_text_init(&share, sizeof shares[p] - 1);
        if (!(phases[p].end > phases[p].begin)) {
            lrp_text_append(&share, "1");
        } else if (phases[p].begin == 0) {
            lrp_text_printf(&share, "t / %s", lrp_format_double(phases[p].end, number));
        } else {
            lrp_text_printf(&share, "(t %s %s) / ", phases[p].begin < 0 ? "+" : "-",
                            lrp_format_double(fabs(phases[p].begin), number));
            lrp_text_append(&share, lrp_format_double(phases[p].end - phases[p].begin, number));
        }
        memcpy(shares[p], lrp_text_string(&share), share.length + 1);
        choices[p] = shares[p];
        lrp_text_fini(&share);
    }
    append_choice("share", choices, phases, n_phases, out);
    lrp_text_append(out, "share = min(max(share, 0), 1)\n");
}

static void formula(const struct lrp_schedule *schedule, double n_steps, struct lrp_text *out)
{
    const double *values = schedule->values;
    struct phase phases[PHASES_MOST];
    size_t n_phases = phases_of(values, n_steps, phases);
    const size_t ends[][PHASES_MOST] = {
        {phases[0].lr_from, phases[1].lr_from, phases[2].lr_from},
        {phases[0].lr_to, phases[1].lr_to, phases[2].lr_to},
        {phases[0].momentum_from, phases[1].momentum_from, phases[2].momentum_from},
        {phases[0].momentum_to, phases[1].momentum_to, phases[2].momentum_to},
    };
    static const char *const names[] = {"first", "last", "momentum_first", "momentum_last"};
    bool momentum = values[CYCLE_MOMENTUM] > 0;
    append_share(phases, n_phases, out);
    lrp_text_append(out, values[ANNEAL] > 0 ? "down = 1 - share\n"
                                            : "down = (1 + cos(pi * share)) / 2\n");
    for (size_t i = 0; i < (momentum ? 4 : 2); i++) {
        const char *choices[PHASES_MOST];
        for (size_t p = 0; p < n_phases; p++) {
            choices[p] = keys[ends[i][p]].name;
        }
        append_choice(names[i], choices, phases, n_phases, out);
    }
    lrp_text_append(out, "rate = last + (first - last) * down\n");
    if (momentum) {
        lrp_text_append(out,
                        "momentum = momentum_last + (momentum_first - momentum_last) * down\n");
    }
}

const struct lrp_schedule_row lrp_schedule_onecycle = {
    .name = "onecycle",
    .help = "one cycle up and down and on far below, momentum the other way",
    .source = "Smith and Topin 1708.07120, Smith 1803.09820, section 4.1; PyTorch OneCycleLR",
    .keys = keys,
    .n_keys = KEYS,
    .resolve = resolve,
    .ordered = {{INITIAL_LR, MAX_LR}, {FINAL_LR, MAX_LR}, {MOMENTUM_LOW, MOMENTUM_HIGH}},
    .at = at,
    .write_formula = formula,
};
