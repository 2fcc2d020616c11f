/* SPDX-License-Identifier: MIT */
/* One phase of a session: runs with one plan, in parallel, each ended when it has diverged. */
#ifndef LRP_SESSION_PHASE_H
#define LRP_SESSION_PHASE_H

#include "evidence.h"
#include "folder.h"

struct lrp_planned_run {
    double lr; /* throughout; NaN = the phase's sweep */
    uint64_t seed;
};
/* Adds a phase of wanted->n_runs planned runs to the session and runs it. LRP_E_INTERRUPTED:
 * stopped, on request or by the strategy's go_on. LRP_E_IO, LRP_E_NOMEM, LRP_E_ARG. */
enum lrp_status lrp_phase_train(struct lrp_session *session, const struct lrp_phase *wanted,
                                const struct lrp_planned_run *planned, struct lrp_error *err);
/* Whether what a run reported can be analysed. A trainer that fails because its own loss is NaN
 * has shown what was to be known. cut: a run that was stopped on its way up counts as well, from 16
 * rows on. */
bool lrp_run_is_usable(const struct lrp_run_entry *item, bool cut);
/* LRP_E_CHILD with the reason of the first run of the last phase that has one. */
enum lrp_status lrp_nothing_usable(const struct lrp_session *session, struct lrp_error *err);

/* Reads what the sweeps of the last phase wrote. A run that failed leaves an event. LRP_E_IO,
 * LRP_E_NOMEM. The caller ends the evidence in every case. */
enum lrp_status lrp_phase_collect(struct lrp_session *session, struct lrp_evidence *evidence,
                                  struct lrp_error *err);
/* Tells the handlers that the phase is over. */
void lrp_phase_end(struct lrp_session *session, const char *sentence);
#endif
