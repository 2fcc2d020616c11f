/* SPDX-License-Identifier: MIT */
/* Losses from the captured output of a trainer by a pattern, while it runs. */
#ifndef LRP_SESSION_OUTPUT_SOURCE_H
#define LRP_SESSION_OUTPUT_SOURCE_H

#include "loss_pattern.h"
#include "loss_source.h"

/* Follows standard output and standard error of a run at one rate. A line that is drawn over
 * (progress bars) counts each time that it is drawn; rows of one step become one, the last. pattern
 * is borrowed. */
enum lrp_status lrp_output_source_new(const struct lrp_line_pattern *pattern, double lr,
                                      struct lrp_loss_source **out, struct lrp_error *err);
#endif
