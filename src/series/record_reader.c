/* SPDX-License-Identifier: MIT */
#include "record_reader.h"

#include "alloc.h"
#include "comma_cells.h"
#include "nameless_table.h"
#include "number.h"
#include "record_change.h"
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HEAD_MOST = 1 << 20, SHOWN = 60, ODD_SHARE = 10 };

enum cell_kind { CELL_UNKNOWN, CELL_NUMBER, CELL_TEXT, CELL_LEFT_OUT };

struct table_column {
    char *name; /* in our words; NULL while the header is being taken */
    enum cell_kind kind;
    size_t index;   /* in the record, once it holds numbers */
    bool is_needed; /* the loss or the rate: a first cell that is a word does not drop it */
    bool is_known;  /* one of our columns */
    bool odd_cell;  /* a cell without a number was seen and noted */
};

struct lrp_table_reader {
    struct lrp_table_options options;
    struct lrp_record *record;
    struct lrp_csv *csv;
    unsigned char *head; /* bytes until the header line is complete: it tells the delimiter */
    size_t head_length;
    struct table_column *columns; /* NULL until there was a header row */
    size_t n_columns;
    char *comment; /* the last one above the first row; NULL = none */
    char *first; /* first field of the header as it is spelt: a header that comes again begins so */
    size_t first_length;
    struct lrp_comma_cells commas;
    double *values; /* one row, in the record's order */
    unsigned char *present;
    size_t n_rows;        /* rows with data, those that do not fit among them */
    size_t n_odd;         /* rows that do not fit */
    struct lrp_error odd; /* why the first one does not */
    bool finishing;       /* the row that comes now is the last and has no newline */
};

enum lrp_status lrp_table_reader_new(const struct lrp_table_options *options,
                                     struct lrp_table_reader **out, struct lrp_error *err)
{
    struct lrp_table_reader *reader = lrp_calloc_array(1, sizeof *reader);
    LRP_TRY_MEMORY(reader, err);
    reader->options = *options;
    enum lrp_status status = lrp_record_new(0, &reader->record, err);
    if (status != LRP_OK) {
        free(reader);
        return status;
    }
    *out = reader;
    return LRP_OK;
}

void lrp_table_reader_free(struct lrp_table_reader *reader)
{
    if (reader == NULL) {
        return;
    }
    for (size_t c = 0; c < reader->n_columns; c++) {
        free(reader->columns[c].name);
    }
    free(reader->columns);
    free(reader->comment);
    free(reader->first);
    free(reader->values);
    free(reader->present);
    free(reader->head);
    lrp_csv_free(reader->csv);
    lrp_comma_cells_fini(&reader->commas);
    lrp_record_free(reader->record);
    free(reader);
}

/* ---- the header row ------------------------------------------------------------------------ */

static bool is_free(const struct lrp_table_reader *reader, const char *name)
{
    for (size_t c = 0; c < reader->n_columns; c++) {
        const struct table_column *column = &reader->columns[c];
        if (column->name != NULL && column->kind != CELL_LEFT_OUT &&
            strcmp(column->name, name) == 0) {
            return false;
        }
    }
    return true;
}

static enum lrp_status name_column(struct lrp_table_reader *reader, struct table_column *column,
                                   const char *label, const struct lrp_csv_field *field,
                                   struct lrp_error *err)
{
    char own[LRP_COLUMN_NAME_MOST + 1];
    const char *name = label;
    bool named = is_free(reader, name);
    if (!named) {
        lrp_copy_column_name(field->text, field->length, own);
        name = own;
        named = is_free(reader, name);
    }
    column->name = lrp_strdup(name);
    LRP_TRY_MEMORY(column->name, err);
    column->kind = named && name[0] != '\0' ? CELL_UNKNOWN : CELL_LEFT_OUT;
    column->is_needed = strcmp(name, "loss") == 0 || strcmp(name, "lr") == 0;
    column->is_known = lrp_is_known_column(name);
    if (column->kind != CELL_LEFT_OUT && !reader->options.strict) {
        LRP_TRY(lrp_record_set_former_name(reader->record, name, field->text, field->length, err));
    }
    return named ? LRP_OK
                 : lrp_record_add_note(reader->record, err, "a second column was left out: %.*s",
                                       SHOWN, name);
}

/* Names for the columns: those that are spelt as ours first, then aliases, then their own. */
static enum lrp_status name_columns(struct lrp_table_reader *reader,
                                    const struct lrp_csv_field *fields,
                                    struct lrp_column_label *labels, struct lrp_error *err)
{
    const struct lrp_table_options *options = &reader->options;
    size_t n = reader->n_columns;
    LRP_TRY(options->label(options->user, reader->record, fields, n, labels, err));
    for (int turn = 0; turn < 2; turn++) {
        for (size_t i = 0; i < n; i++) {
            if (labels[i].exact == (turn == 0)) {
                LRP_TRY(name_column(reader, &reader->columns[i], labels[i].name, &fields[i], err));
            }
        }
    }
    return LRP_OK;
}

static bool is_number(const struct lrp_csv_field *field)
{
    double number = 0;
    return lrp_parse_double(field->text, field->length, &number);
}

static enum lrp_status take_names(struct lrp_table_reader *reader, size_t line,
                                  const struct lrp_csv_field *fields, size_t n,
                                  struct lrp_error *err)
{
    if (n > LRP_RECORD_MAX_COLUMNS) {
        return lrp_fail(err, LRP_E_LIMIT, line, "%zu columns, the limit is %d", n,
                        LRP_RECORD_MAX_COLUMNS);
    }
    reader->values = lrp_calloc_array(n, sizeof *reader->values);
    reader->present = lrp_calloc_array(n, 1);
    reader->first = lrp_calloc_array(fields[0].length + 1, 1);
    reader->columns = lrp_calloc_array(n, sizeof *reader->columns);
    struct lrp_column_label *labels = lrp_calloc_array(n, sizeof *labels);
    enum lrp_status status = LRP_OK;
    if (reader->values == NULL || reader->present == NULL || reader->first == NULL ||
        reader->columns == NULL || labels == NULL) {
        status = lrp_fail_memory(err, n * sizeof *labels);
    } else {
        reader->n_columns = n;
        reader->first_length = fields[0].length;
        memcpy(reader->first, fields[0].text, fields[0].length);
        status = name_columns(reader, fields, labels, err);
    }
    free(labels);
    return status;
}

/* ---- rows ---------------------------------------------------------------------------------- */

static bool is_missing(const struct lrp_csv_field *field)
{
    static const char *const words[] = {"", "NA", "N/A", "null", "NULL", "None", "-"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (field->length == strlen(words[i]) &&
            memcmp(field->text, words[i], field->length) == 0) {
            return true;
        }
    }
    return false;
}

/* A number as people's scripts write them: "49.2%", "tensor(0.69, device='cuda:0')", with a comma
 * of the kind *comma. */
static bool parse_cell(const struct lrp_csv_field *field, double *number, enum lrp_comma *comma)
{
    static const char tensor[] = "tensor(";
    size_t begin = sizeof tensor - 1;
    bool percent = field->length > 1 && field->text[field->length - 1] == '%';
    size_t length = field->length - (percent ? 1 : 0);
    *comma = LRP_COMMA_NONE;
    bool plain = lrp_parse_double(field->text, length, number);
    if (!plain && memchr(field->text, ',', length) != NULL) {
        *comma = lrp_parse_comma_number(field->text, length, number);
    }
    if (plain || *comma != LRP_COMMA_NONE) {
        *number /= percent ? 100 : 1;
        return true;
    }
    if (field->length < begin || memcmp(field->text, tensor, begin) != 0) {
        return false;
    }
    size_t end = begin;
    while (end < field->length && field->text[end] != ',' && field->text[end] != ')') {
        end++;
    }
    return lrp_parse_double(field->text + begin, end - begin, number);
}

/* Keeps the first reason why a row was left out. */
static void odd_row(struct lrp_table_reader *reader, size_t line, const char *reason)
{
    if (reader->n_odd == 0) {
        (void)lrp_fail(&reader->odd, LRP_E_FORMAT, line, "%s", reason);
    }
    reader->n_odd++;
    reader->n_rows++;
}

static void odd_cell(struct lrp_table_reader *reader, size_t line, const char *name,
                     const struct lrp_csv_field *field)
{
    struct lrp_text text;
    lrp_text_init(&text, 1024);
    lrp_text_append(&text, "column ");
    lrp_text_append_clean(&text, name, strnlen(name, SHOWN));
    lrp_text_append(&text, ": \"");
    lrp_text_append_clean(&text, field->text,
                          field->length < SHOWN ? field->length : (size_t)SHOWN);
    lrp_text_append(&text, memchr(field->text, ',', field->length) != NULL
                               ? "\" is not a number: a decimal point was expected"
                               : "\" is not a number");
    odd_row(reader, line, lrp_text_string(&text));
    lrp_text_fini(&text);
}

/* A cell that is no plain number, or the first one of its column, which decides what that is. fits
 * is set to false where the row must be left out. */
static enum lrp_status take_odd_cell(struct lrp_table_reader *reader, size_t line,
                                     struct table_column *column, const struct lrp_csv_field *field,
                                     bool *fits, struct lrp_error *err)
{
    double number = 0;
    enum lrp_comma comma = LRP_COMMA_NONE;
    if (column->kind == CELL_TEXT || column->kind == CELL_LEFT_OUT || is_missing(field)) {
        return LRP_OK;
    }
    bool has_number = parse_cell(field, &number, &comma) ||
                      lrp_part_of_total(field->text, field->length, &number);
    if (comma != LRP_COMMA_NONE) {
        has_number = !reader->options.strict &&
                     (column->kind != CELL_NUMBER ||
                      lrp_comma_fits(&reader->commas, reader->record, column->index, comma));
    }
    if (!has_number && column->kind == CELL_UNKNOWN && !column->is_needed) {
        column->kind = CELL_TEXT;
        return lrp_record_add_note(reader->record, err, "a column of text was left out: %.*s",
                                   SHOWN, column->name);
    }
    if (!has_number && (column->is_known || column->is_needed)) {
        odd_cell(reader, line, column->name, field);
        *fits = false;
        return LRP_OK;
    }
    if (!has_number) {
        bool noted = column->odd_cell;
        column->odd_cell = true;
        return noted ? LRP_OK
                     : lrp_record_add_note(reader->record, err,
                                           "words among the numbers were left out of: %.*s", SHOWN,
                                           column->name);
    }
    if (column->kind == CELL_UNKNOWN) {
        LRP_TRY(lrp_record_add_column(reader->record, column->name, &column->index, err));
        column->kind = CELL_NUMBER;
    }
    reader->values[column->index] = number;
    reader->present[column->index] = 1;
    return comma == LRP_COMMA_NONE ? LRP_OK
                                   : lrp_comma_cells_note(&reader->commas, reader->record,
                                                          column->index, line, comma, err);
}

/* A logger that was started again writes its header once more. */
static bool is_header_again(const struct lrp_table_reader *reader,
                            const struct lrp_csv_field *fields)
{
    if (fields[0].length != reader->first_length ||
        memcmp(fields[0].text, reader->first, reader->first_length) != 0) {
        return false;
    }
    for (size_t c = 0; c < reader->n_columns; c++) {
        if (reader->columns[c].kind == CELL_NUMBER &&
            (fields[c].length == 0 || is_number(&fields[c]))) {
            return false;
        }
    }
    return true;
}

static enum lrp_status take_cells(struct lrp_table_reader *reader, size_t line,
                                  const struct lrp_csv_field *fields, size_t n,
                                  struct lrp_error *err)
{
    bool fits = true;
    bool any = false;
    memset(reader->present, 0, n);
    for (size_t c = 0; c < n && fits; c++) {
        struct table_column *column = &reader->columns[c];
        if (column->kind == CELL_NUMBER &&
            lrp_parse_double(fields[c].text, fields[c].length, &reader->values[column->index])) {
            reader->present[column->index] = 1;
            any = true;
            continue;
        }
        LRP_TRY(take_odd_cell(reader, line, column, &fields[c], &fits, err));
        any = any || (column->kind == CELL_NUMBER && reader->present[column->index] != 0);
    }
    if (!any || !fits) {
        lrp_comma_cells_forget_row(&reader->commas, reader->record);
        return LRP_OK;
    }
    reader->n_rows++;
    return lrp_record_append_row(reader->record, reader->values, reader->present, err);
}

/* A first row of numbers: names are made up, or come from the comment above it. */
static enum lrp_status take_nameless(struct lrp_table_reader *reader, size_t line,
                                     const struct lrp_csv_field *fields, size_t n,
                                     struct lrp_error *err)
{
    struct lrp_text text;
    struct lrp_csv_field *names = lrp_calloc_array(n, sizeof *names);
    LRP_TRY_MEMORY(names, err);
    lrp_text_init(&text, HEAD_MOST);
    enum lrp_status status = lrp_name_nameless(reader->comment, fields, n, &text, names, err);
    status = status == LRP_OK ? take_names(reader, line, names, n, err) : status;
    status = status == LRP_OK ? take_cells(reader, line, fields, n, err) : status;
    lrp_text_fini(&text);
    free(names);
    return status;
}

static enum lrp_status take_header(struct lrp_table_reader *reader, size_t line,
                                   const struct lrp_csv_field *fields, size_t n,
                                   struct lrp_error *err)
{
    size_t numbers = 0;
    for (size_t i = 0; i < n; i++) {
        numbers += lrp_is_cell_value(fields[i].text, fields[i].length) ? 1 : 0;
    }
    if (numbers < n) {
        return take_names(reader, line, fields, n, err);
    }
    return reader->options.strict ? lrp_fail(err, LRP_E_FORMAT, line,
                                             "numbers where the names of the columns were expected")
                                  : take_nameless(reader, line, fields, n, err);
}

static enum lrp_status take_row(void *user, size_t line, const struct lrp_csv_field *fields,
                                size_t n, struct lrp_error *err)
{
    struct lrp_table_reader *reader = user;
    if (reader->columns == NULL) {
        return take_header(reader, line, fields, n, err);
    }
    if (reader->finishing &&
        (n != reader->n_columns || lrp_record_meta(reader->record, "version") != NULL)) {
        /* our own writer ends each row with a newline: the last number may lack digits */
        return lrp_record_add_note(reader->record, err, "the last line was cut off and left out");
    }
    if (n != reader->n_columns) {
        char reason[120];
        (void)snprintf(reason, sizeof reason, "%zu field%s, but the header has %zu%s", n,
                       n == 1 ? "" : "s", reader->n_columns,
                       n == 2 * reader->n_columns ? " (decimal commas without quotes?)" : "");
        odd_row(reader, line, reason);
        return LRP_OK;
    }
    return is_header_again(reader, fields)
               ? lrp_record_add_note(reader->record, err,
                                     "the header row comes again: a restarted run")
               : take_cells(reader, line, fields, n, err);
}

/* Rows that did not fit: a note where they are few, else the table is not what it seems. */
static enum lrp_status judge_odd_rows(struct lrp_table_reader *reader, struct lrp_error *err)
{
    if (reader->n_odd == 0) {
        return LRP_OK;
    }
    if (reader->options.strict || reader->n_odd == reader->n_rows ||
        reader->n_odd * ODD_SHARE > reader->n_rows) {
        return lrp_fail(err, LRP_E_FORMAT, reader->odd.line, "%.300s%s", reader->odd.message,
                        reader->n_odd == 1 ? "" : "; too many rows are like that");
    }
    return lrp_record_add_note(
        reader->record, err,
        "%zu of %zu rows do not fit and were left out, the first in line %zu: %.300s",
        reader->n_odd, reader->n_rows, reader->odd.line, reader->odd.message);
}

/* "# key: value" becomes meta data; other comments are for people. */
static enum lrp_status take_comment(void *user, size_t line, const char *text, size_t length,
                                    struct lrp_error *err)
{
    struct lrp_table_reader *reader = user;
    (void)line;
    if (reader->columns != NULL) {
        return LRP_OK;
    }
    struct lrp_text clean;
    lrp_text_init(&clean, 1 << 16);
    lrp_text_append_clean(&clean, text, length);
    enum lrp_status status = lrp_text_check(&clean, err);
    free(reader->comment);
    reader->comment = lrp_strdup(lrp_text_string(&clean));
    char *colon = clean.bytes != NULL ? strchr(clean.bytes, ':') : NULL;
    if (status == LRP_OK && colon != NULL) {
        const char *key = clean.bytes + strspn(clean.bytes, " ");
        const char *value = colon + 1 + strspn(colon + 1, " ");
        *colon = '\0';
        status = key[0] != '\0' ? lrp_record_set_meta(reader->record, key, value, err) : LRP_OK;
    }
    lrp_text_fini(&clean);
    return status;
}

/* ---- bytes --------------------------------------------------------------------------------- */

/* Starts the CSV parser once the header line is known, and gives it what was kept back. */
static enum lrp_status start(struct lrp_table_reader *reader, bool at_end, struct lrp_error *err)
{
    size_t begin = 0;
    size_t end = 0;
    char delimiter = reader->options.delimiter;
    if (!lrp_csv_first_line(reader->head, reader->head_length, 0, '#', at_end, &begin, &end)) {
        return LRP_OK;
    }
    if (delimiter == 0) {
        delimiter = lrp_csv_guess_delimiter(reader->head + begin, end - begin);
    }
    const struct lrp_csv_options options = {delimiter, '#', 0};
    const struct lrp_csv_handlers handlers = {take_row, take_comment, reader};
    enum lrp_status status = lrp_csv_new(&options, &handlers, &reader->csv, err);
    if (status == LRP_OK) {
        status = lrp_csv_feed(reader->csv, reader->head, reader->head_length, err);
    }
    free(reader->head);
    reader->head = NULL;
    return status;
}

enum lrp_status lrp_table_reader_feed(struct lrp_table_reader *reader, const void *bytes,
                                      size_t length, struct lrp_error *err)
{
    if (reader->csv != NULL) {
        return lrp_csv_feed(reader->csv, bytes, length, err);
    }
    if (length > 0) {
        unsigned char *bigger = lrp_realloc_array(reader->head, reader->head_length + length, 1);
        LRP_TRY_MEMORY(bigger, err);
        memcpy(bigger + reader->head_length, bytes, length);
        reader->head = bigger;
        reader->head_length += length;
    }
    LRP_TRY(start(reader, false, err));
    return reader->csv == NULL && reader->head_length > HEAD_MOST
               ? lrp_fail(err, LRP_E_LIMIT, 1, "no end of the header row in the first %d bytes",
                          HEAD_MOST)
               : LRP_OK;
}

enum lrp_status lrp_table_reader_finish(struct lrp_table_reader *reader, struct lrp_record **out,
                                        struct lrp_error *err)
{
    if (reader->csv == NULL && reader->head_length > 0) {
        LRP_TRY(start(reader, true, err));
    }
    if (reader->csv != NULL) {
        reader->finishing = true;
        LRP_TRY(lrp_csv_finish(reader->csv, err));
    }
    if (reader->columns == NULL) {
        return lrp_fail(err, LRP_E_NODATA, 0, "the file is empty");
    }
    LRP_TRY(judge_odd_rows(reader, err));
    LRP_TRY(lrp_record_finish(reader->record, err));
    LRP_TRY(lrp_comma_cells_settle(&reader->commas, reader->record, err));
    if (lrp_record_rows(reader->record) == 0) {
        return lrp_fail(err, LRP_E_NODATA, 0,
                        lrp_record_note(reader->record, 0) != NULL
                            ? "no column of the table holds numbers"
                            : "there is a header but no row of data");
    }
    *out = reader->record;
    reader->record = NULL;
    return LRP_OK;
}
