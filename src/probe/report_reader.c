/* SPDX-License-Identifier: MIT */
#include "report_reader.h"

#include "alloc.h"
#include "csv_rows.h"
#include "number.h"
#include "report_file.h"
#include "text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A row of every column that a record can have is a tenth of this. */
enum { LINE_MOST = 1 << 20 };
/* What is read in one go, so that one busy trainer does not keep the others waiting. */
enum { TURN_MOST = 1 << 22 };
/* Whole numbers are exact in a double up to here, 2^53. */
static const double STEP_MOST = 9007199254740992.0;

enum { STEP, LR, LOSS, N_WANTED };
static const char *const wanted[N_WANTED] = {[STEP] = "step", [LR] = "lr", [LOSS] = "loss"};

struct lrp_report_reader {
    struct lrp_report_file *file;
    struct lrp_csv *csv;
    lrp_report_row_handler *on_row;
    void *user;
    bool has_header;
    bool ended; /* a half-written last line is no row */
    bool closed;
    size_t n_fields;
    size_t columns[N_WANTED]; /* LRP_NO_COLUMN = absent */
    double last_step;         /* NaN = none yet */
    size_t line;              /* of the next byte, 1-based */
    size_t line_length;       /* bytes of that line so far */
    size_t rows, passed;
    size_t last_line;       /* line of the row after which enough was known, 0 = not yet */
    enum lrp_status status; /* once something is wrong it stays so */
    struct lrp_error why;
};

static enum lrp_status take_header(struct lrp_report_reader *reader, size_t line,
                                   const struct lrp_csv_field *fields, size_t n_fields,
                                   struct lrp_error *err)
{
    for (size_t i = 0; i < n_fields; i++) {
        for (size_t k = 0; k < N_WANTED; k++) {
            if (fields[i].length == strlen(wanted[k]) &&
                memcmp(fields[i].text, wanted[k], fields[i].length) == 0) {
                reader->columns[k] = i;
            }
        }
    }
    for (size_t k = LOSS; k >= LR; k--) {
        if (reader->columns[k] == LRP_NO_COLUMN) {
            return lrp_fail(err, LRP_E_NODATA, line,
                            "wrote a bad report: it begins with no header row that names a column "
                            "%s, such as step,lr,loss",
                            wanted[k]);
        }
    }
    reader->has_header = true;
    reader->n_fields = n_fields;
    return LRP_OK;
}

/* The value of a cell, NaN where it is empty. */
static enum lrp_status take_number(const struct lrp_csv_field *field, size_t line, double *value,
                                   struct lrp_error *err)
{
    *value = (double)NAN;
    if (field->length == 0 || lrp_parse_double(field->text, field->length, value)) {
        return LRP_OK;
    }
    struct lrp_text shown;
    lrp_text_init(&shown, 200);
    lrp_text_append_clean(&shown, field->text, field->length < 40 ? field->length : 40);
    (void)lrp_fail(err, LRP_E_FORMAT, line, "'%s' where a number belongs", lrp_text_string(&shown));
    lrp_text_fini(&shown);
    return LRP_E_FORMAT;
}

/* Several processes that write the same report show as steps that come twice. */
static enum lrp_status take_step(struct lrp_report_reader *reader, size_t line, double step,
                                 struct lrp_error *err)
{
    char a[LRP_NUMBER_SIZE];
    char b[LRP_NUMBER_SIZE];
    const double last = reader->last_step;
    if (!(step >= 0 && step <= STEP_MOST && step == floor(step))) {
        return lrp_fail(err, LRP_E_FORMAT, line, "step %s, but steps are whole numbers from 0 on",
                        lrp_format_double(step, a));
    }
    if (step <= last) {
        return lrp_fail(err, LRP_E_FORMAT, line, "step %s after step %s; %s",
                        lrp_format_double(step, a), lrp_format_double(last, b),
                        step < last ? "steps only rise"
                                    : "each step has one row, written by one process");
    }
    reader->last_step = step;
    return LRP_OK;
}

static enum lrp_status take_data(struct lrp_report_reader *reader, size_t line,
                                 const struct lrp_csv_field *fields, size_t n_fields,
                                 struct lrp_error *err)
{
    static const struct lrp_csv_field absent = {"", 0};
    const struct lrp_csv_field *found[N_WANTED];
    double values[N_WANTED];
    if (n_fields != reader->n_fields) {
        return lrp_fail(err, LRP_E_FORMAT, line, "%zu %s, but the header has %zu", n_fields,
                        n_fields == 1 ? "field" : "fields", reader->n_fields);
    }
    for (size_t k = 0; k < N_WANTED; k++) {
        const size_t column = reader->columns[k];
        found[k] = column == LRP_NO_COLUMN ? &absent : &fields[column];
        LRP_TRY(take_number(found[k], line, &values[k], err));
        if (k == STEP && found[k]->length > 0) {
            LRP_TRY(take_step(reader, line, values[k], err));
        }
    }
    const struct lrp_report_row row = {.number = reader->rows++,
                                       .step = values[STEP],
                                       .lr = values[LR],
                                       .loss = values[LOSS],
                                       .measured = found[LOSS]->length > 0};
    if (!reader->on_row(reader->user, &row)) {
        reader->last_line = line;
    }
    return LRP_OK;
}

static enum lrp_status take_row(void *user, size_t line, const struct lrp_csv_field *fields,
                                size_t n_fields, struct lrp_error *err)
{
    struct lrp_report_reader *reader = user;
    if (reader->ended) {
        return LRP_OK;
    }
    if (reader->last_line > 0) {
        reader->passed++;
        return LRP_OK;
    }
    return reader->has_header ? take_data(reader, line, fields, n_fields, err)
                              : take_header(reader, line, fields, n_fields, err);
}

static enum lrp_status take_comment(void *user, size_t line, const char *text, size_t length,
                                    struct lrp_error *err)
{
    static const char end[] = " " LRP_REPORT_END;
    struct lrp_report_reader *reader = user;
    (void)line;
    (void)err;
    reader->closed |= length == sizeof end - 1 && memcmp(text, end, length) == 0;
    return LRP_OK;
}

enum lrp_status lrp_report_reader_new(const char *path, bool keep, lrp_report_row_handler *on_row,
                                      void *user, struct lrp_report_reader **out,
                                      struct lrp_error *err)
{
    struct lrp_report_reader *reader = lrp_calloc_array(1, sizeof *reader);
    LRP_TRY_MEMORY(reader, err);
    const struct lrp_csv_options options = {.delimiter = ',', .comment = '#'};
    const struct lrp_csv_handlers handlers = {
        .on_row = take_row, .on_comment = take_comment, .user = reader};
    reader->on_row = on_row;
    reader->user = user;
    reader->last_step = (double)NAN;
    reader->line = 1;
    for (size_t k = 0; k < N_WANTED; k++) {
        reader->columns[k] = LRP_NO_COLUMN;
    }
    enum lrp_status status = lrp_report_file_new(path, keep, &reader->file, err);
    if (status == LRP_OK) {
        status = lrp_csv_new(&options, &handlers, &reader->csv, err);
    }
    if (status != LRP_OK) {
        lrp_report_reader_free(reader);
        return status;
    }
    *out = reader;
    return LRP_OK;
}

/* A line without an end would all be held in memory. */
static enum lrp_status count_lines(struct lrp_report_reader *reader, const char *bytes, size_t n,
                                   struct lrp_error *err)
{
    const char *end = bytes + n;
    for (const char *at = bytes; at < end;) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        reader->line_length += (size_t)((newline == NULL ? end : newline) - at);
        if (reader->line_length > LINE_MOST) {
            return lrp_fail(err, LRP_E_FORMAT, reader->line,
                            "wrote a bad report: line %zu has more than %d bytes", reader->line,
                            LINE_MOST);
        }
        if (newline == NULL) {
            break;
        }
        reader->line++;
        reader->line_length = 0;
        at = newline + 1;
    }
    return LRP_OK;
}

/* Makes a sentence of what the parser, or a handler of rows, found in a line. */
static enum lrp_status check_parsed(const struct lrp_report_reader *reader, enum lrp_status status,
                                    const struct lrp_error *why, struct lrp_error *err)
{
    const size_t line = why->line > 0 ? why->line : reader->line;
    switch (status) {
    case LRP_OK:
        return LRP_OK;
    case LRP_E_NODATA: /* no header, which is a sentence already */
        return lrp_fail(err, LRP_E_FORMAT, line, "%s", why->message);
    case LRP_E_FORMAT:
    case LRP_E_LIMIT:
        return lrp_fail(err, LRP_E_FORMAT, line, "wrote a bad report: line %zu has %s", line,
                        why->message);
    default:
        return lrp_fail(err, status, why->line, "%s", why->message);
    }
}

static enum lrp_status read_added(struct lrp_report_reader *reader, size_t most,
                                  struct lrp_error *err)
{
    size_t n = 1;
    for (size_t taken = 0; n > 0 && taken < most && reader->passed == 0; taken += n) {
        const char *bytes = NULL;
        struct lrp_error why = {0};
        LRP_TRY(lrp_report_file_read(reader->file, &bytes, &n, err));
        if (n > 0) {
            LRP_TRY(count_lines(reader, bytes, n, err));
            LRP_TRY(check_parsed(reader, lrp_csv_feed(reader->csv, bytes, n, &why), &why, err));
        }
    }
    return LRP_OK;
}

static enum lrp_status read_on(struct lrp_report_reader *reader, bool at_end, struct lrp_error *err)
{
    struct lrp_error why = {0};
    if (at_end) {
        /* checked twice: the first look may find the file that the trainer put there at once */
        (void)lrp_report_file_check(reader->file, true, reader->line, &why);
    }
    LRP_TRY(read_added(reader, at_end ? (size_t)-1 : TURN_MOST, err));
    LRP_TRY(lrp_report_file_check(reader->file, at_end, reader->line, err));
    if (!at_end) {
        return LRP_OK;
    }
    reader->ended = true;
    return check_parsed(reader, lrp_csv_finish(reader->csv, &why), &why, err);
}

enum lrp_status lrp_report_reader_read(struct lrp_report_reader *reader, bool at_end,
                                       struct lrp_error *err)
{
    if (reader->status == LRP_OK) {
        reader->status = read_on(reader, at_end, &reader->why);
    }
    return reader->status == LRP_OK
               ? LRP_OK
               : lrp_fail(err, reader->status, reader->why.line, "%s", reader->why.message);
}

enum lrp_status lrp_report_reader_cut(struct lrp_report_reader *reader, struct lrp_error *err)
{
    return reader->last_line == 0 ? LRP_OK
                                  : lrp_report_file_cut(reader->file, reader->last_line, err);
}

bool lrp_report_reader_closed(const struct lrp_report_reader *reader)
{
    return reader->closed;
}

size_t lrp_report_reader_passed(const struct lrp_report_reader *reader)
{
    return reader->passed;
}

void lrp_report_reader_free(struct lrp_report_reader *reader)
{
    if (reader == NULL) {
        return;
    }
    lrp_csv_free(reader->csv);
    lrp_report_file_free(reader->file);
    free(reader);
}
