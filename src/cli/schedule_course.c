/* SPDX-License-Identifier: MIT */
#include "schedule_course.h"

#include <math.h>
#include <string.h>

enum lrp_status lrp_course_walk(const struct lrp_schedule_course *course,
                                enum lrp_status (*take)(void *context,
                                                        const struct lrp_course_step *step,
                                                        struct lrp_error *err),
                                void *context, struct lrp_error *err)
{
    struct lrp_schedule_run *run = NULL;
    const double *positions = NULL;
    size_t rows = course->losses != NULL ? lrp_record_rows(course->losses) : 0;
    size_t column = rows > 0 ? lrp_record_find_column(course->losses, "step") : LRP_NO_COLUMN;
    if (column != LRP_NO_COLUMN) {
        positions = lrp_record_values(course->losses, column);
    }
    enum lrp_status status =
        lrp_schedule_begin(course->schedule, course->n_steps, course->steps_per_epoch, &run, err);
    for (size_t k = 0; status == LRP_OK && k < course->n_steps; k++) {
        bool told = course->values != NULL && k < rows &&
                    lrp_record_present(course->losses, course->column, k);
        bool placed = positions != NULL && k < rows && isfinite(positions[k]);
        const struct lrp_course_step step = {
            .step = k,
            .position = placed ? positions[k] : (double)k,
            .point = lrp_schedule_run_at(run, k),
            .value = told ? course->values[k] : (double)NAN,
        };
        status = take(context, &step, err);
        if (told) {
            lrp_schedule_run_observe(run, k, step.value);
        }
    }
    lrp_schedule_run_free(run);
    return status;
}

/* The lowest and the highest of a number of neighbours, for a picture. */
struct thinner {
    double *x, *y;
    size_t *n;
    size_t taken;
    struct lrp_course_extreme low, high;
};
struct gathering {
    struct lrp_course_summary *summary;
    size_t stride; /* steps for which two points are drawn; 1: each is drawn */
    struct thinner lr, momentum, value;
    double rate_before;
    bool by_losses;
};

static void flush(struct thinner *thinner)
{
    if (thinner->taken == 0 || *thinner->n + 2 > LRP_COURSE_POINTS) {
        return;
    }
    bool rising = thinner->low.position < thinner->high.position;
    const struct lrp_course_extreme *first = rising ? &thinner->low : &thinner->high;
    const struct lrp_course_extreme *second = rising ? &thinner->high : &thinner->low;
    thinner->x[*thinner->n] = first->position;
    thinner->y[*thinner->n] = first->value;
    (*thinner->n)++;
    if (second->position != first->position) {
        thinner->x[*thinner->n] = second->position;
        thinner->y[*thinner->n] = second->value;
        (*thinner->n)++;
    }
    thinner->taken = 0;
}

static void thin(struct thinner *thinner, double x, double y, size_t stride)
{
    if (thinner->taken == 0 || y < thinner->low.value) {
        thinner->low = (struct lrp_course_extreme){y, x};
    }
    if (thinner->taken == 0 || y > thinner->high.value) {
        thinner->high = (struct lrp_course_extreme){y, x};
    }
    thinner->taken++;
    if (thinner->taken >= stride) {
        flush(thinner);
    }
}

static void widen(struct lrp_course_extreme *lowest, struct lrp_course_extreme *highest,
                  double value, double position)
{
    if (!(value >= lowest->value)) {
        *lowest = (struct lrp_course_extreme){value, position};
    }
    if (!(value <= highest->value)) {
        *highest = (struct lrp_course_extreme){value, position};
    }
}

static enum lrp_status take(void *context, const struct lrp_course_step *step,
                            struct lrp_error *err)
{
    struct gathering *gathering = context;
    struct lrp_course_summary *summary = gathering->summary;
    double lr = step->point.lr;
    double momentum = step->point.momentum;
    (void)err;
    summary->last = (struct lrp_course_extreme){lr, step->position};
    widen(&summary->lowest, &summary->highest, lr, step->position);
    thin(&gathering->lr, step->position, lr, gathering->stride);
    if (!isnan(momentum)) {
        summary->momentum = true;
        summary->momentum_last = (struct lrp_course_extreme){momentum, step->position};
        widen(&summary->momentum_lowest, &summary->momentum_highest, momentum, step->position);
        thin(&gathering->momentum, step->position, momentum, gathering->stride);
    }
    if (isfinite(step->value)) {
        thin(&gathering->value, step->position, step->value, gathering->stride);
    }
    if (step->step == 0) {
        summary->first = summary->last;
        summary->momentum_first = summary->momentum_last;
    } else if (gathering->by_losses && lr < gathering->rate_before) {
        if (summary->n_falls < LRP_COURSE_FALLS) {
            summary->falls[summary->n_falls] = summary->last;
        }
        summary->n_falls++;
    }
    gathering->rate_before = lr;
    return LRP_OK;
}

enum lrp_status lrp_course_summarize(const struct lrp_schedule_course *course,
                                     struct lrp_course_summary *summary, struct lrp_error *err)
{
    const struct lrp_course_extreme none = {(double)NAN, (double)NAN};
    struct gathering gathering;
    memset(&gathering, 0, sizeof gathering);
    memset(summary, 0, sizeof *summary);
    summary->lowest = summary->highest = none;
    summary->momentum_lowest = summary->momentum_highest = none;
    gathering.summary = summary;
    gathering.stride = course->n_steps <= LRP_COURSE_POINTS - 2
                           ? 1
                           : course->n_steps / (LRP_COURSE_POINTS / 2 - 2) + 1;
    gathering.by_losses = lrp_schedule_metric(course->schedule) != LRP_SCHEDULE_BY_NONE;
    gathering.lr = (struct thinner){.x = summary->x, .y = summary->lr, .n = &summary->n};
    gathering.momentum = (struct thinner){
        .x = summary->momentum_x, .y = summary->momentum_y, .n = &summary->n_momentum};
    gathering.value =
        (struct thinner){.x = summary->value_x, .y = summary->value_y, .n = &summary->n_values};
    enum lrp_status status = lrp_course_walk(course, take, &gathering, err);
    flush(&gathering.lr);
    flush(&gathering.momentum);
    flush(&gathering.value);
    return status;
}
