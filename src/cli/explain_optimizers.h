/* SPDX-License-Identifier: MIT */
/* What `lrprobe explain` adds to the rows of the optimizers. */
#ifndef LRP_CLI_EXPLAIN_OPTIMIZERS_H
#define LRP_CLI_EXPLAIN_OPTIMIZERS_H

#include "explain.h"
#include "optimizer.h"

struct lrp_optimizer_words {
    const char *name; /* of the row */
    const char *when;
    const char *formula;
    const char *source;
    const char *see;
};
/* NULL where a row has none: a test keeps that from happening. */
const struct lrp_optimizer_words *lrp_optimizer_words(const char *name);
/* Trains a noisy valley with the row's own update at the best of some rates, and with plain SGD. */
void lrp_optimizer_picture(const struct lrp_optimizer_row *row, struct lrp_picture *picture);
#endif
