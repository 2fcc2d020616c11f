/* SPDX-License-Identifier: MIT */
/* A figure as data, drawn by gnuplot. All text may come from users: plot.c makes it safe. */
#ifndef LRP_PLOT_PLOT_H
#define LRP_PLOT_PLOT_H

#include "status.h"

#include <stdbool.h>
#include <stdint.h>

/* Decides colour, width and dashes, the same in every figure. */
enum lrp_curve_role {
    LRP_CURVE_MAIN,  /* the result */
    LRP_CURVE_FAINT, /* one of many; may leave the view */
    LRP_CURVE_SECOND,
    LRP_CURVE_VALIDATION,
    LRP_CURVE_FIT,   /* dashed: what was fitted, or a level to compare with */
    LRP_CURVE_POINTS /* single points that matter, without a line */
};
struct lrp_plot_curve {
    const char *title; /* NULL = not in the key */
    const double *x;
    const double *y; /* NaN breaks the line */
    size_t n;
    enum lrp_curve_role role;
};
struct lrp_plot_band {
    const char *title;
    const double *x;
    const double *low;
    const double *high;
    size_t n;
    enum lrp_curve_role role; /* the colour of that curve */
};
enum lrp_mark_role {
    LRP_MARK_BASE, /* green: good from here on */
    LRP_MARK_MAX,  /* red: bad from here on */
    LRP_MARK_SUGGESTED,
    LRP_MARK_PEER,
    LRP_MARK_NOTE
};
struct lrp_plot_mark { /* a vertical line at x, with an interval shaded where low and high are
                          finite */
    const char *label;
    double x;
    double low;
    double high;
    enum lrp_mark_role role;
};
struct lrp_figure {
    const char *name; /* [a-z0-9-]+, file name without extension */
    const char *title;
    const char *x_label;
    const char *y_label;
    bool log_x;
    bool log_y;
    double y_low, y_high; /* what the view must include; NaN = all curves but the faint ones */
    const struct lrp_plot_curve *curves;
    size_t n_curves;
    const struct lrp_plot_band *bands;
    size_t n_bands;
    const struct lrp_plot_mark *marks;
    size_t n_marks;
    /* A second panel in the lower third of a picture, over the same x; its name, title, x_label and
     * below are ignored. Not drawn in characters. NULL = none. */
    const struct lrp_figure *below;
};
enum lrp_plot_format {
    LRP_PLOT_NONE,
    LRP_PLOT_DUMB,
    LRP_PLOT_SVG,
    LRP_PLOT_PNG,
    LRP_PLOT_PDF,
    LRP_PLOT_SIXEL
};
/* "dumb", "svg", ...; false if unknown. */
bool lrp_plot_format_parse(const char *name, enum lrp_plot_format *out);

/* The picture's bytes in heap memory that the caller frees. width and height: characters for dumb,
 * pixels otherwise, 0 = default. LRP_E_TOOL: gnuplot is missing or failed. LRP_E_NODATA: nothing to
 * draw. */
enum lrp_status lrp_plot_draw(const struct lrp_figure *figure, enum lrp_plot_format format,
                              unsigned width, unsigned height, char **bytes, size_t *length,
                              struct lrp_error *err);
/* NAME.dat and NAME.gp (which anyone can run again with gnuplot to get NAME.svg) and NAME.svg in
 * folder, each under its name only when complete. dat and gp are written even when gnuplot is
 * missing (LRP_E_TOOL then). */
enum lrp_status lrp_plot_save(const struct lrp_figure *figure, const char *folder,
                              struct lrp_error *err);
#endif
