/* SPDX-License-Identifier: MIT */
#include "range_figures.h"

#include "alloc.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *lrp_outcome_sentence(enum lrp_outcome outcome)
{
    switch (outcome) {
    case LRP_OUTCOME_OK:
        return "The loss falls and then rises again within the swept range: both bounds are seen.";
    case LRP_OUTCOME_DID_NOT_DIVERGE:
        return "The loss never rises again: max_lr lies above the swept range. Sweep higher rates.";
    case LRP_OUTCOME_DIVERGED_AT_START:
        return "The loss rises before it has fallen: even the lowest rate is too high. Sweep lower "
               "rates, and check the data and the loss.";
    case LRP_OUTCOME_FLAT:
        return "The loss does not move by more than its noise. Sweep higher rates, take more "
               "steps, and check that the model learns at all.";
    case LRP_OUTCOME_TOO_NOISY:
        return "The noise hides where the loss stops falling. Take more repeats, more steps, or a "
               "larger batch.";
    case LRP_OUTCOME_TOO_SHORT:
    default:
        return "There are too few points to say anything. Take more steps.";
    }
}

const char *lrp_range_origin(const struct lrp_range_report *report)
{
    return report->curve != NULL && report->curve->of_ends
               ? "between the rates that were tried, without a level"
               : "within one sweep, without a level";
}

static void add_mark(struct lrp_range_figure *figure, const char *label,
                     const struct lrp_rate *rate, enum lrp_mark_role role)
{
    if (isfinite(rate->value) && figure->figure.n_marks < LRP_FIGURE_MARKS) {
        figure->marks[figure->figure.n_marks] =
            (struct lrp_plot_mark){label, rate->value, rate->low, rate->high, role};
        figure->figure.n_marks++;
    }
}

static void add_marks(const struct lrp_bounds *bounds, bool peers, struct lrp_range_figure *figure)
{
    struct lrp_rate suggested = bounds->suggested_lr;
    suggested.low = suggested.high = (double)NAN; /* its interval is that of max_lr, moved */
    add_mark(figure, "base_lr", &bounds->base_lr, LRP_MARK_BASE);
    add_mark(figure, "max_lr", &bounds->max_lr, LRP_MARK_MAX);
    add_mark(figure, "one rate", &suggested, LRP_MARK_SUGGESTED);
    for (size_t i = 0; peers && i < LRP_PEERS; i++) {
        const struct lrp_rate peer = {bounds->peers[i], (double)NAN, (double)NAN};
        add_mark(figure, lrp_peer_name(i), &peer, LRP_MARK_PEER);
    }
}

/* What both figures share. */
static enum lrp_status begin(const struct lrp_range_report *report, size_t n_curves,
                             struct lrp_range_figure *figure, struct lrp_error *err)
{
    const struct lrp_curve *curve = report->curve;
    memset(figure, 0, sizeof *figure);
    figure->x = lrp_calloc_array(curve->n, sizeof *figure->x);
    figure->curves = lrp_calloc_array(n_curves, sizeof *figure->curves);
    if (figure->x == NULL || figure->curves == NULL) {
        lrp_range_figure_fini(figure);
        return lrp_fail_memory(err, curve->n * sizeof *figure->x);
    }
    for (size_t g = 0; g < curve->n; g++) {
        figure->x[g] = pow(10, curve->log10_lr[g]);
    }
    figure->figure.title = report->title;
    figure->figure.x_label = "learning rate";
    figure->figure.log_x = true;
    figure->figure.y_low = figure->figure.y_high = (double)NAN;
    figure->figure.curves = figure->curves;
    figure->figure.marks = figure->marks;
    return LRP_OK;
}

/* Upper end of what the view has to hold: a diverged tail would press the rest flat. */
static double loss_ceiling(const struct lrp_curve *curve)
{
    double lowest = HUGE_VAL;
    double before = -HUGE_VAL; /* highest point so far, and that before the lowest point */
    double highest = -HUGE_VAL;
    for (size_t g = 0; g < curve->n; g++) {
        highest = curve->median[g] > highest ? curve->median[g] : highest;
        if (curve->median[g] < lowest) {
            lowest = curve->median[g];
            before = highest;
        }
    }
    double ceiling = before + 0.35 * (before - lowest);
    return ceiling > lowest && ceiling < highest ? ceiling : (double)NAN;
}

/* The same for slopes: twice as far above zero as the steepest fall is below. */
static double slope_ceiling(const struct lrp_curve *curve)
{
    double steepest = 0;
    double highest = -HUGE_VAL;
    for (size_t g = 0; g < curve->n; g++) {
        steepest = curve->slope[g] < steepest ? curve->slope[g] : steepest;
        highest = curve->slope[g] > highest ? curve->slope[g] : highest;
    }
    return steepest < 0 && -2 * steepest < highest ? -2 * steepest : (double)NAN;
}

enum lrp_status lrp_loss_figure(const struct lrp_range_report *report,
                                struct lrp_range_figure *figure, struct lrp_error *err)
{
    const struct lrp_curve *curve = report->curve;
    enum lrp_status status = begin(report, curve->n_repeats + 1, figure, err);
    if (status != LRP_OK) {
        return status;
    }
    for (size_t r = 0; r < curve->n_repeats; r++) {
        figure->curves[r] = (struct lrp_plot_curve){r == 0 ? "repeats" : NULL, figure->x,
                                                    curve->repeats[r], curve->n, LRP_CURVE_FAINT};
    }
    figure->curves[curve->n_repeats] =
        (struct lrp_plot_curve){curve->n_repeats > 1 ? "median"
                                : curve->of_ends     ? "runs"
                                                     : "smoothed",
                                figure->x, curve->median, curve->n, LRP_CURVE_MAIN};
    if (curve->n_repeats > 1) {
        figure->band = (struct lrp_plot_band){curve->n_repeats >= 5 ? "10 to 90 %" : "their range",
                                              figure->x,
                                              curve->band_low,
                                              curve->band_high,
                                              curve->n,
                                              LRP_CURVE_MAIN};
        figure->figure.bands = &figure->band;
        figure->figure.n_bands = 1;
    }
    figure->figure.n_curves = curve->n_repeats + 1;
    figure->figure.name = "loss";
    figure->figure.y_high = loss_ceiling(curve);
    (void)snprintf(figure->y_label, sizeof figure->y_label, "%.40s%s", report->bounds->metric,
                   curve->of_ends ? " at the end of the run" : ", smoothed");
    figure->figure.y_label = figure->y_label;
    add_marks(report->bounds, true, figure);
    return LRP_OK;
}

enum lrp_status lrp_slope_figure(const struct lrp_range_report *report,
                                 struct lrp_range_figure *figure, struct lrp_error *err)
{
    const struct lrp_curve *curve = report->curve;
    enum lrp_status status = begin(report, 1, figure, err);
    if (status != LRP_OK) {
        return status;
    }
    figure->curves[0] = (struct lrp_plot_curve){"slope of the median", figure->x, curve->slope,
                                                curve->n, LRP_CURVE_SECOND};
    figure->figure.n_curves = 1;
    figure->figure.name = "slope";
    figure->figure.y_high = slope_ceiling(curve);
    (void)snprintf(figure->y_label, sizeof figure->y_label, "change of %.40s per decade",
                   report->bounds->metric);
    figure->figure.y_label = figure->y_label;
    add_marks(report->bounds, false, figure);
    return LRP_OK;
}

void lrp_range_figure_fini(struct lrp_range_figure *figure)
{
    free(figure->x);
    free(figure->curves);
    memset(figure, 0, sizeof *figure);
}
