/* SPDX-License-Identifier: MIT */
/* The one document model of all reports: a list of nodes that a builder appends and that the
 * writers turn into terminal text, Markdown or a one-file HTML page.
 *
 * All text in a document is plain: it may come from a trainer, a log or a user. A builder never
 * writes a mark of HTML, Markdown or ANSI; each writer escapes every text once, for its own form.
 */
#ifndef LRP_REPORT_DOCUMENT_H
#define LRP_REPORT_DOCUMENT_H

#include "drawing.h"
#include "text.h"

#include <stdint.h>

/* Whom a node is for. */
enum lrp_audience {
    LRP_FOR_TERMINAL = 1,
    LRP_FOR_MARKDOWN = 2,
    LRP_FOR_HTML = 4,
    LRP_FOR_PAGES = LRP_FOR_MARKDOWN | LRP_FOR_HTML
};

enum lrp_node_kind {
    /* blocks of words, which may hold the spans below */
    LRP_NODE_TITLE, /* the document has one, at its beginning */
    LRP_NODE_HEADING,
    LRP_NODE_SUBHEADING,
    LRP_NODE_PARAGRAPH, /* wrapped in a terminal, see lrp_document_indent */
    LRP_NODE_VERDICT,   /* a large line */
    LRP_NODE_LINE,      /* of a terminal, not wrapped */
    LRP_NODE_CODE,      /* preformatted lines; target: the language, if one is known */
    LRP_NODE_ITEM,
    LRP_NODE_CELL,
    LRP_NODE_NUMBER, /* a cell with a number; target: its name, shown where columns do not fit */
    /* what holds blocks */
    LRP_NODE_LIST,
    LRP_NODE_NUMBERED, /* list */
    LRP_NODE_PLAIN,    /* list without marks */
    LRP_NODE_PANEL,    /* a frame; target: its anchor */
    LRP_NODE_TABLE,
    LRP_NODE_LONG_TABLE, /* becomes a list on a phone */
    LRP_NODE_CARDS,      /* a table whose rows are cards: name, value, remarks */
    LRP_NODE_HEADER,     /* first row of a table, holds cells; cards do not show it */
    LRP_NODE_ROW,
    /* a drawing with its caption; target: what it shows, in a few words */
    LRP_NODE_FIGURE,
    /* spans */
    LRP_NODE_TEXT,
    LRP_NODE_STRONG,
    LRP_NODE_TAG,  /* a status */
    LRP_NODE_LINK, /* target: "#anchor" or a relative path, of our own making */
    LRP_NODE_KINDS
};

/* What a node says by its colour. */
enum lrp_tone {
    LRP_TONE_PLAIN,
    LRP_TONE_GOOD,
    LRP_TONE_WARN,
    LRP_TONE_BAD,
    LRP_TONE_SOFT /* of less importance */
};

#if defined(__GNUC__)
#define LRP_DOCUMENT_SENTINEL __attribute__((sentinel))
#else
#define LRP_DOCUMENT_SENTINEL
#endif

enum { LRP_DOCUMENT_FIGURES = 8, LRP_DOCUMENT_DEPTH = 8 };

struct lrp_node {
    uint8_t kind;     /* enum lrp_node_kind */
    uint8_t tone;     /* enum lrp_tone */
    uint8_t audience; /* enum lrp_audience */
    bool opens;       /* a node that opens and closes at once has both */
    bool closes;
    uint8_t column, indent; /* of a paragraph in a terminal: of its first line, of the others */
    uint8_t figure;         /* index */
    uint32_t text, target;  /* offsets into words, 0 = "" */
};

struct lrp_document {
    struct lrp_node *nodes;
    size_t n_nodes, capacity;
    struct lrp_text words; /* all strings, each with its NUL; holds the first error too */
    struct lrp_node open[LRP_DOCUMENT_DEPTH]; /* nodes that are not closed yet */
    size_t n_open;
    struct lrp_node *last; /* begun or added last; NULL where it was dropped */
    struct lrp_drawing *figures[LRP_DOCUMENT_FIGURES]; /* owned */
    size_t n_figures;
    unsigned audiences; /* nodes for others are dropped */
    unsigned audience;  /* of the nodes to come; set by the builder at will */
};

/* audiences: those it will be written for, bits of enum lrp_audience. Errors (memory, size) are
 * kept in the document and returned by the writers. */
void lrp_document_init(struct lrp_document *document, unsigned audiences);
void lrp_document_fini(struct lrp_document *document);

/* A node that stays open for those that follow, until lrp_document_end. */
void lrp_document_begin(struct lrp_document *document, enum lrp_node_kind kind);
void lrp_document_end(struct lrp_document *document);
/* A node that is complete with its text. */
void lrp_document_add(struct lrp_document *document, enum lrp_node_kind kind, const char *format,
                      ...) LRP_PRINTF(3, 4);
/* A row (or header) of text cells, which end with NULL. */
void lrp_document_row(struct lrp_document *document, enum lrp_node_kind kind,
                      ...) LRP_DOCUMENT_SENTINEL;
/* A row of two cells, a name and what format gives. */
void lrp_document_fact(struct lrp_document *document, const char *name, const char *format, ...)
    LRP_PRINTF(3, 4);
/* A block of words: those before, a strong word in its tone, and what format gives. */
void lrp_document_stress(struct lrp_document *document, enum lrp_node_kind kind, const char *before,
                         enum lrp_tone tone, const char *word, const char *format, ...)
    LRP_PRINTF(6, 7);
/* A cell with a number of three digits. name: see LRP_NODE_NUMBER, "" = none. */
void lrp_document_number(struct lrp_document *document, const char *name, double value);

/* These change the node that was begun or added last. */
void lrp_document_tone(struct lrp_document *document, enum lrp_tone tone);
void lrp_document_target(struct lrp_document *document, const char *format, ...) LRP_PRINTF(2, 3);
/* Of a paragraph: the column at which its first line begins in a terminal, and that of the rest. */
void lrp_document_indent(struct lrp_document *document, unsigned column, unsigned indent);

/* A figure with its caption. The document takes the drawing over, in any case; one with nothing to
 * draw (or NULL) gives none. shows: a few words. */
void lrp_document_figure(struct lrp_document *document, struct lrp_drawing *drawing,
                         const char *shows, const char *caption);

/* Three digits, or a dash where the value is not finite. buffer has LRP_NUMBER_SIZE bytes. */
const char *lrp_shown_number(double value, char *buffer);

/* ---- writers ------------------------------------------------------------------------------- */

/* The words and target of a node. */
const char *lrp_node_text(const struct lrp_document *document, const struct lrp_node *node);
const char *lrp_node_target(const struct lrp_document *document, const struct lrp_node *node);

/* The next line of a text, without its line feed; *at moves behind it. False at the end. */
bool lrp_next_line(const char **at, const char **line, size_t *length);

/* Each appends to out. LRP_E_NOMEM, LRP_E_LIMIT. */
/* columns: width of the terminal, 0 = none (80). color: ANSI colours allowed. LRP_E_TOOL when a
 * figure could not be drawn: everything else is there all the same. */
enum lrp_status lrp_document_terminal(const struct lrp_document *document, unsigned columns,
                                      bool color, struct lrp_text *out, struct lrp_error *err);
/* Figures are shown where they were drawn, from plots/NAME.svg. */
enum lrp_status lrp_document_markdown(const struct lrp_document *document, struct lrp_text *out,
                                      struct lrp_error *err);
/* One self-contained page: no script, no request; readable on a phone, light and dark. */
enum lrp_status lrp_document_html(const struct lrp_document *document, struct lrp_text *out,
                                  struct lrp_error *err);

/* Draws the figures and writes report.md, report.html and plots/ into folder (made if missing); or,
 * with the name of a page, that HTML page alone. Everything that can be written is, then the first
 * error is returned: LRP_E_TOOL where gnuplot is missing, LRP_E_IO. */
enum lrp_status lrp_document_save(struct lrp_document *document, const char *folder,
                                  const char *page, struct lrp_error *err);
/* Of two statuses the first that is not LRP_OK. */
enum lrp_status lrp_first_status(enum lrp_status a, enum lrp_status b);
/* folder/name, by lrp_write_whole, from a text which is ended here in any case. */
enum lrp_status lrp_report_write_text(const char *folder, const char *name, struct lrp_text *text,
                                      struct lrp_error *err);
#endif
