/* SPDX-License-Identifier: MIT */
/* Which names of columns are learning rates, by a rule on their words: trackers write "lr-RAdam",
 * "lr-AdamW/pg1", "optimizer/lr", "param_group_0/lr", "x/lr0", "train/learning_rate". */
#ifndef LRP_SERIES_RATE_NAMES_H
#define LRP_SERIES_RATE_NAMES_H

#include <stdbool.h>
#include <stddef.h>

enum lrp_rate_name {
    LRP_RATE_NAME_NONE,
    LRP_RATE_NAME_PLAIN, /* the rate: "lr", "train/learning_rate", "optimizer/lr" */
    LRP_RATE_NAME_OWN,   /* the rate of something with a name or a number: "lr-Lion", "lr/group0" */
    LRP_RATE_NAME_LOG10, /* its logarithm, of the base that the name says */
    LRP_RATE_NAME_LN,
    LRP_RATE_NAME_LOG /* of one that it does not say */
};

/* name: a column's name as a tool spells it. Words are what other signs separate. One of them is
 * "lr" or "learning rate"; none of the others says that it is something else about a rate ("lr
 * scale", "min_lr", "lr_decay", "lr_find/loss"), or that it is of a validation. */
enum lrp_rate_name lrp_rate_name_of(const char *name);
/* Whether a name is a rate with its value, "learning_rate_0.005", "lr=1e-3": what tables call the
 * run at that rate. A whole number is the index of a group ("lr0") and no value. */
bool lrp_rate_in_name(const char *name, size_t length, double *rate);
#endif
