/* SPDX-License-Identifier: MIT */
#include "diagnosis_figures.h"

#include "alloc.h"
#include "run_figure_parts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void mark_evidence(const struct lrp_diagnosis *diagnosis, struct lrp_run_figure *figure)
{
    const struct lrp_diagnosis_evidence *evidence = &diagnosis->evidence;
    const struct lrp_metric_series *loss = &diagnosis->run->metric[LRP_METRIC_LOSS];
    if (loss->n > 0 && loss->first_bad < loss->n) {
        lrp_run_figure_mark(figure, "no number", loss->at[loss->first_bad], LRP_MARK_MAX);
    }
    lrp_run_figure_mark(figure, "rise begins", evidence->onset, LRP_MARK_MAX);
    lrp_run_figure_mark(figure, "level shift", evidence->level_shift, LRP_MARK_MAX);
    lrp_run_figure_mark(figure, "best validation", evidence->best_val_at, LRP_MARK_BASE);
    if (isfinite(evidence->oscillation.period)) {
        lrp_run_figure_interval(figure, "oscillation", evidence->oscillation.from,
                                evidence->oscillation.to, LRP_MARK_NOTE);
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
static void give_loss_the_view(const struct lrp_run *run, struct lrp_run_figure *figure)
{
    enum { PART_LEAST = 8 }; /* an eighth of the height */
    const struct lrp_metric_series *val = &run->metric[LRP_METRIC_VAL_LOSS];
    double low = HUGE_VAL;
    double high = -HUGE_VAL;
    double val_low = HUGE_VAL;
    double val_high = -HUGE_VAL;
    span_of(run->loss, run->n, &low, &high);
    span_of(val->value, val->n, &val_low, &val_high);
    bool log_scale = figure->figure.log_y && fmin(low, val_low) > 0;
    double whole = log_scale ? log(fmax(high, val_high)) - log(fmin(low, val_low))
                             : fmax(high, val_high) - fmin(low, val_low);
    double part = log_scale ? log(high) - log(low) : high - low;
    if (run->loss_is_substitute || run->n == 0 || val->n_finite < 2 || part <= 0 ||
        PART_LEAST * part > whole) {
        return;
    }
    figure->figure.y_low = low;
    figure->figure.y_high = high;
    if (val_low > high || val_high < low) {
        figure->curves[0].title = val_low > high ? "val_loss (above)" : "val_loss (below)";
    }
}

enum lrp_status lrp_loss_of_run_figure(const struct lrp_diagnosis_report *report,
                                       struct lrp_run_figure *figure, struct lrp_error *err)
{
    const struct lrp_diagnosis *diagnosis = report->diagnosis;
    const struct lrp_run *run = diagnosis->run;
    const struct lrp_diagnosis_evidence *evidence = &diagnosis->evidence;
    lrp_run_figure_begin(report, "loss", figure);
    if (!run->loss_is_substitute) { /* first: what comes later lies above */
        lrp_run_figure_series(&run->metric[LRP_METRIC_VAL_LOSS], "val_loss", LRP_CURVE_VALIDATION,
                              figure);
    }
    lrp_run_figure_loss(run, figure);
    give_loss_the_view(run, figure);
    if (evidence->n_spikes > 0) {
        lrp_run_figure_curve(figure, "spikes", evidence->spike_at, evidence->spike_loss,
                             evidence->n_spikes, LRP_CURVE_POINTS);
    }
    mark_evidence(diagnosis, figure);
    return lrp_run_figure_end(figure, err);
}

void lrp_run_figure_fini(struct lrp_run_figure *figure)
{
    for (size_t i = 0; i < figure->n_arrays; i++) {
        free(figure->arrays[i]);
    }
    memset(figure, 0, sizeof *figure);
}
