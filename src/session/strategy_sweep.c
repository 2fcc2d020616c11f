/* SPDX-License-Identifier: MIT */
/* The range test by sweeps: a scout finds the decades that matter, then repeats run over them. */
#include "alloc.h"
#include "evidence.h"
#include "rounds.h"
#include "scout_reading.h"

#include <math.h>
#include <stdlib.h>

enum { MORE_STEPS_MAX = 2 };
/* Passes through the training data after which a sweep that finds no end is tried with fewer steps,
 * and the fewest steps then: wine (142 rows) is memorised in 50 passes, not in 20. */
enum { SHORTENED_PASSES = 20, SHORTENED_STEPS = 40, FEWEST_STEPS = 20 };

struct sweep_state {
    size_t steps;      /* of the next round */
    size_t lengthened; /* times that the steps were doubled */
    size_t extended;   /* times that the highest rate was raised */
    bool shortened;    /* the steps were cut, since the data were memorised */
};

static double decades(double low, double high)
{
    return log10(high) - log10(low);
}

/* Steps for the range at the density that the manifest keeps; not so few that nothing can be seen.
 */
static void set_steps(struct lrp_rounds *rounds)
{
    struct sweep_state *state = rounds->state;
    double density = rounds->session->steps_per_decade;
    double steps = ceil(density * decades(rounds->lr_min, rounds->lr_max)) + 1;
    steps = fmax(steps, FEWEST_STEPS);
    state->steps = steps < LRP_PLAN_MAX_STEPS ? (size_t)steps : LRP_PLAN_MAX_STEPS;
}

/* n sweeps with seeds from first_seed on, in heap memory. */
static struct lrp_planned_run *plan_sweeps(size_t n, uint64_t first_seed)
{
    struct lrp_planned_run *runs = lrp_calloc_array(n, sizeof *runs);
    for (size_t i = 0; runs != NULL && i < n; i++) {
        runs[i] = (struct lrp_planned_run){.lr = (double)NAN, .seed = first_seed + i};
    }
    return runs;
}

static enum lrp_status check(const struct lrp_session_options *options, struct lrp_error *err)
{
    double low = 0;
    double high = 0;
    lrp_scout_ends(options->lr_min, options->lr_max, &low, &high);
    return lrp_plan_check(low, high, options->scout_steps, err);
}

static enum lrp_status read_scout(struct lrp_session *session, const struct lrp_evidence *evidence,
                                  struct lrp_scout *scout, struct lrp_error *err)
{
    if (evidence->n == 0) {
        return lrp_nothing_usable(session, err);
    }
    const struct lrp_record *record = evidence->records[0];
    size_t lr = lrp_record_find_column(record, "lr");
    size_t loss = lrp_record_find_column(record, "loss");
    if (lr == LRP_NO_COLUMN || loss == LRP_NO_COLUMN || lrp_record_rows(record) == 0) {
        return lrp_fail(err, LRP_E_CHILD, 0, "the trainer's report has no columns lr and loss");
    }
    if (!lrp_scout_choose(lrp_record_values(record, lr), lrp_record_values(record, loss),
                          lrp_record_rows(record), evidence->any_diverged, scout)) {
        return lrp_fail_memory(err, 0);
    }
    lrp_scout_end(session, scout->starts, "no learning seen", scout->diverges);
    return LRP_OK;
}

static enum lrp_status run_scout(struct lrp_session *session, struct lrp_scout *scout,
                                 struct lrp_error *err)
{
    const struct lrp_session_options *options = &session->options;
    const struct lrp_planned_run run = {.lr = (double)NAN, .seed = options->seed};
    struct lrp_phase phase = {.name = "scout", .steps = options->scout_steps, .n_runs = 1};
    struct lrp_evidence evidence = {0};
    lrp_scout_ends(options->lr_min, options->lr_max, &phase.lr_min, &phase.lr_max);
    const enum lrp_status ran = lrp_phase_train(session, &phase, &run, err);
    if (ran != LRP_OK && ran != LRP_E_INTERRUPTED) {
        return ran;
    }
    enum lrp_status status = lrp_phase_collect(session, &evidence, err);
    status = status == LRP_OK ? ran : status;
    if (status == LRP_OK) {
        status = read_scout(session, &evidence, scout, err);
    }
    lrp_evidence_fini(&evidence);
    return status;
}

/* The range that a scout chooses; given ends stay as they are. */
static void choose_range(struct lrp_rounds *rounds, const struct lrp_scout *scout)
{
    const struct lrp_session_options *options = &rounds->session->options;
    rounds->lr_min = isnan(options->lr_min) ? scout->lr_min : options->lr_min;
    rounds->lr_max = isnan(options->lr_max) ? scout->lr_max : options->lr_max;
    if (rounds->lr_min >= rounds->lr_max) {
        rounds->lr_min = isnan(options->lr_min) ? rounds->lr_max / 1000 : rounds->lr_min;
        rounds->lr_max = isnan(options->lr_max) ? rounds->lr_min * 1000 : rounds->lr_max;
    }
}

static enum lrp_status begin(struct lrp_rounds *rounds, struct lrp_error *err)
{
    struct lrp_session *session = rounds->session;
    struct sweep_state *state = rounds->state;
    const struct lrp_session_options *options = &session->options;
    rounds->lr_min = options->lr_min;
    rounds->lr_max = options->lr_max;
    if (isnan(options->lr_min) || isnan(options->lr_max)) {
        struct lrp_scout scout;
        LRP_TRY(run_scout(session, &scout, err));
        choose_range(rounds, &scout);
    }
    state->steps = options->steps;
    session->steps_per_decade =
        (double)(options->steps - 1) / decades(rounds->lr_min, rounds->lr_max);
    return LRP_OK;
}

static enum lrp_status plan(struct lrp_rounds *rounds, struct lrp_round_plan *plan,
                            struct lrp_error *err)
{
    const struct sweep_state *state = rounds->state;
    const struct lrp_session_options *options = &rounds->session->options;
    plan->phase = (struct lrp_phase){.name = "repeats",
                                     .lr_min = rounds->lr_min,
                                     .lr_max = rounds->lr_max,
                                     .steps = state->steps,
                                     .n_runs = options->repeats};
    plan->runs = plan_sweeps(options->repeats, options->seed + 1);
    LRP_TRY_MEMORY(plan->runs, err);
    return LRP_OK;
}

static enum lrp_status collect(struct lrp_rounds *rounds, bool ran, struct lrp_evidence *evidence,
                               struct lrp_error *err)
{
    (void)ran; /* each round has runs of its own */
    LRP_TRY(lrp_phase_collect(rounds->session, evidence, err));
    lrp_phase_end(rounds->session, "");
    evidence->same_seeds = lrp_sweeps_are_same(evidence->records, evidence->n);
    return LRP_OK;
}

static bool learns_at_once(const struct lrp_rounds *rounds)
{
    /* in a linear sweep the second step is decades away, wherever the first one lies */
    return !(rounds->session->result->bounds.base_lr.value > rounds->lr_min * 1.05) &&
           rounds->session->options.shape != LRP_SWEEP_LINEAR;
}

/* A small data set that is seen again and again is memorised before the rate is high enough to
 * diverge: with a loss of nearly 0 there is no gradient left, and no rate does harm. Fewer steps
 * then, once. */
static enum lrp_status fewer_steps(struct lrp_rounds *rounds, bool *again, struct lrp_error *err)
{
    struct sweep_state *state = rounds->state;
    struct lrp_session *session = rounds->session;
    const double per_epoch = session->options.steps_per_epoch;
    double passes = per_epoch > 0 ? (double)state->steps / per_epoch : 0;
    double steps = fmax(SHORTENED_PASSES * per_epoch, SHORTENED_STEPS);
    if (state->shortened || state->extended == 0 || passes <= SHORTENED_PASSES ||
        steps >= (double)state->steps) {
        return LRP_OK;
    }
    state->shortened = true;
    session->steps_per_decade = (steps - 1) / decades(rounds->lr_min, rounds->lr_max);
    set_steps(rounds);
    *again = true;
    return lrp_session_event(session, err,
                             "each repeat went %.0f times through the training data, enough to "
                             "memorise them: the repeats were run again with %.0f steps",
                             passes, steps);
}

static void raise_range(struct lrp_rounds *rounds)
{
    struct sweep_state *state = rounds->state;
    state->extended++;
    rounds->lr_max = fmin(rounds->lr_max * 10, LRP_HIGHEST_RATE);
    set_steps(rounds);
}

static void lower_range(struct lrp_rounds *rounds, double factor, bool escape)
{
    const double low = rounds->lr_min;
    rounds->lr_min = fmax(lrp_round_rate(low / factor, false), LRP_LOWEST_RATE);
    if (escape && isnan(rounds->session->options.lr_max)) {
        rounds->lr_max = low * 10;
    }
    set_steps(rounds);
}

static enum lrp_status more_steps(struct lrp_rounds *rounds, bool *again, struct lrp_error *err)
{
    struct sweep_state *state = rounds->state;
    struct lrp_session *session = rounds->session;
    bool all_given = !isnan(session->options.lr_min) && !isnan(session->options.lr_max);
    if (all_given || state->lengthened >= MORE_STEPS_MAX || state->steps > LRP_PLAN_MAX_STEPS / 2) {
        return LRP_OK;
    }
    state->lengthened++;
    session->steps_per_decade *= 2;
    set_steps(rounds);
    *again = true;
    return lrp_session_event(
        session, err, "the repeats were %s: they were run again with twice the steps",
        session->result->bounds.outcome == LRP_OUTCOME_TOO_NOISY ? "too noisy" : "too short");
}

const struct lrp_strategy lrp_strategy_sweep = {
    .name = "inline",
    .steps = LRP_SWEEP_STEPS,
    .repeats = LRP_SWEEP_REPEATS,
    .raises_noise = true,
    .digits = 2,
    .lower_by = 30,
    .at_lowest = " at the lowest rate",
    .noun = "repeats",
    .same_seeds = "all repeats are the same to the last digit: the trainer takes no notice of "
                  "LRPROBE_SEED, so the intervals mean nothing",
    .state_size = sizeof(struct sweep_state),
    .check = check,
    .begin = begin,
    .plan = plan,
    .collect = collect,
    .learns_at_once = learns_at_once,
    .instead_of_raising = fewer_steps,
    .raise = raise_range,
    .lower = lower_range,
    .more = more_steps,
};
