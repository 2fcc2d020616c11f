/* SPDX-License-Identifier: MIT */
#include "trial_runs.h"

#include "answer.h"
#include "sweep_state.h"
#include "trials.h"

#include <math.h>
#include <string.h>

/* Fewer steps show too little of what a training at one rate comes to. */
enum { TRIAL_STEPS_LEAST = 100 };
/* A plan rises: a trial's by so little that it does not matter. */
static const double RISE = 1.0001;

static size_t steps_of_trials(const struct lrp_rounds *rounds)
{
    const struct lrp_session *session = rounds->session;
    const struct lrp_sweep_state *state = rounds->state;
    const double planned = session->options.steps_planned;
    size_t steps = 2 * state->steps;
    if (planned > 0 && planned < (double)steps) {
        steps = (size_t)planned;
    }
    return lrp_within_budget(session, steps);
}

static bool are_wanted(const struct lrp_rounds *rounds, struct lrp_trials *trials)
{
    const struct lrp_session *session = rounds->session;
    const struct lrp_sweep_state *state = rounds->state;
    const struct lrp_session_result *result = session->result;
    const struct lrp_bounds *bounds = &result->bounds;
    return bounds->outcome == LRP_OUTCOME_OK && bounds->reason == LRP_REASON_NONE &&
           strcmp(bounds->metric, "loss") == 0 && session->options.around == 0 &&
           !session->unlike && result->curve != NULL && !result->curve->of_ends &&
           steps_of_trials(rounds) >= TRIAL_STEPS_LEAST &&
           lrp_trials_choose(result->curve, bounds, state->from > rounds->lr_min, trials);
}

/* One trial. The record stays the evidence's, and the losses are the record's. */
static enum lrp_status run_trial(struct lrp_session *session, double lr, size_t steps,
                                 struct lrp_evidence *evidence, struct lrp_trial_losses *losses,
                                 struct lrp_error *err)
{
    const struct lrp_planned_run run = {.lr = (double)NAN, .seed = session->options.seed};
    const struct lrp_phase phase = {
        .name = "trial", .lr_min = lr, .lr_max = RISE * lr, .steps = steps, .n_runs = 1};
    LRP_TRY(lrp_phase_train(session, &phase, &run, err));
    LRP_TRY(lrp_phase_collect(session, evidence, err));
    lrp_phase_end(session, "");
    losses->failed = evidence->n == 0 || evidence->diverged > 0;
    if (evidence->n > 0) {
        const size_t column = lrp_record_find_column(evidence->records[0], "loss");
        losses->loss = lrp_record_values(evidence->records[0], column);
        losses->n = lrp_record_rows(evidence->records[0]);
    }
    return LRP_OK;
}

static enum lrp_status run_trials(struct lrp_session *session, const struct lrp_trials *trials,
                                  size_t steps, size_t *best, struct lrp_error *err)
{
    struct lrp_evidence evidence[LRP_TRIALS_MOST] = {{0}};
    struct lrp_trial_losses losses[LRP_TRIALS_MOST] = {{0}};
    enum lrp_status status = LRP_OK;
    for (size_t i = 0; i < trials->n && status == LRP_OK; i++) {
        status = run_trial(session, trials->lr[i], steps, &evidence[i], &losses[i], err);
    }
    if (status == LRP_OK) {
        *best = lrp_trials_best(losses, trials->n, trials->own, trials->fall);
    }
    for (size_t i = 0; i < trials->n; i++) {
        lrp_evidence_fini(&evidence[i]);
    }
    return status;
}

enum lrp_status lrp_trial_runs(struct lrp_rounds *rounds, struct lrp_error *err)
{
    struct lrp_session *session = rounds->session;
    struct lrp_trials trials;
    size_t best = 0;
    if (!are_wanted(rounds, &trials)) {
        return LRP_OK;
    }
    const size_t steps = steps_of_trials(rounds);
    const enum lrp_status status = run_trials(session, &trials, steps, &best, err);
    if (status == LRP_E_INTERRUPTED) {
        lrp_bounds_warn(&session->result->bounds,
                        "max_lr is not decided: the sweeps show little learning, and this was "
                        "stopped before the trainings at one rate that were to say more");
    }
    if (status == LRP_OK && best != trials.own) {
        struct lrp_bounds_options how;
        lrp_rounds_bounds_options(session, &how);
        lrp_trials_apply(&trials, best, steps, &how, &session->result->bounds);
    }
    return status;
}
