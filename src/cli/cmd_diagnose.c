/* SPDX-License-Identifier: MIT */
/* Says why a finished run failed, or that it did not; of many runs, which ones. */
#include "commands.h"

#include "command_line.h"
#include "list_rows.h"
#include "log_options.h"
#include "range_report.h"
#include "show_diagnosis.h"
#include "signals.h"
#include "text.h"

#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_MOST = 1 << 20 };

struct judge_options {
    struct lrp_option_list sets;
    const char *bounds;
    const char *baseline;
    const char *zero_input;
    bool one_batch;
    size_t classes;
    bool family;
    const char *fail_on;
};
struct result_options {
    bool csv;
    bool all;
    const char *title;
};
struct diagnose_options {
    struct lrp_common_options common;
    struct lrp_log_options logs;
    struct judge_options judge;
    struct result_options result;
};

/* All that the options stand for, read. */
struct request {
    struct lrp_column_maps maps;
    struct lrp_bounds bounds;
    struct lrp_record *baseline;
    struct lrp_record *zero_input;
    struct lrp_log_paths paths;
    struct lrp_text command;
    struct lrp_triage_options triage;
};

static volatile int stop_wish;

/* The first wish lets the file that is being read come to its end; the second one ends us. */
static void on_signal(int number)
{
    stop_wish = 1;
    (void)signal(number, SIG_DFL);
}

/* The logs and the bounds that the runs are compared with. */
static int read_references(const struct judge_options *judge, struct request *request)
{
    struct lrp_error err = {0};
    struct lrp_diagnose_options *options = &request->triage.judge;
    const struct {
        const char *path;
        struct lrp_record **record;
    } logs[] = {{judge->baseline, &request->baseline}, {judge->zero_input, &request->zero_input}};
    if (judge->bounds != NULL) {
        if (lrp_read_bounds_file(judge->bounds, &request->bounds, &err) != LRP_OK) {
            return lrp_report_reference(&err, judge->bounds);
        }
        options->bounds = &request->bounds;
    }
    for (size_t i = 0; i < sizeof logs / sizeof logs[0]; i++) {
        if (logs[i].path != NULL &&
            lrp_log_read_one(logs[i].path, &request->triage.read, logs[i].record, &err) != LRP_OK) {
            return lrp_report_reference(&err, logs[i].path);
        }
    }
    options->baseline = request->baseline;
    options->zero_input = request->zero_input;
    return LRP_EXIT_OK;
}

static int collect_paths(char **operands, size_t n_operands, struct request *request)
{
    struct lrp_error err = {0};
    for (size_t i = 0; i < n_operands; i++) {
        enum lrp_status status = lrp_log_paths_add(&request->paths, operands[i], &err);
        if (status == LRP_E_IO) { /* the rest of the folder is there all the same */
            (void)lrp_report_error(&err, NULL);
        } else if (status != LRP_OK) {
            return lrp_report_error(&err, NULL);
        }
    }
    return LRP_EXIT_OK;
}

static enum lrp_status take_options(const struct diagnose_options *options, size_t n_operands,
                                    struct request *request, struct lrp_error *err)
{
    if (n_operands == 0) {
        return lrp_fail(err, LRP_E_ARG, 0,
                        "diagnose needs a log or a folder of logs; see lrprobe diagnose --help");
    }
    LRP_TRY(lrp_log_options_take(&options->logs, &request->maps, &request->triage.read, err));
    lrp_diagnose_options_default(&request->triage.judge);
    request->triage.judge.one_batch = options->judge.one_batch ? 1 : 0;
    request->triage.judge.n_classes = options->judge.classes;
    request->triage.judge.sets = options->judge.sets.values;
    request->triage.judge.n_sets = options->judge.sets.n;
    request->triage.family = options->judge.family;
    return LRP_OK;
}

/* 1 where a run has findings that --fail-on counts. */
static int judge_table(const struct lrp_run_table *table, const char *fail_on)
{
    bool never = strcmp(fail_on, "never") == 0;
    bool warn = strcmp(fail_on, "warn") == 0;
    for (size_t i = 0; i < table->n && !never; i++) {
        const size_t *counts = table->rows[i].counts;
        if (counts[LRP_CHECK_FAIL] + (warn ? counts[LRP_CHECK_WARN] : 0) > 0) {
            return LRP_EXIT_FINDINGS;
        }
    }
    return LRP_EXIT_OK;
}

/* What a triage that went to its end says of the files: an exit code. */
static int judge_files(const struct lrp_show_diagnosis *show, size_t n_skipped)
{
    struct lrp_error err = {0};
    if (n_skipped > 0 && !show->common->quiet) {
        (void)fprintf(stderr, "note: %zu file%s in folders left out: no training log%s\n",
                      n_skipped, n_skipped == 1 ? "" : "s", n_skipped == 1 ? "" : "s");
    }
    if (show->table.n > 0) {
        return LRP_EXIT_OK; /* files that could not be read count only if none could */
    }
    if (show->table.n_unread == 0) {
        (void)lrp_fail(&err, LRP_E_NODATA, 0, "there is no training log among what was given");
        return lrp_report_error(&err, NULL);
    }
    return show->file_code;
}

static int run_triage(struct lrp_triage *triage, struct lrp_show_diagnosis *show)
{
    struct lrp_error err = {0};
    const struct lrp_triage_handlers handlers = lrp_show_diagnosis_handlers(show);
    size_t n_skipped = 0;
    if (lrp_triage_run(triage, &stop_wish, &handlers, &n_skipped, &err) != LRP_OK) {
        return lrp_report_error(&err, NULL);
    }
    return lrp_exit_worse(stop_wish != 0 ? LRP_EXIT_INTERRUPTED : LRP_EXIT_OK,
                          judge_files(show, n_skipped));
}

static int diagnose(const struct diagnose_options *options, struct request *request)
{
    struct lrp_error err = {0};
    struct lrp_show_diagnosis show;
    struct lrp_triage *triage = NULL;
    if (lrp_show_diagnosis_init(&show, &options->common, options->result.csv, request->paths.n != 1,
                                &err) != LRP_OK ||
        lrp_triage_new(&request->triage, &request->paths, &triage, &err) != LRP_OK) {
        return lrp_report_error(&err, NULL);
    }
    show.all = options->result.all;
    show.title = options->result.title;
    show.command = lrp_text_string(&request->command);
    lrp_catch_signals(on_signal, true);
    int code = LRP_EXIT_OK;
    if (lrp_show_diagnosis_begin(&show, &err) != LRP_OK) {
        code = lrp_report_error(&err, NULL);
    } else {
        code = run_triage(triage, &show);
        code = lrp_exit_worse(code, lrp_show_diagnosis_end(&show, triage, &stop_wish));
        code = lrp_exit_worse(code, judge_table(&show.table, options->judge.fail_on));
    }
    lrp_show_diagnosis_fini(&show);
    lrp_triage_free(triage);
    return code;
}

static int run(const void *given, char **operands, size_t n_operands)
{
    const struct diagnose_options *options = given;
    struct lrp_error err = {0};
    struct request request;
    memset(&request, 0, sizeof request);
    lrp_command_line(&request.command);
    int code = LRP_EXIT_OK;
    if (take_options(options, n_operands, &request, &err) != LRP_OK) {
        code = lrp_report_error(&err, NULL);
    }
    code = code == LRP_EXIT_OK ? read_references(&options->judge, &request) : code;
    code = code == LRP_EXIT_OK ? collect_paths(operands, n_operands, &request) : code;
    if (code == LRP_EXIT_OK) {
        code = diagnose(options, &request);
    }
    lrp_record_free(request.baseline);
    lrp_record_free(request.zero_input);
    lrp_log_paths_fini(&request.paths);
    lrp_column_maps_fini(&request.maps);
    lrp_text_fini(&request.command);
    return code;
}

#define LRP_OPTIONS_OF struct judge_options
static const struct lrp_option judge_options_table[] = {
    LRP_LIST("set", sets, "CHECK.PARAM=X",
             "changes a check's parameter, as in D1.ratio=0.9 (lrprobe list checks)"),
    LRP_STRING("bounds", bounds, "FILE", NULL,
               "bounds.json of a range test: the run's rate is held against it"),
    LRP_STRING("baseline", baseline, "LOG", NULL,
               "log of a known good run of the same task to compare with"),
    LRP_STRING("zero-input", zero_input, "LOG", NULL,
               "log of the same run fed with zeros: tells whether the input is used"),
    LRP_FLAG("one-batch", one_batch,
             "the run was trained on a single batch, to see whether it can be learnt by heart"),
    LRP_SIZE("classes", classes, 0, 1e9, "N", NULL,
             "number of classes: the first loss is held against that of guessing"),
    LRP_FLAG("family", family, "the logs are runs of one task at different rates, judged together"),
    LRP_CHOICE("fail-on", fail_on, "WHAT", "warn|fail|never", "fail",
               "findings from which the exit code is 1"),
};
#undef LRP_OPTIONS_OF
#define LRP_OPTIONS_OF struct result_options
static const struct lrp_option result_table[] = {
    LRP_FLAG("csv", csv, "print a CSV row a run, the worst first; talk goes to standard error"),
    LRP_FLAG("all", all,
             "print all of each finding beside the plot, and why each check was not assessed"),
    LRP_STRING("title", title, "TEXT", NULL, "title of the report"),
};
static const struct lrp_option_group groups[] = {
    {"Logs", lrp_log_option_table, LRP_LOG_OPTIONS, offsetof(struct diagnose_options, logs)},
    LRP_OPTION_GROUP("Judging", judge_options_table, struct diagnose_options, judge),
    LRP_OPTION_GROUP("Result", result_table, struct diagnose_options, result),
};
const struct lrp_command lrp_command_diagnose = {
    .name = "diagnose",
    .arguments = "FILE|DIR...",
    .summary = "why a training run fails: a convergence checklist for finished runs",
    .description =
        "Reads training logs in many formats and answers with a verdict for each run: non-finite, "
        "diverged, not-learning, oscillating, spikes, slow, plateau, overfitting, underfitting, "
        "healthy or undecided, with the evidence and what to try. Of several logs, or a folder, "
        "it prints a table, the worst first; in folders, hidden files and files that are no logs "
        "are left out. The checks: lrprobe list checks, and this command's man page. Files may be "
        "gzip-compressed; - is standard input.\n\n"
        "Exit codes: 0 clean, 1 findings that --fail-on counts, 2 wrong usage, 3 bad input data "
        "(of many files only if none could be read), 4 system error, 5 gnuplot is missing, 130 "
        "interrupted.",
    .examples = "$ lrprobe diagnose run.csv\n$ lrprobe diagnose runs -o report\n"
                "$ lrprobe diagnose runs --csv --fail-on never\n",
    .man_section = lrp_list_checks_man,
    .groups = groups,
    .n_groups = sizeof groups / sizeof groups[0],
    .options_size = sizeof(struct diagnose_options),
    .run = run,
};
