/* SPDX-License-Identifier: MIT */
#include "show_range.h"

#include "show_output.h"
#include "terminal.h"
#include "text.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

enum { TEXT_MOST = 1 << 22 };

static int print_words(const struct lrp_range_report *report, FILE *out, bool with_plot)
{
    struct lrp_error err = {0};
    struct lrp_text text;
    lrp_text_init(&text, TEXT_MOST);
    enum lrp_status status = lrp_range_report_terminal(
        report, lrp_terminal_columns(out), lrp_terminal_color(out), with_plot, &text, &err);
    (void)fputs(lrp_text_string(&text), out);
    lrp_text_fini(&text);
    return lrp_show_status(status, &err);
}

static int print_json(const struct lrp_bounds *bounds)
{
    struct lrp_error err = {0};
    char *text = NULL;
    enum lrp_status status = lrp_bounds_json(bounds, &text, &err);
    (void)fputs(status == LRP_OK ? text : "", stdout);
    free(text);
    return lrp_show_status(status, &err);
}

static int print_picture(const struct lrp_range_report *report, enum lrp_plot_format format)
{
    struct lrp_error err = {0};
    char *bytes = NULL;
    size_t length = 0;
    enum lrp_status status = lrp_check_picture(format, &err);
    if (status == LRP_OK) {
        status = lrp_range_report_plot(report, format, &bytes, &length, &err);
    }
    if (status == LRP_OK) {
        (void)fwrite(bytes, 1, length, stdout);
    }
    free(bytes);
    return lrp_show_status(status, &err);
}

int lrp_show_range(const struct lrp_range_report *report, const struct lrp_common_options *common,
                   const char *folder)
{
    enum lrp_plot_format format = lrp_plot_wanted(common);
    int code = report->bounds->outcome == LRP_OUTCOME_OK ? LRP_EXIT_OK : LRP_EXIT_FINDINGS;
    bool data = common->json || lrp_picture_wanted(common);
    FILE *talk = data ? stderr : stdout;
    if (!data || !common->quiet) {
        bool with_plot = !data && !common->quiet && format == LRP_PLOT_DUMB;
        code = lrp_exit_worse(code, print_words(report, talk, with_plot));
    }
    if (data) {
        code = lrp_exit_worse(code, common->json ? print_json(report->bounds)
                                                 : print_picture(report, format));
    }
    if (folder != NULL) {
        struct lrp_error err = {0};
        enum lrp_status status = lrp_range_report_write(report, folder, &err);
        code = lrp_exit_worse(
            code, lrp_show_folder(talk, common, folder, status, &err, code == LRP_EXIT_TOOL));
    }
    return code;
}
