/* SPDX-License-Identifier: MIT */
/* A schedule as words and a plot, as CSV, or as code for other programs. */
#include "code.h"
#include "commands.h"
#include "list_rows.h"
#include "show_schedule.h"

#include "alloc.h"
#include "log_read.h"
#include "range_report.h"
#include "remarks.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CODE_MOST = 1 << 22 };

struct course_options {
    size_t steps;
    double epochs;
    size_t steps_per_epoch;
    const char *from;
};
struct loss_options {
    const char *losses;
    const char *format;
    const char *column;
};
struct schedule_result_options {
    bool csv;
    const char *code;
    const char *axis;
};
struct schedule_options {
    struct lrp_common_options common;
    struct course_options course;
    struct loss_options losses;
    struct schedule_result_options result;
};
struct schedule_request {
    struct lrp_schedule schedule;
    struct lrp_bounds bounds;
    struct lrp_record *losses;
    unsigned char *present; /* rows of losses that have a value */
    struct lrp_schedule_course course;
};
static const double steps_most = 1e9;

static enum lrp_status check_options(const struct schedule_options *options, size_t n_operands,
                                     struct lrp_error *err)
{
    const struct schedule_result_options *result = &options->result;
    bool picture =
        strcmp(options->common.plot, "dumb") != 0 && strcmp(options->common.plot, "none") != 0;
    int wanted = result->csv + (result->code != NULL) + options->common.json + picture;
    if (n_operands != 1) {
        return lrp_fail(err, LRP_E_ARG, 0,
                        "schedule needs one SPEC, as cosine:max_lr=0.1; lrprobe list schedules "
                        "shows all");
    }
    if (wanted > 1) {
        return lrp_fail(err, LRP_E_ARG, 0,
                        "of --csv, --json, --code and --plot svg|png|pdf|sixel only one can be "
                        "printed");
    }
    if (result->code != NULL && options->common.output != NULL) {
        return lrp_fail(err, LRP_E_ARG, 0, "--code goes to standard output, not to a folder");
    }
    if (options->course.steps > 0 && options->course.epochs > 0) {
        return lrp_fail(err, LRP_E_ARG, 0, "--steps and --epochs exclude each other");
    }
    if (options->course.epochs > 0 && options->course.steps_per_epoch == 0) {
        return lrp_fail(err, LRP_E_ARG, 0, "--epochs needs --steps-per-epoch");
    }
    return LRP_OK;
}

/* --steps, else --epochs, else as many as there are losses, else what the bounds were made for. */
static enum lrp_status count_steps(const struct schedule_options *options,
                                   struct schedule_request *request, struct lrp_error *err)
{
    const struct course_options *course = &options->course;
    double steps = (double)course->steps;
    if (course->epochs > 0) {
        steps = round(course->epochs * (double)course->steps_per_epoch);
    } else if (course->steps == 0 && request->losses != NULL) {
        steps = (double)lrp_record_rows(request->losses);
    } else if (course->steps == 0 && course->from != NULL) {
        steps = request->bounds.steps_planned;
    }
    if (!(steps >= 1)) {
        return lrp_fail(err, LRP_E_ARG, 0, "schedule needs the length of the run: --steps N");
    }
    if (steps > steps_most) {
        return lrp_fail(err, LRP_E_ARG, 0, "a run of more than %.0f steps is too long", steps_most);
    }
    request->course.n_steps = (size_t)steps;
    request->course.steps_per_epoch = course->steps_per_epoch;
    return LRP_OK;
}

/* The log with the column that the schedule goes by. */
static enum lrp_status read_losses(const struct loss_options *options, const char *metric,
                                   struct schedule_request *request, struct lrp_error *err)
{
    const struct lrp_column_map map = {metric, options->column};
    const struct lrp_read_options read = {.format = options->format,
                                          .maps = &map,
                                          .n_maps = options->column != NULL ? 1 : 0,
                                          .keep_order = true};
    LRP_TRY(lrp_log_read_one(options->losses, &read, &request->losses, err));
    size_t column = lrp_record_find_column(request->losses, metric);
    if (column == LRP_NO_COLUMN) {
        return lrp_fail(err, LRP_E_NODATA, 0,
                        "there is no column %s; --column NAME says which one it is", metric);
    }
    const size_t n_rows = lrp_record_rows(request->losses);
    const size_t steps = lrp_record_find_column(request->losses, "step");
    request->present = lrp_calloc_array(n_rows, sizeof *request->present);
    LRP_TRY_MEMORY(request->present, err);
    for (size_t k = 0; k < n_rows; k++) {
        request->present[k] = lrp_record_present(request->losses, column, k) ? 1 : 0;
    }
    request->course.n_rows = n_rows;
    request->course.values = lrp_record_values(request->losses, column);
    request->course.present = request->present;
    request->course.positions =
        steps != LRP_NO_COLUMN ? lrp_record_values(request->losses, steps) : NULL;
    return LRP_OK;
}

/* Everything that the options stand for. *file: what an error about input is in. */
static enum lrp_status prepare(const struct schedule_options *options, char **operands,
                               size_t n_operands, struct schedule_request *request,
                               const char **file, struct lrp_error *err)
{
    const char *losses = options->losses.losses;
    const struct lrp_bounds *bounds = NULL;
    LRP_TRY(check_options(options, n_operands, err));
    *file = options->course.from;
    if (*file != NULL) {
        LRP_TRY(lrp_read_bounds_file(*file, &request->bounds, err));
        bounds = &request->bounds;
    }
    LRP_TRY(lrp_schedule_parse(operands[0], bounds, &request->schedule, err));
    request->course.schedule = &request->schedule;
    const char *metric = lrp_schedule_metric_name(lrp_schedule_metric(&request->schedule));
    if (losses != NULL && metric == NULL) {
        return lrp_fail(err, LRP_E_ARG, 0,
                        "the schedule %s goes by the step alone: --losses is for plateau and "
                        "plateau_torch",
                        request->schedule.row->name);
    }
    if (losses == NULL && metric != NULL && options->result.code == NULL) {
        return lrp_fail(err, LRP_E_ARG, 0,
                        "the schedule %s goes by %s: it needs --losses FILE, any log that "
                        "diagnose reads",
                        request->schedule.row->name, metric);
    }
    if (losses != NULL) {
        *file = losses;
        LRP_TRY(read_losses(&options->losses, metric, request, err));
    }
    return count_steps(options, request, err);
}

/* Where schedule and run do not fit together: notes, beside whatever is printed. */
static void print_remarks(const struct schedule_options *options,
                          const struct schedule_request *request)
{
    struct lrp_text text;
    const char *line = NULL;
    size_t length = 0;
    lrp_text_init(&text, CODE_MOST);
    lrp_schedule_remarks(&request->schedule, request->course.n_steps,
                         options->course.from != NULL ? &request->bounds : NULL, &text);
    for (const char *at = lrp_text_string(&text); lrp_next_line(&at, &line, &length);) {
        (void)fprintf(stderr, "note: %.*s\n", (int)length, line);
    }
    lrp_text_fini(&text);
}

static int print_code(const struct schedule_options *options,
                      const struct schedule_request *request)
{
    struct lrp_error err = {0};
    struct lrp_text text;
    lrp_text_init(&text, CODE_MOST);
    enum lrp_status status = lrp_schedule_code(
        &request->schedule, request->course.n_steps, request->course.steps_per_epoch,
        options->course.from != NULL ? &request->bounds : NULL, options->result.code, &text, &err);
    if (status == LRP_OK) {
        (void)fputs(lrp_text_string(&text), stdout);
    }
    lrp_text_fini(&text);
    return status == LRP_OK ? LRP_EXIT_OK : lrp_report_error(&err, NULL);
}

static int run(const void *given, char **operands, size_t n_operands)
{
    const struct schedule_options *options = given;
    struct schedule_request request;
    struct lrp_error err = {0};
    const char *file = NULL;
    int code = LRP_EXIT_OK;
    memset(&request, 0, sizeof request);
    if (prepare(options, operands, n_operands, &request, &file, &err) != LRP_OK) {
        code = lrp_report_reference(&err, file);
    } else if (options->result.code != NULL) {
        code = print_code(options, &request);
        print_remarks(options, &request);
    } else {
        const struct lrp_show_schedule show = {&request.course, &options->common,
                                               options->result.csv, options->result.axis};
        code = lrp_show_schedule(&show);
        print_remarks(options, &request);
    }
    lrp_record_free(request.losses);
    free(request.present);
    return code;
}

#define LRP_OPTIONS_OF struct course_options
static const struct lrp_option course_table[] = {
    LRP_SIZE("steps", steps, 0, 1e9, "N", "0",
             "length of the run; 0 is by epochs, by the losses, or what the bounds were made for"),
    LRP_REAL("epochs", epochs, 0, 1e9, "X", "0",
             "length of the run in epochs, with --steps-per-epoch"),
    LRP_SIZE("steps-per-epoch", steps_per_epoch, 0, 1e9, "N", "0",
             "length of an epoch, for --epochs and plateau_torch; 0 is not known", .unit = "steps"),
    LRP_STRING("from", from, "FILE", NULL,
               "bounds.json of a range test: fills in the rates that SPEC leaves out"),
};
#undef LRP_OPTIONS_OF
#define LRP_OPTIONS_OF struct loss_options
static const struct lrp_option loss_table[] = {
    LRP_STRING("losses", losses, "FILE", NULL,
               "log with the losses that plateau and plateau_torch go by; a row is a step"),
    LRP_STRING("format", format, "NAME", NULL,
               "format of the log; else told by its first bytes (lrprobe list formats)"),
    LRP_STRING("column", column, "NAME", NULL,
               "the log's column; else the one that the schedule's metric names"),
};
#undef LRP_OPTIONS_OF
#define LRP_OPTIONS_OF struct schedule_result_options
static const struct lrp_option result_table[] = {
    LRP_FLAG("csv", csv,
             "print step,lr,momentum for every step; momentum is empty where it does not cycle"),
    LRP_CHOICE("code", code, "LANGUAGE", LRP_CODE_WORDS, NULL,
               "print code that reproduces the schedule"),
    LRP_CHOICE("axis", axis, "KIND", "auto|linear|log", "auto",
               "axis of the rate in plots; auto is log for what falls by factors"),
};
static const struct lrp_option_group groups[] = {
    LRP_OPTION_GROUP("Course", course_table, struct schedule_options, course),
    LRP_OPTION_GROUP("Losses", loss_table, struct schedule_options, losses),
    LRP_OPTION_GROUP("Result", result_table, struct schedule_options, result),
};
const struct lrp_command lrp_command_schedule = {
    .name = "schedule",
    .arguments = "SPEC",
    .summary = "a schedule as words and plot, as CSV, or as code",
    .description =
        "Shows the learning rate of every step of a run under a schedule, and the momentum where "
        "it cycles. SPEC is as for lrprobe train --schedule: a name and keys, as in "
        "onecycle:max_lr=0.5,pct_start=0.2; lrprobe list schedules shows all of them, their keys "
        "and where they come from. warmup=STEPS puts a linear warm-up in front of any. Defaults "
        "and the value at every step are PyTorch's where PyTorch has the schedule.\n"
        "With --from the rates that SPEC leaves out come from a range test, and what SPEC gives "
        "wins; the momentum cycles only if the range test was made with one. plateau and "
        "plateau_torch go by losses: --losses takes any log that diagnose reads "
        "and shows where the rate would have fallen.\n"
        "--code prints a complete file: for PyTorch a scheduler, for Keras a callback, for optax a "
        "function of the step, for C a function. PyTorch's keeps each parameter group at its ratio "
        "to the fastest one, and may be saved and loaded with the optimizer in any order. After "
        "the last step the rate stays. With -o DIR the steps go to DIR/schedule.csv and the plots "
        "to DIR/plots.",
    .examples = "$ lrprobe schedule onecycle:max_lr=0.5 --steps 600\n"
                "$ lrprobe schedule clr --from report/bounds.json --steps 600 --code pytorch\n"
                "$ lrprobe schedule cosine:max_lr=0.1,warmup=50 --steps 1000 --csv\n"
                "$ lrprobe schedule sgdr:max_lr=0.1,t_0=100,t_mult=2 --steps 700 --code pytorch\n"
                "$ lrprobe schedule plateau:lr=0.1 --losses run.csv\n",
    .man_section = lrp_list_schedules_man,
    .groups = groups,
    .n_groups = sizeof groups / sizeof groups[0],
    .options_size = sizeof(struct schedule_options),
    .run = run,
};
