/* SPDX-License-Identifier: MIT */
/* --loss-pattern: where a line of a trainer's output has its loss. */
#ifndef LRP_SESSION_LOSS_PATTERN_H
#define LRP_SESSION_LOSS_PATTERN_H

#include "line_pattern.h"

/* A line pattern with the places {loss} and, if need be, {step}. Without {loss} its groups tell:
 * one group is the loss, two are the step and the loss. LRP_E_ARG: see lrp_line_pattern_new; no
 * place is the loss. */
enum lrp_status lrp_loss_pattern_new(const char *text, struct lrp_line_pattern **out,
                                     struct lrp_error *err);
/* What a line says; step is NaN where the pattern has none. comma: how the loss was written; of
 * LRP_COMMA_EITHER it has the value with a decimal comma. */
enum lrp_pattern_match lrp_loss_pattern_find(const struct lrp_line_pattern *pattern,
                                             const char *line, double *step, double *loss,
                                             enum lrp_comma *comma);
#endif
