/* SPDX-License-Identifier: MIT */
/* Schedules: learning rate and momentum as functions of the step. Defaults and the value at every
 * step are PyTorch's. */
#ifndef LRP_SCHEDULES_SCHEDULE_H
#define LRP_SCHEDULES_SCHEDULE_H

#include "status.h"

#include <stdbool.h>

enum { LRP_SCHEDULE_KEYS = 12 };

struct lrp_schedule_key {
    const char *name;
    double low, high;  /* allowed, both ends */
    double value;      /* default; NaN = must be given, or see the row's resolve */
    const char *words; /* "cos|linear": the value is the index of the word; NULL = a number */
};
struct lrp_schedule_point {
    double lr;
    double momentum; /* NaN = the optimizer's own */
};
struct lrp_schedule_row {
    const char *name;
    const char *help;
    struct lrp_schedule_key keys[LRP_SCHEDULE_KEYS]; /* ends with a NULL name */
    /* Fills in values that depend on others; checks them together. NULL = nothing to do. */
    enum lrp_status (*resolve)(double *values, struct lrp_error *err);
    struct lrp_schedule_point (*at)(const double *values, double n_steps, double step);
};
extern const struct lrp_schedule_row *const lrp_schedules[]; /* ends with NULL */
extern const struct lrp_schedule_row lrp_schedule_constant;
extern const struct lrp_schedule_row lrp_schedule_onecycle;
extern const struct lrp_schedule_row lrp_schedule_triangular;

struct lrp_schedule {
    const struct lrp_schedule_row *row;
    double values[LRP_SCHEDULE_KEYS]; /* in the order of the row's keys */
};
/* "triangular:base_lr=1e-3,max_lr=0.1,step_size=200". LRP_E_ARG names the key and what there is. */
enum lrp_status lrp_schedule_parse(const char *text, struct lrp_schedule *schedule,
                                   struct lrp_error *err);
/* Rate and momentum of step (from 0) of a run of n_steps. */
struct lrp_schedule_point lrp_schedule_at(const struct lrp_schedule *schedule, size_t n_steps,
                                          size_t step);
#endif
