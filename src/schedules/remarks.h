/* SPDX-License-Identifier: MIT */
/* Where a schedule and the length of the run do not fit together. */
#ifndef LRP_SCHEDULES_REMARKS_H
#define LRP_SCHEDULES_REMARKS_H

#include "schedule.h"

/* One sentence a line on what a run of n_steps does not reach: the peak, the end of a cycle, the
 * last milestone; and, with the bounds that the rates come from (NULL = none), on a run of another
 * length than these are for. Nothing where all is well. */
void lrp_schedule_remarks(const struct lrp_schedule *schedule, size_t n_steps,
                          const struct lrp_bounds *bounds, struct lrp_text *out);
#endif
