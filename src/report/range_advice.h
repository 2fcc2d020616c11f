/* SPDX-License-Identifier: MIT */
/* What a range test advises, and what it holds for: parts of its document. Each adds nothing where
 * there is nothing to say. In a terminal they are lines, on pages paragraphs and tables. */
#ifndef LRP_REPORT_RANGE_ADVICE_H
#define LRP_REPORT_RANGE_ADVICE_H

#include "document.h"

#include "lrprobe/lrprobe.h"

/* "your 5e-05 is 6 times below base_lr": the script's own rate against the bounds, or against the
 * swept range where there are none. */
void lrp_add_own_rate(struct lrp_document *document, const struct lrp_bounds *bounds);
/* The outcome with its reason, what that means, and what to do next. */
void lrp_add_outcome(struct lrp_document *document, const struct lrp_bounds *bounds);
/* What max_lr is, in a few words. */
const char *lrp_above_max(const struct lrp_bounds *bounds);
/* Whose rates they are where there are several parameter groups or optimizers. */
void lrp_add_owner(struct lrp_document *document, const struct lrp_bounds *bounds);
/* The conditions that the advice holds for: a table, in a terminal one line. */
void lrp_add_conditions(struct lrp_document *document, const struct lrp_bounds *bounds);
/* What to do about the reason, with options to copy; nothing without a reason. */
void lrp_append_next_step(const struct lrp_bounds *bounds, struct lrp_text *out);
#endif
