/* SPDX-License-Identifier: MIT */
/* A growing text with a hard maximum. After the first failure (memory, maximum) every further
 * append does nothing and the status stays, so a run of appends is checked once at its end. */
#ifndef LRP_BASE_TEXT_H
#define LRP_BASE_TEXT_H

#include "status.h"

#include <stdarg.h>
#include <stdbool.h>

struct lrp_text {
    char *bytes; /* NUL-terminated; NULL while empty */
    size_t length;
    size_t capacity;
    size_t maximum;
    enum lrp_status status;
};

/* maximum: the most bytes it may hold, the NUL not counted. */
void lrp_text_init(struct lrp_text *text, size_t maximum);
void lrp_text_fini(struct lrp_text *text);
void lrp_text_append(struct lrp_text *text, const char *string);
void lrp_text_append_bytes(struct lrp_text *text, const void *bytes, size_t length);
void lrp_text_printf(struct lrp_text *text, const char *format, ...) LRP_PRINTF(2, 3);
void lrp_text_vprintf(struct lrp_text *text, const char *format, va_list arguments)
    LRP_PRINTF(2, 0);
/* The whole as a string, "" while empty; borrowed. */
const char *lrp_text_string(const struct lrp_text *text);
/* LRP_OK, or an error that says why the text is not whole. */
enum lrp_status lrp_text_check(const struct lrp_text *text, struct lrp_error *err);

/* For text that came from a user or a log, before it reaches a terminal or a file of ours:
 * control bytes (C0, DEL, C1) and what is not valid UTF-8 become U+FFFD; a newline and a tab become
 * a space. length is in bytes. */
void lrp_text_append_clean(struct lrp_text *text, const char *untrusted, size_t length);
/* The same, and & < > " ' become entities, for HTML and SVG text and attributes. */
void lrp_text_append_html(struct lrp_text *text, const char *untrusted, size_t length);
/* Words of clean text from column `column` on, broken before `width`, further lines indented; a
 * newline in text is kept. Ends with a newline. A character counts as one column. */
void lrp_text_append_wrapped(struct lrp_text *text, const char *words, size_t column, size_t indent,
                             size_t width);
/* Whether text ends with end and has something before it: a name with that ending. */
bool lrp_ends_with(const char *text, const char *end);
/* Characters of valid UTF-8. */
size_t lrp_utf8_count(const char *text, size_t length);
/* Length in bytes of the valid UTF-8 sequence that starts at bytes (1 to 4), 0 if it is not valid.
 */
size_t lrp_utf8_length(const unsigned char *bytes, size_t available);
#endif
