/* SPDX-License-Identifier: MIT */
/* What all reports share: the frame and style of their pages, pictures in them, text from anybody
 * made safe, files that appear only when whole. */
#ifndef LRP_REPORT_PAGE_H
#define LRP_REPORT_PAGE_H

#include "plot.h"
#include "text.h"

/* Three digits, or a dash where the value is not finite. buffer has LRP_NUMBER_SIZE bytes. */
const char *lrp_page_number(double value, char *buffer);
/* The same, "nan" where the value is known to be none. */
const char *lrp_page_loss(double value, bool broken, char *buffer);
/* One self-contained HTML page: no script, no request; readable on a phone, light and dark. From
 * the doctype to the heading; title may come from anybody. */
void lrp_page_begin(struct lrp_text *out, const char *title);
void lrp_page_end(struct lrp_text *out);
/* A figure as SVG twice, as wide as the page and for a phone; NULL where it was not drawn. */
struct lrp_page_picture {
    char *wide;
    char *narrow;
};
/* Both without the figure's title, which the page has as its heading. picture is empty at first and
 * ended by fini, after an error too. */
enum lrp_status lrp_page_draw(const struct lrp_figure *figure, struct lrp_page_picture *picture,
                              struct lrp_error *err);
void lrp_page_picture_fini(struct lrp_page_picture *picture);
/* The one that fits is shown. prefix: letters that no other picture of the page has, put before its
 * ids. caption: our own HTML. */
void lrp_page_figure(struct lrp_text *out, const struct lrp_page_picture *picture,
                     const char *prefix, const char *caption);
/* A figure in characters for a terminal of so many columns (0 = 80), without the blank lines around
 * it; an empty line behind. Nothing where there is nothing to draw. LRP_E_TOOL. */
enum lrp_status lrp_report_append_plot(const struct lrp_figure *figure, unsigned columns,
                                       struct lrp_text *out, struct lrp_error *err);
/* Text from anybody: cleaned, and what Markdown or its HTML would take for a mark defused. */
void lrp_markdown_append_plain(struct lrp_text *out, const char *text);

/* Of two statuses the first that is not LRP_OK. */
enum lrp_status lrp_first_status(enum lrp_status a, enum lrp_status b);
/* folder/name, by lrp_write_whole. */
enum lrp_status lrp_report_write_bytes(const char *folder, const char *name, const char *bytes,
                                       size_t length, struct lrp_error *err);
/* The same from a text, which is ended here in any case. */
enum lrp_status lrp_report_write_text(const char *folder, const char *name, struct lrp_text *text,
                                      struct lrp_error *err);
#endif
