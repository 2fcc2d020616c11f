/* SPDX-License-Identifier: MIT */
/* The range test by runs at one rate each: scout, runs, analysis, extension. */
#ifndef LRP_SESSION_FRESH_H
#define LRP_SESSION_FRESH_H

#include "folder.h"

/* Fills the session's result, as lrp_session_run says. The runs of one repeat have one seed,
 * options.seed + 1 and so on, so that with a trainer that heeds it they differ in their rate alone.
 * With an end of the range left to lrprobe the first repeat is made at every second rate of 1e-7 to
 * 10 first; these runs belong to the set. */
enum lrp_status lrp_fresh_rounds(struct lrp_session *session, struct lrp_error *err);
#endif
