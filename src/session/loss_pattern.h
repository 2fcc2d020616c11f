/* SPDX-License-Identifier: MIT */
/* --loss-pattern: where a line of a trainer's output has its loss. */
#ifndef LRP_SESSION_LOSS_PATTERN_H
#define LRP_SESSION_LOSS_PATTERN_H

#include "comma_number.h"
#include "status.h"

#include <stdbool.h>

struct lrp_loss_pattern;

/* A POSIX extended regular expression in which {loss} and {step} stand for a number (nan and inf
 * among them) and for a count. Without {loss} its groups tell: one group is the loss, two are the
 * step and the loss. LRP_E_ARG: it is no such expression, with the reason that regerror gives. */
enum lrp_status lrp_loss_pattern_new(const char *text, struct lrp_loss_pattern **out,
                                     struct lrp_error *err);
void lrp_loss_pattern_free(struct lrp_loss_pattern *pattern);
/* What a line says; step is NaN where the pattern has none. comma: how the loss was written; of
 * LRP_COMMA_EITHER it has the value with a decimal comma. */
enum lrp_loss_match {
    LRP_LOSS_NONE,      /* it does not match */
    LRP_LOSS_NO_NUMBER, /* it matches, but what is there is no number */
    LRP_LOSS_FOUND
};
enum lrp_loss_match lrp_loss_pattern_find(const struct lrp_loss_pattern *pattern, const char *line,
                                          double *step, double *loss, enum lrp_comma *comma);
#endif
