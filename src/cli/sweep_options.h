/* SPDX-License-Identifier: MIT */
/* The options of sweep that are not the built-in trainer's. */
#ifndef LRP_CLI_SWEEP_OPTIONS_H
#define LRP_CLI_SWEEP_OPTIONS_H

#include "options.h"

struct lrp_range_options {
    double lr_min, lr_max; /* 0 = left to lrprobe */
    double around;         /* 0 = not given */
    size_t steps, scout_steps, repeats, jobs;
    const char *shape;
    double steps_planned;
    double steps_per_epoch;
    const char *title;
};
struct lrp_command_options { /* for trainers that are commands, and for all that can fail */
    const char *hook;        /* "torch", NULL = none */
    const char *record;      /* columns on request, NULL = none */
    double start_limit;      /* seconds */
    double step_limit;
    const char *resume; /* folder, NULL = a new sweep */
};
/* Constants, since the groups of sweep are const tables. */
enum { LRP_RANGE_OPTIONS = 11, LRP_COMMAND_OPTIONS = 5 };
extern const struct lrp_option lrp_range_option_table[LRP_RANGE_OPTIONS];
extern const struct lrp_option lrp_command_option_table[LRP_COMMAND_OPTIONS];
#endif
