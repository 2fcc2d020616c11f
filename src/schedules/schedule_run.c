/* SPDX-License-Identifier: MIT */
/* Schedules in the course of a run: warm-up in front, and the state of those that go by losses. */
#include "schedule.h"

#include "alloc.h"

#include <math.h>
#include <stdlib.h>

static const char *const metric_names[] = {"loss", "val_loss", "accuracy", "val_accuracy", NULL};

double lrp_schedule_warmup(const struct lrp_schedule *schedule, size_t n_steps)
{
    double warmup = schedule->warmup;
    return floor(warmup < 1 ? warmup * (double)n_steps : warmup);
}

/* The share of the first rate that a step of the warm-up has; 1 after it. */
static double rise_of(double warmup, double step)
{
    return step < warmup ? (step + 1) / (warmup + 1) : 1;
}

static struct lrp_schedule_point point_of(const struct lrp_schedule *schedule, double n_steps,
                                          double step)
{
    return schedule->row->at != NULL
               ? schedule->row->at(schedule, n_steps, step)
               : (struct lrp_schedule_point){schedule->values[0], (double)NAN};
}

struct lrp_schedule_point lrp_schedule_at(const struct lrp_schedule *schedule, size_t n_steps,
                                          size_t step)
{
    double warmup = lrp_schedule_warmup(schedule, n_steps);
    double rest = fmax(1, (double)n_steps - warmup);
    struct lrp_schedule_point point = point_of(schedule, rest, fmax(0, (double)step - warmup));
    point.lr *= rise_of(warmup, (double)step);
    return point;
}

enum lrp_schedule_metric lrp_schedule_metric(const struct lrp_schedule *schedule)
{
    const struct lrp_schedule_row *row = schedule->row;
    return row->observe == NULL ? LRP_SCHEDULE_BY_NONE
                                : (enum lrp_schedule_metric)schedule->values[row->metric_key];
}

const char *lrp_schedule_metric_name(enum lrp_schedule_metric metric)
{
    return metric_names[metric];
}

bool lrp_schedule_metric_each_step(enum lrp_schedule_metric metric)
{
    return metric == LRP_SCHEDULE_BY_LOSS || metric == LRP_SCHEDULE_BY_ACCURACY;
}

bool lrp_schedule_metric_rises(enum lrp_schedule_metric metric)
{
    return metric == LRP_SCHEDULE_BY_ACCURACY || metric == LRP_SCHEDULE_BY_VAL_ACCURACY;
}

struct lrp_schedule_run {
    struct lrp_schedule schedule;
    size_t n_steps;
    double warmup;
    double rate; /* of those that go by losses */
    void *state; /* NULL = the step alone decides */
};

enum lrp_status lrp_schedule_begin(const struct lrp_schedule *schedule, size_t n_steps,
                                   size_t steps_per_epoch, struct lrp_schedule_run **out,
                                   struct lrp_error *err)
{
    const struct lrp_schedule_row *row = schedule->row;
    struct lrp_schedule_run *run = lrp_calloc_array(1, sizeof *run);
    void *state = run != NULL && row->observe != NULL ? lrp_calloc_array(1, row->state_size) : NULL;
    if (run == NULL || (row->observe != NULL && state == NULL)) {
        free(run);
        return lrp_fail_memory(err, sizeof *run + row->state_size);
    }
    run->schedule = *schedule;
    run->n_steps = n_steps;
    run->warmup = lrp_schedule_warmup(schedule, n_steps);
    run->state = state;
    if (state != NULL) {
        double rest = fmax(1, (double)n_steps - run->warmup);
        row->settle(&run->schedule, rest, (double)steps_per_epoch);
        row->begin(&run->schedule, state);
        run->rate = point_of(schedule, rest, 0).lr;
    }
    *out = run;
    return LRP_OK;
}

enum lrp_status lrp_schedule_run_new(const char *spec, const struct lrp_bounds *bounds,
                                     size_t n_steps, size_t steps_per_epoch,
                                     struct lrp_schedule_run **out, struct lrp_error *err)
{
    struct lrp_schedule schedule;
    LRP_TRY(lrp_schedule_parse(spec, bounds, &schedule, err));
    return lrp_schedule_begin(&schedule, n_steps, steps_per_epoch, out, err);
}

void lrp_schedule_run_free(struct lrp_schedule_run *run)
{
    if (run != NULL) {
        free(run->state);
        free(run);
    }
}

struct lrp_schedule_point lrp_schedule_run_at(const struct lrp_schedule_run *run, size_t step)
{
    if (run->state == NULL) {
        return lrp_schedule_at(&run->schedule, run->n_steps, step);
    }
    return (struct lrp_schedule_point){run->rate * rise_of(run->warmup, (double)step), (double)NAN};
}

const char *lrp_schedule_run_metric(const struct lrp_schedule_run *run)
{
    return metric_names[lrp_schedule_metric(&run->schedule)];
}

void lrp_schedule_run_observe(struct lrp_schedule_run *run, size_t step, double value)
{
    if (run->state != NULL && (double)step >= run->warmup) {
        run->rate = run->schedule.row->observe(&run->schedule, run->state, value);
    }
}
