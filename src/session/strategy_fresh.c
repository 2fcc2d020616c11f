/* SPDX-License-Identifier: MIT */
/* The range test by runs at one rate each, from new weights. The runs of one repeat have one seed,
 * so that with a trainer that heeds it they differ in their rate alone. With an end of the range
 * left to lrprobe the first series of rounds, the scout, makes the first repeat at every second
 * rate of 1e-7 to 10; its runs belong to the set. */
#include "alloc.h"
#include "fresh_run.h"
#include "fresh_set.h"
#include "number.h"
#include "rate_grid.h"
#include "record_reader.h"
#include "rounds.h"
#include "run_notes.h"
#include "scout_reading.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MORE_REPEATS_MAX = 2, SCOUT_STRIDE = 2, FAILURES_TOLD = 3 };
/* So many runs without a loss, the ones at the lowest rates, and the others will have none. */
enum { HOPELESS = 3 };
/* From the scout's bounds so far outwards, in decades: a coarse grid misplaces them by half of it.
 */
static const double MARGIN = 0.4;
static const double EXTEND_UP = 10;

struct fresh_state {
    struct lrp_rate_grid grid;
    long stride;       /* 2 for the scout */
    size_t repeats;    /* 1 for the scout */
    size_t doubled;    /* times that the repeats were doubled */
    double crash_told; /* lowest rate of a crash that an event tells of */
};

static void measure_range(struct lrp_rounds *rounds)
{
    const struct fresh_state *state = rounds->state;
    rounds->lr_min = lrp_rate_grid_rate(&state->grid, state->grid.low);
    rounds->lr_max = lrp_rate_grid_rate(&state->grid, state->grid.high);
}

static bool is_made(const struct lrp_session *session, double lr, uint64_t seed)
{
    for (size_t i = 0; i < session->n_runs; i++) {
        const struct lrp_run_entry *item = &session->runs[i];
        if (item->run.seed == seed && fabs(item->lr / lr - 1) < 1e-6) {
            return true;
        }
    }
    return false;
}

/* The runs that the range needs and that are not made yet; lowest rates first, since those never
 * end early and so are the longest, and since they go well wherever anything does. */
static enum lrp_status plan(struct lrp_rounds *rounds, struct lrp_round_plan *plan,
                            struct lrp_error *err)
{
    const struct fresh_state *state = rounds->state;
    const struct lrp_session_options *options = &rounds->session->options;
    size_t rates = (size_t)((state->grid.high - state->grid.low) / state->stride) + 1;
    size_t n = 0;
    plan->runs = lrp_calloc_array(rates * state->repeats, sizeof *plan->runs);
    LRP_TRY_MEMORY(plan->runs, err);
    for (long k = state->grid.low; k <= state->grid.high; k += state->stride) {
        double lr = lrp_rate_grid_rate(&state->grid, k);
        for (size_t r = 0; r < state->repeats; r++) {
            uint64_t seed = options->seed + 1 + r;
            if (!is_made(rounds->session, lr, seed)) {
                plan->runs[n++] = (struct lrp_planned_run){.lr = lr, .seed = seed};
            }
        }
    }
    plan->phase = (struct lrp_phase){.name = state->stride > 1 ? "scout" : "runs",
                                     .lr_min = rounds->lr_min,
                                     .lr_max = rounds->lr_max,
                                     .steps = options->steps,
                                     .n_runs = n};
    return LRP_OK;
}

/* False once the first runs have ended without any loss. */
static bool go_on(const struct lrp_session *session, const struct lrp_trainer_run *runs,
                  size_t n_runs)
{
    size_t over = 0;
    for (size_t i = 0; i < session->n_runs; i++) {
        if (session->runs[i].run.rows > 0) {
            return true;
        }
    }
    for (size_t i = 0; i < n_runs; i++) {
        if (runs[i].rows > 0) {
            return true;
        }
        over += runs[i].end == LRP_RUN_FAILED || runs[i].end == LRP_RUN_SHORT ||
                        runs[i].end == LRP_RUN_TIMEOUT || runs[i].end == LRP_RUN_BAD_REPORT
                    ? 1
                    : 0;
    }
    return over < HOPELESS;
}

/* What is to be said of the runs of the last phase; crashed: rate from which on failures count as
 * divergence, NaN = none. */
static enum lrp_status note_runs(struct lrp_session *session, double crashed, struct lrp_error *err)
{
    const struct lrp_phase *phase = &session->phases[session->n_phases - 1];
    size_t failed = 0;
    size_t ended = 0;
    size_t first = phase->steps;
    bool noted = false;
    for (size_t i = phase->first_run; i < phase->first_run + phase->n_runs; i++) {
        const struct lrp_run_entry *item = &session->runs[i];
        struct lrp_record *record = NULL;
        struct lrp_error why;
        const bool usable = lrp_run_is_usable(item, false);
        if (usable && item->run.end == LRP_RUN_SHORT && isfinite(item->last_loss)) {
            ended++;
            first = item->run.rows < first ? item->run.rows : first;
        }
        if (!usable) {
            if (item->run.reason[0] != '\0' && !(item->lr >= crashed) && failed++ < FAILURES_TOLD) {
                LRP_TRY(lrp_note_failure(session, i, false, err));
            }
        } else if (!noted && lrp_run_record_read(item->report_path, &record, &why) == LRP_OK) {
            noted = true;
            enum lrp_status status = lrp_note_record(session, phase, i, record, err);
            lrp_record_free(record);
            LRP_TRY(status);
        }
    }
    if (ended > 0) {
        LRP_TRY(lrp_session_event(session, err,
                                  "%zu of %zu runs ended by themselves, the first after %zu of %zu "
                                  "steps: what they had recorded counts",
                                  ended, phase->n_runs, first, phase->steps));
    }
    return failed <= FAILURES_TOLD ? LRP_OK
                                   : lrp_session_event(session, err,
                                                       "%zu more runs failed and were left out; "
                                                       "sweep.json has their reasons",
                                                       failed - FAILURES_TOLD);
}

static enum lrp_status note_crash(struct lrp_rounds *rounds, const struct lrp_evidence *evidence,
                                  struct lrp_error *err)
{
    struct fresh_state *state = rounds->state;
    struct lrp_session *session = rounds->session;
    char rate[LRP_NUMBER_SIZE];
    if (isnan(evidence->crashed) || evidence->crashed >= state->crash_told) {
        return LRP_OK;
    }
    state->crash_told = evidence->crashed;
    return lrp_session_event(session, err,
                             "from a rate of %s on the trainer fails, while it goes well at lower "
                             "ones; that was taken for divergence. Run %03zu: %.200s",
                             lrp_format_short(evidence->crashed, 3, rate), evidence->example,
                             session->runs[evidence->example].run.reason);
}

static enum lrp_status say_rates_do_nothing(const struct lrp_session *session,
                                            struct lrp_error *err)
{
    bool told = false;
    for (size_t i = 0; session->options.argv[i] != NULL; i++) {
        told |= strstr(session->options.argv[i], "{lr}") != NULL;
    }
    return lrp_fail(err, LRP_E_CHILD, 0,
                    "the runs have the same losses whatever the rate: the trainer does not use %s",
                    told
                        ? "the rate that {lr} gives it"
                        : "the rate of its plan; write {lr} in its command where the rate belongs");
}

static enum lrp_status collect(struct lrp_rounds *rounds, bool ran, struct lrp_evidence *evidence,
                               struct lrp_error *err)
{
    struct lrp_session *session = rounds->session;
    LRP_TRY(lrp_fresh_set_collect(session, rounds->lr_min, rounds->lr_max, evidence, err));
    if (ran) {
        LRP_TRY(note_runs(session, evidence->crashed, err));
    }
    LRP_TRY(note_crash(rounds, evidence, err));
    return evidence->same_rates && !session->result->interrupted
               ? say_rates_do_nothing(session, err)
               : LRP_OK;
}

static void analysed(struct lrp_rounds *rounds)
{
    const struct fresh_state *state = rounds->state;
    const struct lrp_bounds *bounds = &rounds->session->result->bounds;
    if (state->stride > 1) {
        lrp_scout_end(rounds->session, bounds->base_lr.value, "no start of learning seen",
                      bounds->evidence.diverged_lr, (double)NAN);
    } else {
        lrp_phase_end(rounds->session, "");
    }
}

static bool learns_at_once(const struct lrp_rounds *rounds)
{
    return isnan(rounds->session->result->bounds.base_lr.value);
}

/* One end of the range to a rate outside of it, by whole strides. */
static void raise_range(struct lrp_rounds *rounds)
{
    struct fresh_state *state = rounds->state;
    double rate = fmin(rounds->lr_max * EXTEND_UP, LRP_HIGHEST_RATE);
    long index = lrp_rate_grid_index(&state->grid, rate, true);
    long strides = (index - state->grid.high + state->stride - 1) / state->stride;
    state->grid.high += strides * state->stride;
    measure_range(rounds);
}

static void lower_range(struct lrp_rounds *rounds, double factor, bool escape)
{
    (void)escape; /* the runs at higher rates are made already */
    struct fresh_state *state = rounds->state;
    double rate = fmax(rounds->lr_min / factor, LRP_LOWEST_RATE);
    long index = lrp_rate_grid_index(&state->grid, rate, false);
    long strides = (state->grid.low - index + state->stride - 1) / state->stride;
    state->grid.low -= strides * state->stride;
    measure_range(rounds);
}

static enum lrp_status more_repeats(struct lrp_rounds *rounds, bool *again, struct lrp_error *err)
{
    struct fresh_state *state = rounds->state;
    bool noisy = rounds->session->result->bounds.outcome == LRP_OUTCOME_TOO_NOISY;
    if (!noisy || state->stride > 1 || state->doubled >= MORE_REPEATS_MAX) {
        return LRP_OK;
    }
    state->doubled++;
    state->repeats *= 2;
    *again = true;
    return lrp_session_event(rounds->session, err,
                             "the runs were too noisy: there are %zu at each rate now",
                             state->repeats);
}

static enum lrp_status begin(struct lrp_rounds *rounds, struct lrp_error *err)
{
    (void)err;
    struct fresh_state *state = rounds->state;
    const struct lrp_session_options *options = &rounds->session->options;
    double low = 0;
    double high = 0;
    lrp_scout_ends(options->lr_min, options->lr_max, &low, &high);
    lrp_rate_grid_set(&state->grid, options->lr_min, options->lr_max, options->rates, low, high);
    state->stride = 1;
    state->repeats = options->repeats;
    state->crash_told = HUGE_VAL;
    if (isnan(options->lr_min) || isnan(options->lr_max)) {
        state->stride = SCOUT_STRIDE;
        state->repeats = 1;
        state->grid.high += (state->grid.high - state->grid.low) % SCOUT_STRIDE;
    }
    measure_range(rounds);
    return LRP_OK;
}

/* After the scout: the decades that matter; given ends stay as they are. Without both ends seen
 * there is nothing to repeat. */
static bool refine(struct lrp_rounds *rounds)
{
    struct fresh_state *state = rounds->state;
    const struct lrp_session_options *options = &rounds->session->options;
    const struct lrp_bounds *bounds = &rounds->session->result->bounds;
    struct lrp_rate_grid *grid = &state->grid;
    if (state->stride == 1 || bounds->outcome != LRP_OUTCOME_OK) {
        return false;
    }
    if (isnan(options->lr_min) && !isnan(bounds->base_lr.value)) {
        double low = bounds->base_lr.value / pow(10, MARGIN);
        grid->low = lrp_rate_grid_index(grid, fmax(low, rounds->lr_min), false);
    }
    if (isnan(options->lr_max) && !isnan(bounds->max_lr.value)) {
        double high = bounds->max_lr.high * pow(10, MARGIN);
        grid->high = lrp_rate_grid_index(grid, fmin(high, rounds->lr_max), true);
    }
    if (options->rates > 1) {
        lrp_rate_grid_divide(grid, options->rates);
    }
    state->stride = 1;
    state->repeats = options->repeats;
    measure_range(rounds);
    return true;
}

const struct lrp_strategy lrp_strategy_fresh = {
    .name = "fresh",
    .steps = LRP_FRESH_STEPS,
    .repeats = LRP_FRESH_REPEATS,
    .repeats_most = LRP_FRESH_REPEATS,
    .one_rate = true,
    .keeps_runs = true,
    .digits = 3,
    .lower_by = 10,
    .at_lowest = "",
    .noun = "runs",
    .same_seeds = "runs with different seeds have the same losses, so there is no interval; {seed} "
                  "in the command gives the trainer its seed",
    .state_size = sizeof(struct fresh_state),
    .check = lrp_fresh_check,
    .begin = begin,
    .plan = plan,
    .go_on = go_on,
    .collect = collect,
    .analysed = analysed,
    .learns_at_once = learns_at_once,
    .raise = raise_range,
    .lower = lower_range,
    .more = more_repeats,
    .refine = refine,
};
