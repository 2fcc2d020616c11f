/* SPDX-License-Identifier: MIT */
#include "range_pages.h"

#include "files.h"
#include "page.h"

#include <stdlib.h>
#include <string.h>

enum { PAGE_MOST = 1 << 27 };

struct pictures {
    struct lrp_page_picture loss;
    struct lrp_page_picture slope;
};

static enum lrp_status one_figure(enum lrp_status (*make)(const struct lrp_range_report *,
                                                          struct lrp_range_figure *,
                                                          struct lrp_error *),
                                  const struct lrp_range_report *report, const char *folder,
                                  struct lrp_page_picture *picture, struct lrp_error *err)
{
    struct lrp_range_figure figure;
    enum lrp_status status = make(report, &figure, err);
    if (status != LRP_OK) {
        return status;
    }
    status = lrp_plot_save(&figure.figure, folder, err);
    status = status == LRP_OK ? lrp_page_draw(&figure.figure, picture, err) : status;
    lrp_range_figure_fini(&figure);
    return status == LRP_E_NODATA ? LRP_OK : status;
}

static enum lrp_status draw(const struct lrp_range_report *report, const char *folder,
                            struct pictures *pictures, struct lrp_error *err)
{
    if (report->curve == NULL) {
        return LRP_OK;
    }
    char *plots = lrp_path_join(folder, "plots");
    if (plots == NULL) {
        return lrp_fail_memory(err, strlen(folder));
    }
    enum lrp_status status = lrp_make_folder(plots, err);
    if (status == LRP_OK) {
        status = one_figure(lrp_loss_figure, report, plots, &pictures->loss, err);
        enum lrp_status slope = one_figure(lrp_slope_figure, report, plots, &pictures->slope,
                                           status == LRP_OK ? err : NULL);
        status = lrp_first_status(status, slope);
    }
    free(plots);
    return status;
}

enum lrp_status lrp_range_report_write(const struct lrp_range_report *report, const char *folder,
                                       struct lrp_error *err)
{
    struct pictures pictures = {{NULL, NULL}, {NULL, NULL}};
    struct lrp_text page;
    char *json = NULL;
    enum lrp_status status = lrp_make_folder(folder, err);
    if (status != LRP_OK) {
        return status;
    }
    status = lrp_bounds_json(report->bounds, &json, err);
    status = status == LRP_OK
                 ? lrp_report_write_bytes(folder, "bounds.json", json, strlen(json), err)
                 : status;
    free(json);
    /* The numbers come first: whatever fails after this, they are there. */
    enum lrp_status drawn = draw(report, folder, &pictures, status == LRP_OK ? err : NULL);
    status = lrp_first_status(status, drawn);
    lrp_text_init(&page, PAGE_MOST);
    lrp_range_markdown(report, pictures.loss.wide != NULL, &page);
    enum lrp_status wrote =
        lrp_report_write_text(folder, "report.md", &page, status == LRP_OK ? err : NULL);
    status = lrp_first_status(status, wrote);
    lrp_text_init(&page, PAGE_MOST);
    lrp_range_html(report, &pictures.loss, &pictures.slope, &page);
    wrote = lrp_report_write_text(folder, "report.html", &page, status == LRP_OK ? err : NULL);
    status = lrp_first_status(status, wrote);
    lrp_page_picture_fini(&pictures.loss);
    lrp_page_picture_fini(&pictures.slope);
    return status;
}

enum lrp_status lrp_range_report_plot(const struct lrp_range_report *report,
                                      enum lrp_plot_format format, char **bytes, size_t *length,
                                      struct lrp_error *err)
{
    struct lrp_range_figure figure;
    if (report->curve == NULL) {
        return lrp_fail(err, LRP_E_NODATA, 0, "there are too few points for a plot");
    }
    enum lrp_status status = lrp_loss_figure(report, &figure, err);
    if (status == LRP_OK) {
        status = lrp_plot_draw(&figure.figure, format, 0, 0, bytes, length, err);
        lrp_range_figure_fini(&figure);
    }
    return status;
}
