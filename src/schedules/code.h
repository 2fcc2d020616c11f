/* SPDX-License-Identifier: MIT */
/* Schedules as code for other programs. */
#ifndef LRP_SCHEDULES_CODE_H
#define LRP_SCHEDULES_CODE_H

#include "schedule.h"

enum lrp_code_language { LRP_CODE_PYTORCH, LRP_CODE_KERAS, LRP_CODE_OPTAX, LRP_CODE_C };
#define LRP_CODE_WORDS "pytorch|keras|optax|c"
/* False if there is none of that name. */
bool lrp_code_language_parse(const char *name, enum lrp_code_language *out);

/* A whole file that reproduces the schedule in a run of n_steps. LRP_E_ARG: it cannot be said in
 * that language, and why. */
enum lrp_status lrp_schedule_code(const struct lrp_schedule *schedule, size_t n_steps,
                                  size_t steps_per_epoch, enum lrp_code_language language,
                                  struct lrp_text *out, struct lrp_error *err);

/* ---- for the files code*.c ------------------------------------------------------------------ */

/* A row's formula is lines "name = expression" in what C, Python and jax.numpy have in common:
 * + - * / ( ) and comparisons, numbers, floor, cos, sqrt, pow, min, max of two, where(condition,
 * then, else), pi; the row's keys by their names, and t, the step from the end of the warm-up on.
 * Names are [a-z0-9_]. It sets rate, and momentum where that cycles. A name may be set again. */
struct lrp_code {
    const struct lrp_schedule *schedule;
    double n_steps; /* without the warm-up */
    double warmup;
    enum lrp_code_language language;
    bool momentum; /* it cycles */
    struct lrp_text formula;
    struct lrp_text *out;
};
/* Whether the formula has this name. */
bool lrp_code_uses(const struct lrp_code *code, const char *name);
/* The body of a function of step: constants and formula, each line indented. */
void lrp_code_body(const struct lrp_code *code, const char *indent);
/* Helper functions that the body needs (where), in Python. */
void lrp_code_python_helpers(const struct lrp_code *code);
enum lrp_status lrp_code_pytorch(const struct lrp_code *code, struct lrp_error *err);
/* For those that go by losses. */
enum lrp_status lrp_code_losses(const struct lrp_code *code, struct lrp_error *err);
#endif
