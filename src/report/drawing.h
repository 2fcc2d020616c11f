/* SPDX-License-Identifier: MIT */
/* A figure that is put together from parts and owns what it draws. */
#ifndef LRP_REPORT_DRAWING_H
#define LRP_REPORT_DRAWING_H

#include "plot.h"

enum { LRP_DRAWING_MARKS = 12, LRP_DRAWING_ARRAYS = 12, LRP_DRAWING_BANDS = 2 };

struct lrp_drawing {
    struct lrp_figure figure; /* points into the rest */
    struct lrp_plot_curve *curves;
    size_t curve_capacity;
    struct lrp_plot_band bands[LRP_DRAWING_BANDS];
    struct lrp_plot_mark marks[LRP_DRAWING_MARKS];
    double *arrays[LRP_DRAWING_ARRAYS]; /* owned */
    size_t n_arrays;
    char y_label[80];
    enum lrp_status status; /* LRP_E_NOMEM: what is drawn is incomplete */
    /* as SVG for a page and for a phone, once drawn; owned, NULL = not drawn */
    char *wide, *narrow;
};

/* name: of the file, see struct lrp_figure; the strings are borrowed. NULL when memory is short. */
struct lrp_drawing *lrp_drawing_new(const char *name, const char *title, const char *x_label);
void lrp_drawing_free(struct lrp_drawing *drawing);
/* The picture alone, in heap memory that the caller frees; the drawing (NULL: memory was short) is
 * freed here. Width and height: see lrp_plot_draw. LRP_E_NODATA, LRP_E_TOOL. */
enum lrp_status lrp_drawing_picture(struct lrp_drawing *drawing, enum lrp_plot_format format,
                                    char **bytes, size_t *length, struct lrp_error *err);

/* The vertical axis. */
void lrp_drawing_y(struct lrp_drawing *drawing, const char *label, bool log_scale);
/* n doubles that live as long as the drawing, NULL when memory is short. */
double *lrp_drawing_array(struct lrp_drawing *drawing, size_t n);
/* x, y and titles are borrowed. Left out where there is no point. */
void lrp_drawing_curve(struct lrp_drawing *drawing, const char *title, const double *x,
                       const double *y, size_t n, enum lrp_curve_role role);
/* Level from x = from to x = to, dashed. */
void lrp_drawing_level(struct lrp_drawing *drawing, const char *title, double from, double to,
                       double level);
void lrp_drawing_band(struct lrp_drawing *drawing, const char *title, const double *x,
                      const double *low, const double *high, size_t n, enum lrp_curve_role role);
/* A line at x; left out where x is not finite. */
void lrp_drawing_mark(struct lrp_drawing *drawing, const char *label, double x,
                      enum lrp_mark_role role);
/* The same, shaded from low to high where these are finite. */
void lrp_drawing_interval(struct lrp_drawing *drawing, const char *label, double x, double low,
                          double high, enum lrp_mark_role role);
#endif
