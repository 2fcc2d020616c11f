/* SPDX-License-Identifier: MIT */
/* Schedules as code for other programs.
 *
 * A row's formula is lines "name = expression" in what C, Python and jax.numpy have in common:
 * + - * / ( ) and comparisons, numbers, floor, cos, sqrt, pow, min, max of two, where(condition,
 * then, else), pi; the row's keys by their names, and t, the step from the end of the warm-up on.
 * Names are [a-z0-9_]. It sets rate, and momentum where that cycles. A name may be set again. In a
 * formula $key is the value of a key that is a number.
 *
 * The code depends on the step alone and ends with the run: a step beyond the last one has the rate
 * of the last one. */
#ifndef LRP_SCHEDULES_CODE_H
#define LRP_SCHEDULES_CODE_H

#include "schedule.h"

#define LRP_CODE_WORDS "pytorch|keras|optax|c"

/* A file that reproduces the schedule in a run of n_steps, in one of LRP_CODE_WORDS;
 * steps_per_epoch 0 = not known. bounds: where the rates come from, NULL = not from a range test.
 * LRP_E_NOMEM, LRP_E_LIMIT. */
enum lrp_status lrp_schedule_code(const struct lrp_schedule *schedule, size_t n_steps,
                                  size_t steps_per_epoch, const struct lrp_bounds *bounds,
                                  const char *language, struct lrp_text *out,
                                  struct lrp_error *err);
#endif
