/* SPDX-License-Identifier: MIT */
#include "show_diagnosis.h"

#include "diagnosis_figures.h"
#include "terminal.h"
#include "text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_MOST = 1 << 28 };

enum lrp_status lrp_show_diagnosis_init(struct lrp_show_diagnosis *show,
                                        const struct lrp_common_options *common, bool csv,
                                        bool many, struct lrp_error *err)
{
    enum lrp_plot_format format = LRP_PLOT_DUMB;
    (void)lrp_plot_format_parse(common->plot, &format); /* the option table knows the names */
    bool picture = format != LRP_PLOT_DUMB && format != LRP_PLOT_NONE;
    memset(show, 0, sizeof *show);
    if (csv && common->json) {
        return lrp_fail(err, LRP_E_ARG, 0, "--csv and --json cannot both be printed");
    }
    if (picture && (csv || common->json)) {
        return lrp_fail(err, LRP_E_ARG, 0, "--plot %s and --%s cannot both be printed",
                        common->plot, csv ? "csv" : "json");
    }
    if (picture && many) {
        return lrp_fail(err, LRP_E_ARG, 0, "--plot %s takes a single run; -o DIR draws many",
                        common->plot);
    }
    show->common = common;
    show->csv = csv;
    show->many = many;
    show->picture = picture;
    show->talk = csv || common->json || picture ? stderr : stdout;
    return LRP_OK;
}

static enum lrp_status put(FILE *file, struct lrp_text *text, struct lrp_error *err)
{
    enum lrp_status status = lrp_text_check(text, err);
    if (status == LRP_OK && fwrite(text->bytes, 1, text->length, file) != text->length) {
        status = lrp_fail_errno(err, errno, "write", "standard output");
    }
    lrp_text_fini(text);
    return status;
}

enum lrp_status lrp_show_diagnosis_begin(struct lrp_show_diagnosis *show, struct lrp_error *err)
{
    struct lrp_text text;
    if (!show->common->json) {
        return LRP_OK;
    }
    lrp_text_init(&text, TEXT_MOST);
    lrp_diagnosis_json_begin(&text);
    return put(stdout, &text, err);
}

static void print_words(struct lrp_show_diagnosis *show, const struct lrp_diagnosis_report *report)
{
    struct lrp_error err = {0};
    struct lrp_text text;
    unsigned columns = lrp_terminal_columns(show->talk);
    bool color = lrp_terminal_color(show->talk);
    enum lrp_status status = LRP_OK;
    lrp_text_init(&text, TEXT_MOST);
    if (show->common->quiet) {
        lrp_diagnosis_verdict_line(report->diagnosis, color, &text);
    } else {
        bool with_plot = show->talk == stdout && strcmp(show->common->plot, "dumb") == 0;
        status = lrp_diagnosis_terminal(report, columns, color, with_plot, &text, &err);
    }
    (void)fputs(lrp_text_string(&text), show->talk);
    lrp_text_fini(&text);
    if (status != LRP_OK) {
        show->code = lrp_exit_worse(show->code, lrp_report_error(&err, NULL));
    }
}

static void print_picture(struct lrp_show_diagnosis *show,
                          const struct lrp_diagnosis_report *report)
{
    struct lrp_error err = {0};
    struct lrp_run_figure figure;
    enum lrp_plot_format format = LRP_PLOT_DUMB;
    char *bytes = NULL;
    size_t length = 0;
    (void)lrp_plot_format_parse(show->common->plot, &format);
    enum lrp_status status = LRP_OK;
    if (format != LRP_PLOT_SVG && format != LRP_PLOT_SIXEL && lrp_terminal_columns(stdout) > 0) {
        status = lrp_fail(&err, LRP_E_ARG, 0,
                          "--plot png and pdf go to a file or a pipe, not to a terminal");
    }
    status = status == LRP_OK ? lrp_loss_of_run_figure(report, &figure, &err) : status;
    if (status == LRP_OK) {
        status = lrp_plot_draw(&figure.figure, format, 0, 0, &bytes, &length, &err);
        lrp_run_figure_fini(&figure);
    }
    if (status == LRP_OK) {
        (void)fwrite(bytes, 1, length, stdout);
    } else {
        show->code = lrp_exit_worse(show->code, lrp_report_error(&err, NULL));
    }
    free(bytes);
}

enum lrp_status lrp_show_diagnosis_run(void *user, const struct lrp_diagnosis_report *report,
                                       struct lrp_error *err)
{
    struct lrp_show_diagnosis *show = user;
    enum lrp_status status = LRP_OK;
    struct lrp_text text;
    if (show->common->json) {
        lrp_text_init(&text, TEXT_MOST);
        status = lrp_diagnosis_json_run(report, show->n_told == 0, &text, err);
        status = status == LRP_OK ? put(stdout, &text, err) : status;
    }
    show->n_told++;
    show->many = show->many || !report->alone;
    if (status == LRP_OK && !show->many && (show->talk == stdout || !show->common->quiet)) {
        print_words(show, report);
    }
    if (status == LRP_OK && !show->many && show->picture) {
        print_picture(show, report);
    }
    return status;
}

int lrp_show_diagnosis_end(struct lrp_show_diagnosis *show, struct lrp_triage *triage)
{
    struct lrp_error err = {0};
    struct lrp_run_table *table = lrp_triage_table(triage);
    struct lrp_text text;
    enum lrp_status status = LRP_OK;
    lrp_run_table_sort(table);
    lrp_text_init(&text, TEXT_MOST);
    if (show->common->json) {
        lrp_diagnosis_json_end(&text);
        status = put(stdout, &text, &err);
    } else if (show->csv) {
        lrp_run_table_csv(table, &text);
        status = put(stdout, &text, &err);
    }
    if (status == LRP_OK && show->many && table->n > 0 &&
        (show->talk == stdout || !show->common->quiet)) {
        unsigned columns = lrp_terminal_columns(show->talk);
        lrp_text_init(&text, TEXT_MOST);
        lrp_run_table_terminal(table, columns, lrp_terminal_color(show->talk), show->common->quiet,
                               &text);
        status = put(show->talk, &text, &err);
    }
    if (status == LRP_OK && show->many && show->picture) {
        status = lrp_fail(&err, LRP_E_ARG, 0, "--plot %s takes a single run; -o DIR draws many",
                          show->common->plot);
    }
    if (status != LRP_OK) {
        show->code = lrp_exit_worse(show->code, lrp_report_error(&err, NULL));
    }
    return show->code;
}
