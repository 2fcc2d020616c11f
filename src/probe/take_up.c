/* SPDX-License-Identifier: MIT */
#include "probe.h"

#include "report_reader.h"

#include <math.h>

struct take_up {
    struct lrp_trainer_run *run;
    const struct lrp_probe_handlers *handlers;
};

static bool take_row(void *user, size_t row, double step, double lr, double loss, bool measured)
{
    const struct take_up *taken = user;
    struct lrp_trainer_run *run = taken->run;
    run->rows = row + 1;
    if (measured && !taken->handlers->on_row(taken->handlers->user, run, row, step, lr, loss)) {
        run->end = LRP_RUN_ENOUGH;
        return false;
    }
    if (run->rows == run->steps) {
        run->end = LRP_RUN_COMPLETE;
    }
    return run->rows < run->steps;
}

bool lrp_probe_take_up(struct lrp_trainer_run *run, const struct lrp_probe_handlers *handlers)
{
    struct take_up taken = {.run = run, .handlers = handlers};
    struct lrp_report_reader *reader = NULL;
    struct lrp_error err;
    run->rows = 0;
    run->exit_status = -1;
    run->signal_number = 0;
    run->reason[0] = '\0';
    run->end = LRP_RUN_NOT_STARTED;
    if (lrp_report_reader_new(run->report_path, true, take_row, &taken, &reader, &err) != LRP_OK) {
        return false;
    }
    bool whole = lrp_report_reader_end(reader, &err) == LRP_OK;
    if (whole && run->end == LRP_RUN_NOT_STARTED && run->rows > 0 &&
        lrp_report_reader_closed(reader)) {
        run->end = LRP_RUN_COMPLETE;
    }
    whole =
        whole && run->end != LRP_RUN_NOT_STARTED && lrp_report_reader_cut(reader, &err) == LRP_OK;
    lrp_report_reader_free(reader);
    if (!whole) {
        run->end = LRP_RUN_NOT_STARTED;
        run->rows = 0;
    }
    return whole;
}
