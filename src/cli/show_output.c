/* SPDX-License-Identifier: MIT */
#include "show_output.h"

#include "terminal.h"

#include <string.h>

enum { PATH_MOST = 1 << 14 };

enum lrp_plot_format lrp_plot_wanted(const struct lrp_common_options *common)
{
    enum lrp_plot_format format = LRP_PLOT_DUMB;
    (void)lrp_plot_format_parse(common->plot, &format);
    return format;
}

bool lrp_picture_wanted(const struct lrp_common_options *common)
{
    enum lrp_plot_format format = lrp_plot_wanted(common);
    return format != LRP_PLOT_DUMB && format != LRP_PLOT_NONE;
}

enum lrp_status lrp_check_picture(enum lrp_plot_format format, struct lrp_error *err)
{
    if ((format == LRP_PLOT_PNG || format == LRP_PLOT_PDF) && lrp_terminal_columns(stdout) > 0) {
        return lrp_fail(err, LRP_E_ARG, 0,
                        "--plot png and pdf go to a file or a pipe, not to a terminal");
    }
    return LRP_OK;
}

int lrp_show_status(enum lrp_status status, const struct lrp_error *err)
{
    return status == LRP_OK ? LRP_EXIT_OK : lrp_report_error(err, NULL);
}

int lrp_show_folder(FILE *talk, const struct lrp_common_options *common, const char *folder,
                    enum lrp_status status, const struct lrp_error *err, bool told)
{
    if (status == LRP_E_TOOL && lrp_plot_wanted(common) == LRP_PLOT_NONE) {
        status = LRP_OK;
    }
    if (!common->quiet && (status == LRP_OK || status == LRP_E_TOOL)) {
        struct lrp_text shown;
        lrp_text_init(&shown, PATH_MOST);
        lrp_text_append_clean(&shown, folder, strlen(folder));
        (void)fprintf(talk, "report    %s/report.html\n", lrp_text_string(&shown));
        lrp_text_fini(&shown);
    }
    return status == LRP_E_TOOL && told ? LRP_EXIT_TOOL : lrp_show_status(status, err);
}
