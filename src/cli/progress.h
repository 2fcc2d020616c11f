/* SPDX-License-Identifier: MIT */
/* What a sweep says while it runs: one line redrawn on a terminal, plain lines elsewhere. */
#ifndef LRP_CLI_PROGRESS_H
#define LRP_CLI_PROGRESS_H

#include "session.h"

#include <stdio.h>

struct lrp_progress {
    FILE *out;
    bool terminal; /* out is one */
    bool quiet;
    bool open; /* a line that is being redrawn stands on the terminal */
};
/* out: usually standard error; terminal or not is found out here. */
void lrp_progress_init(struct lrp_progress *progress, FILE *out, bool quiet);
/* The handlers of a session, user is progress. */
struct lrp_session_handlers lrp_progress_handlers(struct lrp_progress *progress);
/* Ends a line that was left open (an interrupted phase). */
void lrp_progress_close(struct lrp_progress *progress);
#endif
