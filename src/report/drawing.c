/* SPDX-License-Identifier: MIT */
#include "drawing.h"

#include "alloc.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { CURVES_MOST = 1 << 20 };

struct lrp_drawing *lrp_drawing_new(const char *name, const char *title, const char *x_label)
{
    struct lrp_drawing *drawing = lrp_calloc_array(1, sizeof *drawing);
    if (drawing != NULL) {
        drawing->figure = (struct lrp_figure){
            .name = name,
            .title = title,
            .x_label = x_label,
            .y_low = (double)NAN,
            .y_high = (double)NAN,
            .bands = drawing->bands,
            .marks = drawing->marks,
        };
    }
    return drawing;
}

void lrp_drawing_free(struct lrp_drawing *drawing)
{
    if (drawing == NULL) {
        return;
    }
    for (size_t i = 0; i < drawing->n_arrays; i++) {
        free(drawing->arrays[i]);
    }
    free(drawing->curves);
    free(drawing->wide);
    free(drawing->narrow);
    free(drawing);
}

enum lrp_status lrp_drawing_picture(struct lrp_drawing *drawing, enum lrp_plot_format format,
                                    char **bytes, size_t *length, struct lrp_error *err)
{
    enum lrp_status status = LRP_OK;
    if (drawing == NULL || drawing->status != LRP_OK) {
        status = lrp_fail_memory(err, 0);
    } else if (drawing->figure.n_curves == 0) {
        status = lrp_fail(err, LRP_E_NODATA, 0, "there is nothing to draw for the figure %s",
                          drawing->figure.name);
    } else {
        status = lrp_plot_draw(&drawing->figure, format, 0, 0, bytes, length, err);
    }
    lrp_drawing_free(drawing);
    return status;
}

void lrp_drawing_y(struct lrp_drawing *drawing, const char *label, bool log_scale)
{
    (void)snprintf(drawing->y_label, sizeof drawing->y_label, "%s", label);
    drawing->figure.y_label = drawing->y_label;
    drawing->figure.log_y = log_scale;
}

double *lrp_drawing_array(struct lrp_drawing *drawing, size_t n)
{
    double *array =
        drawing->n_arrays < LRP_DRAWING_ARRAYS ? lrp_calloc_array(n, sizeof *array) : NULL;
    if (array == NULL) {
        drawing->status = LRP_E_NOMEM;
        return NULL;
    }
    drawing->arrays[drawing->n_arrays] = array;
    drawing->n_arrays++;
    return array;
}

void lrp_drawing_curve(struct lrp_drawing *drawing, const char *title, const double *x,
                       const double *y, size_t n, enum lrp_curve_role role)
{
    struct lrp_figure *figure = &drawing->figure;
    if (n == 0) {
        return;
    }
    if (lrp_grow_array((void **)&drawing->curves, figure->n_curves, &drawing->curve_capacity,
                       sizeof *drawing->curves, CURVES_MOST, NULL) != LRP_OK) {
        drawing->status = LRP_E_NOMEM;
        return;
    }
    drawing->curves[figure->n_curves] = (struct lrp_plot_curve){title, x, y, n, role};
    figure->curves = drawing->curves;
    figure->n_curves++;
}

void lrp_drawing_level(struct lrp_drawing *drawing, const char *title, double from, double to,
                       double level)
{
    double *x = isfinite(level) ? lrp_drawing_array(drawing, 4) : NULL;
    if (x != NULL) {
        x[0] = from;
        x[1] = to;
        x[2] = x[3] = level;
        lrp_drawing_curve(drawing, title, x, x + 2, 2, LRP_CURVE_FIT);
    }
}

void lrp_drawing_band(struct lrp_drawing *drawing, const char *title, const double *x,
                      const double *low, const double *high, size_t n, enum lrp_curve_role role)
{
    struct lrp_figure *figure = &drawing->figure;
    if (figure->n_bands < LRP_DRAWING_BANDS && n > 0) {
        drawing->bands[figure->n_bands] = (struct lrp_plot_band){title, x, low, high, n, role};
        figure->n_bands++;
    }
}

void lrp_drawing_interval(struct lrp_drawing *drawing, const char *label, double x, double low,
                          double high, enum lrp_mark_role role)
{
    struct lrp_figure *figure = &drawing->figure;
    if (figure->n_marks < LRP_DRAWING_MARKS && isfinite(x)) {
        drawing->marks[figure->n_marks] = (struct lrp_plot_mark){label, x, low, high, role};
        figure->n_marks++;
    }
}

void lrp_drawing_mark(struct lrp_drawing *drawing, const char *label, double x,
                      enum lrp_mark_role role)
{
    lrp_drawing_interval(drawing, label, x, (double)NAN, (double)NAN, role);
}
