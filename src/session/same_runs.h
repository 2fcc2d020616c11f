/* SPDX-License-Identifier: MIT */
#ifndef LRP_SESSION_SAME_RUNS_H
#define LRP_SESSION_SAME_RUNS_H

#include "record.h"

#include <stdbool.h>

/* Whether all of two or more records have the same losses at the same rates, to the last bit: then
 * the trainer takes no notice of the seed, and what would be an interval from repeats is none. */
bool lrp_runs_are_same(const struct lrp_record *const *records, size_t n);
#endif
