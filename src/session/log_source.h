/* SPDX-License-Identifier: MIT */
/* Losses from a log that a trainer writes, or from its captured output read as such: any format
 * that diagnose reads. */
#ifndef LRP_SESSION_LOG_SOURCE_H
#define LRP_SESSION_LOG_SOURCE_H

#include "log_read.h"
#include "loss_source.h"

/* pattern: as for glob(), of the log of this run; the newest file counts where several fit. NULL:
 * the captured output, once the trainer has ended and where it has reported nothing itself. A log
 * that grows is read again and again, each time that it is a good deal longer, so that a run that
 * has diverged is ended early. read (how logs are read) is borrowed. LRP_E_NOMEM. */
enum lrp_status lrp_log_source_new(const char *pattern, const struct lrp_read_options *read,
                                   double lr, struct lrp_loss_source **out, struct lrp_error *err);
/* Whether there is a log already; a run that has not begun must not find one. */
bool lrp_log_is_there(const char *pattern);
#endif
