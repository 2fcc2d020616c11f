/* SPDX-License-Identifier: MIT */
/* What is put right in the record of any format, each with a note: shares in percent, and which
 * columns are the rate and the loss where none is called so. */
#ifndef LRP_LOGS_NAMES_H
#define LRP_LOGS_NAMES_H

#include "record.h"

/* accuracy and val_accuracy between 1.5 and 100 become shares of 1. The rate: lrp_settle_rate.
 * Without a loss: loss_epoch, else the sum of the columns train/..._loss (YOLO: box, cls and dfl),
 * else the one column with "loss" in its name, else a measure that falls as a loss does (nll, l2,
 * rmse, ...); likewise val_loss. */
enum lrp_status lrp_settle_names(struct lrp_record *record, bool rate_chosen,
                                 struct lrp_error *err);
/* The column that somebody means who has seen the log: its name here, in the log, or in the words
 * of another tool (lrp_canonical_column); capitals and signs do not count. LRP_NO_COLUMN. */
size_t lrp_find_named_column(const struct lrp_record *record, const char *name);
#endif
