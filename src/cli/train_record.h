/* SPDX-License-Identifier: MIT */
/* What the built-in trainer writes into its run record beside rate, loss and accuracy. */
#ifndef LRP_CLI_TRAIN_RECORD_H
#define LRP_CLI_TRAIN_RECORD_H

#include "measures.h"
#include "options.h"

struct lrp_record_options {
    const char *record;   /* names, NULL = the usual ones */
    size_t record_every;  /* steps; 0 = see lrp_record_choose */
    size_t inspect_every; /* steps */
};
enum { LRP_RECORD_OPTIONS = 3 };
extern const struct lrp_option lrp_record_option_table[LRP_RECORD_OPTIONS];

struct lrp_record_choice {
    struct lrp_measure_set set;
    size_t every;         /* steps between those that are measured */
    size_t inspect_every; /* steps between measurements that need passes of their own; 0 = never */
};
/* From the options, or where they say nothing and as_trainer from LRPROBE_RECORD; without either
 * the usual set, at every tenth step. clips: whether gradients are clipped. */
enum lrp_status lrp_record_choose(const struct lrp_record_options *options, bool as_trainer,
                                  bool clips, struct lrp_record_choice *choice,
                                  struct lrp_error *err);
/* Names of the columns, in the order of lrp_record_fill; at most LRP_MEASURES. Returns how many. */
size_t lrp_record_names(const struct lrp_record_choice *choice, const char **names);
/* A step's cells from its update and, where there was one, its inspection (else NULL). */
void lrp_record_fill(const struct lrp_record_choice *choice, const struct lrp_measurements *update,
                     const struct lrp_measurements *inspection, double *cells,
                     unsigned char *present);
#endif
