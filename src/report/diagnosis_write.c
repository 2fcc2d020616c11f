/* SPDX-License-Identifier: MIT */
#include "diagnosis_write.h"

#include "diagnosis_pages.h"
#include "files.h"
#include "page.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE_MOST = 1 << 28 };

/* One figure: saved into plots (NULL: not), and its picture without a title for a page. */
static enum lrp_status draw(lrp_make_run_figure *make, const struct lrp_diagnosis_report *report,
                            const char *plots, struct lrp_page_picture *picture,
                            struct lrp_error *err)
{
    struct lrp_run_figure figure;
    enum lrp_status status = make(report, &figure, err);
    if (status != LRP_OK) {
        return status == LRP_E_NODATA ? LRP_OK : status;
    }
    if (plots != NULL) {
        status = lrp_plot_save(&figure.figure, plots, err);
    }
    status = status == LRP_OK ? lrp_page_draw(&figure.figure, picture, err) : status;
    lrp_run_figure_fini(&figure);
    return status == LRP_E_NODATA ? LRP_OK : status;
}

/* All figures that the report needs; the first error is kept, the rest is drawn all the same. */
static enum lrp_status draw_all(const struct lrp_diagnosis_report *report, const char *plots,
                                struct lrp_run_pictures *pictures, struct lrp_error *err)
{
    enum lrp_status status = draw(lrp_loss_of_run_figure, report, plots, &pictures->loss, err);
    for (size_t f = 0; lrp_families[f].id != NULL; f++) {
        const struct lrp_family *family = &lrp_families[f];
        if (family->make != NULL && lrp_family_alarms(family, report->diagnosis) > 0) {
            enum lrp_status drawn = draw(family->make, report, plots, &pictures->family[f],
                                         status == LRP_OK ? err : NULL);
            status = lrp_first_status(status, drawn);
        }
    }
    enum lrp_status drawn =
        draw(lrp_rate_figure, report, plots, &pictures->rate, status == LRP_OK ? err : NULL);
    return lrp_first_status(status, drawn);
}

static void free_pictures(struct lrp_run_pictures *pictures)
{
    lrp_page_picture_fini(&pictures->loss);
    lrp_page_picture_fini(&pictures->rate);
    for (size_t f = 0; f < LRP_PICTURES; f++) {
        lrp_page_picture_fini(&pictures->family[f]);
    }
}

enum lrp_status lrp_diagnosis_write(const struct lrp_diagnosis_report *report, const char *folder,
                                    struct lrp_error *err)
{
    struct lrp_run_pictures pictures;
    struct lrp_text page;
    memset(&pictures, 0, sizeof pictures);
    char *plots = lrp_path_join(folder, "plots");
    if (plots == NULL) {
        return lrp_fail_memory(err, strlen(folder));
    }
    enum lrp_status status = lrp_make_folder(plots, err);
    status = status == LRP_OK ? draw_all(report, plots, &pictures, err) : status;
    lrp_text_init(&page, PAGE_MOST);
    lrp_diagnosis_markdown(report, &pictures, &page);
    enum lrp_status wrote =
        lrp_report_write_text(folder, "report.md", &page, status == LRP_OK ? err : NULL);
    status = lrp_first_status(status, wrote);
    lrp_text_init(&page, PAGE_MOST);
    lrp_diagnosis_html(report, &pictures, NULL, &page);
    wrote = lrp_report_write_text(folder, "report.html", &page, status == LRP_OK ? err : NULL);
    free_pictures(&pictures);
    free(plots);
    return lrp_first_status(status, wrote);
}

enum lrp_status lrp_diagnosis_write_page(const struct lrp_diagnosis_report *report,
                                         const char *folder, size_t number, struct lrp_error *err)
{
    struct lrp_run_pictures pictures;
    struct lrp_text page;
    char name[40];
    memset(&pictures, 0, sizeof pictures);
    char *runs = lrp_path_join(folder, "runs");
    if (runs == NULL) {
        return lrp_fail_memory(err, strlen(folder));
    }
    enum lrp_status status = lrp_make_folder(runs, err);
    status = status == LRP_OK ? draw_all(report, NULL, &pictures, err) : status;
    (void)snprintf(name, sizeof name, "%03zu.html", number);
    lrp_text_init(&page, PAGE_MOST);
    lrp_diagnosis_html(report, &pictures, "../report.html", &page);
    enum lrp_status wrote = lrp_report_write_text(runs, name, &page, status == LRP_OK ? err : NULL);
    free_pictures(&pictures);
    free(runs);
    return lrp_first_status(status, wrote);
}

enum lrp_status lrp_runs_write(const struct lrp_run_table *table, const char *folder,
                               const char *title, const char *command, size_t n_pages,
                               struct lrp_error *err)
{
    struct lrp_text page;
    enum lrp_status status = lrp_make_folder(folder, err);
    if (status != LRP_OK) {
        return status;
    }
    lrp_text_init(&page, PAGE_MOST);
    lrp_run_table_csv(table, &page);
    status = lrp_report_write_text(folder, "runs.csv", &page, err);
    lrp_text_init(&page, PAGE_MOST);
    lrp_runs_markdown(table, title, command, &page);
    enum lrp_status wrote =
        lrp_report_write_text(folder, "report.md", &page, status == LRP_OK ? err : NULL);
    status = lrp_first_status(status, wrote);
    lrp_text_init(&page, PAGE_MOST);
    lrp_runs_html(table, title, command, n_pages, &page);
    wrote = lrp_report_write_text(folder, "report.html", &page, status == LRP_OK ? err : NULL);
    return lrp_first_status(status, wrote);
}
