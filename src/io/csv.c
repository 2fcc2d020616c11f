/* SPDX-License-Identifier: MIT */
#include "csv_rows.h"

#include "alloc.h"

#include <csv.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { COMMENT_MOST = 4096, ROW_BYTES_MOST = 1 << 26, SLICE = 4096 };

struct lrp_csv {
    struct csv_parser parser;
    struct lrp_csv_options options;
    struct lrp_csv_handlers handlers;
    struct lrp_error *err; /* of the call that is going on */
    enum lrp_status status;

    size_t line;     /* 1-based line of the next byte */
    size_t row_line; /* where the row that is being read begins */
    size_t position; /* bytes of the file so far, for the byte order mark */
    bool at_line_start;
    bool after_return; /* the last byte was CR: a LF now belongs to it */
    bool in_quotes;
    bool in_comment;
    bool row_open;    /* bytes since the last end of a row */
    bool blank_ahead; /* blanks as delimiter: one is due before the next word */
    char comment[COMMENT_MOST];
    size_t comment_length;

    unsigned char slice[SLICE]; /* bytes on their way to libcsv */
    size_t slice_length;

    char *bytes; /* the fields of the row, each with a NUL */
    size_t bytes_length, bytes_capacity;
    size_t *ends; /* end of each field in bytes, without its NUL */
    size_t n_fields, ends_capacity;
    struct lrp_csv_field *fields;
    size_t fields_capacity;
};

/* libcsv has no limit of its own: one stray quote would make the rest of the file one field. */
static void *limited_realloc(void *old, size_t size)
{
    return size <= (size_t)LRP_CSV_FIELD_MAX ? realloc(old, size) : NULL;
}

enum lrp_status lrp_csv_new(const struct lrp_csv_options *options,
                            const struct lrp_csv_handlers *handlers, struct lrp_csv **out,
                            struct lrp_error *err)
{
    struct lrp_csv *csv = lrp_calloc_array(1, sizeof *csv);
    LRP_TRY_MEMORY(csv, err);
    if (csv_init(&csv->parser, CSV_STRICT | CSV_STRICT_FINI | CSV_APPEND_NULL) != 0) {
        free(csv);
        return lrp_fail_memory(err, 0);
    }
    csv_set_delim(&csv->parser, (unsigned char)options->delimiter);
    csv_set_realloc_func(&csv->parser, limited_realloc);
    csv_set_blk_size(&csv->parser, SLICE);
    csv->options = *options;
    csv->handlers = *handlers;
    csv->line = csv->row_line = 1;
    csv->at_line_start = true;
    *out = csv;
    return LRP_OK;
}

void lrp_csv_free(struct lrp_csv *csv)
{
    if (csv == NULL) {
        return;
    }
    csv_free(&csv->parser);
    free(csv->bytes);
    free(csv->ends);
    free(csv->fields);
    free(csv);
}

/* Room for one more field of that length. */
static bool make_room(struct lrp_csv *csv, size_t length)
{
    if (csv->n_fields == csv->ends_capacity) {
        csv->status = lrp_grow_array((void **)&csv->ends, csv->n_fields, &csv->ends_capacity,
                                     sizeof *csv->ends, LRP_CSV_FIELDS_MAX, csv->err);
    }
    while (csv->status == LRP_OK && csv->bytes_capacity - csv->bytes_length < length + 1) {
        csv->status = lrp_grow_array((void **)&csv->bytes, csv->bytes_capacity,
                                     &csv->bytes_capacity, 1, ROW_BYTES_MOST, csv->err);
    }
    return csv->status == LRP_OK;
}

static void on_field(void *text, size_t length, void *user)
{
    struct lrp_csv *csv = user;
    if (csv->status != LRP_OK || !make_room(csv, length)) {
        return;
    }
    char *to = csv->bytes + csv->bytes_length;
    if (length > 0) {
        memcpy(to, text, length);
    }
    to[length] = '\0';
    csv->bytes_length += length + 1;
    csv->ends[csv->n_fields] = csv->bytes_length - 1;
    csv->n_fields++;
}

static void on_row(int mark, void *user)
{
    struct lrp_csv *csv = user;
    (void)mark;
    while (csv->status == LRP_OK && csv->fields_capacity < csv->n_fields) {
        csv->status =
            lrp_grow_array((void **)&csv->fields, csv->fields_capacity, &csv->fields_capacity,
                           sizeof *csv->fields, LRP_CSV_FIELDS_MAX, csv->err);
    }
    if (csv->status == LRP_OK) {
        size_t begin = 0;
        for (size_t i = 0; i < csv->n_fields; i++) {
            csv->fields[i] = (struct lrp_csv_field){csv->bytes + begin, csv->ends[i] - begin};
            begin = csv->ends[i] + 1;
        }
        csv->status = csv->handlers.on_row(csv->handlers.user, csv->row_line, csv->fields,
                                           csv->n_fields, csv->err);
    }
    csv->n_fields = 0;
    csv->bytes_length = 0;
}

static enum lrp_status parser_problem(struct lrp_csv *csv)
{
    switch (csv_error(&csv->parser)) {
    case CSV_EPARSE:
        return lrp_fail(csv->err, LRP_E_FORMAT, csv->row_line,
                        "a quote in the wrong place; a field with quotes must be quoted as a "
                        "whole, with each quote doubled");
    case CSV_ENOMEM: /* our own limit looks the same, and is by far the likelier */
    case CSV_ETOOBIG:
        return lrp_fail(csv->err, LRP_E_LIMIT, csv->row_line,
                        "a field of more than %d bytes; perhaps a quote is not closed",
                        LRP_CSV_FIELD_MAX);
    default:
        return lrp_fail(csv->err, LRP_E_FORMAT, csv->row_line, "not readable as CSV");
    }
}

static void flush_slice(struct lrp_csv *csv)
{
    if (csv->slice_length == 0 || csv->status != LRP_OK) {
        csv->slice_length = 0;
        return;
    }
    size_t taken = csv_parse(&csv->parser, csv->slice, csv->slice_length, on_field, on_row, csv);
    if (taken < csv->slice_length && csv->status == LRP_OK) {
        csv->status = parser_problem(csv);
    }
    csv->slice_length = 0;
}

static void give(struct lrp_csv *csv, unsigned char byte)
{
    if (csv->slice_length == SLICE) {
        flush_slice(csv);
    }
    csv->slice[csv->slice_length] = byte;
    csv->slice_length++;
}

/* Blanks as delimiter: a run of them is one, and at the ends of a line they are nothing. */
static void give_word_byte(struct lrp_csv *csv, unsigned char byte)
{
    if (!csv->in_quotes && (byte == ' ' || byte == '\t')) {
        csv->blank_ahead = csv->row_open;
        return;
    }
    if (csv->blank_ahead) {
        give(csv, ' ');
        csv->blank_ahead = false;
    }
    csv->row_open = true;
    give(csv, byte);
}

static void end_comment(struct lrp_csv *csv)
{
    if (csv->handlers.on_comment != NULL && csv->status == LRP_OK) {
        csv->status = csv->handlers.on_comment(csv->handlers.user, csv->line, csv->comment,
                                               csv->comment_length, csv->err);
    }
    csv->in_comment = false;
    csv->comment_length = 0;
}

/* A line is over: rows end here, so that each is known by the line it began on. */
static void end_line(struct lrp_csv *csv, unsigned char byte)
{
    if (csv->in_comment) {
        end_comment(csv);
    } else if (csv->line > csv->options.skip_lines) {
        csv->blank_ahead = false;
        give(csv, byte);
        if (!csv->in_quotes) {
            flush_slice(csv);
            csv->row_open = false;
            csv->row_line = csv->line + 1;
        }
    }
    if (csv->line <= csv->options.skip_lines) {
        csv->row_line = csv->line + 1;
    }
    csv->line++;
    csv->at_line_start = true;
}

static void take_byte(struct lrp_csv *csv, unsigned char byte)
{
    static const unsigned char mark[] = {0xEF, 0xBB, 0xBF};
    if (csv->position < 3 && byte == mark[csv->position] && csv->at_line_start) {
        csv->position++; /* byte order mark; half of one is data, but no text begins so */
        return;
    }
    csv->position = 3;
    bool paired = csv->after_return && byte == '\n';
    csv->after_return = byte == '\r';
    if (paired) {
        if (csv->in_quotes) {
            give(csv, byte);
        }
        return;
    }
    if (byte == '\n' || byte == '\r') {
        end_line(csv, byte);
        return;
    }
    if (csv->at_line_start) {
        csv->at_line_start = false;
        if (csv->line > csv->options.skip_lines && !csv->in_quotes && csv->options.comment != 0 &&
            byte == (unsigned char)csv->options.comment) {
            csv->in_comment = true;
            return;
        }
        if (!csv->in_quotes) {
            csv->row_line = csv->line;
        }
    }
    if (csv->in_comment) {
        if (csv->comment_length < COMMENT_MOST) {
            csv->comment[csv->comment_length] = (char)byte;
            csv->comment_length++;
        }
        return;
    }
    if (csv->line <= csv->options.skip_lines) {
        return;
    }
    if (byte == '"') {
        csv->in_quotes = !csv->in_quotes;
    }
    if (csv->options.delimiter == ' ') {
        give_word_byte(csv, byte);
    } else {
        csv->row_open = true;
        give(csv, byte);
    }
}

/* Where the next quote and the next CR of the bytes at hand are. */
struct marks {
    size_t quote;
    size_t carriage_return;
};

static size_t find_byte(const unsigned char *bytes, size_t from, size_t length, int byte)
{
    const unsigned char *found = from < length ? memchr(bytes + from, byte, length - from) : NULL;
    return found != NULL ? (size_t)(found - bytes) : length;
}

/* A line without a quote is nothing but fields between delimiters: it is cut where it lies, without
 * a copy, several times as fast as libcsv. Blanks around a field do not belong to it, as there. */
static void cut_line(struct lrp_csv *csv, const char *at, const char *end)
{
    size_t n = 0;
    const char delimiter = csv->options.delimiter;
    for (bool more = true; more && csv->status == LRP_OK;) {
        if (n == csv->fields_capacity) {
            csv->status = lrp_grow_array((void **)&csv->fields, n, &csv->fields_capacity,
                                         sizeof *csv->fields, LRP_CSV_FIELDS_MAX, csv->err);
            continue;
        }
        const char *stop = at;
        while (stop < end && *stop != delimiter) {
            stop++;
        }
        more = stop < end;
        const char *last = stop;
        while (at < last && (*at == ' ' || *at == '\t')) {
            at++;
        }
        while (last > at && (last[-1] == ' ' || last[-1] == '\t')) {
            last--;
        }
        csv->fields[n] = (struct lrp_csv_field){at, (size_t)(last - at)};
        n++;
        at = stop + 1;
    }
    if (csv->status == LRP_OK) {
        csv->status = csv->handlers.on_row(csv->handlers.user, csv->line, csv->fields, n, csv->err);
    }
}

/* Takes the whole lines from `from` on that are a row each: no quote, CR only before LF, no
 * comment, no blank at the beginning. Returns where it stopped. */
static size_t take_lines(struct lrp_csv *csv, const unsigned char *bytes, size_t from,
                         size_t length, struct marks *marks)
{
    size_t at = from;
    if (marks->quote < from) {
        marks->quote = find_byte(bytes, from, length, '"');
    }
    if (marks->carriage_return < from) {
        marks->carriage_return = find_byte(bytes, from, length, '\r');
    }
    while (at < marks->quote && csv->status == LRP_OK) {
        size_t end = find_byte(bytes, at, marks->quote, '\n');
        size_t next = end + 1;
        unsigned char first = bytes[at];
        if (end == marks->quote || first == ' ' || first == '\t' || first == '\n' ||
            first == '\r' || first == (unsigned char)csv->options.comment) {
            break;
        }
        if (marks->carriage_return < end) {
            if (marks->carriage_return + 1 != end) {
                break;
            }
            marks->carriage_return = find_byte(bytes, end, length, '\r');
            end--;
        }
        cut_line(csv, (const char *)bytes + at, (const char *)bytes + end);
        csv->line++;
        csv->row_line = csv->line;
        at = next;
    }
    return at;
}

enum lrp_status lrp_csv_feed(struct lrp_csv *csv, const void *bytes, size_t length,
                             struct lrp_error *err)
{
    const unsigned char *at = bytes;
    struct marks marks = {0, 0};
    csv->err = err;
    if (length > 0) {
        marks = (struct marks){find_byte(at, 0, length, '"'), find_byte(at, 0, length, '\r')};
    }
    for (size_t i = 0; i < length && csv->status == LRP_OK;) {
        size_t before = i;
        if (csv->at_line_start && !csv->after_return && !csv->in_quotes && csv->position == 3 &&
            csv->line > csv->options.skip_lines && csv->options.delimiter != ' ') {
            i = take_lines(csv, at, i, length, &marks);
        }
        if (i == before) {
            take_byte(csv, at[i]);
            i++;
        }
    }
    csv->err = NULL;
    return csv->status;
}

enum lrp_status lrp_csv_finish(struct lrp_csv *csv, struct lrp_error *err)
{
    csv->err = err;
    if (csv->in_comment) {
        end_comment(csv);
    }
    flush_slice(csv);
    if (csv->status == LRP_OK && csv_fini(&csv->parser, on_field, on_row, csv) != 0 &&
        csv->status == LRP_OK) {
        csv->status = csv_error(&csv->parser) == CSV_EPARSE
                          ? lrp_fail(err, LRP_E_FORMAT, csv->row_line,
                                     "a quote that begins in this row is never closed")
                          : parser_problem(csv);
    }
    csv->err = NULL;
    return csv->status;
}

char lrp_csv_guess_delimiter(const unsigned char *line, size_t length)
{
    static const char candidates[] = {',', ';', '\t'};
    char best = ' ';
    size_t most = 0;
    for (size_t i = 0; i < sizeof candidates; i++) {
        size_t count = 0;
        bool quoted = false;
        for (size_t k = 0; k < length; k++) {
            quoted = line[k] == '"' ? !quoted : quoted;
            count += !quoted && line[k] == (unsigned char)candidates[i] ? 1 : 0;
        }
        if (count > most) {
            most = count;
            best = candidates[i];
        }
    }
    return best;
}

bool lrp_csv_first_line(const unsigned char *bytes, size_t length, size_t from, char comment,
                        bool at_end, size_t *begin, size_t *end)
{
    /* a byte order mark belongs to no line */
    size_t at = from == 0 && length >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0 ? 3 : from;
    while (at < length) {
        size_t stop = at;
        while (stop < length && bytes[stop] != '\n' && bytes[stop] != '\r') {
            stop++;
        }
        if (stop == length && !at_end) {
            return false;
        }
        if (stop > at && bytes[at] != (unsigned char)comment) {
            *begin = at;
            *end = stop;
            return true;
        }
        at = stop + 1;
    }
    return false;
}
