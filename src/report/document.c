/* SPDX-License-Identifier: MIT */
#include "document.h"

#include "alloc.h"
#include "number.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NODES_MOST = 1 << 26, WORDS_MOST = 1 << 28 };

enum lrp_status lrp_first_status(enum lrp_status a, enum lrp_status b)
{
    return a != LRP_OK ? a : b;
}

const char *lrp_shown_number(double value, char *buffer)
{
    return isfinite(value) ? lrp_format_short(value, 3, buffer) : "\xE2\x80\x93";
}

void lrp_document_init(struct lrp_document *document, unsigned audiences)
{
    memset(document, 0, sizeof *document);
    document->audiences = document->audience = audiences;
    lrp_text_init(&document->words, WORDS_MOST);
    lrp_text_append_bytes(&document->words, "", 1); /* offset 0 is the empty string */
}

void lrp_document_fini(struct lrp_document *document)
{
    for (size_t i = 0; i < document->n_figures; i++) {
        lrp_drawing_free(document->figures[i]);
    }
    free(document->nodes);
    lrp_text_fini(&document->words);
    memset(document, 0, sizeof *document);
}

/* A string of the document, its offset. */
LRP_PRINTF(2, 0)
static uint32_t keep_words(struct lrp_document *document, const char *format, va_list arguments)
{
    size_t at = document->words.length;
    lrp_text_vprintf(&document->words, format, arguments);
    if (document->words.length == at) {
        return 0;
    }
    lrp_text_append_bytes(&document->words, "", 1);
    return (uint32_t)at;
}

/* Appends a node, unless nobody asked for it. */
static void append(struct lrp_document *document, struct lrp_node node)
{
    document->last = NULL;
    if ((node.audience & document->audiences) == 0 || document->words.status != LRP_OK) {
        return;
    }
    document->words.status =
        lrp_grow_array((void **)&document->nodes, document->n_nodes, &document->capacity,
                       sizeof *document->nodes, NODES_MOST, NULL);
    if (document->words.status == LRP_OK) {
        document->last = &document->nodes[document->n_nodes];
        *document->last = node;
        document->n_nodes++;
    }
}

void lrp_document_begin(struct lrp_document *document, enum lrp_node_kind kind)
{
    struct lrp_node node = {
        .kind = (uint8_t)kind, .audience = (uint8_t)document->audience, .opens = true};
    if (document->n_open == LRP_DOCUMENT_DEPTH) {
        document->words.status = LRP_E_LIMIT; /* a builder's mistake */
        return;
    }
    document->open[document->n_open] = node;
    document->n_open++;
    append(document, node);
}

void lrp_document_end(struct lrp_document *document)
{
    if (document->n_open > 0) {
        document->n_open--;
        struct lrp_node node = document->open[document->n_open];
        node.opens = false;
        node.closes = true;
        append(document, node);
    }
}

/* A complete node. */
LRP_PRINTF(3, 0)
static void add_words(struct lrp_document *document, enum lrp_node_kind kind, const char *format,
                      va_list arguments)
{
    append(document, (struct lrp_node){.kind = (uint8_t)kind,
                                       .audience = (uint8_t)document->audience,
                                       .opens = true,
                                       .closes = true});
    if (document->last != NULL) {
        document->last->text = keep_words(document, format, arguments);
    }
}

void lrp_document_add(struct lrp_document *document, enum lrp_node_kind kind, const char *format,
                      ...)
{
    va_list arguments;
    va_start(arguments, format);
    add_words(document, kind, format, arguments);
    va_end(arguments);
}

void lrp_document_fact(struct lrp_document *document, const char *name, const char *format, ...)
{
    va_list arguments;
    lrp_document_begin(document, LRP_NODE_ROW);
    lrp_document_add(document, LRP_NODE_CELL, "%s", name);
    va_start(arguments, format);
    add_words(document, LRP_NODE_CELL, format, arguments);
    va_end(arguments);
    lrp_document_end(document);
}

void lrp_document_stress(struct lrp_document *document, enum lrp_node_kind kind, const char *before,
                         enum lrp_tone tone, const char *word, const char *format, ...)
{
    va_list arguments;
    lrp_document_begin(document, kind);
    lrp_document_add(document, LRP_NODE_TEXT, "%s", before);
    lrp_document_add(document, LRP_NODE_STRONG, "%s", word);
    lrp_document_tone(document, tone);
    va_start(arguments, format);
    add_words(document, LRP_NODE_TEXT, format, arguments);
    va_end(arguments);
    lrp_document_end(document);
}

void lrp_document_row(struct lrp_document *document, enum lrp_node_kind kind, ...)
{
    va_list cells;
    const char *cell = NULL;
    lrp_document_begin(document, kind);
    va_start(cells, kind);
    while ((cell = va_arg(cells, const char *)) != NULL) {
        lrp_document_add(document, LRP_NODE_CELL, "%s", cell);
    }
    va_end(cells);
    lrp_document_end(document);
}

void lrp_document_number(struct lrp_document *document, const char *name, double value)
{
    char number[LRP_NUMBER_SIZE];
    lrp_document_add(document, LRP_NODE_NUMBER, "%s", lrp_shown_number(value, number));
    lrp_document_target(document, "%s", name);
}

void lrp_document_tone(struct lrp_document *document, enum lrp_tone tone)
{
    if (document->last != NULL) {
        document->last->tone = (uint8_t)tone;
    }
}

void lrp_document_target(struct lrp_document *document, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    if (document->last != NULL) {
        document->last->target = keep_words(document, format, arguments);
    }
    va_end(arguments);
}

void lrp_document_indent(struct lrp_document *document, unsigned column, unsigned indent)
{
    if (document->last != NULL) {
        document->last->column = (uint8_t)column;
        document->last->indent = (uint8_t)indent;
    }
}

void lrp_document_figure(struct lrp_document *document, struct lrp_drawing *drawing,
                         const char *shows, const char *caption)
{
    enum lrp_status status = drawing != NULL ? drawing->status : LRP_E_NOMEM;
    bool wanted = (document->audience & document->audiences) != 0;
    document->words.status = lrp_first_status(document->words.status, status);
    if (status != LRP_OK || !wanted || drawing->figure.n_curves == 0 ||
        document->n_figures == LRP_DOCUMENT_FIGURES) {
        lrp_drawing_free(drawing);
        return;
    }
    document->figures[document->n_figures] = drawing;
    lrp_document_add(document, LRP_NODE_FIGURE, "%s", caption);
    if (document->last != NULL) {
        document->last->figure = (uint8_t)document->n_figures;
    }
    lrp_document_target(document, "%s", shows);
    document->n_figures++;
}

const char *lrp_node_text(const struct lrp_document *document, const struct lrp_node *node)
{
    return document->words.bytes + node->text;
}

const char *lrp_node_target(const struct lrp_document *document, const struct lrp_node *node)
{
    return document->words.bytes + node->target;
}

bool lrp_next_line(const char **at, const char **line, size_t *length)
{
    *line = *at;
    *length = strcspn(*at, "\n");
    *at += *length + ((*at)[*length] == '\n' ? 1 : 0);
    return *at > *line;
}
