/* SPDX-License-Identifier: MIT */
/* What the records of a range test say of how they were made. */
#ifndef LRP_RANGE_CONDITIONS_H
#define LRP_RANGE_CONDITIONS_H

#include "lrprobe/lrprobe.h"

#include <stdbool.h>

/* Fills bounds->conditions from the heads of the records ("# optimizer: AdamW") and, for lrprobe's
 * own trainer, from the column momentum. What the records do not agree in is not known; of
 * optimizers and batch sizes that differ there is a warning. higher_is_better is not touched. */
void lrp_bounds_read_conditions(const struct lrp_record *const *records, size_t n_records,
                                struct lrp_bounds *bounds);

/* Whether the conditions hold what the line "# key: ..." of a head says. */
bool lrp_is_condition(const char *key);
#endif
