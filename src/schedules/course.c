/* SPDX-License-Identifier: MIT */
#include "course.h"

#include <math.h>

enum lrp_status lrp_course_walk(const struct lrp_schedule_course *course,
                                enum lrp_status (*take)(void *context,
                                                        const struct lrp_course_step *step,
                                                        struct lrp_error *err),
                                void *context, struct lrp_error *err)
{
    struct lrp_schedule_run *run = NULL;
    enum lrp_status status =
        lrp_schedule_begin(course->schedule, course->n_steps, course->steps_per_epoch, &run, err);
    for (size_t k = 0; status == LRP_OK && k < course->n_steps; k++) {
        bool in_log = k < course->n_rows;
        bool told = in_log && course->values != NULL && course->present[k];
        bool placed = in_log && course->positions != NULL && isfinite(course->positions[k]);
        const struct lrp_course_step step = {
            .step = k,
            .position = placed ? course->positions[k] : (double)k,
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

/* The neighbours that were gathered become one or two points. */
static void flush(struct lrp_course_series *series)
{
    if (series->gathered == 0 || series->n + 2 > LRP_COURSE_POINTS) {
        return;
    }
    bool rising = series->low.position < series->high.position;
    const struct lrp_course_extreme ends[] = {rising ? series->low : series->high,
                                              rising ? series->high : series->low};
    for (size_t i = 0; i < (ends[0].position != ends[1].position ? 2 : 1); i++) {
        series->x[series->n] = ends[i].position;
        series->y[series->n] = ends[i].value;
        series->n++;
    }
    series->gathered = 0;
}

static void widen(struct lrp_course_extreme *low, struct lrp_course_extreme *high,
                  struct lrp_course_extreme now, bool first)
{
    if (first || now.value < low->value) {
        *low = now;
    }
    if (first || now.value > high->value) {
        *high = now;
    }
}

/* stride: steps for which two points are drawn; 1: each is drawn. */
static void add_value(struct lrp_course_series *series, double position, double value,
                      size_t stride)
{
    const struct lrp_course_extreme now = {value, position};
    bool first = series->n == 0 && series->gathered == 0;
    if (first) {
        series->first = now;
    }
    series->last = now;
    widen(&series->lowest, &series->highest, now, first);
    widen(&series->low, &series->high, now, series->gathered == 0);
    series->gathered++;
    if (series->gathered >= stride) {
        flush(series);
    }
}

struct gathering {
    struct lrp_course_summary *summary;
    size_t stride;
    bool by_losses;
};

static enum lrp_status take(void *context, const struct lrp_course_step *step,
                            struct lrp_error *err)
{
    struct gathering *gathering = context;
    struct lrp_course_summary *summary = gathering->summary;
    (void)err;
    if (step->step > 0 && gathering->by_losses && step->point.lr < summary->rate.last.value) {
        if (summary->n_falls < LRP_COURSE_FALLS) {
            summary->falls[summary->n_falls] =
                (struct lrp_course_extreme){step->point.lr, step->position};
        }
        summary->n_falls++;
    }
    add_value(&summary->rate, step->position, step->point.lr, gathering->stride);
    if (!isnan(step->point.momentum)) {
        add_value(&summary->momentum, step->position, step->point.momentum, gathering->stride);
    }
    if (isfinite(step->value)) {
        add_value(&summary->metric, step->position, step->value, gathering->stride);
    }
    return LRP_OK;
}

enum lrp_status lrp_course_summarize(const struct lrp_schedule_course *course,
                                     struct lrp_course_summary *summary, struct lrp_error *err)
{
    struct gathering gathering = {
        .summary = summary,
        .stride = course->n_steps <= LRP_COURSE_POINTS - 2
                      ? 1
                      : course->n_steps / (LRP_COURSE_POINTS / 2 - 2) + 1,
        .by_losses = lrp_schedule_metric(course->schedule) != LRP_SCHEDULE_BY_NONE,
    };
    LRP_TRY(lrp_course_walk(course, take, &gathering, err));
    flush(&summary->rate);
    flush(&summary->momentum);
    flush(&summary->metric);
    return LRP_OK;
}
