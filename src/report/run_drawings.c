/* SPDX-License-Identifier: MIT */
#include "run_drawings.h"

#include <math.h>
#include <string.h>

/* Points of a thinned curve; from that many points on, their medians are the curve. */
enum { THINNED_POINTS = 4000, POINTS_ALONE = LRP_BLOCKS_MOST + 50 };

struct lrp_drawing *lrp_run_drawing(const struct lrp_diagnosis_report *report, const char *name,
                                    lrp_draw_run *draw)
{
    struct lrp_drawing *drawing =
        lrp_drawing_new(name, lrp_diagnosis_title(report), report->diagnosis->run->position);
    if (drawing != NULL) {
        draw(report, drawing);
    }
    return drawing;
}

/* Extremes of equally many neighbours; x is where they stand. */
static size_t thin(const struct lrp_metric_series *series, size_t n, double *x, double *y)
{
    size_t per_point = 2 * n / THINNED_POINTS + 1;
    size_t count = 0;
    for (size_t begin = 0; begin < n; begin += per_point) {
        size_t end = begin + per_point < n ? begin + per_point : n;
        double low = HUGE_VAL;
        double high = -HUGE_VAL;
        for (size_t i = begin; i < end; i++) {
            low = series->low[i] < low ? series->low[i] : low;
            high = series->high[i] > high ? series->high[i] : high;
        }
        x[count] = x[count + 1] = series->at[begin];
        y[count] = isfinite(low) ? low : (double)NAN;
        y[count + 1] = isfinite(high) ? high : (double)NAN;
        count += 2;
    }
    return count;
}

static void add_series(const struct lrp_metric_series *series, size_t n, const char *title,
                       enum lrp_curve_role role, struct lrp_drawing *drawing)
{
    if (series->low == series->value && n <= THINNED_POINTS) {
        lrp_drawing_curve(drawing, title, series->at, series->value, n, role);
        return;
    }
    double *x = lrp_drawing_array(drawing, 2 * (THINNED_POINTS + 4));
    if (x != NULL) {
        double *y = x + THINNED_POINTS + 4;
        lrp_drawing_curve(drawing, title, x, y, thin(series, n, x, y), role);
    }
}

void lrp_draw_series(const struct lrp_metric_series *series, const char *title,
                     enum lrp_curve_role role, struct lrp_drawing *drawing)
{
    if (series->n_finite >= 2) {
        add_series(series, series->n, title, role, drawing);
    }
}

/* They begin with the first loss: most of the fall may lie before the first median. */
static void add_medians(const struct lrp_run *run, struct lrp_drawing *drawing)
{
    double *x = lrp_drawing_array(drawing, 2 * (run->blocks.n + 1));
    if (x == NULL) {
        return;
    }
    double *y = x + run->blocks.n + 1;
    x[0] = run->at[0];
    y[0] = run->initial;
    memcpy(x + 1, run->blocks.at, run->blocks.n * sizeof *x);
    memcpy(y + 1, run->blocks.loss, run->blocks.n * sizeof *y);
    lrp_drawing_curve(drawing, "block medians", x, y, run->blocks.n + 1, LRP_CURVE_MAIN);
}

void lrp_draw_loss(const struct lrp_run *run, struct lrp_drawing *drawing)
{
    const struct lrp_metric_series *loss = &run->metric[LRP_METRIC_LOSS];
    bool medians = run->n > POINTS_ALONE && run->blocks.n > 0;
    if (run->n == 0) {
        return;
    }
    if (medians) {
        add_series(loss, run->n, run->loss_name, LRP_CURVE_FAINT, drawing);
        add_medians(run, drawing);
    } else {
        add_series(loss, run->n, run->loss_name, LRP_CURVE_MAIN, drawing);
    }
    double highest = -HUGE_VAL;
    double lowest = HUGE_VAL;
    for (size_t i = 0; i < run->n && !medians; i++) {
        highest = fmax(highest, run->loss[i]);
        lowest = fmin(lowest, run->loss[i]);
    }
    highest = medians ? fmax(run->highest, run->initial) : highest;
    lowest = medians ? fmin(run->lowest, run->initial) : lowest;
    lrp_drawing_y(drawing, run->loss_name, run->log_level && lowest > 0 && highest > 10 * lowest);
}

static void mark_evidence(const struct lrp_diagnosis *diagnosis, struct lrp_drawing *drawing)
{
    const struct lrp_diagnosis_evidence *evidence = &diagnosis->evidence;
    const struct lrp_metric_series *loss = &diagnosis->run->metric[LRP_METRIC_LOSS];
    if (loss->n > 0 && loss->first_bad < loss->n) {
        lrp_drawing_mark(drawing, "no number", loss->at[loss->first_bad], LRP_MARK_MAX);
    }
    lrp_drawing_mark(drawing, "rise begins", evidence->onset, LRP_MARK_MAX);
    lrp_drawing_mark(drawing, "level shift", evidence->level_shift, LRP_MARK_MAX);
    lrp_drawing_mark(drawing, "best validation", evidence->best_val_at, LRP_MARK_BASE);
    if (isfinite(evidence->oscillation.period)) {
        lrp_drawing_interval(drawing, "oscillation", evidence->oscillation.from,
                             evidence->oscillation.from, evidence->oscillation.to, LRP_MARK_NOTE);
    }
}

static void span_of(const double *values, size_t n, double *low, double *high)
{
    for (size_t i = 0; i < n; i++) {
        if (isfinite(values[i])) {
            *low = fmin(*low, values[i]);
            *high = fmax(*high, values[i]);
        }
    }
}

/* A validation loss on a scale of its own would press the loss to a line: then the view is the
 * loss's, and the name of the other one says where it is. */
static void give_loss_the_view(const struct lrp_run *run, struct lrp_drawing *drawing)
{
    enum { PART_LEAST = 8 }; /* an eighth of the height */
    const struct lrp_metric_series *val = &run->metric[LRP_METRIC_VAL_LOSS];
    double low = HUGE_VAL;
    double high = -HUGE_VAL;
    double val_low = HUGE_VAL;
    double val_high = -HUGE_VAL;
    span_of(run->loss, run->n, &low, &high);
    span_of(val->value, val->n, &val_low, &val_high);
    bool log_scale = drawing->figure.log_y && fmin(low, val_low) > 0;
    double whole = log_scale ? log(fmax(high, val_high)) - log(fmin(low, val_low))
                             : fmax(high, val_high) - fmin(low, val_low);
    double part = log_scale ? log(high) - log(low) : high - low;
    if (run->loss_is_substitute || run->n == 0 || val->n_finite < 2 || part <= 0 ||
        PART_LEAST * part > whole) {
        return;
    }
    drawing->figure.y_low = low;
    drawing->figure.y_high = high;
    if (val_low > high || val_high < low) {
        drawing->curves[0].title = val_low > high ? "val_loss (above)" : "val_loss (below)";
    }
}

void lrp_draw_loss_of_run(const struct lrp_diagnosis_report *report, struct lrp_drawing *drawing)
{
    const struct lrp_diagnosis *diagnosis = report->diagnosis;
    const struct lrp_run *run = diagnosis->run;
    const struct lrp_diagnosis_evidence *evidence = &diagnosis->evidence;
    if (!run->loss_is_substitute) { /* first: what comes later lies above */
        lrp_draw_series(&run->metric[LRP_METRIC_VAL_LOSS], "val_loss", LRP_CURVE_VALIDATION,
                        drawing);
    }
    lrp_draw_loss(run, drawing);
    give_loss_the_view(run, drawing);
    if (evidence->n_spikes > 0) {
        lrp_drawing_curve(drawing, "spikes", evidence->spike_at, evidence->spike_loss,
                          evidence->n_spikes, LRP_CURVE_POINTS);
    }
    mark_evidence(diagnosis, drawing);
}
