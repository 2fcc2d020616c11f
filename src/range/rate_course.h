/* SPDX-License-Identifier: MIT */
/* How the rate of a run goes: what a record is, by its column of rates alone. */
#ifndef LRP_RANGE_RATE_COURSE_H
#define LRP_RANGE_RATE_COURSE_H

#include <stddef.h>

enum lrp_course_kind {
    LRP_COURSE_NONE, /* no usable rate */
    LRP_COURSE_CONSTANT,
    LRP_COURSE_RISE,     /* to the end, as in a sweep */
    LRP_COURSE_WARM_UP,  /* it rises once and then stays or falls: a training under a schedule */
    LRP_COURSE_SCHEDULE, /* any other that changes direction seldom: a decay, cycles */
    LRP_COURSE_JUMPS     /* up and down in no order */
};
struct lrp_rate_course {
    enum lrp_course_kind kind;
    double first, last, low, peak; /* rates; NaN for LRP_COURSE_NONE */
    size_t rise_begin, rise_end;   /* rows of the first usable rate and of the first at the peak */
};
/* lr: n rates by row; those that are not positive and finite are passed over (a warm-up from 0).
 *
 * A warm-up is a rise that is done well before the end: the rows from the peak on are five or more,
 * a twentieth of all, and more than three times as many as any earlier rate was held for (the steps
 * of a staircase are alike). A rise in equal factors over more than a decade is a sweep all the
 * same unless the rest is three times as long, since warm-ups rise in equal differences. */
struct lrp_rate_course lrp_rate_course_of(const double *lr, size_t n);
#endif
