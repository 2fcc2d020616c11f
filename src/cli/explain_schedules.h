/* SPDX-License-Identifier: MIT */
/* What `lrprobe explain` adds to the rows of the schedules. */
#ifndef LRP_CLI_EXPLAIN_SCHEDULES_H
#define LRP_CLI_EXPLAIN_SCHEDULES_H

#include "explain.h"
#include "schedule.h"

struct lrp_schedule_words {
    const char *name;    /* of the row */
    const char *example; /* a spec, for the picture and to be copied */
    const char *when;
    const char *formula; /* t: step from 0, T: steps of the run */
    const char *see;
};
/* NULL where a row has none: a test keeps that from happening. */
const struct lrp_schedule_words *lrp_schedule_words(const char *name);
/* The rate over 400 steps of the example; of those that go by losses, on a made-up loss that stands
 * still twice. */
void lrp_schedule_picture(const struct lrp_schedule_words *words, struct lrp_picture *picture);
#endif
