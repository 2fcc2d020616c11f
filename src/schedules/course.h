/* SPDX-License-Identifier: MIT */
/* A schedule's whole course, step by step, and what there is to say about it. */
#ifndef LRP_SCHEDULES_COURSE_H
#define LRP_SCHEDULES_COURSE_H

#include "schedule.h"

struct lrp_schedule_course {
    const struct lrp_schedule *schedule;
    size_t n_steps;
    size_t steps_per_epoch; /* 0 = not known */
    /* Of a log, n_rows each; row k is step k. NULL = none. */
    size_t n_rows;
    const double *values;         /* the column that the schedule goes by */
    const unsigned char *present; /* whether there is a value; nan is one */
    const double *positions;      /* the log's own steps, for the axis */
};
/* Of one step. */
struct lrp_course_step {
    size_t step;
    double position; /* the log's step where it has that column, else step */
    struct lrp_schedule_point point;
    double value; /* of the metric, NaN = none */
};
/* Calls take for every step in turn, until one fails. LRP_E_NOMEM, what take returns. */
enum lrp_status lrp_course_walk(const struct lrp_schedule_course *course,
                                enum lrp_status (*take)(void *context,
                                                        const struct lrp_course_step *step,
                                                        struct lrp_error *err),
                                void *context, struct lrp_error *err);

enum { LRP_COURSE_FALLS = 64, LRP_COURSE_POINTS = 4000 };
struct lrp_course_extreme {
    double value;
    double position;
};
/* First, last and extreme values, and n points for a picture: all, or where there are more steps
 * the lowest and the highest of neighbours. */
struct lrp_course_series {
    struct lrp_course_extreme first, last, lowest, highest;
    double x[LRP_COURSE_POINTS], y[LRP_COURSE_POINTS];
    size_t n; /* 0 = it has no values */
    /* of the neighbours that are being gathered */
    struct lrp_course_extreme low, high;
    size_t gathered;
};
struct lrp_course_summary {
    struct lrp_course_series rate, momentum, metric;
    size_t n_falls; /* of the schedules that go by losses; the first LRP_COURSE_FALLS are kept */
    struct lrp_course_extreme falls[LRP_COURSE_FALLS];
};
/* *summary comes zeroed. */
enum lrp_status lrp_course_summarize(const struct lrp_schedule_course *course,
                                     struct lrp_course_summary *summary, struct lrp_error *err);
#endif
