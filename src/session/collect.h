/* SPDX-License-Identifier: MIT */
/* Which runs count, and what those of a phase give to analyse. */
#ifndef LRP_SESSION_COLLECT_H
#define LRP_SESSION_COLLECT_H

#include "evidence.h"
#include "folder.h"

/* Fewer rows of a sweep than that show nothing, so they are no ground for a shorter sweep either.
 */
enum { LRP_FEWEST_STEPS = 10 };

/* Whether what a run reported can be analysed. A sweep whose trainer ended by itself (it found a
 * NaN, lost its patience, or had used its data up) counts up to where it ended, from
 * LRP_FEWEST_STEPS rows on; so does a run at one rate whose trainer ended with status 0, others
 * must be complete or have ended at a loss that is not finite. cut: a sweep that was stopped on its
 * way up counts as well, from 16 rows on. */
bool lrp_run_is_usable(const struct lrp_run_entry *item, bool cut);
/* LRP_E_CHILD with the reason of the first run of the last phase that has one. */
enum lrp_status lrp_nothing_usable(const struct lrp_session *session, struct lrp_error *err);
/* Reads what the sweeps of the last phase wrote, and of the phases before it with the same plan:
 * repeats may be added one by one. A run of the last phase that failed leaves an event. LRP_E_IO,
 * LRP_E_NOMEM. The caller ends the evidence in every case. */
enum lrp_status lrp_phase_collect(struct lrp_session *session, struct lrp_evidence *evidence,
                                  struct lrp_error *err);
/* Steps that a run may have of those that are wanted: no more than the trainer gives. */
size_t lrp_within_budget(const struct lrp_session *session, size_t steps);
/* How many runs there are with the plan of such a phase. */
size_t lrp_runs_of_plan(const struct lrp_session *session, const struct lrp_phase *plan);
#endif
