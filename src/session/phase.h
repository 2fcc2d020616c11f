/* SPDX-License-Identifier: MIT */
/* One phase of a session: runs with one plan, in parallel, each ended when it has diverged. */
#ifndef LRP_SESSION_PHASE_H
#define LRP_SESSION_PHASE_H

#include "folder.h"

struct lrp_planned_run {
    double lr; /* throughout; NaN = the phase's sweep */
    uint64_t seed;
};
/* Adds a phase of wanted->n_runs planned runs to the session and runs it. LRP_E_INTERRUPTED:
 * stopped, on request or by session->go_on. LRP_E_IO, LRP_E_NOMEM, LRP_E_ARG. */
enum lrp_status lrp_phase_train(struct lrp_session *session, const struct lrp_phase *wanted,
                                const struct lrp_planned_run *planned, struct lrp_error *err);
/* Whether what a run reported can be analysed. A trainer that fails because its own loss is no
 * number any more has told what was to be known. With cut: a run that was stopped on its way up
 * counts as well. */
bool lrp_run_is_usable(const struct lrp_session_run *item, bool cut);
/* LRP_E_CHILD with the reason of the first run of the last phase that has one. */
enum lrp_status lrp_nothing_usable(const struct lrp_session *session, struct lrp_error *err);

/* The usable records of a phase. */
struct lrp_phase_records {
    struct lrp_record **records;
    size_t n;
    bool any_diverged;
    bool cut; /* stopped before any was whole: the records end on their way up */
};

/* Adds the phase to the session, runs it and reads what it wrote. Seeds are first_seed,
 * first_seed + 1, ... A run that fails leaves an event. LRP_E_INTERRUPTED: stopped; records holds
 * what there is. LRP_E_IO, LRP_E_NOMEM: nothing is left in records. */
enum lrp_status lrp_phase_run(struct lrp_session *session, const struct lrp_phase *wanted,
                              uint64_t first_seed, struct lrp_phase_records *records,
                              struct lrp_error *err);
/* Tells the handlers that the phase is over. */
void lrp_phase_end(struct lrp_session *session, const char *sentence);
void lrp_phase_records_fini(struct lrp_phase_records *records);
#endif
