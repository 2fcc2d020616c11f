/* SPDX-License-Identifier: MIT */
#include "range_drawings.h"

#include <math.h>
#include <stdio.h>

static void add_rates(struct lrp_drawing *drawing, const struct lrp_bounds *bounds)
{
    const struct lrp_rate *base = &bounds->base_lr;
    const struct lrp_rate *top = &bounds->max_lr;
    lrp_drawing_interval(drawing, "base_lr", base->value, base->low, base->high, LRP_MARK_BASE);
    lrp_drawing_interval(drawing, "max_lr", top->value, top->low, top->high, LRP_MARK_MAX);
    /* without its interval, which is that of max_lr, moved */
    lrp_drawing_mark(drawing, "one rate", bounds->suggested_lr.value, LRP_MARK_SUGGESTED);
}

/* What both figures share: *x are the rates of the curve's grid. NULL when memory is short. */
static struct lrp_drawing *begin(const struct lrp_range_report *report, const char *name,
                                 double **x)
{
    const struct lrp_curve *curve = report->curve;
    struct lrp_drawing *drawing = lrp_drawing_new(name, report->title, "learning rate");
    *x = drawing != NULL ? lrp_drawing_array(drawing, curve->n) : NULL;
    if (*x == NULL) {
        lrp_drawing_free(drawing);
        return NULL;
    }
    for (size_t g = 0; g < curve->n; g++) {
        (*x)[g] = pow(10, curve->log10_lr[g]);
    }
    drawing->figure.log_x = true;
    return drawing;
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

struct lrp_drawing *lrp_loss_of_range_drawing(const struct lrp_range_report *report)
{
    const struct lrp_curve *curve = report->curve;
    bool repeated = curve->n_repeats > 1;
    double *x = NULL;
    char label[80];
    struct lrp_drawing *drawing = begin(report, "loss", &x);
    if (drawing == NULL) {
        return NULL;
    }
    for (size_t r = 0; r < curve->n_repeats; r++) {
        lrp_drawing_curve(drawing, r == 0 ? "repeats" : NULL, x, curve->repeats[r], curve->n,
                          LRP_CURVE_FAINT);
    }
    const char *alone = curve->of_ends ? "runs" : "smoothed";
    lrp_drawing_curve(drawing, repeated ? "median" : alone, x, curve->median, curve->n,
                      LRP_CURVE_MAIN);
    if (repeated) {
        lrp_drawing_band(drawing, curve->n_repeats >= 5 ? "10 to 90 %" : "their range", x,
                         curve->band_low, curve->band_high, curve->n, LRP_CURVE_MAIN);
    }
    drawing->figure.y_high = loss_ceiling(curve);
    (void)snprintf(label, sizeof label, "%.40s%s", report->bounds->metric,
                   curve->of_ends ? " at the end of the run" : ", smoothed");
    lrp_drawing_y(drawing, label, false);
    add_rates(drawing, report->bounds);
    for (size_t i = 0; i < LRP_PEERS; i++) {
        lrp_drawing_mark(drawing, lrp_peer_name(i), report->bounds->peers[i], LRP_MARK_PEER);
    }
    return drawing;
}

struct lrp_drawing *lrp_slope_drawing(const struct lrp_range_report *report)
{
    const struct lrp_curve *curve = report->curve;
    double *x = NULL;
    char label[80];
    struct lrp_drawing *drawing = begin(report, "slope", &x);
    if (drawing == NULL) {
        return NULL;
    }
    lrp_drawing_curve(drawing, "slope of the median", x, curve->slope, curve->n, LRP_CURVE_SECOND);
    drawing->figure.y_high = slope_ceiling(curve);
    (void)snprintf(label, sizeof label, "change of %.40s per decade", report->bounds->metric);
    lrp_drawing_y(drawing, label, false);
    add_rates(drawing, report->bounds);
    return drawing;
}
