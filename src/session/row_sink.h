/* SPDX-License-Identifier: MIT */
/* The report of a run as a loss source writes it: columns step, lr, loss, and what else is known
 * of a row; one rate throughout. */
#ifndef LRP_SESSION_ROW_SINK_H
#define LRP_SESSION_ROW_SINK_H

#include "probe.h"

enum {
    LRP_SINK_LOSS,
    LRP_SINK_VAL_LOSS,
    LRP_SINK_ACCURACY,
    LRP_SINK_VAL_ACCURACY,
    LRP_SINK_GRAD_NORM,
    LRP_SINK_VALUES
};
extern const char *const lrp_sink_names[LRP_SINK_VALUES]; /* in our words */

struct lrp_record_writer;
struct lrp_row_sink {
    size_t n_values;                  /* the first so many are columns of the report */
    struct lrp_record_writer *writer; /* NULL = nothing was written yet */
    double lr;
    double last_step; /* NaN = none */
    double shift;     /* added to the trainer's steps */
    size_t rows;
};
/* A row at the trainer's own step, NaN = the next one. Steps that go back (a count that begins anew
 * with each epoch) go on from the last one. Values that are not present are empty cells. LRP_E_IO.
 */
enum lrp_status lrp_row_sink_put(struct lrp_row_sink *sink, const struct lrp_trainer_run *run,
                                 double step, const double *values, const unsigned char *present,
                                 struct lrp_error *err);
enum lrp_status lrp_row_sink_close(struct lrp_row_sink *sink, struct lrp_error *err);
#endif
