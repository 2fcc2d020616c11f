/* SPDX-License-Identifier: MIT */
/* Rows of text fields from CSV bytes pushed in any slices. Only csv.c sees libcsv. */
#ifndef LRP_IO_CSV_ROWS_H
#define LRP_IO_CSV_ROWS_H

#include "status.h"

#include <stdbool.h>

enum { LRP_CSV_FIELD_MAX = 1 << 20, LRP_CSV_FIELDS_MAX = 1 << 16 };

struct lrp_csv_field {
    const char *text; /* not NUL-terminated */
    size_t length;
};

struct lrp_csv_options {
    char delimiter;    /* ',' '\t' ';', or ' ' for runs of blanks */
    char comment;      /* lines that begin with it go to on_comment; 0 = none */
    size_t skip_lines; /* first lines to leave out altogether */
};

struct lrp_csv_handlers {
    /* line: 1-based line in the file where the row begins. Fields are borrowed for the call.
     * A status other than LRP_OK stops the parse and is returned by feed. */
    enum lrp_status (*on_row)(void *user, size_t line, const struct lrp_csv_field *fields,
                              size_t n_fields, struct lrp_error *err);
    /* NULL = ignore comments. text is the line without its mark and newline. */
    enum lrp_status (*on_comment)(void *user, size_t line, const char *text, size_t length,
                                  struct lrp_error *err);
    void *user;
};

struct lrp_csv;

enum lrp_status lrp_csv_new(const struct lrp_csv_options *options,
                            const struct lrp_csv_handlers *handlers, struct lrp_csv **out,
                            struct lrp_error *err);
/* A UTF-8 byte order mark, CRLF and lone CR are understood; blank lines are skipped.
 * LRP_E_FORMAT: a stray or unterminated quote. LRP_E_LIMIT: a field or row too large. */
enum lrp_status lrp_csv_feed(struct lrp_csv *csv, const void *bytes, size_t length,
                             struct lrp_error *err);
/* End of input: the last line needs no newline. */
enum lrp_status lrp_csv_finish(struct lrp_csv *csv, struct lrp_error *err);
void lrp_csv_free(struct lrp_csv *csv);
/* Comma, semicolon or tab, whichever the line has most of outside quotes; blanks if none. */
char lrp_csv_guess_delimiter(const unsigned char *line, size_t length);
/* The first line from offset `from` on that is neither empty nor begins with comment: [*begin,
 * *end). False if there is none, or its end is missing and at_end is false. */
bool lrp_csv_first_line(const unsigned char *bytes, size_t length, size_t from, char comment,
                        bool at_end, size_t *begin, size_t *end);
#endif
