/* SPDX-License-Identifier: MIT */
#ifndef LRP_CHECKS_RUN_INTERNAL_H
#define LRP_CHECKS_RUN_INTERNAL_H

#include "run.h"

/* run_loss.c: the views of the loss, in this order. run->n is not 0. */
enum lrp_status lrp_run_levels(struct lrp_run *run, struct lrp_error *err);
enum lrp_status lrp_run_blocks(struct lrp_run *run, struct lrp_error *err);
enum lrp_status lrp_run_residual(struct lrp_run *run, struct lrp_error *err);
/* run_score.c: the column of a mean return with 8 values at least, which a higher value makes
 * better; LRP_NO_COLUMN where there is none. */
size_t lrp_run_return_column(const struct lrp_record *record);
/* Whether the log has losses of both sides of a game: generator and discriminator, actor and
 * critic. */
bool lrp_run_has_opposed_losses(const struct lrp_record *record);
/* The return's negative, which falls when things go well. */
void lrp_run_turn_return(struct lrp_metric_series *loss);
#endif
