/* SPDX-License-Identifier: MIT */
/* The scout of a range test by sweeps: one short run over all the rates that come into question. */
#ifndef LRP_SESSION_SCOUT_RUN_H
#define LRP_SESSION_SCOUT_RUN_H

#include "collect.h"
#include "scout_reading.h"

/* Runs it with the session's first seed and reads the range that is worth repeats. Where its
 * trainer ends by itself before anything has diverged, that is how many steps there are: it is run
 * again with as many, so that all the rates are seen. LRP_E_CHILD: nothing usable came of it; else
 * as lrp_phase_train and lrp_phase_collect. */
enum lrp_status lrp_scout_run(struct lrp_session *session, struct lrp_scout *scout,
                              struct lrp_error *err);
#endif
