/* SPDX-License-Identifier: MIT */
#include "schedule.h"

static const struct lrp_schedule_key keys[] = {LRP_FIRST_RATE_KEY("lr", "the rate")};

const struct lrp_schedule_row lrp_schedule_constant = {
    .name = "constant",
    .help = "one rate throughout",
    .source = "what every other one is to be compared with",
    .keys = keys,
    .n_keys = sizeof keys / sizeof keys[0],
    .formula = "rate = lr\n",
};
