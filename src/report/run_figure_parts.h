/* SPDX-License-Identifier: MIT */
/* Parts that the figures of a run are put together from. */
#ifndef LRP_REPORT_RUN_FIGURE_PARTS_H
#define LRP_REPORT_RUN_FIGURE_PARTS_H

#include "diagnosis_figures.h"

enum { LRP_FIGURE_POINTS = 4000 };

/* name: of the file, see struct lrp_figure. */
void lrp_run_figure_begin(const struct lrp_diagnosis_report *report, const char *name,
                          struct lrp_run_figure *figure);
/* LRP_E_NODATA without a curve; figure is ended then. */
enum lrp_status lrp_run_figure_end(struct lrp_run_figure *figure, struct lrp_error *err);
/* The vertical axis. */
void lrp_run_figure_y(struct lrp_run_figure *figure, const char *label, bool log_scale);
/* n doubles that live as long as the figure, NULL when memory is short. */
double *lrp_run_figure_array(struct lrp_run_figure *figure, size_t n);
/* x and y are borrowed. Left out where there is no room or no point. */
void lrp_run_figure_curve(struct lrp_run_figure *figure, const char *title, const double *x,
                          const double *y, size_t n, enum lrp_curve_role role);
/* Level from x = from to x = to, dashed. */
void lrp_run_figure_level(struct lrp_run_figure *figure, const char *title, double from, double to,
                          double level);
void lrp_run_figure_band(struct lrp_run_figure *figure, const char *title, const double *x,
                         const double *low, const double *high, size_t n, enum lrp_curve_role role);
/* Left out where x is not finite. label: ours. */
void lrp_run_figure_mark(struct lrp_run_figure *figure, const char *label, double x,
                         enum lrp_mark_role role);
/* The same at x = from, shaded to x = to. */
void lrp_run_figure_interval(struct lrp_run_figure *figure, const char *label, double from,
                             double to, enum lrp_mark_role role);
/* A metric over the run; of long or merged ones the extremes of neighbours. */
void lrp_run_figure_series(const struct lrp_metric_series *series, const char *title,
                           enum lrp_curve_role role, struct lrp_run_figure *figure);
/* The loss: its points, and the block medians where there are many; the axis is logarithmic where
 * the loss spans more than a decade. */
void lrp_run_figure_loss(const struct lrp_run *run, struct lrp_run_figure *figure);
#endif
