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

static void append_row(const struct lrp_course_step *step, struct lrp_text *out)
{
    char number[LRP_NUMBER_SIZE];
    lrp_text_append(out, lrp_format_double(step->position, number));
    lrp_text_printf(out, ",%s,", lrp_format_double(step->point.lr, number));
    if (!isnan(step->point.momentum)) {
        lrp_text_append(out, lrp_format_double(step->point.momentum, number));
    }
    lrp_text_append(out, "\n");
}

static enum lrp_status put_row(void *context, const struct lrp_course_step *step,
                               struct lrp_error *err)
{
    FILE *file = context;
    struct lrp_text row;
    lrp_text_init(&row, 4 * (size_t)LRP_NUMBER_SIZE);
    append_row(step, &row);
    enum lrp_status status = LRP_OK;
    if (fputs(lrp_text_string(&row), file) == EOF) {
        status = lrp_fail_errno(err, errno, "write", "the steps");
    }
    lrp_text_fini(&row);
    return status;
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

static struct lrp_json *range_json(const struct lrp_course_extreme *first,
                                   const struct lrp_course_extreme *last,
                                   const struct lrp_course_extreme *lowest,
                                   const struct lrp_course_extreme *highest)
{
    struct lrp_json *object = lrp_json_object();
    lrp_json_set_number(object, "first", first->value);
    lrp_json_set_number(object, "last", last->value);
    lrp_json_set_number(object, "lowest", lowest->value);
    lrp_json_set_number(object, "lowest_step", lowest->position);
    lrp_json_set_number(object, "highest", highest->value);
    lrp_json_set_number(object, "highest_step", highest->position);
    return object;
}

static enum lrp_status print_json(const struct lrp_schedule_course *course,
                                  const struct lrp_course_summary *summary, struct lrp_error *err)
{
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
    lrp_schedule_spec(course->schedule, &spec);
    lrp_json_set_string(root, "schema", "lrprobe.schedule/1");
    lrp_json_set_string(root, "schedule", course->schedule->row->name);
    lrp_json_set_string(root, "spec", lrp_text_string(&spec));
    lrp_json_set_string(root, "metric",
                        lrp_schedule_metric_name(lrp_schedule_metric(course->schedule)));
    lrp_json_set_integer(root, "steps", (long long)course->n_steps);
    lrp_json_set_integer(root, "warmup",
                         (long long)lrp_schedule_warmup(course->schedule, course->n_steps));
    lrp_json_set(root, "lr_range",
                 range_json(&summary->first, &summary->last, &summary->lowest, &summary->highest));
    if (summary->momentum) {
        lrp_json_set(root, "momentum_range",
                     range_json(&summary->momentum_first, &summary->momentum_last,
                                &summary->momentum_lowest, &summary->momentum_highest));
    } else {
        lrp_json_set_null(root, "momentum_range");
    }
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

struct pictures {
    struct lrp_figure figure[2]; /* the rate; below it the momentum, or what the rate goes by */
    struct lrp_plot_curve curves[2];
    size_t n;
    struct lrp_text title;
};

static bool wants_log(const struct lrp_show_schedule *show,
                      const struct lrp_course_summary *summary)
{
    const struct lrp_schedule_row *row = show->course->schedule->row;
    bool factors = row->by_factors && summary->lowest.value > 0 &&
                   summary->highest.value > 20 * summary->lowest.value;
    return strcmp(show->axis, "log") == 0 || (strcmp(show->axis, "auto") == 0 && factors);
}

static void make_pictures(const struct lrp_show_schedule *show,
                          const struct lrp_course_summary *summary, struct pictures *pictures)
{
    static const char *const metrics[] = {"loss", "validation loss", "accuracy",
                                          "validation accuracy", ""};
    const struct lrp_schedule_course *course = show->course;
    memset(pictures, 0, sizeof *pictures);
    lrp_text_init(&pictures->title, TEXT_MOST);
    lrp_text_printf(&pictures->title, "%s, %zu steps", course->schedule->row->name,
                    course->n_steps);
    pictures->curves[0] = (struct lrp_plot_curve){
        .x = summary->x, .y = summary->lr, .n = summary->n, .role = LRP_CURVE_MAIN};
    struct lrp_figure *rate = &pictures->figure[0];
    rate->name = "rate";
    rate->title = lrp_text_string(&pictures->title);
    rate->x_label = "step";
    rate->y_label = "learning rate";
    rate->log_y = wants_log(show, summary);
    rate->y_low = rate->y_high = (double)NAN;
    rate->curves = &pictures->curves[0];
    rate->n_curves = 1;
    pictures->n = 1;
    if (!summary->momentum && summary->n_values == 0) {
        return;
    }
    struct lrp_figure *second = &pictures->figure[1];
    *second = *rate;
    second->log_y = false;
    if (summary->momentum) {
        pictures->curves[1] = (struct lrp_plot_curve){.x = summary->momentum_x,
                                                      .y = summary->momentum_y,
                                                      .n = summary->n_momentum,
                                                      .role = LRP_CURVE_SECOND};
        second->name = second->y_label = "momentum";
    } else {
        pictures->curves[1] = (struct lrp_plot_curve){.x = summary->value_x,
                                                      .y = summary->value_y,
                                                      .n = summary->n_values,
                                                      .role = LRP_CURVE_FAINT};
        second->name = "metric";
        second->y_label = metrics[lrp_schedule_metric(course->schedule)];
    }
    second->curves = &pictures->curves[1];
    rate->below = second;
    pictures->n = 2;
}

/* Characters: one below the other. A picture: both in one. */
static enum lrp_status draw(const struct pictures *pictures, enum lrp_plot_format format,
                            unsigned columns, struct lrp_text *out, struct lrp_error *err)
{
    bool dumb = format == LRP_PLOT_DUMB;
    enum lrp_status status = LRP_OK;
    for (size_t i = 0; status == LRP_OK && i < (dumb ? pictures->n : 1); i++) {
        char *bytes = NULL;
        size_t length = 0;
        struct lrp_figure figure = pictures->figure[i];
        figure.y_label = dumb ? NULL : figure.y_label; /* there it stands above */
        status = lrp_plot_draw(&figure, format, dumb ? columns : 0,
                               !dumb    ? 0
                               : i == 0 ? dumb_rows
                                        : dumb_rows_second,
                               &bytes, &length, err);
        if (status == LRP_OK && dumb) { /* beside the axis it takes room */
            lrp_text_printf(out, "\n  %s\n", pictures->figure[i].y_label);
        }
        if (status == LRP_OK) {
            lrp_text_append_bytes(out, bytes, length);
        }
        free(bytes);
    }
    return status == LRP_OK ? lrp_text_check(out, err) : status;
}

/* ---- words ---------------------------------------------------------------------------------- */

static void append_extreme(const char *before, const struct lrp_course_extreme *extreme,
                           struct lrp_text *out)
{
    char number[2][LRP_NUMBER_SIZE];
    lrp_text_printf(out, "%s%s at step %s", before, lrp_format_short(extreme->value, 4, number[0]),
                    lrp_format_short(extreme->position, 12, number[1]));
}

static void append_range(const char *name, const struct lrp_course_extreme *first,
                         const struct lrp_course_extreme *last,
                         const struct lrp_course_extreme *lowest,
                         const struct lrp_course_extreme *highest, unsigned columns,
                         struct lrp_text *out)
{
    char number[LRP_NUMBER_SIZE];
    struct lrp_text words;
    lrp_text_init(&words, TEXT_MOST);
    lrp_text_printf(&words, "%s at first", lrp_format_short(first->value, 4, number));
    if (highest->value > first->value && highest->value > last->value) {
        append_extreme(", highest ", highest, &words);
    }
    if (lowest->value < first->value && lowest->value < last->value) {
        append_extreme(", lowest ", lowest, &words);
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
    append_range("rate", &summary->first, &summary->last, &summary->lowest, &summary->highest,
                 columns, out);
    if (summary->momentum) {
        append_range("momentum", &summary->momentum_first, &summary->momentum_last,
                     &summary->momentum_lowest, &summary->momentum_highest, columns, out);
    }
    if (lrp_schedule_metric(course->schedule) != LRP_SCHEDULE_BY_NONE) {
        append_falls(summary, out);
    }
    lrp_text_fini(&spaced);
    lrp_text_fini(&spec);
}

/* ---- all together --------------------------------------------------------------------------- */

static enum lrp_status save(const struct lrp_schedule_course *course,
                            const struct pictures *pictures, const char *folder, bool plots,
                            struct lrp_error *err)
{
    struct lrp_whole_file whole;
    enum lrp_status status = lrp_make_folder(folder, err);
    char *path = lrp_path_join(folder, "schedule.csv");
    char *figures = lrp_path_join(folder, "plots");
    if (status == LRP_OK && (path == NULL || figures == NULL)) {
        status = lrp_fail_memory(err, strlen(folder));
    }
    status = status == LRP_OK ? lrp_whole_begin(&whole, path, err) : status;
    if (status == LRP_OK) {
        status = put_csv(course, whole.file, err);
        enum lrp_status ended =
            lrp_whole_end(&whole, status == LRP_OK, status == LRP_OK ? err : NULL);
        status = status == LRP_OK ? ended : status;
    }
    if (plots) {
        status = status == LRP_OK ? lrp_make_folder(figures, err) : status;
        status = status == LRP_OK ? lrp_plot_save(&pictures->figure[0], figures, err) : status;
    }
    free(path);
    free(figures);
    return status;
}

static int put_text(struct lrp_text *text, FILE *out, enum lrp_status status, struct lrp_error *err)
{
    if (text->length > 0) {
        (void)fwrite(text->bytes, 1, text->length, out);
    }
    lrp_text_fini(text);
    return status == LRP_OK ? LRP_EXIT_OK : lrp_report_error(err, NULL);
}

static int print_words(const struct lrp_show_schedule *show,
                       const struct lrp_course_summary *summary, const struct pictures *pictures,
                       FILE *talk, bool with_plot)
{
    struct lrp_error err = {0};
    struct lrp_text text;
    enum lrp_status status = LRP_OK;
    unsigned columns = lrp_terminal_columns(talk);
    lrp_text_init(&text, TEXT_MOST);
    append_words(show->course, summary, columns > 0 ? columns : 80, &text);
    if (with_plot) {
        status = draw(pictures, LRP_PLOT_DUMB, columns, &text, &err);
    }
    return put_text(&text, talk, status, &err);
}

static int print_data(const struct lrp_show_schedule *show,
                      const struct lrp_course_summary *summary, const struct pictures *pictures,
                      enum lrp_plot_format format)
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
        status = draw(pictures, format, 0, &text, &err);
    }
    return put_text(&text, stdout, status, &err);
}

int lrp_show_schedule(const struct lrp_show_schedule *show)
{
    struct lrp_error err = {0};
    struct pictures pictures;
    enum lrp_plot_format format = LRP_PLOT_DUMB;
    const struct lrp_common_options *common = show->common;
    struct lrp_course_summary *summary = lrp_calloc_array(1, sizeof *summary);
    if (summary == NULL) {
        (void)lrp_fail_memory(&err, sizeof *summary);
        return lrp_report_error(&err, NULL);
    }
    if (lrp_course_summarize(show->course, summary, &err) != LRP_OK) {
        free(summary);
        return lrp_report_error(&err, NULL);
    }
    (void)lrp_plot_format_parse(common->plot, &format); /* the option table knows the names */
    make_pictures(show, summary, &pictures);
    bool picture = format != LRP_PLOT_DUMB && format != LRP_PLOT_NONE;
    bool data = show->csv || common->json || picture;
    int code = LRP_EXIT_OK;
    if (data) {
        code = print_data(show, summary, &pictures, format);
    }
    if (!common->quiet && !show->csv && !common->json) {
        code = lrp_exit_worse(code, print_words(show, summary, &pictures, data ? stderr : stdout,
                                                !data && format == LRP_PLOT_DUMB));
    }
    if (common->output != NULL) {
        enum lrp_status status =
            save(show->course, &pictures, common->output, format != LRP_PLOT_NONE, &err);
        if (status != LRP_OK && !(status == LRP_E_TOOL && code == LRP_EXIT_TOOL)) {
            code = lrp_exit_worse(code, lrp_report_error(&err, NULL));
        }
    }
    lrp_text_fini(&pictures.title);
    free(summary);
    return code;
}
