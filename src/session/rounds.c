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

void lrp_scout_end(struct lrp_session *session, double starts, const char *unseen, double diverges)
{
    const int digits = session->options.strategy->digits;
    char sentence[120];
    char a[LRP_NUMBER_SIZE];
    char b[LRP_NUMBER_SIZE];
    (void)snprintf(sentence, sizeof sentence, "%s%s, %s%s",
                   isnan(starts) ? unseen : "starts to learn near ",
                   isnan(starts) ? "" : lrp_format_short(starts, digits, a),
                   isnan(diverges) ? "does not diverge" : "diverges near ",
                   isnan(diverges) ? "" : lrp_format_short(diverges, digits, b));
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

/* The result is replaced only where there is something to analyse, so that a stop in a later round
 * keeps the earlier one. Takes the evidence's records over. */
static enum lrp_status analyse(const struct lrp_rounds *rounds, struct lrp_evidence *evidence,
                               struct lrp_error *err)
{
    struct lrp_session *session = rounds->session;
    struct lrp_session_result *result = session->result;
    struct lrp_bounds_options how;
    struct lrp_bounds bounds;
    struct lrp_curve *curve = NULL;
    lrp_bounds_options_default(&how);
    how.steps_planned = session->options.steps_planned;
    how.steps_per_epoch = session->options.steps_per_epoch;
    LRP_TRY(lrp_bounds_find_curve((const struct lrp_record *const *)evidence->records, evidence->n,
                                  &how, &bounds, &curve, err));
    if (evidence->same_seeds) {
        lrp_bounds_warn(&bounds, "%s", strategy_of(rounds)->same_seeds);
    }
    if (result->interrupted && stopped_round(rounds, evidence, &bounds)) {
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
    struct lrp_phase *phase = &session->phases[session->n_phases - 1];
    phase->outcome = lrp_outcome_name(bounds.outcome);
    phase->any_diverged = evidence->any_diverged;
    *evidence = (struct lrp_evidence){0};
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
    char rate[LRP_NUMBER_SIZE];
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

/* *again stays false where there is nothing more to try. */
static enum lrp_status adapt(struct lrp_rounds *rounds, bool *again, struct lrp_error *err)
{
    const struct lrp_session *session = rounds->session;
    const struct lrp_strategy *strategy = strategy_of(rounds);
    switch (session->result->bounds.outcome) {
    case LRP_OUTCOME_OK:
        return strategy->learns_at_once(rounds) ? extend_down(rounds, "the model learns already",
                                                              strategy->lower_by, false, again, err)
                                                : LRP_OK;
    case LRP_OUTCOME_DIVERGED_AT_START:
        return extend_down(rounds, "the loss diverged", ESCAPE_DOWN, true, again, err);
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

static enum lrp_status run_series(struct lrp_rounds *rounds, struct lrp_error *err)
{
    bool again = true;
    for (size_t round = 1; again; round++) {
        LRP_TRY(run_round(rounds, err));
        again = false;
        if (round < ROUNDS_MAX) {
            LRP_TRY(adapt(rounds, &again, err));
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
    return LRP_OK;
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
