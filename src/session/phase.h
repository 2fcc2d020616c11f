/* SPDX-License-Identifier: MIT */
/* One phase of a session: runs with one plan, in parallel, each ended when it has diverged. */
#ifndef LRP_SESSION_PHASE_H
#define LRP_SESSION_PHASE_H

#include "collect.h"

struct lrp_planned_run {
    double lr; /* throughout; NaN = the phase's sweep */
    uint64_t seed;
};
/* Adds a phase of wanted->n_runs planned runs to the session and runs it. LRP_E_INTERRUPTED:
 * stopped, on request or by the strategy's go_on. LRP_E_IO, LRP_E_NOMEM, LRP_E_ARG. */
enum lrp_status lrp_phase_train(struct lrp_session *session, const struct lrp_phase *wanted,
                                const struct lrp_planned_run *planned, struct lrp_error *err);
/* Tells the handlers that the phase is over. */
void lrp_phase_end(struct lrp_session *session, const char *sentence);
#endif
