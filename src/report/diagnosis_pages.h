/* SPDX-License-Identifier: MIT */
/* The pages of a diagnosis report as text. */
#ifndef LRP_REPORT_DIAGNOSIS_PAGES_H
#define LRP_REPORT_DIAGNOSIS_PAGES_H

#include "families.h"
#include "page.h"
#include "run_table.h"

enum { LRP_PICTURES = 8 };

/* The figures: the loss, one for each family in its order, the rate; empty where there is none. */
struct lrp_run_pictures {
    struct lrp_page_picture loss;
    struct lrp_page_picture family[LRP_PICTURES];
    struct lrp_page_picture rate;
};

/* up: path to the overview of many runs, NULL = there is none. */
void lrp_diagnosis_html(const struct lrp_diagnosis_report *report,
                        const struct lrp_run_pictures *pictures, const char *up,
                        struct lrp_text *out);
void lrp_diagnosis_markdown(const struct lrp_diagnosis_report *report,
                            const struct lrp_run_pictures *pictures, struct lrp_text *out);
/* The overview of many runs. The first n_pages rows have a page runs/NNN.html, counted from 1. */
void lrp_runs_html(const struct lrp_run_table *table, const char *title, const char *command,
                   size_t n_pages, struct lrp_text *out);
void lrp_runs_markdown(const struct lrp_run_table *table, const char *title, const char *command,
                       struct lrp_text *out);
/* "bad", "warn", "good" or "plain": the class of a verdict in the style sheet. */
const char *lrp_verdict_class(enum lrp_verdict verdict);
#endif
