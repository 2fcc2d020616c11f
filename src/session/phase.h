/* SPDX-License-Identifier: MIT */
/* One phase of a session: runs with one plan, in parallel, each ended when it has diverged. */
#ifndef LRP_SESSION_PHASE_H
#define LRP_SESSION_PHASE_H

#include "folder.h"

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
