/* SPDX-License-Identifier: MIT */
/* Where the losses of a run come from when its trainer does not report them: its output, or a log
 * that it writes. A source reads them there and writes the run's report in the trainer's place, so
 * that limits, the early end and resuming work as with any report. */
#ifndef LRP_PROBE_LOSS_SOURCE_H
#define LRP_PROBE_LOSS_SOURCE_H

#include "probe.h"

struct lrp_loss_source {
    /* Reads what the trainer has written since the last call, a bounded amount unless it has ended,
     * and appends the losses to the run's report. ended: the trainer is gone, this is the last
     * call. LRP_E_NODATA, only then: there is no loss. LRP_E_FORMAT. Both messages continue "the
     * trainer ". LRP_E_IO, LRP_E_NOMEM. */
    enum lrp_status (*follow)(struct lrp_loss_source *source, const struct lrp_trainer_run *run,
                              bool ended, struct lrp_error *err);
    void (*free)(struct lrp_loss_source *source); /* by its owner; not NULL */
    /* What follow has seen. */
    bool alive;   /* the trainer has written something since the call before, a loss or not */
    bool wrote;   /* the rows of the report are the source's */
    bool enough;  /* the last planned step is there */
    bool bad_log; /* there is a log, and no losses were found in it */
};
#endif
