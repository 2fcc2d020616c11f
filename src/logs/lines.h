/* SPDX-License-Identifier: MIT */
/* Splits bytes pushed in any slices into lines of text. LF, CRLF and a lone CR end a line: progress
 * bars rewrite theirs with CR, and each rewrite is a line. Escape sequences of terminals (CSI, OSC)
 * and other control bytes but the tab are taken out, and so is a UTF-8 byte order mark. What is not
 * valid UTF-8 passes as it is. A line is kept up to a limit, the rest of it is skipped. */
#ifndef LRP_LOGS_LINES_H
#define LRP_LOGS_LINES_H

#include "rows.h"

enum { LRP_LINE_MOST = 1 << 16 };

struct lrp_line {
    const char *text; /* NUL-terminated, holds no NUL; borrowed for the call */
    size_t length;
    size_t number;  /* 1-based, newlines counted: rewrites of a line have its number */
    bool rewritten; /* ended by a lone CR: the next line is written over it */
    bool whole;     /* false: the input ended within it, or it was longer than the limit */
};
/* A status other than LRP_OK ends the reading and is returned by feed. */
typedef enum lrp_status lrp_on_line(void *user, const struct lrp_line *line, struct lrp_error *err);

struct lrp_lines;
/* limit: bytes kept of a line, 0 = LRP_LINE_MOST. Empty lines come too. */
enum lrp_status lrp_lines_new(size_t limit, lrp_on_line *on_line, void *user,
                              struct lrp_lines **out, struct lrp_error *err);
/* LRP_E_FORMAT: UTF-16. */
enum lrp_status lrp_lines_feed(struct lrp_lines *lines, const void *bytes, size_t length,
                               struct lrp_error *err);
/* End of input: gives the last line where it has no newline. rows (NULL allowed) gets a note if
 * lines were cut. */
enum lrp_status lrp_lines_finish(struct lrp_lines *lines, struct lrp_rows *rows,
                                 struct lrp_error *err);
void lrp_lines_free(struct lrp_lines *lines);
/* Gives each line of the first bytes of a file, but not a last one that may be cut off. 1, or 0 if
 * they are no text, or -1 if memory is short. */
int lrp_scan_lines(const unsigned char *bytes, size_t length, lrp_on_line *on_line, void *user);
/* LRP_E_FORMAT with a sentence where the first bytes are UTF-16. */
enum lrp_status lrp_refuse_utf16(const unsigned char *bytes, size_t length, struct lrp_error *err);
#endif
