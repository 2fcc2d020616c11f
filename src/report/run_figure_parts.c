/* SPDX-License-Identifier: MIT */
#include "run_figure_parts.h"

#include "alloc.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* From that many points on their medians are the curve. */
enum { POINTS_ALONE = LRP_BLOCKS_MOST + 50 };

void lrp_run_figure_begin(const struct lrp_diagnosis_report *report, const char *name,
                          struct lrp_run_figure *figure)
{
    const struct lrp_run *run = report->diagnosis->run;
    memset(figure, 0, sizeof *figure);
    figure->figure = (struct lrp_figure){
        .name = name,
        .title = lrp_diagnosis_title(report),
        .x_label = run->position,
        .y_low = (double)NAN,
        .y_high = (double)NAN,
        .curves = figure->curves,
        .bands = figure->bands,
        .marks = figure->marks,
    };
}

enum lrp_status lrp_run_figure_end(struct lrp_run_figure *figure, struct lrp_error *err)
{
    enum lrp_status status = figure->status;
    if (status != LRP_OK) {
        (void)lrp_fail_memory(err, 0);
    } else if (figure->figure.n_curves == 0) {
        status = lrp_fail(err, LRP_E_NODATA, 0, "there is nothing to draw for the figure %s",
                          figure->figure.name);
    }
    if (status != LRP_OK) {
        lrp_run_figure_fini(figure);
    }
    return status;
}

void lrp_run_figure_y(struct lrp_run_figure *figure, const char *label, bool log_scale)
{
    (void)snprintf(figure->y_label, sizeof figure->y_label, "%s", label);
    figure->figure.y_label = figure->y_label;
    figure->figure.log_y = log_scale;
}

double *lrp_run_figure_array(struct lrp_run_figure *figure, size_t n)
{
    double *array =
        figure->n_arrays < LRP_FIGURE_ARRAYS ? lrp_calloc_array(n, sizeof *array) : NULL;
    if (array == NULL) {
        figure->status = LRP_E_NOMEM;
        return NULL;
    }
    figure->arrays[figure->n_arrays] = array;
    figure->n_arrays++;
    return array;
}

void lrp_run_figure_curve(struct lrp_run_figure *figure, const char *title, const double *x,
                          const double *y, size_t n, enum lrp_curve_role role)
{
    if (figure->figure.n_curves < LRP_FIGURE_CURVES && n > 0 && x != NULL && y != NULL) {
        figure->curves[figure->figure.n_curves] = (struct lrp_plot_curve){title, x, y, n, role};
        figure->figure.n_curves++;
    }
}

void lrp_run_figure_level(struct lrp_run_figure *figure, const char *title, double from, double to,
                          double level)
{
    double *x = lrp_run_figure_array(figure, 2);
    double *y = lrp_run_figure_array(figure, 2);
    if (x != NULL && y != NULL && isfinite(level)) {
        x[0] = from;
        x[1] = to;
        y[0] = y[1] = level;
        lrp_run_figure_curve(figure, title, x, y, 2, LRP_CURVE_FIT);
    }
}

void lrp_run_figure_band(struct lrp_run_figure *figure, const char *title, const double *x,
                         const double *low, const double *high, size_t n, enum lrp_curve_role role)
{
    if (figure->figure.n_bands < sizeof figure->bands / sizeof figure->bands[0] && n > 0 &&
        x != NULL && low != NULL && high != NULL) {
        figure->bands[figure->figure.n_bands] =
            (struct lrp_plot_band){title, x, low, high, n, role};
        figure->figure.n_bands++;
    }
}

void lrp_run_figure_mark(struct lrp_run_figure *figure, const char *label, double x,
                         enum lrp_mark_role role)
{
    lrp_run_figure_interval(figure, label, x, (double)NAN, role);
}

void lrp_run_figure_interval(struct lrp_run_figure *figure, const char *label, double from,
                             double to, enum lrp_mark_role role)
{
    size_t at = figure->figure.n_marks;
    if (at < LRP_RUN_FIGURE_MARKS && isfinite(from)) {
        (void)snprintf(figure->labels[at], sizeof figure->labels[at], "%s", label);
        figure->marks[at] = (struct lrp_plot_mark){figure->labels[at], from, from, to, role};
        figure->figure.n_marks++;
    }
}

/* Extremes of equally many neighbours; x is where they stand. */
static size_t thin(const struct lrp_metric_series *series, size_t n, double *x, double *y)
{
    size_t per_point = 2 * n / LRP_FIGURE_POINTS + 1;
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
                       enum lrp_curve_role role, struct lrp_run_figure *figure)
{
    if (series->low == series->value && n <= LRP_FIGURE_POINTS) {
        lrp_run_figure_curve(figure, title, series->at, series->value, n, role);
        return;
    }
    double *x = lrp_run_figure_array(figure, LRP_FIGURE_POINTS + 4);
    double *y = lrp_run_figure_array(figure, LRP_FIGURE_POINTS + 4);
    if (x != NULL && y != NULL) {
        lrp_run_figure_curve(figure, title, x, y, thin(series, n, x, y), role);
    }
}

void lrp_run_figure_series(const struct lrp_metric_series *series, const char *title,
                           enum lrp_curve_role role, struct lrp_run_figure *figure)
{
    if (series->n_finite >= 2) {
        add_series(series, series->n, title, role, figure);
    }
}

/* They begin with the first loss: most of the fall may lie before the first median. */
static void add_medians(const struct lrp_run *run, struct lrp_run_figure *figure)
{
    double *x = lrp_run_figure_array(figure, run->blocks.n + 1);
    double *y = lrp_run_figure_array(figure, run->blocks.n + 1);
    if (x == NULL || y == NULL) {
        return;
    }
    x[0] = run->at[0];
    y[0] = run->initial;
    memcpy(x + 1, run->blocks.at, run->blocks.n * sizeof *x);
    memcpy(y + 1, run->blocks.loss, run->blocks.n * sizeof *y);
    lrp_run_figure_curve(figure, "block medians", x, y, run->blocks.n + 1, LRP_CURVE_MAIN);
}

void lrp_run_figure_loss(const struct lrp_run *run, struct lrp_run_figure *figure)
{
    const struct lrp_metric_series *loss = &run->metric[LRP_METRIC_LOSS];
    bool medians = run->n > POINTS_ALONE && run->blocks.n > 0;
    if (run->n == 0) {
        return;
    }
    if (medians) {
        add_series(loss, run->n, run->loss_name, LRP_CURVE_FAINT, figure);
        add_medians(run, figure);
    } else {
        add_series(loss, run->n, run->loss_name, LRP_CURVE_MAIN, figure);
    }
    double highest = -HUGE_VAL;
    double lowest = HUGE_VAL;
    for (size_t i = 0; i < run->n && !medians; i++) {
        highest = fmax(highest, run->loss[i]);
        lowest = fmin(lowest, run->loss[i]);
    }
    highest = medians ? fmax(run->highest, run->initial) : highest;
    lowest = medians ? fmin(run->lowest, run->initial) : lowest;
    lrp_run_figure_y(figure, run->loss_name, run->log_level && lowest > 0 && highest > 10 * lowest);
}
