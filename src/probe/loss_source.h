/* SPDX-License-Identifier: MIT */
/* Where the losses of a run come from when its trainer does not report them: what it prints, or a
 * log that it writes. A source looks there and writes the run's report in the trainer's place, so
 * that all that follows reports works for it: limits, the early end, resuming. */
#ifndef LRP_PROBE_LOSS_SOURCE_H
#define LRP_PROBE_LOSS_SOURCE_H

#include "probe.h"

struct lrp_loss_source {
    /* Looks at what the trainer has written since the last call, a bounded amount where it has not
     * ended, and appends to the run's report what it finds. ended: the trainer is gone, this is the
     * last call. LRP_E_NODATA, only then: there is no loss, in words that go on after "the trainer
     * ". LRP_E_FORMAT, in such words. LRP_E_IO, LRP_E_NOMEM. */
    enum lrp_status (*follow)(struct lrp_loss_source *source, const struct lrp_trainer_run *run,
                              bool ended, struct lrp_error *err);
    void (*free)(struct lrp_loss_source *source); /* by its owner; not NULL */
    /* What follow has seen. */
    bool alive;  /* the trainer has written something since the call before, a loss or not */
    bool wrote;  /* the rows of the report are the source's */
    bool enough; /* the last planned step is there */
};
#endif
