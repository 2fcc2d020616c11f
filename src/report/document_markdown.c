/* SPDX-License-Identifier: MIT */
/* A document as Markdown. */
#include "document.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

struct lrp_markdown_writer {
    const struct lrp_document *document;
    struct lrp_text *out;
    size_t items; /* number of the next item of a numbered list, 0 = the list has none */
    size_t rows;  /* of the table that is open, so far */
    bool begins;  /* a block has begun and has no words yet */
};

/* Whether the underscore at `at` stands within a word, where it is no mark. */
static bool within_word(const char *text, const char *at)
{
    return at > text && isalnum((unsigned char)at[-1]) && isalnum((unsigned char)at[1]);
}

/* Clean text, with a backslash before all that Markdown or the HTML within would take for a mark.
 * first: at the beginning of a block, where some characters make a list or a heading. */
static void append_plain(struct lrp_text *out, const char *untrusted, bool first)
{
    struct lrp_text clean;
    lrp_text_init(&clean, out->maximum);
    lrp_text_append_clean(&clean, untrusted, strlen(untrusted));
    const char *text = lrp_text_string(&clean);
    size_t start = strspn(text, " ");
    size_t number = start + strspn(text + start, "0123456789"); /* "1." makes a list */
    for (const char *at = text; *at != '\0'; at++) {
        size_t index = (size_t)(at - text);
        bool mark =
            strchr("\\`*_{}[]<>#|!&~", *at) != NULL && !(*at == '_' && within_word(text, at));
        bool leads = first && ((index == start && strchr("+-=", *at) != NULL) ||
                               (index == number && number > start && strchr(".)", *at) != NULL));
        lrp_text_append(out, mark || leads ? "\\" : "");
        lrp_text_append_bytes(out, at, 1);
    }
    out->status = lrp_first_status(out->status, clean.status);
    lrp_text_fini(&clean);
}

/* The longest run of backticks. */
static size_t longest_fence(const char *text)
{
    size_t longest = 0;
    for (const char *at = text; *at != '\0'; at += *at != '\0' ? 1 : 0) {
        size_t run = strspn(at, "`");
        longest = run > longest ? run : longest;
        at += run;
    }
    return longest;
}

static void append_fence(struct lrp_text *out, size_t length, const char *language)
{
    for (size_t i = 0; i < length; i++) {
        lrp_text_append(out, "`");
    }
    lrp_text_printf(out, "%s\n", language);
}

/* What a program printed stays what it is: line by line, in a fence that it cannot end. */
static void append_code(struct lrp_text *out, const char *lines, const char *language)
{
    const char *line = NULL;
    size_t length = 0;
    size_t run = longest_fence(lines);
    size_t fence = run < 3 ? 3 : run + 1;
    append_fence(out, fence, language);
    while (lrp_next_line(&lines, &line, &length)) {
        lrp_text_append_clean(out, line, length);
        lrp_text_append(out, "\n");
    }
    append_fence(out, fence, "\n");
}

/* Marks around the words of a node. */
static const struct {
    const char *before, *after;
} marks[LRP_NODE_KINDS] = {
    [LRP_NODE_TITLE] = {"# ", "\n\n"},
    [LRP_NODE_HEADING] = {"## ", "\n\n"},
    [LRP_NODE_SUBHEADING] = {"### ", "\n\n"},
    [LRP_NODE_PARAGRAPH] = {"", "\n\n"},
    [LRP_NODE_VERDICT] = {"", "\n\n"},
    [LRP_NODE_LINE] = {"", "\n\n"},
    [LRP_NODE_ITEM] = {"- ", "\n"},
    [LRP_NODE_CELL] = {"| ", " "},
    [LRP_NODE_NUMBER] = {"| ", " "},
    [LRP_NODE_LIST] = {"", "\n"},
    [LRP_NODE_NUMBERED] = {"", "\n"},
    [LRP_NODE_PLAIN] = {"", "\n"},
    [LRP_NODE_PANEL] = {"", ""},
    [LRP_NODE_TABLE] = {"", "\n"},
    [LRP_NODE_LONG_TABLE] = {"", "\n"},
    [LRP_NODE_CARDS] = {"", "\n"},
    [LRP_NODE_HEADER] = {"", "|\n"},
    [LRP_NODE_ROW] = {"", "|\n"},
    [LRP_NODE_TEXT] = {"", ""},
    [LRP_NODE_STRONG] = {"**", "**"},
    [LRP_NODE_TAG] = {"", ""},
    [LRP_NODE_LINK] = {"[", "]"},
};

static bool is_table(const struct lrp_node *node)
{
    return node->kind == LRP_NODE_TABLE || node->kind == LRP_NODE_LONG_TABLE ||
           node->kind == LRP_NODE_CARDS;
}

/* A line of the table's frame, a field for each cell of the row that begins at index. */
static void append_frame(const struct lrp_markdown_writer *writer, size_t index, const char *field)
{
    const struct lrp_node *nodes = writer->document->nodes;
    lrp_text_append(writer->out, "|");
    for (size_t i = index + 1; i < writer->document->n_nodes && nodes[i].kind != nodes[index].kind;
         i++) {
        bool cell = nodes[i].kind == LRP_NODE_CELL || nodes[i].kind == LRP_NODE_NUMBER;
        lrp_text_append(writer->out, cell && nodes[i].opens ? field : "");
    }
    lrp_text_append(writer->out, "\n");
}

static void append_figure(const struct lrp_markdown_writer *writer, const struct lrp_node *node)
{
    const struct lrp_drawing *drawing = writer->document->figures[node->figure];
    if (drawing->wide != NULL) {
        lrp_text_append(writer->out, "![");
        append_plain(writer->out, lrp_node_target(writer->document, node), false);
        lrp_text_printf(writer->out, "](plots/%s.svg)\n\n", drawing->figure.name);
        append_plain(writer->out, lrp_node_text(writer->document, node), true);
        lrp_text_append(writer->out, "\n\n");
    }
}

static void open_node(struct lrp_markdown_writer *writer, size_t index)
{
    const struct lrp_node *node = &writer->document->nodes[index];
    const char *text = lrp_node_text(writer->document, node);
    bool row = node->kind == LRP_NODE_ROW || node->kind == LRP_NODE_HEADER;
    if (is_table(node)) {
        writer->rows = 0;
    } else if (node->kind == LRP_NODE_ROW && writer->rows == 0) { /* a table must have a header */
        append_frame(writer, index, " |");
        append_frame(writer, index, "---|");
    } else if (node->kind == LRP_NODE_LIST || node->kind == LRP_NODE_PLAIN) {
        writer->items = 0;
    } else if (node->kind == LRP_NODE_NUMBERED) {
        writer->items = 1;
    }
    writer->rows += row ? 1 : 0;
    if (node->kind == LRP_NODE_ITEM && writer->items > 0) {
        lrp_text_printf(writer->out, "%zu. ", writer->items++);
    } else {
        lrp_text_append(writer->out, marks[node->kind].before);
    }
    writer->begins = writer->begins || node->kind == LRP_NODE_PARAGRAPH ||
                     node->kind == LRP_NODE_ITEM || node->kind == LRP_NODE_VERDICT;
    append_plain(writer->out, text, writer->begins);
    writer->begins = writer->begins && text[0] == '\0';
}

static void close_node(struct lrp_markdown_writer *writer, size_t index, size_t header)
{
    const struct lrp_node *node = &writer->document->nodes[index];
    lrp_text_append(writer->out, marks[node->kind].after);
    if (node->kind == LRP_NODE_LINK) {
        lrp_text_printf(writer->out, "(%s)", lrp_node_target(writer->document, node));
    } else if (node->kind == LRP_NODE_HEADER) {
        append_frame(writer, header, "---|");
    }
}

enum lrp_status lrp_document_markdown(const struct lrp_document *document, struct lrp_text *out,
                                      struct lrp_error *err)
{
    struct lrp_markdown_writer writer = {.document = document, .out = out};
    size_t header = 0;
    LRP_TRY(lrp_text_check(&document->words, err));
    for (size_t i = 0; i < document->n_nodes; i++) {
        const struct lrp_node *node = &document->nodes[i];
        if ((node->audience & LRP_FOR_MARKDOWN) == 0) {
            continue;
        }
        header = node->kind == LRP_NODE_HEADER && node->opens ? i : header;
        if (node->kind == LRP_NODE_FIGURE) {
            append_figure(&writer, node);
        } else if (node->kind == LRP_NODE_CODE) {
            append_code(out, lrp_node_text(document, node), lrp_node_target(document, node));
        } else {
            if (node->opens) {
                open_node(&writer, i);
            }
            if (node->closes) {
                close_node(&writer, i, header);
            }
        }
    }
    while (out->length > 1 && strcmp(out->bytes + out->length - 2, "\n\n") == 0) {
        out->length--; /* a file ends with one line feed */
        out->bytes[out->length] = '\0';
    }
    return lrp_text_check(out, err);
}
