/* SPDX-License-Identifier: MIT */
/* The pages of a range report as text. */
#ifndef LRP_REPORT_RANGE_PAGES_H
#define LRP_REPORT_RANGE_PAGES_H

#include "page.h"
#include "range_figures.h"
#include "text.h"

void lrp_range_html(const struct lrp_range_report *report, const struct lrp_page_picture *loss,
                    const struct lrp_page_picture *slope, struct lrp_text *out);
void lrp_range_markdown(const struct lrp_range_report *report, bool has_plots,
                        struct lrp_text *out);
/* Lines of Python with the numbers; contains nothing but our own text and numbers. */
void lrp_append_pytorch(struct lrp_text *out, const struct lrp_bounds *bounds);
#endif
