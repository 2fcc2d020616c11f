/* SPDX-License-Identifier: MIT */
/* What is to be said of a run beside its losses: events of the session. */
#ifndef LRP_SESSION_RUN_NOTES_H
#define LRP_SESSION_RUN_NOTES_H

#include "folder.h"

/* Of a usable run: its trainer's notes, and rates that are not those of the plan. */
enum lrp_status lrp_note_record(struct lrp_session *session, const struct lrp_phase *phase,
                                size_t number, const struct lrp_record *record,
                                struct lrp_error *err);
/* What to do with a trainer whose runs are too short: " (...)". */
const char *lrp_short_advice(const struct lrp_session *session);
/* Why a run ended otherwise than it should, and the last lines that it printed. */
enum lrp_status lrp_note_failure(struct lrp_session *session, size_t number, bool usable,
                                 struct lrp_error *err);
#endif
