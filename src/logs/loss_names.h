/* SPDX-License-Identifier: MIT */
/* What a column measures, by the words of its name, and which columns together are the loss. */
#ifndef LRP_LOGS_LOSS_NAMES_H
#define LRP_LOGS_LOSS_NAMES_H

#include "record.h"

enum lrp_data_side { LRP_SIDE_UNKNOWN, LRP_SIDE_TRAINING, LRP_SIDE_VALIDATION };

/* The data that the name says it was measured on. */
enum lrp_data_side lrp_side_of(const char *name);
/* Whether a name has a loss in it; whether it has any measure that is known. */
bool lrp_names_a_loss(const char *name);
bool lrp_names_a_measure(const char *name);
/* Whether a name is an accuracy and has beside it only words that say where, when or over what it
 * was taken: "Val/mean_acc", "top1Accuracy". */
bool lrp_is_plain_accuracy(const char *name);

/* How the columns that were found become one. */
enum lrp_loss_way {
    LRP_LOSS_NONE,
    LRP_LOSS_PLAIN,     /* the loss itself */
    LRP_LOSS_ONLY,      /* the only column with a loss in its name */
    LRP_LOSS_SUM,       /* parts of one sum */
    LRP_LOSS_GENERATOR, /* the generator's, whose discriminator has losses of its own */
    LRP_LOSS_CRITIC,    /* the critic's, beside an actor */
    LRP_LOSS_LONGEST,   /* of those that are not there together the one with the most values */
    LRP_LOSS_MEASURE,   /* no loss, but something that falls as one does: nll, rmse, ... */
    LRP_LOSS_SIDE       /* no measure is named: the column says no more than "train" or "val" */
};
enum { LRP_LOSS_PARTS_MOST = 64 };
struct lrp_loss_columns {
    enum lrp_loss_way way;
    size_t columns[LRP_LOSS_PARTS_MOST];
    size_t n;
};
/* Which columns are the training loss, or the validation loss, of a record that has none yet.
 * entropies_only: where no loss is named only a cross-entropy is one, not any error. */
void lrp_find_loss(const struct lrp_record *record, bool validation, bool entropies_only,
                   struct lrp_loss_columns *out);
/* Cells of a column that were measured. */
size_t lrp_count_cells(const struct lrp_record *record, size_t column);
#endif
