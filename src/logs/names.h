/* SPDX-License-Identifier: MIT */
/* What is put right in the record of any format, each with a note: shares in percent, and which
 * columns are the rate and the loss where none is called so. */
#ifndef LRP_LOGS_NAMES_H
#define LRP_LOGS_NAMES_H

#include "record.h"

/* What the user's maps have chosen already. */
struct lrp_chosen_names {
    bool rate, loss, val_loss;
};
/* accuracy and val_accuracy between 1.5 and 100 become shares of 1. The rate: lrp_settle_rate. The
 * loss: lrp_find_loss where none is called so, or a plain one with far more values; likewise
 * val_loss and the accuracies. An accuracy in rows of its own is the validation's. */
enum lrp_status lrp_settle_names(struct lrp_record *record, const struct lrp_chosen_names *chosen,
                                 struct lrp_error *err);
/* The column that somebody means who has seen the log: its name here, in the log, or in the words
 * of another tool (lrp_canonical_column); capitals and signs do not count. LRP_NO_COLUMN. */
size_t lrp_find_named_column(const struct lrp_record *record, const char *name);
#endif
