/* SPDX-License-Identifier: MIT */
/* The range test by sweeps: a scout finds the decades that matter, then repeats run over them. */
#include "alloc.h"
#include "answer.h"
#include "beginnings.h"
#include "number.h"
#include "rate_effect.h"
#include "record_reader.h"
#include "rounds.h"
#include "scout_run.h"
#include "sweep_state.h"
#include "trial_runs.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MORE_STEPS_MAX = 2 };
/* Passes through the training data after which a sweep that finds no end is tried with fewer steps,
 * and the fewest steps then: wine (142 rows) is memorised in 50 passes, not in 20. */
enum { SHORTENED_PASSES = 20, SHORTENED_STEPS = 40, FEWEST_STEPS = 20 };
/* ... and by how much where the passes are not known. */
enum { SHORTENED_BY = 4 };

/* Where the loss rises without having fallen: the range is narrowed to 3 decades, most of them
 * below that rate, if it lies so far above the lowest one. */
static const double NARROW_BELOW = 500;
static const double NARROW_ABOVE = 2;
static const double FAR_ABOVE = 30;
/* Where the loss did not diverge, only the next decade is missing. It is swept from fresh weights
 * together with the two decades below it, at the same density: on 8 tasks of the built-in trainer,
 * two sets of seeds each, max_lr of the highest 3 of 5 decades was 10^(0.07 +- 0.15) times that of
 * all 5, whose own seeds spread by 0.03 to 0.25 decades. base_lr is another matter: it came out 2
 * to 4 times too high, or was not seen, so that of the whole range is kept. */
static const double OVERLAP = 100;
/* Half an interval of max_lr, in decades, that one more repeat is run for: with two of them, where
 * they differ by a factor of 2, so that their mean is off by 1.5 from either. The spread of max_lr
 * over seeds is 0.05 to 0.1 decades (reports/spread.md), the half interval of two such repeats 0.1
 * to 0.2. A wide interval of base_lr is no reason: on the 8 scripts of 55 whose repeats were added
 * for it, base_lr of five lay no nearer to what complete trainings show than that of two. */
static const double WIDE = 0.35;

static double decades(double low, double high)
{
    return log10(high) - log10(low);
}

/* Steps for the range at the density that the manifest keeps; not so few that nothing can be seen.
 */
static void set_steps(struct lrp_rounds *rounds)
{
    struct lrp_sweep_state *state = rounds->state;
    double density = rounds->session->steps_per_decade;
    double steps = ceil(density * decades(state->from, rounds->lr_max)) + 1;
    steps = fmax(steps, FEWEST_STEPS);
    state->steps = steps < LRP_PLAN_MAX_STEPS ? (size_t)steps : LRP_PLAN_MAX_STEPS;
    state->steps = lrp_within_budget(rounds->session, state->steps);
    state->repeats = rounds->session->options.repeats;
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
    struct lrp_sweep_state *state = rounds->state;
    const struct lrp_session_options *options = &session->options;
    rounds->lr_min = options->lr_min;
    rounds->lr_max = options->lr_max;
    if (isnan(options->lr_min) || isnan(options->lr_max)) {
        struct lrp_scout scout;
        LRP_TRY(lrp_scout_run(session, &scout, err));
        choose_range(rounds, &scout);
    }
    state->from = rounds->lr_min;
    state->steps = lrp_within_budget(session, options->steps);
    state->repeats = options->repeats;
    session->steps_per_decade =
        (double)(options->steps - 1) / decades(rounds->lr_min, rounds->lr_max);
    return LRP_OK;
}

static enum lrp_status plan(struct lrp_rounds *rounds, struct lrp_round_plan *plan,
                            struct lrp_error *err)
{
    const struct lrp_sweep_state *state = rounds->state;
    const struct lrp_session_options *options = &rounds->session->options;
    plan->phase = (struct lrp_phase){
        .name = "repeats", .lr_min = state->from, .lr_max = rounds->lr_max, .steps = state->steps};
    const size_t made = lrp_runs_of_plan(rounds->session, &plan->phase);
    plan->phase.n_runs = state->repeats > made ? state->repeats - made : 0;
    plan->runs = plan_sweeps(plan->phase.n_runs, options->seed + made);
    LRP_TRY_MEMORY(plan->runs, err);
    return LRP_OK;
}

/* The scout and the first repeat share their seed, and so weights and data; their rates are decades
 * apart. */
static enum lrp_status compare_with_scout(const struct lrp_session *session,
                                          struct lrp_evidence *evidence, struct lrp_error *err)
{
    const struct lrp_run_entry *item = &session->runs[0];
    struct lrp_record *scout = NULL;
    struct lrp_error why;
    enum lrp_rate_effect effect = LRP_EFFECT_UNDECIDED;
    if (strcmp(session->phases[0].name, "scout") != 0 || !lrp_run_is_usable(item, false) ||
        lrp_run_record_read(item->report_path, &scout, &why) != LRP_OK) {
        return LRP_OK;
    }
    enum lrp_status status = LRP_OK;
    for (size_t i = 0; i < evidence->n && status == LRP_OK && effect != LRP_EFFECT_NONE; i++) {
        if (session->runs[evidence->runs[i]].run.seed == item->run.seed && evidence->runs[i] > 0) {
            status = lrp_compare_rate_effect(scout, evidence->records[i], "loss", &effect, err);
        }
    }
    evidence->no_effect = effect == LRP_EFFECT_NONE;
    lrp_record_free(scout);
    return status;
}

static enum lrp_status collect(struct lrp_rounds *rounds, bool ran, struct lrp_evidence *evidence,
                               struct lrp_error *err)
{
    struct lrp_session *session = rounds->session;
    (void)ran; /* each round has runs of its own */
    LRP_TRY(lrp_phase_collect(session, evidence, err));
    lrp_phase_end(session, "");
    LRP_TRY(lrp_drop_other_beginnings(session, evidence, err));
    session->unlike |= evidence->unlike > 0;
    if (evidence->gives >= LRP_FEWEST_STEPS) {
        session->budget = lrp_within_budget(session, evidence->gives);
    }
    evidence->same_seeds = lrp_sweeps_are_same(evidence->records, evidence->n);
    return compare_with_scout(session, evidence, err);
}

static bool learns_at_once(const struct lrp_rounds *rounds)
{
    const struct lrp_sweep_state *state = rounds->state;
    /* in a linear sweep the second step is decades away, wherever the first one lies */
    return !state->settled &&
           !(rounds->session->result->bounds.base_lr.value > rounds->lr_min * 1.05) &&
           rounds->session->options.shape != LRP_SWEEP_LINEAR;
}

/* A small data set that is seen again and again is memorised before the rate is high enough to
 * diverge: with a loss of nearly 0 there is no gradient left, and no rate does harm. Fewer steps
 * then, once. The records say so by themselves (then the passes need not be known), or higher rates
 * were tried in vain. */
static enum lrp_status fewer_steps(struct lrp_rounds *rounds, bool *again, struct lrp_error *err)
{
    struct lrp_sweep_state *state = rounds->state;
    struct lrp_session *session = rounds->session;
    const double per_epoch = session->options.steps_per_epoch;
    const bool seen = session->result->bounds.reason == LRP_REASON_MEMORISED;
    double passes = per_epoch > 0 ? (double)state->steps / per_epoch : 0;
    double steps =
        fmax(per_epoch > 0 ? SHORTENED_PASSES * per_epoch : (double)state->steps / SHORTENED_BY,
             SHORTENED_STEPS);
    if (state->shortened || steps >= (double)state->steps ||
        (!seen && (state->extended == 0 || passes <= SHORTENED_PASSES))) {
        return LRP_OK;
    }
    state->shortened = true;
    state->from = rounds->lr_min;
    session->steps_per_decade = (steps - 1) / decades(rounds->lr_min, rounds->lr_max);
    set_steps(rounds);
    *again = true;
    return seen ? lrp_session_event(session, err,
                                    "the data were memorised before any rate was too high: the "
                                    "repeats were run again with %.0f steps",
                                    steps)
                : lrp_session_event(session, err,
                                    "each repeat went %.0f times through the training data, enough "
                                    "to memorise them: the repeats were run again with %.0f steps",
                                    passes, steps);
}

/* The lowest rate at which a record rises; NaN where none does. */
static enum lrp_status find_rise_of_records(const struct lrp_session *session, double *rise,
                                            struct lrp_error *err)
{
    const struct lrp_session_result *result = session->result;
    *rise = (double)NAN;
    for (size_t i = 0; i < result->n_records; i++) {
        const struct lrp_record *record = result->records[i];
        size_t lr = lrp_record_find_column(record, "lr");
        size_t loss = lrp_record_find_column(record, "loss");
        struct lrp_scout scout = {.diverges = (double)NAN};
        if (lr != LRP_NO_COLUMN && loss != LRP_NO_COLUMN && lrp_record_rows(record) > 0 &&
            !lrp_scout_choose(lrp_record_values(record, lr), lrp_record_values(record, loss),
                              lrp_record_rows(record),
                              session->phases[session->n_phases - 1].any_diverged, &scout)) {
            return lrp_fail_memory(err, 0);
        }
        *rise = fmin(*rise, scout.diverges);
    }
    return LRP_OK;
}

/* From fresh weights the loss rises at rates that the sweeps of the whole range went through: these
 * had memorised the data. The whole range up to there in fewer steps, once. */
static enum lrp_status avoid_memory(struct lrp_rounds *rounds, double rise, bool *again,
                                    struct lrp_error *err)
{
    struct lrp_sweep_state *state = rounds->state;
    struct lrp_session *session = rounds->session;
    char rates[2][LRP_NUMBER_SIZE];
    if (state->shortened || isnan(rise)) {
        return LRP_OK;
    }
    state->shortened = true;
    state->from = rounds->lr_min;
    rounds->lr_max = fmin(lrp_round_rate(rise * OVERLAP / 10, true), rounds->lr_max);
    session->steps_per_decade =
        fmax((double)session->options.steps / SHORTENED_BY, SHORTENED_STEPS) /
        decades(rounds->lr_min, rounds->lr_max);
    set_steps(rounds);
    *again = true;
    return lrp_session_event(session, err,
                             "from fresh weights the loss rises near %s, where sweeps from %s on "
                             "had memorised the data: the range was swept again with %zu steps",
                             lrp_format_short(rise, 2, rates[0]),
                             lrp_format_short(rounds->lr_min, 2, rates[1]), state->steps);
}

static enum lrp_status narrow(struct lrp_rounds *rounds, bool *again, struct lrp_error *err)
{
    struct lrp_sweep_state *state = rounds->state;
    struct lrp_session *session = rounds->session;
    const struct lrp_session_options *options = &session->options;
    double rise = 0;
    LRP_TRY(find_rise_of_records(session, &rise, err));
    if (state->from > rounds->lr_min) {
        return avoid_memory(rounds, rise, again, err);
    }
    double low =
        isnan(options->lr_min) ? lrp_round_rate(rise / NARROW_BELOW, false) : options->lr_min;
    double high =
        isnan(options->lr_max) ? lrp_round_rate(rise * NARROW_ABOVE, true) : options->lr_max;
    /* narrower by half a decade at least: else it would be the same again */
    if (!(rise > FAR_ABOVE * rounds->lr_min) ||
        !(decades(low, high) < decades(rounds->lr_min, rounds->lr_max) - 0.5)) {
        return LRP_OK;
    }
    rounds->lr_min = fmax(low, rounds->lr_min);
    rounds->lr_max = fmin(high, rounds->lr_max);
    state->from = rounds->lr_min;
    session->steps_per_decade =
        (double)(options->steps - 1) / decades(rounds->lr_min, rounds->lr_max);
    set_steps(rounds);
    *again = true;
    char rates[3][LRP_NUMBER_SIZE];
    return lrp_session_event(session, err,
                             "no learning was seen below %s, where the loss rises: the range was "
                             "narrowed to %s .. %s, so that there are more steps in each decade",
                             lrp_format_short(rise, 2, rates[0]),
                             lrp_format_short(rounds->lr_min, 2, rates[1]),
                             lrp_format_short(rounds->lr_max, 2, rates[2]));
}

static void raise_range(struct lrp_rounds *rounds)
{
    struct lrp_sweep_state *state = rounds->state;
    const struct lrp_bounds *bounds = &rounds->session->result->bounds;
    const double from = rounds->lr_max / OVERLAP;
    state->extended++;
    state->lowered = false;
    /* what nothing was learnt in needs no base_lr of its own: it lies above */
    if (!(state->from > rounds->lr_min)) {
        state->base = bounds->base_lr;
    }
    if (rounds->session->options.shape == LRP_SWEEP_EXP && from > state->from) {
        state->from = from;
    }
    rounds->lr_max = fmin(rounds->lr_max * 10, LRP_HIGHEST_RATE);
    set_steps(rounds);
}

static void lower_range(struct lrp_rounds *rounds, double factor, bool escape)
{
    struct lrp_sweep_state *state = rounds->state;
    const double low = rounds->lr_min;
    rounds->lr_min = fmax(lrp_round_rate(low / factor, false), LRP_LOWEST_RATE);
    state->from = rounds->lr_min;
    state->lowered = !escape;
    if (escape && isnan(rounds->session->options.lr_max)) {
        rounds->lr_max = low * 10;
    }
    set_steps(rounds);
}

/* Whether repeats, each by itself, come to different answers, and most of them not to bounds. */
static bool outcomes_differ(const struct lrp_session_result *result)
{
    size_t good = 0;
    for (size_t i = 0; i < result->n_records; i++) {
        const struct lrp_record *one = result->records[i];
        struct lrp_bounds own;
        good +=
            lrp_bounds_find(&one, 1, NULL, &own, NULL) == LRP_OK && own.outcome == LRP_OUTCOME_OK
                ? 1
                : 0;
    }
    return good > 0 && 2 * good <= result->n_records;
}

static enum lrp_status one_more(struct lrp_rounds *rounds, bool *again, struct lrp_error *err)
{
    struct lrp_sweep_state *state = rounds->state;
    struct lrp_session *session = rounds->session;
    const struct lrp_bounds *bounds = &session->result->bounds;
    const struct lrp_rate *max = &bounds->max_lr;
    const bool wide = log10(max->high) - log10(max->low) > 2 * WIDE;
    /* where nothing diverged, noise is all that is seen below the rates where the loss falls */
    const bool noisy = bounds->outcome == LRP_OUTCOME_TOO_NOISY &&
                       session->phases[session->n_phases - 1].any_diverged;
    const bool unsure =
        bounds->outcome == LRP_OUTCOME_OK && (wide || outcomes_differ(session->result));
    if (state->repeats >= session->options.repeats_most || session->unlike || state->settled ||
        !(noisy || unsure)) {
        return LRP_OK;
    }
    state->repeats++;
    state->lowered = false; /* the range is no longer a new one */
    *again = true;
    return lrp_session_event(session, err, "%zu repeats %s: one more was run", state->repeats - 1,
                             noisy  ? "are too noisy"
                             : wide ? "leave max_lr too uncertain"
                                    : "come to different answers");
}

/* Noise gets twice the steps two times, a model that has not begun to learn once. */
static enum lrp_status more(struct lrp_rounds *rounds, bool *again, struct lrp_error *err)
{
    struct lrp_sweep_state *state = rounds->state;
    struct lrp_session *session = rounds->session;
    const struct lrp_bounds *bounds = &session->result->bounds;
    const bool noisy = bounds->outcome == LRP_OUTCOME_TOO_NOISY;
    const bool idle = bounds->reason == LRP_REASON_NO_LEARNING;
    bool all_given = !isnan(session->options.lr_min) && !isnan(session->options.lr_max);
    if (all_given || state->lengthened >= (idle ? 1 : MORE_STEPS_MAX) ||
        lrp_within_budget(session, 2 * state->steps) <= state->steps ||
        state->steps > LRP_PLAN_MAX_STEPS / 2) {
        return LRP_OK;
    }
    state->lengthened++;
    session->steps_per_decade *= 2;
    set_steps(rounds);
    *again = true;
    return lrp_session_event(session, err, "%s: the repeats were run again with %zu steps",
                             noisy  ? "the repeats were too noisy"
                             : idle ? "nothing was learnt below the rate where the loss rises"
                                    : "the repeats were too short",
                             state->steps);
}

static enum lrp_status fit_steps(struct lrp_rounds *rounds, bool *again, struct lrp_error *err)
{
    struct lrp_sweep_state *state = rounds->state;
    struct lrp_session *session = rounds->session;
    const size_t steps = lrp_within_budget(session, state->steps);
    if (steps >= state->steps || steps < LRP_FEWEST_STEPS) {
        return LRP_OK;
    }
    state->steps = steps;
    state->repeats = session->options.repeats;
    *again = true;
    return lrp_session_event(
        session, err, "the trainer gives %zu steps: the range was swept again in as many", steps);
}

const struct lrp_strategy lrp_strategy_sweep = {
    .name = "inline",
    .steps = LRP_SWEEP_STEPS,
    .repeats = LRP_SWEEP_REPEATS,
    .repeats_most = LRP_SWEEP_REPEATS_MOST,
    .raises_noise = true,
    .digits = 2,
    .lower_by = 30,
    .at_lowest = " at the lowest rate",
    .noun = "repeats",
    .same_seeds = "all repeats are the same to the last digit: the trainer takes no notice of "
                  "LRPROBE_SEED, so the intervals mean nothing",
    .state_size = sizeof(struct lrp_sweep_state),
    .check = check,
    .begin = begin,
    .plan = plan,
    .collect = collect,
    .keeps_result = lrp_sweep_keeps_result,
    .analysed = lrp_sweep_analysed,
    .learns_at_once = learns_at_once,
    .instead_of_raising = fewer_steps,
    .narrow = narrow,
    .raise = raise_range,
    .lower = lower_range,
    .one_more = one_more,
    .fit_steps = fit_steps,
    .more = more,
    .complete = lrp_trial_runs,
};
