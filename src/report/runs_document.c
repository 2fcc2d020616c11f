/* SPDX-License-Identifier: MIT */
/* The overview of many diagnosed runs as a document. */
#include "files.h"
#include "run_table.h"

#include <stdio.h>
#include <string.h>

enum { TEXT_MOST = 1 << 28, ID_COLUMNS = 4, NARROW_REASON = 16 };

/* ---- terminal ------------------------------------------------------------------------------ */

/* Widths of the columns, in characters. */
struct layout {
    size_t verdict, source;
    size_t folder; /* bytes of the sources that are left out */
    size_t reason; /* 0 = not cut */
};

static size_t columns_of(const char *clean)
{
    return lrp_utf8_count(clean, strlen(clean));
}

static struct layout layout_of(const struct lrp_run_table *table, unsigned columns, bool bare)
{
    struct layout layout = {strlen("verdict"), strlen("file"), 0, 0};
    layout.folder = bare ? 0 : lrp_run_table_common_folder(table);
    for (size_t i = 0; i < table->n; i++) {
        size_t verdict = strlen(lrp_verdict_name(table->rows[i].verdict));
        size_t source = columns_of(table->rows[i].source + layout.folder);
        layout.verdict = verdict > layout.verdict ? verdict : layout.verdict;
        layout.source = source > layout.source ? source : layout.source;
    }
    if (columns > 0) {
        size_t most = columns / 2 > 16 ? columns / 2 : 16;
        layout.source = layout.source < most ? layout.source : most;
        size_t taken = layout.verdict + 2 + ID_COLUMNS + 1 + layout.source + 2;
        layout.reason = columns > taken + NARROW_REASON ? columns - taken - 1 : NARROW_REASON;
    } else {
        layout.source = layout.source < 60 ? layout.source : 60;
    }
    return layout;
}

/* Bytes of the first count characters of valid UTF-8. */
static size_t bytes_of(const char *text, size_t count)
{
    size_t at = 0;
    while (text[at] != '\0' && count > 0) {
        size_t length = lrp_utf8_length((const unsigned char *)text + at, strlen(text + at));
        at += length > 0 ? length : 1;
        count--;
    }
    return at;
}

/* The end of a name says more than its beginning. */
static void append_source(struct lrp_text *out, const char *source, size_t width, bool cut)
{
    size_t columns = columns_of(source);
    if (cut && columns > width) {
        lrp_text_printf(out, "\xE2\x80\xA6%s", source + bytes_of(source, columns - width + 1));
    } else {
        lrp_text_printf(out, "%s%*s", source, columns < width ? (int)(width - columns) : 0, "");
    }
}

static void append_reason(struct lrp_text *out, const char *reason, size_t width)
{
    bool cut = width > 0 && columns_of(reason) > width;
    lrp_text_append_bytes(out, reason, cut ? bytes_of(reason, width - 1) : strlen(reason));
    lrp_text_append(out, cut ? "\xE2\x80\xA6" : "");
}

static void add_totals(struct lrp_document *document, enum lrp_node_kind kind,
                       const struct lrp_run_table *table, const char *end)
{
    struct lrp_text totals;
    lrp_text_init(&totals, 4096);
    lrp_run_table_totals(table, &totals);
    lrp_document_add(document, kind, "%s%s", lrp_text_string(&totals), end);
    lrp_text_fini(&totals);
}

static void add_line(struct lrp_document *document, const struct lrp_run_row *row,
                     const struct layout *layout, bool cut)
{
    struct lrp_text words;
    lrp_text_init(&words, 1 << 20);
    append_source(&words, row->source + layout->folder, layout->source, cut);
    lrp_text_append(&words, "  ");
    append_reason(&words, row->reason, layout->reason);
    lrp_document_begin(document, LRP_NODE_LINE);
    lrp_document_add(document, LRP_NODE_STRONG, "%-*s", (int)layout->verdict,
                     lrp_verdict_name(row->verdict));
    lrp_document_tone(document, lrp_verdict_tone(row->verdict));
    lrp_document_add(document, LRP_NODE_TEXT, "  %-*s %s", ID_COLUMNS,
                     row->primary != NULL ? row->primary : "-", lrp_text_string(&words));
    lrp_document_end(document);
    lrp_text_fini(&words);
}

enum lrp_status lrp_run_table_terminal(const struct lrp_run_table *table, unsigned columns,
                                       bool color, bool bare, struct lrp_text *out,
                                       struct lrp_error *err)
{
    const struct layout layout = layout_of(table, columns, bare);
    struct lrp_document document;
    lrp_document_init(&document, LRP_FOR_TERMINAL);
    if (!bare && layout.folder > 0) {
        lrp_document_add(&document, LRP_NODE_LINE, "in %.*s", (int)layout.folder,
                         table->rows[0].source);
    }
    if (!bare && table->n > 0) {
        lrp_document_add(&document, LRP_NODE_LINE, "%-*s  %-*s %-*s  %s", (int)layout.verdict,
                         "verdict", ID_COLUMNS, "by", (int)layout.source, "file", "why");
    }
    for (size_t i = 0; i < table->n; i++) {
        add_line(&document, &table->rows[i], &layout, columns > 0);
    }
    if (!bare) {
        if (table->n > 0) {
            lrp_document_add(&document, LRP_NODE_LINE, "%s", "");
        }
        add_totals(&document, LRP_NODE_LINE, table, "");
    }
    enum lrp_status status = lrp_document_terminal(&document, columns, color, out, err);
    lrp_document_fini(&document);
    return status;
}

/* ---- pages --------------------------------------------------------------------------------- */

/* How many runs came to each verdict. */
static void add_cards(struct lrp_document *document, const struct lrp_run_table *table)
{
    size_t counts[LRP_VERDICTS];
    lrp_run_table_count(table, counts);
    lrp_document_begin(document, LRP_NODE_CARDS);
    for (int v = 0; v < LRP_VERDICTS; v++) {
        if (counts[v] > 0) {
            lrp_document_begin(document, LRP_NODE_ROW);
            lrp_document_add(document, LRP_NODE_CELL, "%s", lrp_verdict_name((enum lrp_verdict)v));
            lrp_document_add(document, LRP_NODE_CELL, "%zu", counts[v]);
            lrp_document_tone(document, lrp_verdict_tone((enum lrp_verdict)v));
            lrp_document_end(document);
        }
    }
    lrp_document_end(document);
}

/* page: the number of its page, 0 = it has none. */
static void add_run(struct lrp_document *document, const struct lrp_run_row *row, size_t folder,
                    size_t page)
{
    lrp_document_begin(document, LRP_NODE_ROW);
    lrp_document_begin(document, LRP_NODE_CELL);
    lrp_document_add(document, LRP_NODE_TAG, "%s", lrp_verdict_name(row->verdict));
    lrp_document_tone(document, lrp_verdict_tone(row->verdict));
    lrp_document_end(document);
    lrp_document_add(document, LRP_NODE_CELL, "%s", row->primary != NULL ? row->primary : "");
    lrp_document_begin(document, LRP_NODE_CELL);
    lrp_document_add(document, page > 0 ? LRP_NODE_LINK : LRP_NODE_TEXT, "%s",
                     row->source + folder);
    if (page > 0) {
        lrp_document_target(document, "runs/%03zu.html", page);
    }
    lrp_document_end(document);
    lrp_document_add(document, LRP_NODE_CELL, "%s", row->reason);
    lrp_document_add(document, LRP_NODE_NUMBER, "%zu / %zu", row->counts[LRP_CHECK_FAIL],
                     row->counts[LRP_CHECK_WARN]);
    lrp_document_target(document, "fail / warn");
    lrp_document_number(document, "first loss", row->facts.first_loss);
    if (row->facts.broken) {
        lrp_document_add(document, LRP_NODE_NUMBER, "nan");
        lrp_document_target(document, "final loss");
    } else {
        lrp_document_number(document, "final loss", row->facts.final_loss);
    }
    lrp_document_number(document, "lr", row->facts.lr);
    lrp_document_end(document);
}

void lrp_runs_pages(const struct lrp_run_table *table, const char *title, const char *command,
                    size_t n_pages, struct lrp_document *document)
{
    size_t folder = lrp_run_table_common_folder(table);
    lrp_document_init(document, LRP_FOR_PAGES);
    lrp_document_add(document, LRP_NODE_TITLE, "%s", title);
    add_totals(document, LRP_NODE_PARAGRAPH, table, ".");
    document->audience = LRP_FOR_HTML;
    add_cards(document, table);
    if (folder > 0) {
        lrp_document_add(document, LRP_NODE_PARAGRAPH, "in %.*s", (int)folder,
                         table->rows[0].source);
        lrp_document_tone(document, LRP_TONE_SOFT);
    }
    lrp_document_add(document, LRP_NODE_HEADING, "All runs, the worst first");
    if (n_pages < table->n) {
        lrp_document_add(document, LRP_NODE_PARAGRAPH,
                         "The first %zu have a page of their own; diagnose another one by itself "
                         "for its report.",
                         n_pages);
        lrp_document_tone(document, LRP_TONE_SOFT);
    }
    document->audience = LRP_FOR_PAGES;
    lrp_document_begin(document, LRP_NODE_LONG_TABLE);
    lrp_document_row(document, LRP_NODE_HEADER, "verdict", "by", "run", "why", "fail / warn",
                     "first loss", "final loss", "lr", NULL);
    for (size_t i = 0; i < table->n; i++) {
        add_run(document, &table->rows[i], folder, i < n_pages ? i + 1 : 0);
    }
    lrp_document_end(document);
    if (command[0] != '\0') {
        lrp_document_add(document, LRP_NODE_CODE, "%s", command);
    }
}

enum lrp_status lrp_runs_write(const struct lrp_run_table *table, const char *folder,
                               const char *title, const char *command, size_t n_pages,
                               struct lrp_error *err)
{
    struct lrp_text csv;
    struct lrp_document document;
    LRP_TRY(lrp_make_folder(folder, err));
    lrp_text_init(&csv, TEXT_MOST);
    lrp_run_table_csv(table, &csv);
    enum lrp_status first = lrp_report_write_text(folder, "runs.csv", &csv, err);
    lrp_runs_pages(table, title, command, n_pages, &document);
    enum lrp_status status =
        lrp_document_save(&document, folder, NULL, first == LRP_OK ? err : NULL);
    lrp_document_fini(&document);
    return lrp_first_status(first, status);
}
