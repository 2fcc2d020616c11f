/* SPDX-License-Identifier: MIT */
#include "row_sink.h"

#include "record_writer.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { STEP, LR, VALUES, COLUMNS_MOST = VALUES + LRP_SINK_VALUES };
const char *const lrp_sink_names[LRP_SINK_VALUES] = {
    [LRP_SINK_LOSS] = "loss",           [LRP_SINK_VAL_LOSS] = "val_loss",
    [LRP_SINK_ACCURACY] = "accuracy",   [LRP_SINK_VAL_ACCURACY] = "val_accuracy",
    [LRP_SINK_GRAD_NORM] = "grad_norm",
};

static enum lrp_status open_report(struct lrp_row_sink *sink, const struct lrp_trainer_run *run,
                                   struct lrp_error *err)
{
    const char *names[COLUMNS_MOST] = {"step", "lr"};
    char seed[24];
    (void)snprintf(seed, sizeof seed, "%" PRIu64, run->seed);
    const char *meta[] = {"seed", seed};
    for (size_t k = 0; k < sink->n_values; k++) {
        names[VALUES + k] = lrp_sink_names[k];
    }
    return lrp_record_writer_open(run->report_path, names, VALUES + sink->n_values, meta, 1,
                                  &sink->writer, err);
}

static double own_step(struct lrp_row_sink *sink, double step)
{
    bool first = sink->rows == 0;
    if (!(step >= 0) || step > 1e15) {
        return first ? 0 : sink->last_step + 1;
    }
    if (!first && step + sink->shift <= sink->last_step) {
        sink->shift = sink->last_step + 1 - step;
    }
    return step + sink->shift;
}

enum lrp_status lrp_row_sink_put(struct lrp_row_sink *sink, const struct lrp_trainer_run *run,
                                 double step, const double *values, const unsigned char *present,
                                 struct lrp_error *err)
{
    if (sink->writer == NULL) {
        LRP_TRY(open_report(sink, run, err));
    }
    double row[COLUMNS_MOST];
    unsigned char there[COLUMNS_MOST];
    row[STEP] = own_step(sink, floor(step));
    row[LR] = sink->lr;
    there[STEP] = there[LR] = 1;
    memcpy(row + VALUES, values, sink->n_values * sizeof *values);
    memcpy(there + VALUES, present, sink->n_values);
    sink->last_step = row[STEP];
    sink->rows++;
    return lrp_record_writer_row(sink->writer, row, there, err);
}

enum lrp_status lrp_row_sink_close(struct lrp_row_sink *sink, struct lrp_error *err)
{
    enum lrp_status status = lrp_record_writer_close(sink->writer, err);
    sink->writer = NULL;
    return status;
}
