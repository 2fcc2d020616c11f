/* SPDX-License-Identifier: MIT */
/* A document as one HTML page. */
#include "document.h"

#include <stdio.h>
#include <string.h>

/* Light and dark colours; the frame; cards; figures and tables; what diagnoses need. */
static const char style[] =
    ":root{color-scheme:light dark;--ink:#1d2530;--soft:#5b6573;--line:#d9dee6;--card:#f5f7fa;"
    "--page:#fff;--good:#1f8a4c;--bad:#b3394a;--warn:#9a5b00}"
    "@media(prefers-color-scheme:dark){:root{--ink:#e6eaf0;--soft:#9aa5b4;--line:#313a47;"
    "--card:#1b222c;--page:#12171e;--good:#58c98a;--bad:#f08392;--warn:#e8b04a}}"

    "*{box-sizing:border-box}"
    "body{margin:0;background:var(--page);color:var(--ink);font:16px/1.5 system-ui,sans-serif}"
    "main{max-width:60rem;margin:0 auto;padding:1rem}"
    "h1{font-size:1.5rem;margin:.5rem 0;overflow-wrap:anywhere}"
    "h2{font-size:1.15rem;margin:2rem 0 .5rem}h3{font-size:1rem;margin:.2rem 0}"
    "p{margin:.5rem 0;overflow-wrap:anywhere}a{color:inherit}"
    "ul,ol{margin:.5rem 0;padding-left:1.4rem}li{margin:.2rem 0;overflow-wrap:anywhere}"
    ".soft{color:var(--soft)}.good{color:var(--good)}.bad{color:var(--bad)}"
    ".warn{color:var(--warn)}"
    "pre{background:var(--card);border:1px solid var(--line);border-radius:.6rem;"
    "padding:.75rem;font-size:.85rem;white-space:pre-wrap;overflow-wrap:anywhere}"

    ".cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(9.5rem,1fr));gap:.75rem}"
    ".card{background:var(--card);border:1px solid var(--line);border-radius:.6rem;"
    "padding:.75rem}"
    ".cards b{display:block;font-size:1.5rem;font-variant-numeric:tabular-nums}"
    ".cards span{display:block;color:var(--soft);font-size:.85rem}"

    "figure{margin:1rem 0;overflow-x:auto}"
    "figure svg{width:100%;height:auto;min-width:30rem;display:block}"
    ".pair svg{min-width:0}.pair svg+svg{display:none}"
    "@media(max-width:34rem){.pair svg{display:none}.pair svg+svg{display:block}}"
    ".wide{overflow-x:auto}table{border-collapse:collapse;width:100%}"
    "td,th{text-align:left;padding:.3rem .6rem .3rem 0;border-bottom:1px solid var(--line);"
    "vertical-align:top;overflow-wrap:break-word}"
    "td.n{font-variant-numeric:tabular-nums;white-space:nowrap}"

    ".verdict{font-size:1.6rem;font-weight:700;margin:.25rem 0}"
    "ul.plain{list-style:none;padding-left:0}.alarm{margin:.75rem 0}"
    ".tag{display:inline-block;border:1px solid currentColor;border-radius:.3rem;"
    "padding:0 .4rem;font-size:.78rem;font-weight:400;white-space:nowrap}"
    /* a long table becomes a list of cards where it would not fit */
    "@media(max-width:44rem){.list,.list tbody,.list tr,.list td{display:block;width:100%}"
    ".list tr{padding:.5rem 0;border-bottom:1px solid var(--line)}"
    ".list tr:first-child{display:none}.list td{border:0;padding:.1rem 0}"
    ".list td.n,.list td:first-child,.list td:first-child+td{display:inline-block;width:auto;"
    "padding-right:.75rem}"
    ".list td:empty{display:none}"
    ".list td[data-name]::before{content:attr(data-name) \" \";color:var(--soft)}}";

/* The element of each kind of node, its classes, what comes behind it. */
static const struct {
    const char *element, *classes, *after;
} elements[LRP_NODE_KINDS] = {
    [LRP_NODE_TITLE] = {"h1", "", "\n"},
    [LRP_NODE_HEADING] = {"h2", "", "\n"},
    [LRP_NODE_SUBHEADING] = {"h3", "", "\n"},
    [LRP_NODE_PARAGRAPH] = {"p", "", "\n"},
    [LRP_NODE_VERDICT] = {"p", "verdict", "\n"},
    [LRP_NODE_LINE] = {"p", "", "\n"},
    [LRP_NODE_CODE] = {"pre", "", "\n"},
    [LRP_NODE_ITEM] = {"li", "", "\n"},
    [LRP_NODE_CELL] = {"td", "", ""},
    [LRP_NODE_NUMBER] = {"td", "n", ""},
    [LRP_NODE_LIST] = {"ul", "", "\n"},
    [LRP_NODE_NUMBERED] = {"ol", "", "\n"},
    [LRP_NODE_PLAIN] = {"ul", "plain", "\n"},
    [LRP_NODE_PANEL] = {"div", "card alarm", "\n"},
    [LRP_NODE_TABLE] = {"table", "", "\n"},
    [LRP_NODE_LONG_TABLE] = {"table", "list", "\n"},
    [LRP_NODE_CARDS] = {"div", "cards", "\n"},
    [LRP_NODE_HEADER] = {"tr", "", "\n"},
    [LRP_NODE_ROW] = {"tr", "", "\n"},
    [LRP_NODE_TEXT] = {"span", "", ""},
    [LRP_NODE_STRONG] = {"b", "", ""},
    [LRP_NODE_TAG] = {"span", "tag", ""},
    [LRP_NODE_LINK] = {"a", "", ""},
};
static const char *const tones[] = {"", "good", "warn", "bad", "soft"};

/* Where the writer is. */
struct lrp_html_writer {
    const struct lrp_document *document;
    struct lrp_text *out;
    bool cards;   /* within cards */
    bool header;  /* within the header of a table */
    size_t cells; /* of the row that is open, so far */
};

/* From gnuplot's file only the svg element: prolog and doctype do not belong into HTML. Ids get a
 * prefix, since two pictures in one page would share them. */
static void inline_svg(struct lrp_text *out, const char *svg, const char *prefix)
{
    const char *at = strstr(svg, "<svg");
    if (at == NULL) {
        return;
    }
    while (*at != '\0') {
        static const char name[] = "<title>Gnuplot</title>"; /* would show under the pointer */
        if (strncmp(at, name, sizeof name - 1) == 0) {
            at += sizeof name - 1;
            continue;
        }
        static const char *const marks[] = {"id=\"", "url(#", "xlink:href='#", "href=\"#", "id='"};
        size_t taken = 0;
        for (size_t i = 0; i < sizeof marks / sizeof marks[0] && taken == 0; i++) {
            size_t length = strlen(marks[i]);
            taken = strncmp(at, marks[i], length) == 0 ? length : 0;
        }
        if (taken > 0) {
            lrp_text_append_bytes(out, at, taken);
            lrp_text_append(out, prefix);
            at += taken;
        } else {
            lrp_text_append_bytes(out, at, 1);
            at++;
        }
    }
}

static void append_text(struct lrp_text *out, const char *untrusted)
{
    lrp_text_append_html(out, untrusted, strlen(untrusted));
}

static void append_lines(struct lrp_text *out, const char *untrusted)
{
    const char *line = NULL;
    size_t length = 0;
    while (lrp_next_line(&untrusted, &line, &length)) {
        lrp_text_append_html(out, line, length);
        lrp_text_append(out, line[length] == '\n' ? "\n" : "");
    }
}

static void append_figure(struct lrp_text *out, const struct lrp_document *document,
                          const struct lrp_node *node)
{
    const struct lrp_drawing *drawing = document->figures[node->figure];
    bool pair = drawing->wide != NULL && drawing->narrow != NULL;
    char prefix[24];
    lrp_text_append(out, pair ? "<figure class=\"pair\">" : "<figure>");
    if (drawing->wide != NULL) {
        (void)snprintf(prefix, sizeof prefix, "f%u-", (unsigned)node->figure);
        inline_svg(out, drawing->wide, prefix);
    } else {
        lrp_text_append(out, "<p class=\"soft\">No plot: gnuplot was not there to draw it.</p>");
    }
    if (pair) { /* the one that fits is shown */
        (void)snprintf(prefix, sizeof prefix, "f%u-narrow-", (unsigned)node->figure);
        inline_svg(out, drawing->narrow, prefix);
    }
    lrp_text_append(out, "<figcaption class=\"soft\">");
    append_text(out, lrp_node_text(document, node));
    lrp_text_append(out, "</figcaption></figure>\n");
}

static bool is_cell(const struct lrp_node *node)
{
    return node->kind == LRP_NODE_CELL || node->kind == LRP_NODE_NUMBER;
}

/* The element of a node; "" where it needs none. */
static const char *element_of(const struct lrp_html_writer *writer, const struct lrp_node *node)
{
    if (is_cell(node)) {
        const char *in_card = writer->cells == 2 ? "b" : "span";
        return writer->cards ? in_card : writer->header ? "th" : "td";
    }
    if (node->kind == LRP_NODE_ROW && writer->cards) {
        return "div";
    }
    bool bare = node->kind == LRP_NODE_TEXT && node->tone == LRP_TONE_PLAIN;
    return bare ? "" : elements[node->kind].element;
}

static void append_attribute(struct lrp_text *out, const char *name, const char *value)
{
    if (value[0] != '\0') {
        lrp_text_printf(out, " %s=\"", name);
        append_text(out, value);
        lrp_text_append(out, "\"");
    }
}

static void open_node(struct lrp_html_writer *writer, const struct lrp_node *node)
{
    writer->cells = node->kind == LRP_NODE_ROW || node->kind == LRP_NODE_HEADER
                        ? 0
                        : writer->cells + (is_cell(node) ? 1 : 0);
    const char *element = element_of(writer, node);
    const char *tone = tones[node->tone];
    const char *classes = node->kind == LRP_NODE_ROW && writer->cards ? "card"
                          : is_cell(node) && writer->cards            ? ""
                                                           : elements[node->kind].classes;
    if (element[0] != '\0') {
        char both[40];
        (void)snprintf(both, sizeof both, "%s%s%s", classes,
                       classes[0] != '\0' && tone[0] != '\0' ? " " : "", tone);
        lrp_text_append(writer->out, strcmp(element, "table") == 0 ? "<div class=\"wide\">" : "");
        lrp_text_printf(writer->out, "<%s", element);
        append_attribute(writer->out, "class", both);
        append_attribute(writer->out,
                         node->kind == LRP_NODE_LINK     ? "href"
                         : node->kind == LRP_NODE_NUMBER ? "data-name"
                                                         : "id",
                         lrp_node_target(writer->document, node));
        lrp_text_append(writer->out, ">");
    }
    writer->cards = writer->cards || node->kind == LRP_NODE_CARDS;
    writer->header = writer->header || node->kind == LRP_NODE_HEADER;
    if (node->kind == LRP_NODE_CODE) {
        append_lines(writer->out, lrp_node_text(writer->document, node));
    } else {
        append_text(writer->out, lrp_node_text(writer->document, node));
    }
}

static void close_node(struct lrp_html_writer *writer, const struct lrp_node *node)
{
    writer->cards = writer->cards && node->kind != LRP_NODE_CARDS;
    writer->header = writer->header && node->kind != LRP_NODE_HEADER;
    const char *element = element_of(writer, node);
    if (element[0] != '\0') {
        lrp_text_printf(writer->out, "</%s>", element);
        lrp_text_append(writer->out, strcmp(element, "table") == 0 ? "</div>" : "");
    }
    lrp_text_append(writer->out, elements[node->kind].after);
}

/* From the doctype to the body. The policy keeps out whatever an escape might have missed. */
static void append_head(struct lrp_text *out, const char *title)
{
    lrp_text_append(out, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
                         "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
                         "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src "
                         "'none'; style-src 'unsafe-inline'; img-src data:\">\n<title>");
    append_text(out, title);
    lrp_text_printf(out, "</title><style>%s</style></head><body><main>\n", style);
}

enum lrp_status lrp_document_html(const struct lrp_document *document, struct lrp_text *out,
                                  struct lrp_error *err)
{
    struct lrp_html_writer writer = {.document = document, .out = out};
    LRP_TRY(lrp_text_check(&document->words, err));
    bool hidden = false; /* within the header of cards */
    bool titled = document->n_nodes > 0 && document->nodes[0].kind == LRP_NODE_TITLE;
    append_head(out, titled ? lrp_node_text(document, document->nodes) : "");
    for (size_t i = 0; i < document->n_nodes; i++) {
        const struct lrp_node *node = &document->nodes[i];
        if ((node->audience & LRP_FOR_HTML) == 0) {
            continue;
        }
        if (writer.cards && node->kind == LRP_NODE_HEADER) {
            hidden = node->opens;
            continue;
        }
        if (hidden) {
            continue;
        }
        if (node->kind == LRP_NODE_FIGURE) {
            append_figure(out, document, node);
            continue;
        }
        if (node->opens) {
            open_node(&writer, node);
        }
        if (node->closes) {
            close_node(&writer, node);
        }
    }
    lrp_text_append(out, "</main></body></html>\n");
    return lrp_text_check(out, err);
}
