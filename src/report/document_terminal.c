/* SPDX-License-Identifier: MIT */
/* A document as text for a terminal. */
#include "document.h"

#include <stdlib.h>
#include <string.h>

enum { NARROWEST = 40, WIDEST = 110, PLOT_LINES = 22 };

/* A figure in characters, without the blank lines around it; an empty line behind. Nothing where
 * there is nothing to draw. */
static enum lrp_status append_plot(const struct lrp_figure *figure, unsigned columns,
                                   struct lrp_text *out, struct lrp_error *err)
{
    char *bytes = NULL;
    size_t length = 0;
    enum lrp_status status =
        lrp_plot_draw(figure, LRP_PLOT_DUMB, columns - 1, PLOT_LINES, &bytes, &length, err);
    size_t owed = 0; /* blank lines: printed only between others */
    bool begun = false;
    const char *at = status == LRP_OK ? bytes : "";
    const char *line = NULL;
    for (size_t used = 0; lrp_next_line(&at, &line, &used);) {
        while (used > 0 && (line[used - 1] == ' ' || line[used - 1] == '\f')) {
            used--;
        }
        owed += used == 0 && begun ? 1 : 0;
        if (used > 0) {
            for (; owed > 0; owed--) {
                lrp_text_append(out, "\n");
            }
            lrp_text_append_bytes(out, line, used);
            lrp_text_append(out, "\n");
            begun = true;
        }
    }
    lrp_text_append(out, begun ? "\n" : "");
    free(bytes);
    return status == LRP_E_NODATA ? LRP_OK : status;
}

/* The words of a node, clean, and in the colour of what they say where they are to stand out. */
static void append_words(const struct lrp_document *document, const struct lrp_node *node,
                         bool color, struct lrp_text *out)
{
    static const char *const colors[] = {"\033[1m", "\033[1;32m", "\033[1;33m", "\033[1;31m", ""};
    const char *words = lrp_node_text(document, node);
    bool painted = color && node->kind == LRP_NODE_STRONG && node->tone != LRP_TONE_SOFT;
    lrp_text_append(out, painted ? colors[node->tone] : "");
    lrp_text_append_clean(out, words, strlen(words));
    lrp_text_append(out, painted ? "\033[0m" : "");
}

static void append_code(const char *lines, struct lrp_text *out)
{
    const char *line = NULL;
    size_t length = 0;
    while (lrp_next_line(&lines, &line, &length)) {
        lrp_text_append_clean(out, line, length);
        lrp_text_append(out, "\n");
    }
}

static void append_paragraph(const struct lrp_document *document, const struct lrp_node *node,
                             unsigned columns, struct lrp_text *out)
{
    struct lrp_text words;
    lrp_text_init(&words, 1 << 24);
    append_words(document, node, false, &words);
    lrp_text_printf(out, "%*s", node->column, "");
    lrp_text_append_wrapped(out, lrp_text_string(&words), node->column, node->indent, columns - 1);
    lrp_text_fini(&words);
}

enum lrp_status lrp_document_terminal(const struct lrp_document *document, unsigned columns,
                                      bool color, struct lrp_text *out, struct lrp_error *err)
{
    enum lrp_status first = lrp_text_check(&document->words, err);
    columns = columns == 0 ? 80 : columns < NARROWEST ? NARROWEST : columns;
    columns = columns > WIDEST ? WIDEST : columns;
    for (size_t i = 0; i < document->n_nodes; i++) {
        const struct lrp_node *node = &document->nodes[i];
        if ((node->audience & LRP_FOR_TERMINAL) == 0) {
            continue;
        }
        if (node->kind == LRP_NODE_FIGURE) {
            enum lrp_status status = append_plot(&document->figures[node->figure]->figure, columns,
                                                 out, first == LRP_OK ? err : NULL);
            first = lrp_first_status(first, status);
        } else if (node->kind == LRP_NODE_CODE) {
            append_code(lrp_node_text(document, node), out);
        } else if (node->kind == LRP_NODE_PARAGRAPH) {
            append_paragraph(document, node, columns, out);
        } else {
            append_words(document, node, color, out);
            lrp_text_append(out, node->kind == LRP_NODE_LINE && node->closes ? "\n" : "");
        }
    }
    enum lrp_status status = lrp_text_check(out, first == LRP_OK ? err : NULL);
    return lrp_first_status(first, status);
}
