/* SPDX-License-Identifier: MIT */
#include "gnuplot_text.h"

#include "number.h"

#include <math.h>
#include <string.h>

enum { POINTS_MOST = 4000, TITLE_MOST = 120 };

static const double plain_numbers_to = 1e3;

void lrp_gnuplot_string(const char *text, bool ascii, struct lrp_text *out)
{
    struct lrp_text clean;
    lrp_text_init(&clean, 1 << 16);
    lrp_text_append_clean(&clean, text, strlen(text));
    lrp_text_append(out, "'");
    size_t shown = 0;
    for (const char *at = lrp_text_string(&clean); *at != '\0' && shown < TITLE_MOST; shown++) {
        size_t length = lrp_utf8_length((const unsigned char *)at, strlen(at));
        length = length == 0 ? 1 : length;
        if (*at == '\'') {
            lrp_text_append(out, ascii ? "`" : "\xE2\x80\x99");
        } else if (length > 1 && ascii) {
            lrp_text_append(out, "?");
        } else {
            lrp_text_append_bytes(out, at, length);
        }
        at += length;
    }
    lrp_text_append(out, "'");
    lrp_text_fini(&clean);
}

static bool drawable(const struct lrp_figure *figure, double x, double y)
{
    return isfinite(x) && isfinite(y) && (!figure->log_x || x > 0) && (!figure->log_y || y > 0);
}

static void append_point(struct lrp_text *out, const struct lrp_plot_curve *curve, size_t i)
{
    char number[2][LRP_NUMBER_SIZE];
    lrp_text_printf(out, "%s %s\n", lrp_format_double(curve->x[i], number[0]),
                    lrp_format_double(curve->y[i], number[1]));
}

/* Of each run of neighbours the lowest and the highest, so that no spike is lost. */
static void append_curve(const struct lrp_figure *figure, const struct lrp_plot_curve *curve,
                         struct lrp_text *out)
{
    enum { RUNS_MOST = POINTS_MOST / 2 };
    size_t stride = curve->n <= POINTS_MOST ? 1 : (curve->n + RUNS_MOST - 1) / RUNS_MOST;
    bool gap = true; /* none at the beginning */
    for (size_t begin = 0; begin < curve->n; begin += stride) {
        size_t end = begin + stride < curve->n ? begin + stride : curve->n;
        size_t low = end;
        size_t high = end;
        for (size_t i = begin; i < end; i++) {
            if (drawable(figure, curve->x[i], curve->y[i])) {
                low = low == end || curve->y[i] < curve->y[low] ? i : low;
                high = high == end || curve->y[i] > curve->y[high] ? i : high;
            }
        }
        if (low < end) {
            append_point(out, curve, low < high ? low : high);
        } else if (!gap) {
            lrp_text_append(out, "\n"); /* a gap; two blank lines would end the block */
        }
        if (low != high) {
            append_point(out, curve, low < high ? high : low);
        }
        gap = low == end;
    }
}

static void append_band(const struct lrp_figure *figure, const struct lrp_plot_band *band,
                        struct lrp_text *out)
{
    for (size_t i = 0; i < band->n; i++) {
        char number[3][LRP_NUMBER_SIZE];
        if (drawable(figure, band->x[i], band->low[i]) &&
            drawable(figure, band->x[i], band->high[i])) {
            lrp_text_printf(out, "%s %s %s\n", lrp_format_double(band->x[i], number[0]),
                            lrp_format_double(band->low[i], number[1]),
                            lrp_format_double(band->high[i], number[2]));
        }
    }
}

void lrp_gnuplot_data(const struct lrp_figure *figure, struct lrp_text *out)
{
    const struct lrp_figure *const panels[] = {figure, figure->below};
    for (size_t p = 0; p < 2 && panels[p] != NULL; p++) {
        for (size_t b = 0; b < panels[p]->n_bands; b++) {
            append_band(panels[p], &panels[p]->bands[b], out);
            lrp_text_append(out, "nan nan nan\n\n\n"); /* a block is never empty */
        }
        for (size_t c = 0; c < panels[p]->n_curves; c++) {
            append_curve(panels[p], &panels[p]->curves[c], out);
            lrp_text_append(out, "nan nan\n\n\n");
        }
    }
}

struct view {
    double x_low, x_high, y_low, y_high;
};

/* Room above and below the curves, in the scale of the axis. The peers' labels stand at the foot:
 * the curve keeps clear of them. */
static void make_room(const struct lrp_figure *figure, struct view *view)
{
    double low = figure->log_y ? log10(view->y_low) : view->y_low;
    double high = figure->log_y ? log10(view->y_high) : view->y_high;
    double room = high > low ? 0.08 * (high - low) : fmax(fabs(high), 1) * 0.1;
    bool peers = false;
    for (size_t i = 0; i < figure->n_marks; i++) {
        peers = peers || figure->marks[i].role == LRP_MARK_PEER;
    }
    low -= (peers ? 4 : 1) * room;
    high += 1.5 * room;
    view->y_low = figure->log_y ? pow(10, low) : low;
    view->y_high = figure->log_y ? pow(10, high) : high;
    if (!(view->x_high > view->x_low)) {
        view->x_high = figure->log_x ? view->x_high * 2 : view->x_high + 1;
        view->x_low = figure->log_x ? view->x_low / 2 : view->x_low - 1;
    }
}

static void widen(const struct lrp_figure *figure, bool faint, struct view *view)
{
    for (size_t c = 0; c < figure->n_curves; c++) {
        const struct lrp_plot_curve *curve = &figure->curves[c];
        for (size_t i = 0; i < curve->n; i++) {
            if (!drawable(figure, curve->x[i], curve->y[i])) {
                continue;
            }
            view->x_low = fmin(view->x_low, curve->x[i]);
            view->x_high = fmax(view->x_high, curve->x[i]);
            if (curve->role != LRP_CURVE_FAINT || faint) {
                view->y_low = fmin(view->y_low, curve->y[i]);
                view->y_high = fmax(view->y_high, curve->y[i]);
            }
        }
    }
}

/* What the view must include: all curves but the faint ones; a diverged tail may leave it. False if
 * there is nothing to draw. */
static bool view_of(const struct lrp_figure *figure, struct view *view)
{
    *view = (struct view){HUGE_VAL, -HUGE_VAL, HUGE_VAL, -HUGE_VAL};
    widen(figure, figure->n_curves == 1, view);
    if (!(view->y_low <= view->y_high)) { /* only faint ones */
        widen(figure, true, view);
    }
    if (!(view->y_low <= view->y_high)) {
        return false;
    }
    for (size_t i = 0; i < figure->n_marks; i++) {
        double x = figure->marks[i].x;
        if (figure->marks[i].role != LRP_MARK_PEER && isfinite(x) && (!figure->log_x || x > 0)) {
            view->x_low = fmin(view->x_low, x);
            view->x_high = fmax(view->x_high, x);
        }
    }
    view->y_low = isfinite(figure->y_low) ? figure->y_low : view->y_low;
    view->y_high = isfinite(figure->y_high) ? figure->y_high : view->y_high;
    make_room(figure, view);
    return true;
}

/* In the order of enum lrp_plot_format. */
static const struct {
    const char *name;
    const char *terminal;
    unsigned width, height; /* unless others are asked for */
    const char *unit;       /* of a size that is always the same */
    const char *more;
} formats[] = {
    {"none", "unknown", 0, 0, "", ""},
    {"dumb", "dumb noenhanced", 79, 20, "", " aspect 1"},
    {"svg", "svg noenhanced dynamic", 760, 460, "", " font 'sans-serif,13'"},
    {"png", "pngcairo noenhanced", 760, 460, "", " font 'sans,11'"},
    {"pdf", "pdfcairo noenhanced", 18, 11, "cm", " font 'sans,10'"},
    {"sixel", "sixelgd noenhanced @scroll", 800, 450, "", ""},
};

bool lrp_plot_format_parse(const char *name, enum lrp_plot_format *out)
{
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        if (strcmp(name, formats[i].name) == 0) {
            *out = (enum lrp_plot_format)i;
            return true;
        }
    }
    return false;
}

static void append_terminal(enum lrp_plot_format format, unsigned width, unsigned height,
                            struct lrp_text *out)
{
    bool fixed = formats[format].unit[0] != '\0';
    width = width == 0 || fixed ? formats[format].width : width;
    height = height == 0 || fixed ? formats[format].height : height;
    if (format == LRP_PLOT_SIXEL) {
        /* From 6 on gnuplot draws over the top of the screen unless it is told to scroll, a word
         * that 5.4 does not know. */
        lrp_text_append(out, "scroll = GPVAL_VERSION < 6 ? '' : 'scroll'\n");
    }
    lrp_text_printf(out, "set terminal %s size %u%s,%u%s%s\n", formats[format].terminal, width,
                    formats[format].unit, height, formats[format].unit, formats[format].more);
}

static const char *const mark_colours[] = {
    [LRP_MARK_BASE] = "#2a9d58", [LRP_MARK_MAX] = "#d1495b",  [LRP_MARK_SUGGESTED] = "#e08e1b",
    [LRP_MARK_PEER] = "#8a8f98", [LRP_MARK_NOTE] = "#8a8f98",
};

/* Where a label on the right of its line would leave the picture. */
static bool near_right_end(const struct lrp_figure *figure, const struct view *view,
                           const struct lrp_plot_mark *mark)
{
    double share = figure->log_x ? log(mark->x / view->x_low) / log(view->x_high / view->x_low)
                                 : (mark->x - view->x_low) / (view->x_high - view->x_low);
    return share > (mark->role == LRP_MARK_PEER ? 0.86 : 0.78); /* theirs is in small print */
}

/* Number of peers' marks further right than mark i. A label stands on the right of its tick: with
 * the lower ticks on the right, none crosses a label. */
static size_t peers_right_of(const struct lrp_figure *figure, size_t i)
{
    size_t count = 0;
    for (size_t k = 0; k < figure->n_marks; k++) {
        const struct lrp_plot_mark *other = &figure->marks[k];
        bool right = other->x > figure->marks[i].x || (other->x == figure->marks[i].x && k > i);
        count += other->role == LRP_MARK_PEER && right ? 1 : 0;
    }
    return count;
}

/* Vertical lines with their intervals shaded. Peers are short ticks at the foot: six long lines
 * would hide the curve. Labels go in tiers, so that near ones do not overlap. */
static void append_marks(const struct lrp_figure *figure, const struct view *view, bool dumb,
                         struct lrp_text *out)
{
    size_t tier = 0;
    for (size_t i = 0; i < figure->n_marks; i++) {
        const struct lrp_plot_mark *mark = &figure->marks[i];
        char x[3][LRP_NUMBER_SIZE];
        bool peer = mark->role == LRP_MARK_PEER;
        if (!isfinite(mark->x) || (figure->log_x && !(mark->x > 0)) || (dumb && peer)) {
            continue;
        }
        (void)lrp_format_double(mark->x, x[0]);
        if (!dumb && !peer && isfinite(mark->low) && isfinite(mark->high) &&
            (!figure->log_x || mark->low > 0)) {
            lrp_text_printf(out,
                            "set object rectangle from %s, graph 0 to %s, graph 1 behind "
                            "fillstyle solid 0.14 noborder fillcolor rgb '%s'\n",
                            lrp_format_double(mark->low, x[1]), lrp_format_double(mark->high, x[2]),
                            mark_colours[mark->role]);
        }
        double top = peer ? 0.025 + 0.037 * (double)peers_right_of(figure, i) : dumb ? 0.95 : 1;
        lrp_text_printf(out,
                        "set arrow from %s, graph 0 to %s, graph %.3f nohead front lt 1 lw %s "
                        "dashtype %d lc rgb '%s'\n",
                        x[0], x[0], top, peer ? "1" : "1.6",
                        mark->role == LRP_MARK_SUGGESTED ? 2 : 1, mark_colours[mark->role]);
        lrp_text_append(out, "set label ");
        if (dumb && mark->role != LRP_MARK_SUGGESTED) { /* the line would cover the first letter */
            lrp_text_append(out, "' '.");
        }
        lrp_gnuplot_string(mark->label, dumb, out);
        double height =
            peer ? top + 0.008 : (dumb ? 0.93 : 0.965) - (dumb ? 0.09 : 0.05) * (double)tier;
        /* max_lr is near on the right of the suggested rate */
        bool left = mark->role == LRP_MARK_SUGGESTED || near_right_end(figure, view, mark);
        lrp_text_printf(out, " at %s, graph %.3f %s offset character %s%s,0 noenhanced front", x[0],
                        height, left ? "right" : "left", left ? "-" : "", dumb ? "1" : "0.4");
        if (!dumb) {
            lrp_text_printf(out, " textcolor rgb '%s' font ',%d'", mark_colours[mark->role],
                            peer ? 9 : 12);
        }
        lrp_text_append(out, "\n");
        tier += peer ? 0 : 1;
    }
}

static bool left_out(const struct lrp_figure *figure, const struct lrp_plot_curve *curve, bool dumb)
{
    return dumb && curve->role == LRP_CURVE_FAINT && figure->n_curves > 1;
}

static size_t shown_in_characters(const struct lrp_figure *figure)
{
    size_t count = 0;
    for (size_t c = 0; c < figure->n_curves; c++) {
        count += left_out(figure, &figure->curves[c], true) ? 0 : 1;
    }
    return count;
}

/* Tick marks of a logarithmic axis. Over many decades gnuplot's own will do, one a decade; over few
 * they would leave the axis nearly bare, so there are 1, 2 and 5 of each, written as numbers. */
static void append_log_y(const struct view *view, struct lrp_text *out)
{
    static const double steps[] = {1, 2, 5};
    const char *separator = "";
    lrp_text_append(out, "set logscale y\n");
    if (!(view->y_high / view->y_low < plain_numbers_to)) {
        lrp_text_append(out, "set format y '1e%T'\n");
        return;
    }
    lrp_text_append(out, "set ytics (");
    for (double decade = pow(10, floor(log10(view->y_low))); decade <= view->y_high; decade *= 10) {
        for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
            char number[LRP_NUMBER_SIZE];
            double tick = decade * steps[i];
            if (tick >= view->y_low && tick <= view->y_high) {
                (void)lrp_format_short(tick, 6, number);
                lrp_text_printf(out, "%s'%s' %s", separator, number, number);
                separator = ", ";
            }
        }
    }
    lrp_text_append(out, ")\n");
}

/* Labels only some decades where the labels of all would overlap. */
static void append_sparse_decades(const struct view *view, bool dumb, unsigned width,
                                  struct lrp_text *out)
{
    double decades = log10(view->x_high) - log10(view->x_low);
    double room = width - (dumb ? 12.0 : 80.0);
    double apart = ceil(decades * (dumb ? 6 : 42) / fmax(room, 1));
    if (apart >= 2 && apart < 100) {
        lrp_text_printf(out, "set xtics 1e%.0f\n", apart);
    }
}

/* The least of 1, 2 and 5 times a power of ten that is not below it. */
static double step_from(double least)
{
    double decade = pow(10, floor(log10(least)));
    double part = least / decade;
    return decade * (part <= 1 ? 1 : part <= 2 ? 2 : part <= 5 ? 5 : 10);
}

/* The same for a linear axis: gnuplot makes up to ten tick marks, however narrow the picture. */
static void append_sparse_positions(const struct view *view, unsigned width, struct lrp_text *out)
{
    enum { MARKS_OF_GNUPLOT = 10, DIGIT = 8, GAP = 14 }; /* pixels */
    char number[LRP_NUMBER_SIZE];
    double room = width - 80.0;
    double label = (double)strlen(lrp_format_short(view->x_high, 9, number)) * DIGIT + GAP;
    double range = view->x_high - view->x_low;
    if (!(range > 0) || MARKS_OF_GNUPLOT * label <= room || view->x_high < 100) {
        return;
    }
    lrp_text_printf(out, "set xtics %s\n",
                    lrp_format_short(step_from(range * label / fmax(room, label)), 6, number));
}

/* The lower panel has no room for as many tick marks as gnuplot makes. */
static void append_sparse_levels(const struct view *view, struct lrp_text *out)
{
    char number[LRP_NUMBER_SIZE];
    double range = view->y_high - view->y_low;
    if (range > 0) {
        lrp_text_printf(out, "set ytics %s\n", lrp_format_short(step_from(range / 5), 6, number));
    }
}

#define INK "'#7d838d'" /* reads on white and on black */

static void append_axes(const struct lrp_figure *figure, const struct view *view, bool dumb,
                        unsigned width, struct lrp_text *out)
{
    if (figure->log_x) {
        /* %T is the power alone; the axis label says that it is one */
        lrp_text_append(out, "set logscale x\nset format x '1e%T'\n");
        append_sparse_decades(view, dumb, width, out);
    } else if (!dumb) {
        append_sparse_positions(view, width, out);
    }
    if (figure->log_y) {
        append_log_y(view, out);
    }
    if (dumb) {
        lrp_text_printf(out, "%sset tics nomirror\n",
                        shown_in_characters(figure) > 1
                            ? "set key outside top center horizontal samplen 2 width 2 noenhanced\n"
                            : "unset key\n");
    } else {
        lrp_text_append(out, "set border 3 lc rgb " INK "\nset tics nomirror textcolor rgb " INK
                             "\nset grid lc rgb " INK " lw 0.4 dashtype 3\n"
                             "set key outside top center horizontal maxrows 1 samplen 2 width 2 "
                             "textcolor rgb " INK " noenhanced\n");
        if (figure->n_curves + figure->n_bands == 1) {
            lrp_text_append(out, "unset key\n"); /* the axis already says what it is */
        }
    }
    static const char *const names[] = {"title", "xlabel", "ylabel"};
    const char *const texts[] = {figure->title, figure->x_label, figure->y_label};
    for (size_t i = 0; i < 3; i++) {
        if (texts[i] == NULL || (dumb && i == 0)) {
            continue;
        }
        lrp_text_printf(out, "set %s ", names[i]);
        lrp_gnuplot_string(texts[i], dumb, out);
        lrp_text_append(out, dumb ? " noenhanced\n" : " noenhanced textcolor rgb " INK "\n");
    }
}

static const struct {
    const char *colour;
    const char *line; /* gnuplot's style of the curve */
} curve_looks[] = {
    [LRP_CURVE_MAIN] = {"#3d7edb", "lines lw 2.4"},
    [LRP_CURVE_FAINT] = {"#9aa7b8", "lines lw 0.7"},
    [LRP_CURVE_SECOND] = {"#8e5bd0", "lines lw 1.6"},
    [LRP_CURVE_VALIDATION] = {"#8e5bd0", "lines lw 2"},
    [LRP_CURVE_FIT] = {"#e08e1b", "lines lw 1.8 dashtype (8,5)"},
    [LRP_CURVE_POINTS] = {"#d1495b", "points pt 7 ps 0.55"},
};

/* index: of the figure's first block in the data. */
static void append_plots(const struct lrp_figure *figure, bool dumb, const char *data, size_t index,
                         struct lrp_text *out)
{
    const char *separator = "plot ";
    for (size_t b = 0; b < figure->n_bands && !dumb; b++) {
        lrp_text_printf(out,
                        "%s%s index %zu using 1:2:3 with filledcurves fillstyle solid 0.22 "
                        "noborder lc rgb '%s' title ",
                        separator, data, index + b, curve_looks[figure->bands[b].role].colour);
        lrp_gnuplot_string(figure->bands[b].title != NULL ? figure->bands[b].title : "", dumb, out);
        separator = ", \\\n     ";
    }
    for (size_t c = 0; c < figure->n_curves; c++) {
        const struct lrp_plot_curve *curve = &figure->curves[c];
        if (left_out(figure, curve, dumb)) {
            continue;
        }
        lrp_text_printf(out, "%s%s index %zu using 1:2 with ", separator, data,
                        index + figure->n_bands + c);
        if (dumb) {
            lrp_text_append(out, curve->role == LRP_CURVE_POINTS ? "points" : "lines");
        } else {
            lrp_text_printf(out, "%s lc rgb '%s'", curve_looks[curve->role].line,
                            curve_looks[curve->role].colour);
        }
        lrp_text_append(out, curve->title != NULL ? " title " : " notitle");
        if (curve->title != NULL) {
            lrp_gnuplot_string(curve->title, dumb, out);
        }
        separator = ", \\\n     ";
    }
    lrp_text_append(out, "\n");
}

/* One panel: axes, marks, curves. index: of its first block in the data, 0 = of the upper one. */
static enum lrp_status append_panel(const struct lrp_figure *figure, bool dumb, unsigned width,
                                    const char *data, size_t index, struct lrp_text *out,
                                    struct lrp_error *err)
{
    struct view view;
    char number[4][LRP_NUMBER_SIZE];
    if (!view_of(figure, &view)) {
        return lrp_fail(err, LRP_E_NODATA, 0, "the figure %s has no point that can be drawn",
                        figure->name);
    }
    lrp_text_append(out, "set encoding utf8\nset samples 2\nset clip two\n");
    append_axes(figure, &view, dumb, width, out);
    if (index > 0 && !figure->log_y) {
        append_sparse_levels(&view, out);
    }
    append_marks(figure, &view, dumb, out);
    lrp_text_printf(
        out, "set xrange [%s:%s]\nset yrange [%s:%s]\n", lrp_format_double(view.x_low, number[0]),
        lrp_format_double(view.x_high, number[1]), lrp_format_double(view.y_low, number[2]),
        lrp_format_double(view.y_high, number[3]));
    append_plots(figure, dumb, data, index, out);
    return LRP_OK;
}

/* The two panels of a picture, their left edges in one line. */
static enum lrp_status append_two(const struct lrp_figure *figure, unsigned width, const char *data,
                                  struct lrp_text *out, struct lrp_error *err)
{
    struct lrp_figure above = *figure;
    struct lrp_figure below = *figure->below;
    above.x_label = NULL;
    below.title = NULL;
    below.x_label = figure->x_label;
    lrp_text_append(out, "set multiplot\nset origin 0,0.38\nset size 1,0.62\n"
                         "set lmargin 12\nset rmargin 3\nset bmargin 1.5\n");
    LRP_TRY(append_panel(&above, false, width, data, 0, out, err));
    lrp_text_append(out, "reset\nset origin 0,0\nset size 1,0.38\nset lmargin 12\n"
                         "set rmargin 3\nset tmargin 0.8\n");
    size_t index = figure->n_bands + figure->n_curves;
    LRP_TRY(append_panel(&below, false, width, data, index, out, err));
    lrp_text_append(out, "unset multiplot\n");
    return LRP_OK;
}

enum lrp_status lrp_gnuplot_script(const struct lrp_figure *figure, enum lrp_plot_format format,
                                   unsigned width, unsigned height, const char *data,
                                   const char *output, struct lrp_text *out, struct lrp_error *err)
{
    bool dumb = format == LRP_PLOT_DUMB;
    append_terminal(format, width, height, out);
    if (output != NULL) {
        lrp_text_append(out, "set output ");
        lrp_gnuplot_string(output, false, out);
        lrp_text_append(out, "\n");
    }
    width = width > 0 ? width : formats[dumb ? LRP_PLOT_DUMB : LRP_PLOT_SVG].width;
    LRP_TRY(figure->below != NULL && !dumb ? append_two(figure, width, data, out, err)
                                           : append_panel(figure, dumb, width, data, 0, out, err));
    return lrp_text_check(out, err);
}
