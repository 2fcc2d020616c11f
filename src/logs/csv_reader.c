/* SPDX-License-Identifier: MIT */
/* Tables with a header row: our own run records, and what other tools write. */
#include "formats.h"

#include "alloc.h"
#include "csv_columns.h"
#include "csv_rows.h"
#include "number.h"
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HEAD_MOST = 1 << 20, SHOWN = 60, ODD_SHARE = 10 };

struct lrp_log_reader {
    struct lrp_record *record;
    struct lrp_csv *csv;
    struct lrp_column_names names;
    unsigned char *head; /* bytes until the header line is whole: it tells the delimiter */
    size_t head_length;
    struct lrp_table_columns columns;
    double *values; /* one row, in the record's order */
    unsigned char *present;
    size_t n_rows;        /* rows with data, those that do not fit among them */
    size_t n_odd;         /* rows that do not fit */
    struct lrp_error odd; /* why the first one does not */
    bool finishing;       /* the row that comes now is the last and has no newline */
};

static void free_reader(struct lrp_log_reader *reader)
{
    if (reader == NULL) {
        return;
    }
    lrp_table_columns_fini(&reader->columns);
    free(reader->values);
    free(reader->present);
    free(reader->head);
    lrp_csv_free(reader->csv);
    lrp_column_names_fini(&reader->names);
    lrp_record_free(reader->record);
    free(reader);
}

static enum lrp_status open_reader(const struct lrp_log_hints *hints, struct lrp_log_reader **out,
                                   struct lrp_error *err)
{
    struct lrp_log_reader *reader = lrp_calloc_array(1, sizeof *reader);
    if (reader == NULL) {
        return lrp_fail_memory(err, sizeof *reader);
    }
    lrp_column_names_init(&reader->names, hints);
    enum lrp_status status = lrp_record_new(0, &reader->record, err);
    if (status != LRP_OK) {
        free_reader(reader);
        return status;
    }
    *out = reader;
    return LRP_OK;
}

static enum lrp_status take_header(struct lrp_log_reader *reader, size_t line,
                                   const struct lrp_csv_field *fields, size_t n,
                                   struct lrp_error *err)
{
    enum lrp_status status =
        lrp_table_header(&reader->columns, &reader->names, reader->record, line, fields, n, err);
    if (status != LRP_OK) {
        return status;
    }
    reader->values = lrp_calloc_array(n, sizeof *reader->values);
    reader->present = lrp_calloc_array(n, 1);
    if (reader->values == NULL || reader->present == NULL) {
        return lrp_fail_memory(err, n * sizeof *reader->values);
    }
    return LRP_OK;
}

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

/* A number as people's scripts write them: "49.2%", "tensor(0.69, device='cuda:0')". */
static bool parse_cell(const struct lrp_csv_field *field, double *number)
{
    static const char tensor[] = "tensor(";
    size_t begin = sizeof tensor - 1;
    if (lrp_parse_double(field->text, field->length, number)) {
        return true;
    }
    if (field->length > 1 && field->text[field->length - 1] == '%' &&
        lrp_parse_double(field->text, field->length - 1, number)) {
        *number /= 100;
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
static void odd_row(struct lrp_log_reader *reader, size_t line, const char *reason)
{
    if (reader->n_odd == 0) {
        (void)lrp_fail(&reader->odd, LRP_E_FORMAT, line, "%s", reason);
    }
    reader->n_odd++;
}

static void odd_cell(struct lrp_log_reader *reader, size_t line, const char *name,
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
static enum lrp_status take_odd_cell(struct lrp_log_reader *reader, size_t line,
                                     struct lrp_table_column *column,
                                     const struct lrp_csv_field *field, bool *fits,
                                     struct lrp_error *err)
{
    double number = 0;
    if (column->kind == LRP_CELL_TEXT || column->kind == LRP_CELL_LEFT_OUT || is_missing(field)) {
        return LRP_OK;
    }
    bool is_number = parse_cell(field, &number);
    bool needed = strcmp(column->name, "loss") == 0 || strcmp(column->name, "lr") == 0;
    if (column->kind == LRP_CELL_UNKNOWN && !is_number && !needed) {
        column->kind = LRP_CELL_TEXT;
        return lrp_note_name(reader->record, "a column of text was left out", column->name, err);
    }
    if (!is_number && (column->is_known || needed)) {
        odd_cell(reader, line, column->name, field);
        *fits = false;
        return LRP_OK;
    }
    if (!is_number) {
        bool told = column->odd_cell;
        column->odd_cell = true;
        return told ? LRP_OK
                    : lrp_note_name(reader->record, "words among the numbers were left out of",
                                    column->name, err);
    }
    if (column->kind == LRP_CELL_UNKNOWN) {
        enum lrp_status status =
            lrp_record_add_column(reader->record, column->name, &column->index, err);
        if (status != LRP_OK) {
            return status;
        }
        column->kind = LRP_CELL_NUMBER;
    }
    reader->values[column->index] = number;
    reader->present[column->index] = 1;
    return LRP_OK;
}

/* A logger that was started again writes its header once more. */
static bool is_header_again(const struct lrp_log_reader *reader, const struct lrp_csv_field *fields,
                            size_t n)
{
    const struct lrp_table_columns *columns = &reader->columns;
    double number = 0;
    if (n != columns->n || fields[0].length != columns->first_length ||
        memcmp(fields[0].text, columns->first, columns->first_length) != 0) {
        return false;
    }
    for (size_t c = 0; c < n; c++) {
        if (columns->list[c].kind == LRP_CELL_NUMBER &&
            (fields[c].length == 0 ||
             lrp_parse_double(fields[c].text, fields[c].length, &number))) {
            return false;
        }
    }
    return true;
}

static enum lrp_status take_cells(struct lrp_log_reader *reader, size_t line,
                                  const struct lrp_csv_field *fields, size_t n,
                                  struct lrp_error *err)
{
    bool fits = true;
    bool any = false;
    memset(reader->present, 0, n);
    for (size_t c = 0; c < n && fits; c++) {
        struct lrp_table_column *column = &reader->columns.list[c];
        if (column->kind == LRP_CELL_NUMBER &&
            lrp_parse_double(fields[c].text, fields[c].length, &reader->values[column->index])) {
            reader->present[column->index] = 1;
            any = true;
            continue;
        }
        enum lrp_status status = take_odd_cell(reader, line, column, &fields[c], &fits, err);
        if (status != LRP_OK) {
            return status;
        }
        any = any || (column->kind == LRP_CELL_NUMBER && reader->present[column->index] != 0);
    }
    reader->n_rows += any || !fits ? 1 : 0;
    return any && fits ? lrp_record_append_row(reader->record, reader->values, reader->present, err)
                       : LRP_OK;
}

static enum lrp_status take_row(void *user, size_t line, const struct lrp_csv_field *fields,
                                size_t n, struct lrp_error *err)
{
    struct lrp_log_reader *reader = user;
    if (reader->columns.list == NULL) {
        return take_header(reader, line, fields, n, err);
    }
    if (reader->finishing &&
        (n != reader->columns.n || lrp_record_meta(reader->record, "version") != NULL)) {
        /* our own writer ends each row with a newline: the last number may lack digits */
        return lrp_record_add_note(reader->record, "the last line was cut off and left out", err);
    }
    if (n == reader->columns.n && !is_header_again(reader, fields, n)) {
        return take_cells(reader, line, fields, n, err);
    }
    if (n == reader->columns.n) {
        return lrp_record_add_note(reader->record, "the header row comes again: a restarted run",
                                   err);
    }
    char reason[80];
    (void)snprintf(reason, sizeof reason, "%zu field%s, but the header has %zu", n,
                   n == 1 ? "" : "s", reader->columns.n);
    odd_row(reader, line, reason);
    reader->n_rows++;
    return LRP_OK;
}

/* Rows that did not fit: a note where they are few, else the table is not what it seems. */
static enum lrp_status judge_odd_rows(struct lrp_log_reader *reader, struct lrp_error *err)
{
    if (reader->n_odd == 0) {
        return LRP_OK;
    }
    if (reader->n_odd == reader->n_rows || reader->n_odd * ODD_SHARE > reader->n_rows) {
        return lrp_fail(err, LRP_E_FORMAT, reader->odd.line, "%.300s%s", reader->odd.message,
                        reader->n_odd == 1 ? "" : "; too many rows are like that");
    }
    char note[480];
    (void)snprintf(note, sizeof note,
                   "%zu of %zu rows do not fit and were left out, the first in line %zu: %.300s",
                   reader->n_odd, reader->n_rows, reader->odd.line, reader->odd.message);
    return lrp_record_add_note(reader->record, note, err);
}

/* "# key: value" becomes meta data; other comments are for people. */
static enum lrp_status take_comment(void *user, size_t line, const char *text, size_t length,
                                    struct lrp_error *err)
{
    struct lrp_log_reader *reader = user;
    (void)line;
    const char *colon = memchr(text, ':', length);
    if (colon == NULL || reader->columns.list != NULL) {
        return LRP_OK;
    }
    struct lrp_text key;
    struct lrp_text value;
    lrp_text_init(&key, 1 << 16);
    lrp_text_init(&value, 1 << 16);
    size_t begin = 0;
    size_t key_length = (size_t)(colon - text);
    while (begin < key_length && text[begin] == ' ') {
        begin++;
    }
    size_t rest = key_length + 1;
    while (rest < length && text[rest] == ' ') {
        rest++;
    }
    lrp_text_append_clean(&key, text + begin, key_length - begin);
    lrp_text_append_clean(&value, text + rest, length - rest);
    enum lrp_status status = lrp_text_check(&key, err);
    status = status == LRP_OK ? lrp_text_check(&value, err) : status;
    if (status == LRP_OK && key.length > 0) {
        status = lrp_record_set_meta(reader->record, lrp_text_string(&key), lrp_text_string(&value),
                                     err);
    }
    lrp_text_fini(&key);
    lrp_text_fini(&value);
    return status;
}

/* Starts the CSV parser once the header line is known, and gives it what was kept back. */
static enum lrp_status start(struct lrp_log_reader *reader, bool at_end, struct lrp_error *err)
{
    size_t begin = 0;
    size_t end = 0;
    if (!lrp_csv_first_line(reader->head, reader->head_length, 0, '#', at_end ? 1 : 0, &begin,
                            &end)) {
        return LRP_OK;
    }
    const struct lrp_csv_options options = {
        lrp_csv_guess_delimiter(reader->head + begin, end - begin), '#', 0};
    const struct lrp_csv_handlers handlers = {take_row, take_comment, reader};
    enum lrp_status status = lrp_csv_new(&options, &handlers, &reader->csv, err);
    if (status == LRP_OK) {
        status = lrp_csv_feed(reader->csv, reader->head, reader->head_length, err);
    }
    free(reader->head);
    reader->head = NULL;
    return status;
}

static enum lrp_status feed(struct lrp_log_reader *reader, const void *bytes, size_t length,
                            struct lrp_error *err)
{
    if (reader->csv != NULL) {
        return lrp_csv_feed(reader->csv, bytes, length, err);
    }
    if (length > 0) {
        unsigned char *bigger = lrp_realloc_array(reader->head, reader->head_length + length, 1);
        if (bigger == NULL) {
            return lrp_fail_memory(err, length);
        }
        memcpy(bigger + reader->head_length, bytes, length);
        reader->head = bigger;
        reader->head_length += length;
    }
    enum lrp_status status = start(reader, false, err);
    if (status == LRP_OK && reader->csv == NULL && reader->head_length > HEAD_MOST) {
        status = lrp_fail(err, LRP_E_LIMIT, 1, "no end of the header row in the first %d bytes",
                          HEAD_MOST);
    }
    return status;
}

static enum lrp_status finish(struct lrp_log_reader *reader, struct lrp_record **out,
                              struct lrp_error *err)
{
    enum lrp_status status = LRP_OK;
    if (reader->csv == NULL && reader->head_length > 0) {
        status = start(reader, true, err);
    }
    if (status == LRP_OK && reader->csv != NULL) {
        reader->finishing = true;
        status = lrp_csv_finish(reader->csv, NULL, err);
    }
    if (status == LRP_OK && reader->columns.list == NULL) {
        status = lrp_fail(err, LRP_E_NODATA, 0, "the file is empty");
    }
    status = status == LRP_OK ? judge_odd_rows(reader, err) : status;
    status = status == LRP_OK ? lrp_record_finish(reader->record, err) : status;
    if (status == LRP_OK && lrp_record_rows(reader->record) == 0) {
        status = lrp_fail(err, LRP_E_NODATA, 0,
                          lrp_record_note(reader->record, 0) != NULL
                              ? "no column of the table holds numbers"
                              : "there is a header but no row of data");
    }
    status = status == LRP_OK ? lrp_column_names_check(&reader->names, err) : status;
    if (status != LRP_OK) {
        return status;
    }
    *out = reader->record;
    reader->record = NULL;
    return LRP_OK;
}

const struct lrp_log_format lrp_log_format_csv = {
    "csv",
    "run records and any table with a header row: commas, semicolons, tabs or blanks",
    lrp_csv_probe,
    open_reader,
    feed,
    finish,
    free_reader,
};
