/* SPDX-License-Identifier: MIT */
/* The overview of many diagnosed runs. */
#include "diagnosis_pages.h"

#include "number.h"
#include "page.h"

#include <string.h>

/* How many runs came to each verdict, as cards. */
static void cards(struct lrp_text *out, const struct lrp_run_table *table)
{
    size_t counts[LRP_VERDICT_UNDECIDED + 1] = {0};
    for (size_t i = 0; i < table->n; i++) {
        counts[table->rows[i].verdict]++;
    }
    lrp_text_append(out, "<div class=\"cards small\">\n");
    for (int v = LRP_VERDICT_NON_FINITE; v <= LRP_VERDICT_UNDECIDED; v++) {
        if (counts[v] > 0) {
            lrp_text_printf(out,
                            "<div class=\"card\"><b class=\"%s\">%zu</b><span>%s</span></div>\n",
                            lrp_verdict_class((enum lrp_verdict)v), counts[v],
                            lrp_verdict_name((enum lrp_verdict)v));
        }
    }
    lrp_text_append(out, "</div>\n");
}

static void run_row(struct lrp_text *out, const struct lrp_run_row *row, size_t folder, size_t page)
{
    char number[3][LRP_NUMBER_SIZE];
    lrp_text_printf(out, "<tr><td><span class=\"tag %s\">%s</span></td><td>%s</td><td>",
                    lrp_verdict_class(row->verdict), lrp_verdict_name(row->verdict),
                    row->primary != NULL ? row->primary : "");
    if (page > 0) {
        lrp_text_printf(out, "<a href=\"runs/%03zu.html\">", page);
    }
    lrp_text_append_html(out, row->source + folder);
    lrp_text_append(out, page > 0 ? "</a></td><td>" : "</td><td>");
    lrp_text_append_html(out, row->reason);
    lrp_text_printf(out,
                    "</td><td class=\"n\" data-name=\"fail / warn\">%zu / %zu</td>"
                    "<td class=\"n\" data-name=\"first loss\">%s</td>"
                    "<td class=\"n\" data-name=\"final loss\">%s</td>"
                    "<td class=\"n\" data-name=\"lr\">%s</td></tr>\n",
                    row->counts[LRP_CHECK_FAIL], row->counts[LRP_CHECK_WARN],
                    lrp_page_number(row->facts.first_loss, number[0]),
                    lrp_page_loss(row->facts.final_loss, row->facts.broken, number[1]),
                    lrp_page_number(row->facts.lr, number[2]));
}

void lrp_runs_html(const struct lrp_run_table *table, const char *title, const char *command,
                   size_t n_pages, struct lrp_text *out)
{
    size_t folder = lrp_run_table_common_folder(table);
    lrp_page_begin(out, title);
    lrp_text_append(out, "<p class=\"soft\">");
    lrp_run_table_totals(table, out);
    lrp_text_append(out, "</p>\n");
    cards(out, table);
    if (folder > 0) {
        struct lrp_text common;
        lrp_text_init(&common, 1 << 20);
        lrp_text_append_bytes(&common, table->rows[0].source, folder);
        lrp_text_append(out, "<p class=\"soft\">in ");
        lrp_text_append_html(out, lrp_text_string(&common));
        lrp_text_append(out, "</p>\n");
        lrp_text_fini(&common);
    }
    lrp_text_append(out, "<h2>All runs, the worst first</h2>\n");
    if (n_pages < table->n) {
        lrp_text_printf(
            out,
            "<p class=\"soft\">The first %zu have a page of their own; diagnose another "
            "one by itself for its report.</p>\n",
            n_pages);
    }
    lrp_text_append(out, "<div class=\"wide\"><table class=\"list\"><tr><th>verdict</th><th>by</th>"
                         "<th>run</th><th>why</th><th>fail / warn</th><th>first loss</th><th>final "
                         "loss</th><th>lr</th></tr>\n");
    for (size_t i = 0; i < table->n; i++) {
        run_row(out, &table->rows[i], folder, i < n_pages ? i + 1 : 0);
    }
    lrp_text_append(out, "</table></div>\n");
    if (command[0] != '\0') {
        lrp_text_append(out, "<pre>");
        lrp_text_append_html(out, command);
        lrp_text_append(out, "</pre>\n");
    }
    lrp_page_end(out);
}
