/* SPDX-License-Identifier: MIT */
#include "show_schedule.h"

#include "alloc.h"
#include "files.h"
#include "json.h"
#include "number.h"
#include "plot.h"
#include "terminal.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_MOST = 1 << 22, JSON_STEPS_MOST = 1000000, INDENT = 10, FALLS_SHOWN = 8 };
static const unsigned dumb_rows = 18;
static const unsigned dumb_rows_second = 12;

/* ---- CSV ------------------------------------------------------------------------------------ */

static enum lrp_status put_row(void *context, const struct lrp_course_step *step,
                               struct lrp_error *err)
{
    char number[3][LRP_NUMBER_SIZE];
    double momentum = step->point.momentum;
    if (fprintf(context, "%s,%s,%s\n", lrp_format_double(step->position, number[0]),
                lrp_format_double(step->point.lr, number[1]),
                isnan(momentum) ? "" : lrp_format_double(momentum, number[2])) < 0) {
        return lrp_fail_errno(err, errno, "write", "the steps");
    }
    return LRP_OK;
}

static enum lrp_status put_csv(const struct lrp_schedule_course *course, FILE *file,
                               struct lrp_error *err)
{
    (void)fputs("step,lr,momentum\n", file);
    return lrp_course_walk(course, put_row, file, err);
}

/* ---- JSON ----------------------------------------------------------------------------------- */

struct json_columns {
    struct lrp_json *step, *lr, *momentum;
};

static enum lrp_status add_step(void *context, const struct lrp_course_step *step,
                                struct lrp_error *err)
{
    struct json_columns *columns = context;
    (void)err;
    lrp_json_add_number(columns->step, step->position);
    lrp_json_add_number(columns->lr, step->point.lr);
    lrp_json_add_number(columns->momentum, step->point.momentum);
    return LRP_OK;
}

static void set_range(struct lrp_json *root, const char *name,
                      const struct lrp_course_series *series)
{
    if (series->n == 0) {
        lrp_json_set_null(root, name);
        return;
    }
    struct lrp_json *object = lrp_json_object();
    lrp_json_set_number(object, "first", series->first.value);
    lrp_json_set_number(object, "last", series->last.value);
    lrp_json_set_number(object, "lowest", series->lowest.value);
    lrp_json_set_number(object, "lowest_step", series->lowest.position);
    lrp_json_set_number(object, "highest", series->highest.value);
    lrp_json_set_number(object, "highest_step", series->highest.position);
    lrp_json_set(root, name, object);
}

static enum lrp_status print_json(const struct lrp_schedule_course *course,
                                  const struct lrp_course_summary *summary, struct lrp_error *err)
{
    const struct lrp_schedule *schedule = course->schedule;
    struct lrp_text spec;
    char *text = NULL;
    if (course->n_steps > JSON_STEPS_MOST) {
        return lrp_fail(err, LRP_E_ARG, 0, "--json holds at most %d steps; --csv holds any number",
                        (int)JSON_STEPS_MOST);
    }
    struct json_columns columns = {lrp_json_array(), lrp_json_array(), lrp_json_array()};
    struct lrp_json *root = lrp_json_object();
    struct lrp_json *falls = lrp_json_array();
    lrp_text_init(&spec, TEXT_MOST);
    lrp_schedule_spec(schedule, &spec);
    lrp_json_set_string(root, "schema", "lrprobe.schedule/1");
    lrp_json_set_string(root, "schedule", schedule->row->name);
    lrp_json_set_string(root, "spec", lrp_text_string(&spec));
    lrp_json_set_string(root, "metric", lrp_schedule_metric_name(lrp_schedule_metric(schedule)));
    lrp_json_set_integer(root, "steps", (long long)course->n_steps);
    lrp_json_set_integer(root, "warmup", (long long)lrp_schedule_warmup(schedule, course->n_steps));
    set_range(root, "lr_range", &summary->rate);
    set_range(root, "momentum_range", &summary->momentum);
    for (size_t i = 0; i < summary->n_falls && i < LRP_COURSE_FALLS; i++) {
        lrp_json_add_number(falls, summary->falls[i].position);
    }
    lrp_json_set(root, "falls", falls);
    enum lrp_status status = lrp_course_walk(course, add_step, &columns, err);
    lrp_json_set(root, "step", columns.step);
    lrp_json_set(root, "lr", columns.lr);
    lrp_json_set(root, "momentum", columns.momentum);
    status = status == LRP_OK ? lrp_json_text(root, &text, err) : status;
    if (status == LRP_OK) {
        (void)fputs(text, stdout);
    }
    free(text);
    lrp_text_fini(&spec);
    lrp_json_free(root);
    return status;
}

/* ---- pictures ------------------------------------------------------------------------------- */

struct schedule_pictures {
    struct lrp_figure figure[2]; /* the rate; below it the momentum, or what the rate goes by */
    struct lrp_plot_curve curves[2];
    size_t n;
    char title[80];
};

static bool wants_log(const struct lrp_show_schedule *show, const struct lrp_course_series *rate)
{
    bool factors = show->course->schedule->row->by_factors && rate->lowest.value > 0 &&
                   rate->highest.value > 20 * rate->lowest.value;
    return strcmp(show->axis, "log") == 0 || (strcmp(show->axis, "auto") == 0 && factors);
}

static struct lrp_figure *add_figure(struct schedule_pictures *pictures, const char *name,
                                     const char *y_label, const struct lrp_course_series *series,
                                     enum lrp_curve_role role)
{
    struct lrp_plot_curve *curve = &pictures->curves[pictures->n];
    struct lrp_figure *figure = &pictures->figure[pictures->n];
    pictures->n++;
    *curve = (struct lrp_plot_curve){.x = series->x, .y = series->y, .n = series->n, .role = role};
    *figure = (struct lrp_figure){.name = name,
                                  .title = pictures->title,
                                  .x_label = "step",
                                  .y_label = y_label,
                                  .y_low = (double)NAN,
                                  .y_high = (double)NAN,
                                  .curves = curve,
                                  .n_curves = 1};
    return figure;
}

static void make_pictures(const struct lrp_show_schedule *show,
                          const struct lrp_course_summary *summary,
                          struct schedule_pictures *pictures)
{
    static const char *const metrics[] = {"loss", "validation loss", "accuracy",
                                          "validation accuracy", ""};
    const struct lrp_schedule *schedule = show->course->schedule;
    pictures->n = 0;
    (void)snprintf(pictures->title, sizeof pictures->title, "%s, %zu steps", schedule->row->name,
                   show->course->n_steps);
    struct lrp_figure *rate =
        add_figure(pictures, "rate", "learning rate", &summary->rate, LRP_CURVE_MAIN);
    rate->log_y = wants_log(show, &summary->rate);
    if (summary->momentum.n > 0) {
        rate->below =
            add_figure(pictures, "momentum", "momentum", &summary->momentum, LRP_CURVE_SECOND);
    } else if (summary->metric.n > 0) {
        rate->below = add_figure(pictures, "metric", metrics[lrp_schedule_metric(schedule)],
                                 &summary->metric, LRP_CURVE_FAINT);
    }
}

static enum lrp_status draw_one(const struct lrp_figure *figure, enum lrp_plot_format format,
                                unsigned columns, unsigned rows, struct lrp_text *out,
                                struct lrp_error *err)
{
    char *bytes = NULL;
    size_t length = 0;
    enum lrp_status status = lrp_plot_draw(figure, format, columns, rows, &bytes, &length, err);
    if (status == LRP_OK) {
        lrp_text_append_bytes(out, bytes, length);
        status = lrp_text_check(out, err);
    }
    free(bytes);
    return status;
}

/* In characters, one below the other, each under its label: beside the axis it takes room. */
static enum lrp_status draw_characters(const struct schedule_pictures *pictures, unsigned columns,
                                       struct lrp_text *out, struct lrp_error *err)
{
    enum lrp_status status = LRP_OK;
    for (size_t i = 0; status == LRP_OK && i < pictures->n; i++) {
        struct lrp_figure figure = pictures->figure[i];
        struct lrp_text drawn;
        lrp_text_init(&drawn, TEXT_MOST);
        figure.y_label = NULL;
        status = draw_one(&figure, LRP_PLOT_DUMB, columns, i == 0 ? dumb_rows : dumb_rows_second,
                          &drawn, err);
        if (status == LRP_OK) {
            lrp_text_printf(out, "\n  %s\n", pictures->figure[i].y_label);
            lrp_text_append(out, lrp_text_string(&drawn));
        }
        lrp_text_fini(&drawn);
    }
    return status;
}

/* ---- words ---------------------------------------------------------------------------------- */

static void append_extreme(const char *before, const struct lrp_course_extreme *extreme,
                           struct lrp_text *out)
{
    char number[2][LRP_NUMBER_SIZE];
    lrp_text_printf(out, "%s%s at step %s", before, lrp_format_short(extreme->value, 4, number[0]),
                    lrp_format_short(extreme->position, 12, number[1]));
}

static void append_range(const char *name, const struct lrp_course_series *series, unsigned columns,
                         struct lrp_text *out)
{
    const struct lrp_course_extreme *first = &series->first;
    const struct lrp_course_extreme *last = &series->last;
    char number[LRP_NUMBER_SIZE];
    struct lrp_text words;
    lrp_text_init(&words, TEXT_MOST);
    lrp_text_printf(&words, "%s at first", lrp_format_short(first->value, 4, number));
    if (series->highest.value > fmax(first->value, last->value)) {
        append_extreme(", highest ", &series->highest, &words);
    }
    if (series->lowest.value < fmin(first->value, last->value)) {
        append_extreme(", lowest ", &series->lowest, &words);
    }
    lrp_text_printf(&words, ", %s at last", lrp_format_short(last->value, 4, number));
    lrp_text_printf(out, "%-*s", INDENT, name);
    lrp_text_append_wrapped(out, lrp_text_string(&words), INDENT, INDENT, columns);
    lrp_text_fini(&words);
}

static void append_falls(const struct lrp_course_summary *summary, struct lrp_text *out)
{
    char number[LRP_NUMBER_SIZE];
    lrp_text_printf(out, "%-*s", INDENT, "falls");
    if (summary->n_falls == 0) {
        lrp_text_append(out, "nowhere");
    }
    for (size_t i = 0; i < summary->n_falls && i < FALLS_SHOWN; i++) {
        lrp_text_printf(out, "%s%s", i == 0 ? "at step " : ", ",
                        lrp_format_short(summary->falls[i].position, 12, number));
    }
    if (summary->n_falls > FALLS_SHOWN) {
        lrp_text_printf(out, " and %zu more", summary->n_falls - (size_t)FALLS_SHOWN);
    }
    lrp_text_append(out, "\n");
}

static void append_words(const struct lrp_schedule_course *course,
                         const struct lrp_course_summary *summary, unsigned columns,
                         struct lrp_text *out)
{
    struct lrp_text spec;
    lrp_text_init(&spec, TEXT_MOST);
    lrp_schedule_spec(course->schedule, &spec);
    const char *keys = strchr(lrp_text_string(&spec), ':');
    double warmup = lrp_schedule_warmup(course->schedule, course->n_steps);
    struct lrp_text spaced; /* so that it can be wrapped */
    lrp_text_init(&spaced, TEXT_MOST);
    for (const char *at = keys != NULL ? keys + 1 : ""; *at != '\0'; at++) {
        lrp_text_append_bytes(&spaced, at, 1);
        lrp_text_append(&spaced, *at == ',' ? " " : "");
    }
    lrp_text_printf(out, "%s, %zu steps", course->schedule->row->name, course->n_steps);
    if (warmup > 0) {
        lrp_text_printf(out, ", the first %.0f warm-up", warmup);
    }
    lrp_text_printf(out, "\n%-*s", INDENT, "keys");
    lrp_text_append_wrapped(out, lrp_text_string(&spaced), INDENT, INDENT, columns);
    append_range("rate", &summary->rate, columns, out);
    if (summary->momentum.n > 0) {
        append_range("momentum", &summary->momentum, columns, out);
    }
    if (lrp_schedule_metric(course->schedule) != LRP_SCHEDULE_BY_NONE) {
        append_falls(summary, out);
    }
    lrp_text_fini(&spaced);
    lrp_text_fini(&spec);
}

/* ---- all together --------------------------------------------------------------------------- */

static enum lrp_status save_csv(const struct lrp_schedule_course *course, const char *path,
                                struct lrp_error *err)
{
    struct lrp_whole_file whole;
    LRP_TRY_MEMORY(path, err);
    LRP_TRY(lrp_whole_begin(&whole, path, err));
    enum lrp_status status = put_csv(course, whole.file, err);
    enum lrp_status ended = lrp_whole_end(&whole, status == LRP_OK, status == LRP_OK ? err : NULL);
    return status == LRP_OK ? ended : status;
}

static enum lrp_status save(const struct lrp_schedule_course *course,
                            const struct schedule_pictures *pictures, const char *folder,
                            bool plots, struct lrp_error *err)
{
    LRP_TRY(lrp_make_folder(folder, err));
    char *path = lrp_path_join(folder, "schedule.csv");
    enum lrp_status status = save_csv(course, path, err);
    free(path);
    if (status != LRP_OK || !plots) {
        return status;
    }
    path = lrp_path_join(folder, "plots");
    LRP_TRY_MEMORY(path, err);
    status = lrp_make_folder(path, err);
    status = status == LRP_OK ? lrp_plot_save(&pictures->figure[0], path, err) : status;
    free(path);
    return status;
}

/* Prints what there is, also where an error made it incomplete. */
static int put_text(struct lrp_text *text, FILE *out, enum lrp_status status, struct lrp_error *err)
{
    (void)fwrite(lrp_text_string(text), 1, text->length, out);
    lrp_text_fini(text);
    return status == LRP_OK ? LRP_EXIT_OK : lrp_report_error(err, NULL);
}

static int print_words(const struct lrp_show_schedule *show,
                       const struct lrp_course_summary *summary,
                       const struct schedule_pictures *pictures, FILE *talk, bool with_plot)
{
    struct lrp_error err = {0};
    struct lrp_text text;
    enum lrp_status status = LRP_OK;
    unsigned columns = lrp_terminal_columns(talk);
    lrp_text_init(&text, TEXT_MOST);
    append_words(show->course, summary, columns > 0 ? columns : 80, &text);
    if (with_plot) {
        status = draw_characters(pictures, columns, &text, &err);
    }
    return put_text(&text, talk, status, &err);
}

static int print_data(const struct lrp_show_schedule *show,
                      const struct lrp_course_summary *summary,
                      const struct schedule_pictures *pictures, enum lrp_plot_format format)
{
    struct lrp_error err = {0};
    struct lrp_text text;
    bool binary = format == LRP_PLOT_PNG || format == LRP_PLOT_PDF;
    enum lrp_status status = LRP_OK;
    lrp_text_init(&text, (size_t)1 << 28);
    if (show->csv) {
        status = put_csv(show->course, stdout, &err);
    } else if (show->common->json) {
        status = print_json(show->course, summary, &err);
    } else if (binary && lrp_terminal_columns(stdout) > 0) {
        status = lrp_fail(&err, LRP_E_ARG, 0,
                          "--plot png and pdf go to a file or a pipe, not to a terminal");
    } else {
        status = draw_one(&pictures->figure[0], format, 0, 0, &text, &err);
    }
    return put_text(&text, stdout, status, &err);
}

int lrp_show_schedule(const struct lrp_show_schedule *show)
{
    struct lrp_error err = {0};
    struct schedule_pictures pictures;
    enum lrp_plot_format format = LRP_PLOT_DUMB;
    const struct lrp_common_options *common = show->common;
    struct lrp_course_summary *summary = lrp_calloc_array(1, sizeof *summary);
    enum lrp_status status = summary != NULL ? lrp_course_summarize(show->course, summary, &err)
                                             : lrp_fail_memory(&err, sizeof *summary);
    if (status != LRP_OK) {
        free(summary);
        return lrp_report_error(&err, NULL);
    }
    (void)lrp_plot_format_parse(common->plot, &format); /* the option table knows the names */
    make_pictures(show, summary, &pictures);
    bool picture = format != LRP_PLOT_DUMB && format != LRP_PLOT_NONE;
    bool data = show->csv || common->json || picture;
    int code = data ? print_data(show, summary, &pictures, format) : LRP_EXIT_OK;
    if (!common->quiet && !show->csv && !common->json) {
        code = lrp_exit_worse(code, print_words(show, summary, &pictures, data ? stderr : stdout,
                                                format == LRP_PLOT_DUMB));
    }
    if (common->output != NULL) {
        status = save(show->course, &pictures, common->output, format != LRP_PLOT_NONE, &err);
        if (status != LRP_OK && !(status == LRP_E_TOOL && code == LRP_EXIT_TOOL)) {
            code = lrp_exit_worse(code, lrp_report_error(&err, NULL));
        }
    }
    free(summary);
    return code;
}
