/* SPDX-License-Identifier: MIT */
/* Bounds from logs that are there already: sweeps of any tool, or runs at constant rates. */
#include "command_line.h"
#include "commands.h"
#include "log_options.h"

#include "bounds_input.h"
#include "curve.h"
#include "range_report.h"
#include "show_range.h"

#include <stdio.h>
#include <string.h>

enum { TEXT_MOST = 1 << 22 };

struct analysis_options {
    const char *metric;
    const char *direction; /* NULL = by the metric's name */
    double steps_planned;
    double steps_per_epoch;
    double level;
    const char *title;
};
struct bounds_options {
    struct lrp_common_options common;
    struct lrp_log_options logs;
    struct analysis_options analysis;
};
/* Whether an earlier record, or the same one, has said that before. */
static bool was_told(const struct lrp_bounds_input *input, size_t record, size_t note)
{
    const char *text = lrp_record_note(input->records[record], note);
    for (size_t r = 0; r <= record; r++) {
        const char *told = NULL;
        for (size_t i = 0; (told = lrp_record_note(input->records[r], i)) != NULL; i++) {
            if ((r < record || i < note) && strcmp(told, text) == 0) {
                return true;
            }
        }
    }
    return false;
}

static void tell_notes(const struct lrp_bounds_input *input, bool quiet)
{
    for (size_t r = 0; r < input->n && !quiet; r++) {
        const char *note = NULL;
        for (size_t i = 0; (note = lrp_record_note(input->records[r], i)) != NULL; i++) {
            if (!was_told(input, r, i)) {
                (void)fprintf(stderr, "note: %s\n", note);
            }
        }
    }
}

static int analyse(const struct bounds_options *options, const struct lrp_bounds_input *inputs,
                   const char *metric, const char *command, const char *title)
{
    struct lrp_error err = {0};
    struct lrp_bounds bounds;
    struct lrp_curve *curve = NULL;
    struct lrp_bounds_options wanted;
    const struct lrp_record *const *records =
        (const struct lrp_record *const *)(const void *)inputs->records;
    lrp_bounds_options_default(&wanted);
    wanted.interval_level = options->analysis.level;
    wanted.steps_planned = options->analysis.steps_planned;
    wanted.steps_per_epoch = options->analysis.steps_per_epoch;
    wanted.metric = metric;
    if (options->analysis.direction != NULL) {
        wanted.direction = strcmp(options->analysis.direction, "higher") == 0 ? 1 : -1;
    }
    if (lrp_bounds_find_curve(records, inputs->n, &wanted, &bounds, &curve, &err) != LRP_OK) {
        return lrp_report_error(&err, NULL);
    }
    const struct lrp_range_report report = {
        .title = title,
        .command = command,
        .date = "",
        .bounds = &bounds,
        .curve = curve,
    };
    int code = lrp_show_range(&report, &options->common, options->common.output);
    lrp_curve_free(curve);
    return code;
}

static enum lrp_status take_log(void *user, const char *path,
                                const struct lrp_read_options *options, struct lrp_error *err)
{
    return lrp_bounds_input_add(user, path, options, err);
}

static int analyse_as(const struct bounds_options *options, struct lrp_bounds_input *inputs,
                      const char *first, size_t n_operands)
{
    struct lrp_error err = {0};
    const char *metric = NULL;
    const char *source = NULL;
    if (lrp_bounds_input_settle(inputs, options->analysis.metric, &metric, &source, &err) !=
        LRP_OK) {
        return lrp_report_error(&err, source);
    }
    tell_notes(inputs, options->common.quiet);
    struct lrp_text command;
    struct lrp_text title;
    lrp_text_init(&title, TEXT_MOST);
    lrp_command_line(&command);
    lrp_text_append(&title, "Range test: ");
    lrp_text_append(&title, first);
    if (n_operands > 1) {
        lrp_text_printf(&title, " and %zu more", n_operands - 1);
    }
    int code = analyse(options, inputs, metric, lrp_text_string(&command),
                       options->analysis.title != NULL ? options->analysis.title
                                                       : lrp_text_string(&title));
    lrp_text_fini(&command);
    lrp_text_fini(&title);
    return code;
}

static int run(const void *given, char **operands, size_t n_operands)
{
    const struct bounds_options *options = given;
    struct lrp_bounds_input inputs = {0};
    if (n_operands == 0) {
        struct lrp_error err = {0};
        (void)lrp_fail(&err, LRP_E_ARG, 0,
                       "bounds needs one log or more; see lrprobe bounds --help");
        return lrp_report_error(&err, NULL);
    }
    int code = lrp_read_logs(&options->logs, true, operands, n_operands, take_log, &inputs);
    if (inputs.n > 0) { /* a file that could not be read counts only if none could */
        code = analyse_as(options, &inputs, operands[0], n_operands);
    }
    lrp_bounds_input_fini(&inputs);
    return code;
}

#define AT(member) offsetof(struct analysis_options, member)
static const struct lrp_option analysis_table[] = {
    {.name = "metric",
     .type = LRP_OPTION_STRING,
     .offset = AT(metric),
     .argument = "COLUMN",
     .help = "column that decides, as the log or lrprobe calls it; else val_loss, val_accuracy or "
             "loss, whichever comes first with enough values"},
    {.name = "direction",
     .type = LRP_OPTION_CHOICE,
     .offset = AT(direction),
     .argument = "WAY",
     .choices = "higher|lower",
     .help = "whether a higher or a lower value of the column is better; else its name tells"},
    {.name = "steps-planned",
     .type = LRP_OPTION_REAL,
     .offset = AT(steps_planned),
     .high = 1e15,
     .argument = "N",
     .unit = "steps",
     .help = "length of the training to come, since long runs tolerate only lower rates"},
    {.name = "steps-per-epoch",
     .type = LRP_OPTION_REAL,
     .offset = AT(steps_per_epoch),
     .high = 1e15,
     .argument = "N",
     .unit = "steps",
     .help = "for the step size of cyclical rates"},
    {.name = "level",
     .type = LRP_OPTION_REAL,
     .offset = AT(level),
     .low = 0.01,
     .high = 0.999,
     .argument = "X",
     .default_text = "0.9",
     .help = "level of the intervals"},
    {.name = "title",
     .type = LRP_OPTION_STRING,
     .offset = AT(title),
     .argument = "TEXT",
     .help = "title of the report"},
};
static const struct lrp_option_group groups[] = {
    {.heading = "Logs",
     .options = lrp_log_option_table,
     .n_options = LRP_LOG_OPTIONS,
     .offset = offsetof(struct bounds_options, logs)},
    {.heading = "Analysis",
     .options = analysis_table,
     .n_options = sizeof analysis_table / sizeof analysis_table[0],
     .offset = offsetof(struct bounds_options, analysis)},
};
const struct lrp_command lrp_command_bounds = {
    .name = "bounds",
    .arguments = "FILE...",
    .summary = "bounds from existing logs: sweeps, or a set of constant-rate runs",
    .description =
        "Reads logs of learning-rate sweeps that any tool made, each file or each run in it a "
        "repeat, and reports base_lr and max_lr. Several runs of one task at different constant "
        "rates, or under schedules with different peak rates, are judged together, also as a table "
        "of finished runs. Files may be gzip-compressed; - is standard input.",
    .examples =
        "$ lrprobe bounds sweep.csv\n$ lrprobe bounds runs/*.csv -o report --title ResNet\n",
    .groups = groups,
    .n_groups = sizeof groups / sizeof groups[0],
    .options_size = sizeof(struct bounds_options),
    .run = run,
};
