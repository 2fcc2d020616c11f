/* SPDX-License-Identifier: MIT */
/* The training loop: the rate of each step from a plan or a schedule, validation, the rows of the
 * run record, and what ends it. */
#ifndef LRP_TRAIN_LOOP_H
#define LRP_TRAIN_LOOP_H

#include "training.h"

struct lrp_loop_options {
    size_t n_steps;
    const struct lrp_record *plan;     /* rates: of lrp_loop_read_plan, n_steps rows; or NULL: */
    struct lrp_schedule_run *schedule; /* which observes what it goes by */
    size_t val_every;                  /* steps between validations; 0 = only at the end */
    size_t inspect_every;              /* steps between lrp_training_inspect; 0 = never */
    bool bare_end;                     /* neither of the two at the last step */
    const char *record_path;           /* where the run record goes; NULL = nowhere */
    const char *const *meta;           /* facts for its top: 2 * n_meta strings */
    size_t n_meta;
    void (*on_step)(void *user, double loss); /* after each step; NULL = not called */
    void *user;
};
struct lrp_loop_result {
    size_t steps;  /* done */
    double epochs; /* passes through the training part */
    double seconds;
    double loss;         /* of the last step */
    double val_loss;     /* of the last validation; NaN without one */
    double val_accuracy; /* NaN for regression, too */
    bool ended;          /* before n_steps, at a loss that is not finite */
};
/* A plan: a CSV file with a column lr and, where momentum is planned, a column momentum. *out is
 * the caller's. Besides the errors of lrp_run_record_read: LRP_E_NODATA, no column lr;
 * LRP_E_FORMAT, a rate that is negative or not finite. */
enum lrp_status lrp_loop_read_plan(const char *path, struct lrp_record **out,
                                   struct lrp_error *err);
/* Trains until the steps are done or the loss is not finite. The record's columns are the usual
 * ones and the measures that the training takes. LRP_E_IO where the record cannot be written. */
enum lrp_status lrp_loop_run(struct lrp_training *training, const struct lrp_loop_options *options,
                             struct lrp_loop_result *result, struct lrp_error *err);
#endif
