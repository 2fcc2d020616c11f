/* SPDX-License-Identifier: MIT */
/* A document as files: its pages and the figures in them. */
#include "document.h"

#include "files.h"

#include <stdlib.h>
#include <string.h>

enum { PAGE_MOST = 1 << 28 };
/* For a phone: not the wide picture made small, since its text would be too small to read. */
enum { NARROW_WIDTH = 420, NARROW_HEIGHT = 400 };

static enum lrp_status draw_one(struct lrp_drawing *drawing, const char *plots,
                                struct lrp_error *err)
{
    size_t length = 0;
    struct lrp_figure untitled = drawing->figure;
    untitled.title = NULL; /* the page has it as its heading */
    if (plots != NULL) {
        LRP_TRY(lrp_plot_save(&drawing->figure, plots, err));
    }
    LRP_TRY(lrp_plot_draw(&untitled, LRP_PLOT_SVG, 0, 0, &drawing->wide, &length, err));
    return lrp_plot_draw(&untitled, LRP_PLOT_SVG, NARROW_WIDTH, NARROW_HEIGHT, &drawing->narrow,
                         &length, err);
}

/* plots: folder for the files of the figures, which is made; NULL = none. */
static enum lrp_status draw_all(struct lrp_document *document, const char *plots,
                                struct lrp_error *err)
{
    enum lrp_status first =
        plots != NULL && document->n_figures > 0 ? lrp_make_folder(plots, err) : LRP_OK;
    for (size_t i = 0; i < document->n_figures; i++) {
        enum lrp_status status =
            draw_one(document->figures[i], plots, first == LRP_OK ? err : NULL);
        first = lrp_first_status(first, status == LRP_E_NODATA ? LRP_OK : status);
    }
    return first;
}

enum lrp_status lrp_report_write_text(const char *folder, const char *name, struct lrp_text *text,
                                      struct lrp_error *err)
{
    char *path = lrp_path_join(folder, name);
    enum lrp_status status =
        path != NULL ? lrp_text_check(text, err) : lrp_fail_memory(err, strlen(folder));
    if (status == LRP_OK) {
        status = lrp_write_whole(path, lrp_text_string(text), text->length, err);
    }
    free(path);
    lrp_text_fini(text);
    return status;
}

/* One form of the document as folder/name. */
static enum lrp_status save_as(enum lrp_status (*form)(const struct lrp_document *,
                                                       struct lrp_text *, struct lrp_error *),
                               const struct lrp_document *document, const char *folder,
                               const char *name, struct lrp_error *err)
{
    struct lrp_text page;
    lrp_text_init(&page, PAGE_MOST);
    enum lrp_status status = form(document, &page, err);
    if (status != LRP_OK) {
        lrp_text_fini(&page);
        return status;
    }
    return lrp_report_write_text(folder, name, &page, err);
}

enum lrp_status lrp_document_save(struct lrp_document *document, const char *folder,
                                  const char *page, struct lrp_error *err)
{
    LRP_TRY(lrp_make_folder(folder, err));
    char *plots = lrp_path_join(folder, "plots");
    LRP_TRY_MEMORY(plots, err);
    enum lrp_status first = draw_all(document, page == NULL ? plots : NULL, err);
    free(plots);
    if (page == NULL) {
        enum lrp_status status = save_as(lrp_document_markdown, document, folder, "report.md",
                                         first == LRP_OK ? err : NULL);
        first = lrp_first_status(first, status);
    }
    enum lrp_status status =
        save_as(lrp_document_html, document, folder, page == NULL ? "report.html" : page,
                first == LRP_OK ? err : NULL);
    return lrp_first_status(first, status);
}
