/* SPDX-License-Identifier: MIT */
#ifndef LRP_CHECKS_RUN_INTERNAL_H
#define LRP_CHECKS_RUN_INTERNAL_H

#include "run.h"

/* run_loss.c: the views of the loss, in this order. run->n is not 0. */
enum lrp_status lrp_run_levels(struct lrp_run *run, struct lrp_error *err);
enum lrp_status lrp_run_blocks(struct lrp_run *run, struct lrp_error *err);
enum lrp_status lrp_run_residual(struct lrp_run *run, struct lrp_error *err);
#endif
