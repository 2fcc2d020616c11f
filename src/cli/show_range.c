/* SPDX-License-Identifier: MIT */
#include "show_range.h"

#include "terminal.h"
#include "text.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_MOST = 1 << 22, PATH_MOST = 1 << 14 };

static int print_words(const struct lrp_range_report *report, FILE *out, bool with_plot)
{
    struct lrp_error err = {0};
    struct lrp_text text;
    lrp_text_init(&text, TEXT_MOST);
    unsigned columns = lrp_terminal_columns(out);
    bool color = lrp_terminal_color(out);
    enum lrp_status status =
        lrp_range_report_terminal(report, columns, color, with_plot, &text, &err);
    (void)fputs(lrp_text_string(&text), out);
    lrp_text_fini(&text);
    return status == LRP_OK ? LRP_EXIT_OK : lrp_report_error(&err, NULL);
}

static int print_json(const struct lrp_bounds *bounds)
{
    struct lrp_error err = {0};
    char *text = NULL;
    if (lrp_bounds_json(bounds, &text, &err) != LRP_OK) {
        return lrp_report_error(&err, NULL);
    }
    (void)fputs(text, stdout);
    free(text);
    return LRP_EXIT_OK;
}

static int print_picture(const struct lrp_range_report *report, enum lrp_plot_format format)
{
    struct lrp_error err = {0};
    char *bytes = NULL;
    size_t length = 0;
    bool binary = format == LRP_PLOT_PNG || format == LRP_PLOT_PDF;
    if (binary && lrp_terminal_columns(stdout) > 0) {
        (void)lrp_fail(&err, LRP_E_ARG, 0,
                       "--plot png and pdf go to a file or a pipe, not to a terminal");
        return lrp_report_error(&err, NULL);
    }
    if (lrp_range_report_plot(report, format, &bytes, &length, &err) != LRP_OK) {
        return lrp_report_error(&err, NULL);
    }
    (void)fwrite(bytes, 1, length, stdout);
    free(bytes);
    return LRP_EXIT_OK;
}

/* talk: where the path of the report is told, NULL = nowhere. */
static int write_report(const struct lrp_range_report *report, const char *folder,
                        bool plots_wanted, bool tool_told, FILE *talk)
{
    struct lrp_error err = {0};
    enum lrp_status status = lrp_range_report_write(report, folder, &err);
    if (status == LRP_E_TOOL && !plots_wanted) {
        status = LRP_OK;
    }
    if (talk != NULL && (status == LRP_OK || status == LRP_E_TOOL)) {
        struct lrp_text shown;
        lrp_text_init(&shown, PATH_MOST);
        lrp_text_append_clean(&shown, folder, strlen(folder));
        (void)fprintf(talk, "report    %s/report.html\n", lrp_text_string(&shown));
        lrp_text_fini(&shown);
    }
    if (status == LRP_E_TOOL && tool_told) { /* one line about gnuplot is enough */
        return LRP_EXIT_TOOL;
    }
    return status == LRP_OK ? LRP_EXIT_OK : lrp_report_error(&err, NULL);
}

int lrp_show_range(const struct lrp_range_report *report, const struct lrp_common_options *common,
                   const char *folder)
{
    enum lrp_plot_format format = LRP_PLOT_DUMB;
    int code = report->bounds->outcome == LRP_OUTCOME_OK ? LRP_EXIT_OK : LRP_EXIT_FINDINGS;
    (void)lrp_plot_format_parse(common->plot, &format); /* the option table knows the names */
    bool picture = !common->json && format != LRP_PLOT_DUMB && format != LRP_PLOT_NONE;
    bool data = common->json || picture;
    FILE *talk = data ? stderr : stdout;
    if (!data || !common->quiet) {
        bool with_plot = !data && !common->quiet && format == LRP_PLOT_DUMB;
        code = lrp_exit_worse(code, print_words(report, talk, with_plot));
    }
    if (common->json) {
        code = lrp_exit_worse(code, print_json(report->bounds));
    } else if (picture) {
        code = lrp_exit_worse(code, print_picture(report, format));
    }
    if (folder != NULL) {
        code =
            lrp_exit_worse(code, write_report(report, folder, format != LRP_PLOT_NONE,
                                              code == LRP_EXIT_TOOL, common->quiet ? NULL : talk));
    }
    return code;
}
