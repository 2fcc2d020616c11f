/* SPDX-License-Identifier: MIT */
/* The figures of a diagnosed run, with the evidence drawn in. */
#ifndef LRP_REPORT_RUN_DRAWINGS_H
#define LRP_REPORT_RUN_DRAWINGS_H

#include "diagnosis_report.h"
#include "drawing.h"

/* Each leaves the drawing without a curve where there is nothing to draw. */
typedef void lrp_draw_run(const struct lrp_diagnosis_report *report, struct lrp_drawing *drawing);
/* The loss over the whole run, with the validation loss and all evidence marked. */
lrp_draw_run lrp_draw_loss_of_run;
/* Around the onset, from there on shaded, against the first loss. */
lrp_draw_run lrp_draw_divergence;
/* A few periods of the swing around the trend, or the highest spike. */
lrp_draw_run lrp_draw_oscillation;
/* The last trend with its interval, the fitted power law and what it predicts for twice the run. */
lrp_draw_run lrp_draw_progress;
/* Training and validation loss, and the best point. */
lrp_draw_run lrp_draw_validation;
/* The learning rate over the run, where it changes. */
lrp_draw_run lrp_draw_rate;

/* A drawing made by one of these. name: of its file. NULL when memory is short. */
struct lrp_drawing *lrp_run_drawing(const struct lrp_diagnosis_report *report, const char *name,
                                    lrp_draw_run *draw);

/* A metric over the run; of long or merged ones the extremes of neighbours. */
void lrp_draw_series(const struct lrp_metric_series *series, const char *title,
                     enum lrp_curve_role role, struct lrp_drawing *drawing);
/* The loss: its points, and the block medians where there are many; the axis is logarithmic where
 * the loss spans more than a decade. */
void lrp_draw_loss(const struct lrp_run *run, struct lrp_drawing *drawing);
#endif
