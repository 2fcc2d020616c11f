/* SPDX-License-Identifier: MIT */
#include "rounds.h"

#include "alloc.h"
#include "answer.h"
#include "number.h"
#include "scout_reading.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS_MAX = 5 };
/* Where everything diverges the range moves down by so much. */
static const double ESCAPE_DOWN = 1000;

static const struct lrp_strategy *strategy_of(const struct lrp_rounds *rounds)
{
    return rounds->session->options.strategy;
}

static const char *shown(const struct lrp_rounds *rounds, double rate, char *buffer)
{
    return lrp_format_short(rate, strategy_of(rounds)->digits, buffer);
}

void lrp_scout_end(struct lrp_session *session, double starts, const char *unseen, double diverges,
                   double ended)
{
    const int digits = session->options.strategy->digits;
    char sentence[120];
    char a[LRP_NUMBER_SIZE];
    char b[LRP_NUMBER_SIZE];
    const double end = isnan(diverges) ? ended : diverges;
    (void)snprintf(sentence, sizeof sentence, "%s%s, %s%s",
                   isnan(starts) ? unseen : "starts to learn near ",
                   isnan(starts) ? "" : lrp_format_short(starts, digits, a),
                   isnan(end)        ? "does not diverge"
                   : isnan(diverges) ? "the trainer ended at "
                                     : "diverges near ",
                   isnan(end) ? "" : lrp_format_short(end, digits, b));
    lrp_phase_end(session, sentence);
}

/* ---- one round ---------------------------------------------------------------------------- */

/* What a stop means for the answer. An earlier complete round beats a later one that was cut short
 * and has no bounds to show; true if it is to be kept. */
static bool stopped_round(const struct lrp_rounds *rounds, const struct lrp_evidence *evidence,
                          struct lrp_bounds *bounds)
{
    const struct lrp_strategy *strategy = strategy_of(rounds);
    struct lrp_session_result *result = rounds->session->result;
    if (result->n_records > 0 && bounds->outcome != LRP_OUTCOME_OK && !strategy->keeps_runs) {
        lrp_bounds_warn(&result->bounds,
                        "stopped during a further round, %.3g to %.3g; this is the answer of the "
                        "round before it",
                        rounds->lr_min, rounds->lr_max);
        return true;
    }
    if (evidence->cut) {
        lrp_bounds_warn(bounds, "stopped on the way up: rates above %.3g were not tried",
                        bounds->lr_high);
    } else {
        lrp_bounds_warn(bounds, "stopped: this rests on %zu of %zu %s", evidence->n,
                        evidence->planned, strategy->noun);
    }
    return false;
}

/* said: by the trainer; NULL = the records alone show it. */
static void say_no_effect(struct lrp_bounds *bounds, const char *said)
{
    const struct lrp_bounds found = *bounds;
    lrp_bounds_clear(bounds);
    bounds->metric = found.metric;
    bounds->conditions = found.conditions;
    bounds->steps_planned = found.steps_planned;
    bounds->lr_low = found.lr_low;
    bounds->lr_high = found.lr_high;
    bounds->repeats = found.repeats;
    bounds->outcome = LRP_OUTCOME_FLAT;
    bounds->reason = LRP_REASON_NO_EFFECT;
    lrp_bounds_warn(bounds, "%s",
                    said != NULL
                        ? said
                        : "the losses do not depend on the rate that was set: the optimizer keeps "
                          "its rate elsewhere (in an attribute of its own, or it computes its own "
                          "steps), so a sweep cannot find bounds for it");
}

/* Where the trainers ended by themselves, that is why no more was seen: not the rates. */
static bool is_cut_short(const struct lrp_evidence *evidence, const struct lrp_bounds *bounds)
{
    return evidence->gives > 0 && bounds->outcome != LRP_OUTCOME_OK &&
           bounds->reason != LRP_REASON_NO_EFFECT && bounds->reason != LRP_REASON_MEMORISED &&
           bounds->reason != LRP_REASON_DIRECTION_UNKNOWN;
}

/* More steps are no advice where the script has no more. */
static void name_budget(const struct lrp_session *session, struct lrp_bounds *bounds)
{
    const size_t budget = session->budget;
    if (budget == 0 || budget == session->options.steps_most ||
        session->phases[session->n_phases - 1].steps < budget) {
        return;
    }
    if (lrp_bounds_drop_warnings(bounds, LRP_WARNING_SPARSE)) {
        const struct lrp_phase *phase = &session->phases[session->n_phases - 1];
        lrp_bounds_warn_of(
            bounds, LRP_WARNING_SPARSE,
            "only %.2g steps a decade: so short a sweep shows the bounds too high; the script "
            "gives "
            "only %zu: sweep fewer decades (--lr-min, --lr-max)",
            (double)(phase->steps - 1) / (log10(phase->lr_max) - log10(phase->lr_min)), budget);
    }
}

/* What the session knows and the records do not say. */
static void add_own_knowledge(const struct lrp_rounds *rounds, const struct lrp_evidence *evidence,
                              struct lrp_bounds *bounds)
{
    const struct lrp_session *session = rounds->session;
    const char *said = lrp_record_meta(evidence->records[0], "no_effect");
    if (evidence->no_effect || said != NULL) {
        say_no_effect(bounds, said);
    }
    if (is_cut_short(evidence, bounds)) {
        char rate[LRP_NUMBER_SIZE];
        bounds->reason = LRP_REASON_TRAINER_ENDED;
        bounds->n_warnings = 0; /* they take the end for the range's */
        lrp_bounds_warn(bounds, "rates above %s were not tried: %s",
                        shown(rounds, bounds->lr_high, rate),
                        rounds->session->runs[evidence->ended].run.reason);
    }
    if (evidence->unlike > 0) {
        bounds->reason =
            bounds->reason == LRP_REASON_NONE ? LRP_REASON_REPEATS_DIFFER : bounds->reason;
        lrp_bounds_warn(bounds,
                        "%zu of %zu runs did not begin as the first one and are no repeats: the "
                        "script probably resumes what the run before it has saved",
                        evidence->unlike, evidence->unlike + evidence->n);
    }
    if (evidence->same_seeds) {
        lrp_bounds_warn(bounds, "%s", strategy_of(rounds)->same_seeds);
    }
    for (size_t i = 0; session->warnings != NULL && session->warnings[i] != NULL; i++) {
        lrp_bounds_warn(bounds, "%s", session->warnings[i]);
    }
    name_budget(session, bounds);
}

void lrp_rounds_bounds_options(const struct lrp_session *session, struct lrp_bounds_options *how)
{
    lrp_bounds_options_default(how);
    how->steps_planned = session->options.steps_planned;
    how->steps_per_epoch = session->options.steps_per_epoch;
}

/* By the metric that decides. Where it is measured now and then, the few values before sweeps
 * diverge may show nothing: then the loss decides, if it shows bounds. */
static enum lrp_status find_bounds(const struct lrp_session *session,
                                   const struct lrp_evidence *evidence, struct lrp_bounds *bounds,
                                   struct lrp_curve **curve, struct lrp_error *err)
{
    const struct lrp_record *const *records = (const struct lrp_record *const *)evidence->records;
    struct lrp_bounds_options how;
    lrp_rounds_bounds_options(session, &how);
    LRP_TRY(lrp_bounds_find_curve(records, evidence->n, &how, bounds, curve, err));
    if (bounds->outcome == LRP_OUTCOME_OK || bounds->outcome == LRP_OUTCOME_DIVERGED_AT_START ||
        2 * evidence->diverged <= evidence->n || strcmp(bounds->metric, "loss") == 0) {
        return LRP_OK;
    }
    struct lrp_bounds by_loss;
    struct lrp_curve *other = NULL;
    how.metric = "loss";
    const enum lrp_status status =
        lrp_bounds_find_curve(records, evidence->n, &how, &by_loss, &other, err);
    if (status != LRP_OK || by_loss.outcome != LRP_OUTCOME_OK) {
        lrp_curve_free(other);
        return status;
    }
    lrp_bounds_warn(&by_loss,
                    "these bounds are of the loss: %s has too few values, or too noisy ones, below "
                    "the rates where the loss diverges",
                    bounds->metric);
    lrp_curve_free(*curve);
    *bounds = by_loss;
    *curve = other;
    return LRP_OK;
}

/* The result is replaced only where there is something to analyse, so that a stop in a later round
 * keeps the earlier one. Takes the evidence's records over. */
static enum lrp_status analyse(struct lrp_rounds *rounds, struct lrp_evidence *evidence,
                               struct lrp_error *err)
{
    struct lrp_session *session = rounds->session;
    struct lrp_session_result *result = session->result;
    struct lrp_bounds bounds;
    struct lrp_curve *curve = NULL;
    LRP_TRY(find_bounds(session, evidence, &bounds, &curve, err));
    add_own_knowledge(rounds, evidence, &bounds);
    if (result->interrupted && stopped_round(rounds, evidence, &bounds)) {
        lrp_curve_free(curve);
        return LRP_OK;
    }
    struct lrp_phase *phase = &session->phases[session->n_phases - 1];
    phase->outcome = lrp_outcome_name(bounds.outcome);
    phase->any_diverged = evidence->diverged > 0;
    phase->most_diverged = 2 * evidence->diverged > evidence->n;
    if (strategy_of(rounds)->keeps_result != NULL && result->n_records > 0 && curve != NULL &&
        strategy_of(rounds)->keeps_result(rounds, &bounds, curve)) {
        lrp_curve_free(curve);
        return LRP_OK;
    }
    struct lrp_evidence old = {.records = result->records, .n = result->n_records};
    lrp_evidence_fini(&old);
    lrp_curve_free(result->curve);
    result->bounds = bounds;
    result->curve = curve;
    result->records = evidence->records;
    result->n_records = evidence->n;
    evidence->records = NULL;
    evidence->n = 0;
    return LRP_OK;
}

static enum lrp_status collect_and_analyse(struct lrp_rounds *rounds, bool ran,
                                           struct lrp_evidence *evidence, struct lrp_error *err)
{
    struct lrp_session *session = rounds->session;
    LRP_TRY(strategy_of(rounds)->collect(rounds, ran, evidence, err));
    if (evidence->n > 0) {
        LRP_TRY(analyse(rounds, evidence, err));
        if (ran && strategy_of(rounds)->analysed != NULL) {
            strategy_of(rounds)->analysed(rounds);
        }
    } else if (!session->result->interrupted) {
        return lrp_nothing_usable(session, err);
    }
    return session->result->interrupted
               ? lrp_fail(err, LRP_E_INTERRUPTED, 0, "%s", session->stopped)
               : LRP_OK;
}

static enum lrp_status run_round(struct lrp_rounds *rounds, struct lrp_error *err)
{
    struct lrp_round_plan plan = {.phase = {.n_runs = 0}};
    struct lrp_evidence evidence = {0};
    LRP_TRY(strategy_of(rounds)->plan(rounds, &plan, err));
    enum lrp_status status = LRP_OK;
    if (plan.phase.n_runs > 0) {
        status = lrp_phase_train(rounds->session, &plan.phase, plan.runs, err);
    }
    free(plan.runs);
    if (status == LRP_OK || status == LRP_E_INTERRUPTED) { /* what there is counts */
        status = collect_and_analyse(rounds, plan.phase.n_runs > 0, &evidence, err);
    }
    lrp_evidence_fini(&evidence);
    return status;
}

/* ---- from the outcome of a round to the range of the next ---------------------------------- */

/* The option that an end of the range comes from. */
static const char *given(const struct lrp_rounds *rounds, const char *end)
{
    return rounds->session->options.around > 0 ? "--around" : end;
}

static enum lrp_status extend_up(struct lrp_rounds *rounds, bool *again, struct lrp_error *err)
{
    const struct lrp_strategy *strategy = strategy_of(rounds);
    const struct lrp_session *session = rounds->session;
    char rate[LRP_NUMBER_SIZE];
    if (session->phases[session->n_phases - 1].most_diverged) {
        /* whatever is not seen, it does not lie above rates at which most sweeps ended high */
        return strategy->more(rounds, again, err);
    }
    if (!isnan(rounds->session->options.lr_max)) {
        return lrp_session_event(rounds->session, err,
                                 "the loss did not diverge up to %s; the range was not extended, "
                                 "since %s was given",
                                 shown(rounds, rounds->lr_max, rate), given(rounds, "--lr-max"));
    }
    if (rounds->lr_max >= LRP_HIGHEST_RATE) {
        return lrp_session_event(rounds->session, err,
                                 "the loss did not diverge up to %s, the ceiling",
                                 shown(rounds, rounds->lr_max, rate));
    }
    if (strategy->instead_of_raising != NULL) {
        LRP_TRY(strategy->instead_of_raising(rounds, again, err));
        if (*again) {
            return LRP_OK;
        }
    }
    strategy->raise(rounds);
    *again = true;
    return lrp_session_event(rounds->session, err,
                             "the loss did not diverge: the range was extended up to %s",
                             shown(rounds, rounds->lr_max, rate));
}

static enum lrp_status extend_down(struct lrp_rounds *rounds, const char *why, double factor,
                                   bool escape, bool *again, struct lrp_error *err)
{
    const struct lrp_strategy *strategy = strategy_of(rounds);
    char rate[LRP_NUMBER_SIZE];
    if (!isnan(rounds->session->options.lr_min)) {
        return lrp_session_event(
            rounds->session, err, "%s%s at %s; the range was not lowered, since %s was given", why,
            strategy->at_lowest, shown(rounds, rounds->lr_min, rate), given(rounds, "--lr-min"));
    }
    if (rounds->lr_min <= LRP_LOWEST_RATE) {
        return lrp_session_event(rounds->session, err, "%s%s at %s, the floor", why,
                                 strategy->at_lowest, shown(rounds, rounds->lr_min, rate));
    }
    strategy->lower(rounds, factor, escape);
    *again = true;
    return lrp_session_event(rounds->session, err,
                             "%s at the lowest rate: the range was lowered to %s", why,
                             shown(rounds, rounds->lr_min, rate));
}

/* The lowest rate is too high, or the model learns nothing at any. */
static enum lrp_status look_below(struct lrp_rounds *rounds, bool *again, struct lrp_error *err)
{
    const struct lrp_strategy *strategy = strategy_of(rounds);
    if (strategy->narrow != NULL) {
        LRP_TRY(strategy->narrow(rounds, again, err));
    }
    return *again ? LRP_OK
                  : extend_down(rounds, "the loss diverged", ESCAPE_DOWN, true, again, err);
}

/* What the outcome alone says, where no reason is known. */
static enum lrp_status adapt_to_outcome(struct lrp_rounds *rounds, bool *again,
                                        struct lrp_error *err)
{
    const struct lrp_session *session = rounds->session;
    const struct lrp_strategy *strategy = strategy_of(rounds);
    switch (session->result->bounds.outcome) {
    case LRP_OUTCOME_OK:
        return strategy->learns_at_once(rounds) ? extend_down(rounds, "the model learns already",
                                                              strategy->lower_by, false, again, err)
                                                : LRP_OK;
    case LRP_OUTCOME_DIVERGED_AT_START:
        return look_below(rounds, again, err);
    case LRP_OUTCOME_TOO_NOISY:
        if (strategy->raises_noise && !session->phases[session->n_phases - 1].any_diverged) {
            return extend_up(rounds, again, err);
        }
        return strategy->more(rounds, again, err);
    case LRP_OUTCOME_TOO_SHORT:
        return strategy->more(rounds, again, err);
    case LRP_OUTCOME_DID_NOT_DIVERGE:
    case LRP_OUTCOME_FLAT:
        return extend_up(rounds, again, err);
    }
    return LRP_OK;
}

enum lrp_status lrp_rounds_adapt(struct lrp_rounds *rounds, bool *again, struct lrp_error *err)
{
    const struct lrp_bounds *bounds = &rounds->session->result->bounds;
    const struct lrp_strategy *strategy = strategy_of(rounds);
    if (rounds->session->unlike) {
        return LRP_OK; /* further runs would be no repeats either */
    }
    if (bounds->outcome == LRP_OUTCOME_OK) {
        return adapt_to_outcome(rounds, again, err);
    }
    switch (bounds->reason) {
    case LRP_REASON_NO_EFFECT:
    case LRP_REASON_DIRECTION_UNKNOWN:
        return LRP_OK;
    case LRP_REASON_TRAINER_ENDED:
        return strategy->fit_steps != NULL ? strategy->fit_steps(rounds, again, err) : LRP_OK;
    case LRP_REASON_MEMORISED:
        return strategy->instead_of_raising != NULL
                   ? strategy->instead_of_raising(rounds, again, err)
                   : LRP_OK;
    case LRP_REASON_NO_LEARNING:
        if (strategy->narrow != NULL) {
            LRP_TRY(strategy->narrow(rounds, again, err));
        }
        return *again ? LRP_OK : strategy->more(rounds, again, err);
    case LRP_REASON_FEW_STEPS:
        return strategy->more(rounds, again, err);
    case LRP_REASON_RANGE_TOO_LOW:
        return extend_up(rounds, again, err);
    case LRP_REASON_RANGE_TOO_HIGH:
        return look_below(rounds, again, err);
    case LRP_REASON_NOISE: /* which may lie above the range, or below it */
    case LRP_REASON_REPEATS_DIFFER:
    case LRP_REASON_NONE:
    default:
        return adapt_to_outcome(rounds, again, err);
    }
}

/* One round after the other; one that only adds a repeat is none of its own. */
static enum lrp_status run_series(struct lrp_rounds *rounds, struct lrp_error *err)
{
    const struct lrp_strategy *strategy = strategy_of(rounds);
    bool again = true;
    for (size_t round = 1; again;) {
        LRP_TRY(run_round(rounds, err));
        /* A range that is to be moved needs no certainty, one that is too noisy needs it first. Of
         * two repeats that disagree whether the range goes high enough, the pooled curve decides: a
         * third one changed its answer on one script of three. */
        const bool noisy = rounds->session->result->bounds.outcome == LRP_OUTCOME_TOO_NOISY;
        again = false;
        if (noisy && strategy->one_more != NULL) {
            LRP_TRY(strategy->one_more(rounds, &again, err));
        }
        if (!again && round < ROUNDS_MAX) {
            LRP_TRY(lrp_rounds_adapt(rounds, &again, err));
            round += again ? 1 : 0;
        }
        if (!again && !noisy && strategy->one_more != NULL) {
            LRP_TRY(strategy->one_more(rounds, &again, err));
        }
    }
    return LRP_OK;
}

static enum lrp_status run_all(struct lrp_rounds *rounds, struct lrp_error *err)
{
    const struct lrp_strategy *strategy = strategy_of(rounds);
    LRP_TRY(strategy->begin(rounds, err));
    do {
        LRP_TRY(run_series(rounds, err));
    } while (strategy->refine != NULL && strategy->refine(rounds));
    return strategy->complete != NULL ? strategy->complete(rounds, err) : LRP_OK;
}

enum lrp_status lrp_rounds_run(struct lrp_session *session, struct lrp_error *err)
{
    struct lrp_rounds rounds = {
        .session = session,
        .state = lrp_calloc_array(1, session->options.strategy->state_size),
    };
    LRP_TRY_MEMORY(rounds.state, err);
    enum lrp_status status = run_all(&rounds, err);
    free(rounds.state);
    return status;
}
