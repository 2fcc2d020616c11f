/* SPDX-License-Identifier: MIT */
#include "scout_run.h"

#include "rounds.h"

#include <math.h>

/* The same scout is not tried more often with fewer steps. */
enum { SCOUTS_MOST = 3 };

static enum lrp_status read_scout(struct lrp_session *session, const struct lrp_evidence *evidence,
                                  struct lrp_scout *scout, struct lrp_error *err)
{
    const struct lrp_record *record = evidence->records[0];
    size_t lr = lrp_record_find_column(record, "lr");
    size_t loss = lrp_record_find_column(record, "loss");
    const size_t rows = lrp_record_rows(record);
    if (lr == LRP_NO_COLUMN || loss == LRP_NO_COLUMN || rows == 0) {
        return lrp_fail(err, LRP_E_CHILD, 0, "the trainer's report has no columns lr and loss");
    }
    const double *rates = lrp_record_values(record, lr);
    if (!lrp_scout_choose(rates, lrp_record_values(record, loss), rows, evidence->diverged > 0,
                          scout)) {
        return lrp_fail_memory(err, 0);
    }
    if (evidence->gives > 0 && isnan(scout->diverges)) {
        /* nothing speaks against the rates that it did not get to */
        scout->lr_max = session->phases[session->n_phases - 1].lr_max;
    }
    lrp_scout_end(session, scout->starts, "no learning seen", scout->diverges,
                  evidence->gives > 0 ? rates[rows - 1] : (double)NAN);
    return LRP_OK;
}

/* *again: its trainer ended by itself before anything had diverged, and is to be asked for no more
 * steps than it gave. */
static enum lrp_status judge_scout(struct lrp_session *session, const struct lrp_evidence *evidence,
                                   struct lrp_scout *scout, bool *again, struct lrp_error *err)
{
    const size_t steps = session->phases[session->n_phases - 1].steps;
    if (evidence->n == 0) {
        return lrp_nothing_usable(session, err);
    }
    LRP_TRY(read_scout(session, evidence, scout, err));
    *again = *again && evidence->gives >= LRP_FEWEST_STEPS && evidence->gives < steps;
    if (!*again) {
        return LRP_OK;
    }
    session->budget = evidence->gives;
    return lrp_session_event(session, err,
                             "the trainer gives %zu steps: the scout was run again with as many, "
                             "and no run has more",
                             evidence->gives);
}

enum lrp_status lrp_scout_run(struct lrp_session *session, struct lrp_scout *scout,
                              struct lrp_error *err)
{
    const struct lrp_session_options *options = &session->options;
    const struct lrp_planned_run run = {.lr = (double)NAN, .seed = options->seed};
    bool again = true;
    enum lrp_status status = LRP_OK;
    for (size_t n = 1; again && status == LRP_OK; n++) {
        struct lrp_phase phase = {.name = "scout", .n_runs = 1};
        struct lrp_evidence evidence = {0};
        phase.steps = lrp_within_budget(session, options->scout_steps);
        lrp_scout_ends(options->lr_min, options->lr_max, &phase.lr_min, &phase.lr_max);
        const enum lrp_status ran = lrp_phase_train(session, &phase, &run, err);
        if (ran != LRP_OK && ran != LRP_E_INTERRUPTED) {
            return ran;
        }
        status = lrp_phase_collect(session, &evidence, err);
        status = status == LRP_OK ? ran : status;
        again = n < SCOUTS_MOST;
        if (status == LRP_OK) {
            status = judge_scout(session, &evidence, scout, &again, err);
        }
        lrp_evidence_fini(&evidence);
    }
    return status;
}
