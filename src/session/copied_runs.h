/* SPDX-License-Identifier: MIT */
/* Runs of a session that are copies of one process of the trainer, so that the program and its
 * libraries start once. */
#ifndef LRP_SESSION_COPIED_RUNS_H
#define LRP_SESSION_COPIED_RUNS_H

#include "folder.h"

struct lrp_copied_runs; /* zeroed memory of the session's; see lrp_copied_runs_end */

/* Before runs start: lets them be copies where that can be, and starts the process that they are
 * copies of if there is none. LRP_E_IO, LRP_E_NOMEM. */
enum lrp_status lrp_copied_runs_begin(struct lrp_session *session, struct lrp_trainer_run *runs,
                                      size_t n_runs, struct lrp_error *err);
/* After they have ended: those that failed as copies before their first step, or had the very rows
 * of another copy, are moved to the end of runs; *n of them, made ready to be run once more, by
 * starts of their own as all later runs. */
enum lrp_status lrp_copied_runs_again(struct lrp_session *session, struct lrp_trainer_run *runs,
                                      size_t n_runs, size_t *n, struct lrp_error *err);
/* Ends the process; later runs start anew. */
void lrp_copied_runs_end(struct lrp_session *session);
#endif
