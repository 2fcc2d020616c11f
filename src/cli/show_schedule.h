/* SPDX-License-Identifier: MIT */
#ifndef LRP_CLI_SHOW_SCHEDULE_H
#define LRP_CLI_SHOW_SCHEDULE_H

#include "course.h"
#include "options.h"

struct lrp_show_schedule {
    const struct lrp_schedule_course *course;
    const struct lrp_common_options *common;
    bool csv;
    const char *axis; /* linear|log|auto */
};
/* Words, CSV, JSON or a picture on standard output as the options ask, and schedule.csv and plots/
 * in the folder of -o. Returns the exit code. */
int lrp_show_schedule(const struct lrp_show_schedule *show);
#endif
