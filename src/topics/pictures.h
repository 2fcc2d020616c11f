/* SPDX-License-Identifier: MIT */
/* The pictures of `lrprobe explain`: computed when they are asked for, from simulations that are
 * simple enough to follow by reading, with fixed seeds. */
#ifndef LRP_TOPICS_PICTURES_H
#define LRP_TOPICS_PICTURES_H

#include "plot.h"

enum { LRP_PICTURE_POINTS = 400, LRP_PICTURE_CURVES = 3, LRP_PICTURE_MARKS = 2 };

struct lrp_picture {
    struct lrp_figure figure; /* points into this picture, which must not be moved */
    struct lrp_plot_curve curves[LRP_PICTURE_CURVES];
    struct lrp_plot_mark marks[LRP_PICTURE_MARKS];
    double x[LRP_PICTURE_CURVES][LRP_PICTURE_POINTS];
    double y[LRP_PICTURE_CURVES][LRP_PICTURE_POINTS];
};

/* Fills in a zeroed picture. name: of a simulation, or the spec of a schedule, whose rate is shown
 * over 400 steps (of one that goes by losses, on a made-up loss); it lives as long as the picture.
 * LRP_E_ARG: there is no such picture. */
enum lrp_status lrp_picture_make(const char *name, struct lrp_picture *picture,
                                 struct lrp_error *err);
#endif
