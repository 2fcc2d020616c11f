/* SPDX-License-Identifier: MIT */
/* One run at one rate: its command, its folder, and where its losses come from. */
#ifndef LRP_SESSION_FRESH_RUN_H
#define LRP_SESSION_FRESH_RUN_H

#include "folder.h"

/* Whether the options of a fresh session make sense. LRP_E_ARG. */
enum lrp_status lrp_fresh_check(const struct lrp_session_options *options, struct lrp_error *err);
/* Makes a run of the session ready to start: fills its rate, seed, steps and folder into its
 * command and into --log, makes work/NNN (what an earlier run left there goes to broken/), and sets
 * its loss source. The built-in trainer and the hook report themselves. LRP_E_IO, LRP_E_NOMEM;
 * LRP_E_ARG where its log is there already. */
enum lrp_status lrp_fresh_run_prepare(struct lrp_session *session, size_t run,
                                      struct lrp_error *err);
/* Ends what prepare made, if it was called. */
void lrp_fresh_run_fini(const struct lrp_session *session, struct lrp_run_entry *item);
#endif
