/* SPDX-License-Identifier: MIT */
/* The figures of a range test, ready to be drawn. */
#ifndef LRP_REPORT_RANGE_FIGURES_H
#define LRP_REPORT_RANGE_FIGURES_H

#include "plot.h"
#include "range_report.h"

enum { LRP_FIGURE_MARKS = 12 };

struct lrp_range_figure {
    struct lrp_figure figure;
    double *x; /* rates of the grid */
    struct lrp_plot_curve *curves;
    struct lrp_plot_band band;
    struct lrp_plot_mark marks[LRP_FIGURE_MARKS];
    char y_label[80];
};
/* Loss over rate: every repeat, their median and band, the marks. curve must be there. */
enum lrp_status lrp_loss_figure(const struct lrp_range_report *report,
                                struct lrp_range_figure *figure, struct lrp_error *err);
/* The slope of the median over log10 rate. */
enum lrp_status lrp_slope_figure(const struct lrp_range_report *report,
                                 struct lrp_range_figure *figure, struct lrp_error *err);
void lrp_range_figure_fini(struct lrp_range_figure *figure);
/* Where ranges without a level come from, in words. */
const char *lrp_range_origin(const struct lrp_range_report *report);
/* What an outcome means and what to do, one sentence. */
const char *lrp_outcome_sentence(enum lrp_outcome outcome);
#endif
