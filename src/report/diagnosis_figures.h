/* SPDX-License-Identifier: MIT */
/* The figures of a diagnosed run, with the evidence drawn in. */
#ifndef LRP_REPORT_DIAGNOSIS_FIGURES_H
#define LRP_REPORT_DIAGNOSIS_FIGURES_H

#include "diagnosis_report.h"

enum { LRP_FIGURE_CURVES = 8, LRP_FIGURE_ARRAYS = 24, LRP_RUN_FIGURE_MARKS = 8 };

/* figure points into the rest; ended by lrp_run_figure_fini. */
struct lrp_run_figure {
    struct lrp_figure figure;
    struct lrp_plot_curve curves[LRP_FIGURE_CURVES];
    struct lrp_plot_band bands[2];
    struct lrp_plot_mark marks[LRP_RUN_FIGURE_MARKS];
    double *arrays[LRP_FIGURE_ARRAYS]; /* owned */
    size_t n_arrays;
    char labels[LRP_RUN_FIGURE_MARKS][64];
    char y_label[64];
    enum lrp_status status; /* memory was short: what is drawn is not whole */
};

/* Each gives LRP_E_NODATA where there is nothing to draw. */
typedef enum lrp_status lrp_make_run_figure(const struct lrp_diagnosis_report *report,
                                            struct lrp_run_figure *figure, struct lrp_error *err);
/* The loss over the whole run, with the validation loss and all evidence marked. */
lrp_make_run_figure lrp_loss_of_run_figure;
/* Around the onset, from there on shaded, against the first loss. */
lrp_make_run_figure lrp_divergence_figure;
/* A few periods of the swing around the trend, or the highest spike. */
lrp_make_run_figure lrp_oscillation_figure;
/* The last trend with its interval, the fitted power law and what it predicts for twice the run. */
lrp_make_run_figure lrp_progress_figure;
/* Training and validation loss, and the best point. */
lrp_make_run_figure lrp_validation_figure;
/* The learning rate over the run, where it changes. */
lrp_make_run_figure lrp_rate_figure;

void lrp_run_figure_fini(struct lrp_run_figure *figure);
#endif
