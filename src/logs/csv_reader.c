/* SPDX-License-Identifier: MIT */
/* Tables with a header row: our own run records, and what other tools write. */
#include "formats.h"

#include "alloc.h"
#include "csv_rows.h"
#include "number.h"
#include "text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { HEAD_MOST = 1 << 20, SHOWN = 60 };

enum cell_kind { CELL_UNKNOWN, CELL_NUMBER, CELL_TEXT, CELL_LEFT_OUT };

struct table_column {
    char *name; /* in our words */
    enum cell_kind kind;
    size_t index; /* in the record, once it holds numbers */
};

struct lrp_log_reader {
    struct lrp_record *record;
    struct lrp_csv *csv;
    struct lrp_column_names names;
    unsigned char *head; /* bytes until the header line is whole: it tells the delimiter */
    size_t head_length;
    struct table_column *columns;
    size_t n_columns;
    double *values; /* one row, in the record's order */
    unsigned char *present;
    bool finishing; /* the row that comes now is the last and has no newline */
};

static void free_reader(struct lrp_log_reader *reader)
{
    if (reader == NULL) {
        return;
    }
    for (size_t c = 0; c < reader->n_columns; c++) {
        free(reader->columns[c].name);
    }
    free(reader->columns);
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

static enum lrp_status note(struct lrp_log_reader *reader, const char *what, const char *name,
                            struct lrp_error *err)
{
    struct lrp_text text;
    lrp_text_init(&text, 1024);
    lrp_text_append(&text, what);
    lrp_text_append(&text, " ");
    lrp_text_append_clean(&text, name, strlen(name) < SHOWN ? strlen(name) : (size_t)SHOWN);
    enum lrp_status status = lrp_record_add_note(reader->record, lrp_text_string(&text), err);
    lrp_text_fini(&text);
    return status;
}

static bool already_named(const struct lrp_log_reader *reader, const char *name)
{
    for (size_t c = 0; c < reader->n_columns; c++) {
        if (reader->columns[c].kind != CELL_LEFT_OUT &&
            strcmp(reader->columns[c].name, name) == 0) {
            return true;
        }
    }
    return false;
}

static enum lrp_status take_header(struct lrp_log_reader *reader, size_t line,
                                   const struct lrp_csv_field *fields, size_t n,
                                   struct lrp_error *err)
{
    size_t numbers = 0;
    double number = 0;
    for (size_t i = 0; i < n; i++) {
        numbers += lrp_parse_double(fields[i].text, fields[i].length, &number) ? 1 : 0;
    }
    if (numbers == n) {
        return lrp_fail(err, LRP_E_FORMAT, line,
                        "numbers where the names of the columns were expected");
    }
    if (n > LRP_RECORD_MAX_COLUMNS) {
        return lrp_fail(err, LRP_E_LIMIT, line, "%zu columns, the limit is %d", n,
                        LRP_RECORD_MAX_COLUMNS);
    }
    reader->columns = lrp_calloc_array(n, sizeof *reader->columns);
    reader->values = lrp_calloc_array(n, sizeof *reader->values);
    reader->present = lrp_calloc_array(n, 1);
    if (reader->columns == NULL || reader->values == NULL || reader->present == NULL) {
        return lrp_fail_memory(err, n * sizeof *reader->columns);
    }
    for (size_t i = 0; i < n; i++) {
        char name[LRP_COLUMN_NAME_MOST + 1];
        (void)lrp_column_names_take(&reader->names, fields[i].text, fields[i].length, name);
        bool twice = already_named(reader, name);
        struct table_column *column = &reader->columns[reader->n_columns];
        column->name = lrp_strdup(name);
        if (column->name == NULL) {
            return lrp_fail_memory(err, sizeof name);
        }
        column->kind = twice || name[0] == '\0' ? CELL_LEFT_OUT : CELL_UNKNOWN;
        reader->n_columns++;
        enum lrp_status status =
            twice ? note(reader, "a second column was left out:", name, err) : LRP_OK;
        if (status != LRP_OK) {
            return status;
        }
    }
    return LRP_OK;
}

static bool is_missing(const struct lrp_csv_field *field)
{
    static const char *const words[] = {"", "NA", "N/A", "null", "NULL", "None"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (field->length == strlen(words[i]) &&
            memcmp(field->text, words[i], field->length) == 0) {
            return true;
        }
    }
    return false;
}

static enum lrp_status wrong_cell(size_t line, const char *name, const struct lrp_csv_field *field,
                                  struct lrp_error *err)
{
    struct lrp_text text;
    lrp_text_init(&text, 1024);
    lrp_text_append(&text, "column ");
    lrp_text_append_clean(&text, name, strlen(name) < SHOWN ? strlen(name) : (size_t)SHOWN);
    lrp_text_append(&text, ": \"");
    lrp_text_append_clean(&text, field->text,
                          field->length < SHOWN ? field->length : (size_t)SHOWN);
    lrp_text_append(&text, "\" is not a number");
    enum lrp_status status = lrp_fail(err, LRP_E_FORMAT, line, "%s", lrp_text_string(&text));
    lrp_text_fini(&text);
    return status;
}

/* One cell into values and present; decides what its column is at its first cell. */
static enum lrp_status take_cell(struct lrp_log_reader *reader, size_t line, size_t c,
                                 const struct lrp_csv_field *field, struct lrp_error *err)
{
    struct table_column *column = &reader->columns[c];
    double number = 0;
    if (column->kind == CELL_TEXT || column->kind == CELL_LEFT_OUT || is_missing(field)) {
        return LRP_OK;
    }
    bool is_number = lrp_parse_double(field->text, field->length, &number);
    if (column->kind == CELL_UNKNOWN && !is_number && strcmp(column->name, "loss") != 0 &&
        strcmp(column->name, "lr") != 0) {
        column->kind = CELL_TEXT;
        return note(reader, "a column of text was left out:", column->name, err);
    }
    if (!is_number) {
        return wrong_cell(line, column->name, field, err);
    }
    if (column->kind == CELL_UNKNOWN) {
        enum lrp_status status =
            lrp_record_add_column(reader->record, column->name, &column->index, err);
        if (status != LRP_OK) {
            return status;
        }
        column->kind = CELL_NUMBER;
    }
    reader->values[column->index] = number;
    reader->present[column->index] = 1;
    return LRP_OK;
}

/* A logger that was started again writes its header once more. */
static bool is_header_again(const struct lrp_log_reader *reader, const struct lrp_csv_field *fields,
                            size_t n)
{
    if (n != reader->n_columns) {
        return false;
    }
    for (size_t c = 0; c < n; c++) {
        char name[LRP_COLUMN_NAME_MOST + 1];
        (void)lrp_column_names_look(&reader->names, fields[c].text, fields[c].length, name);
        if (strcmp(name, reader->columns[c].name) != 0) {
            return false;
        }
    }
    return true;
}

static enum lrp_status take_row(void *user, size_t line, const struct lrp_csv_field *fields,
                                size_t n, struct lrp_error *err)
{
    struct lrp_log_reader *reader = user;
    if (reader->columns == NULL) {
        return take_header(reader, line, fields, n, err);
    }
    if (reader->finishing &&
        (n != reader->n_columns || lrp_record_meta(reader->record, "version") != NULL)) {
        /* our own writer ends each row with a newline: the last number may lack digits */
        return lrp_record_add_note(reader->record, "the last line was cut off and left out", err);
    }
    if (is_header_again(reader, fields, n)) {
        return lrp_record_add_note(reader->record, "the header row comes again: a restarted run",
                                   err);
    }
    if (n != reader->n_columns) {
        return lrp_fail(err, LRP_E_FORMAT, line, "%zu fields, but the header has %zu", n,
                        reader->n_columns);
    }
    memset(reader->present, 0, n);
    for (size_t c = 0; c < n; c++) {
        enum lrp_status status = take_cell(reader, line, c, &fields[c], err);
        if (status != LRP_OK) {
            return status;
        }
    }
    return lrp_record_append_row(reader->record, reader->values, reader->present, err);
}

/* "# key: value" becomes meta data; other comments are for people. */
static enum lrp_status take_comment(void *user, size_t line, const char *text, size_t length,
                                    struct lrp_error *err)
{
    struct lrp_log_reader *reader = user;
    (void)line;
    const char *colon = memchr(text, ':', length);
    if (colon == NULL || reader->columns != NULL) {
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
        status = lrp_fail(err, LRP_E_FORMAT, 1, "no header row in the first %d bytes", HEAD_MOST);
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
    if (status == LRP_OK && reader->columns == NULL) {
        status = lrp_fail(err, LRP_E_NODATA, 0, "the file is empty");
    }
    if (status == LRP_OK) {
        status = lrp_record_finish(reader->record, err);
    }
    if (status == LRP_OK && lrp_record_rows(reader->record) == 0) {
        status = lrp_fail(err, LRP_E_NODATA, 0, "there is a header but no row of data");
    }
    status = status == LRP_OK ? lrp_column_names_check(&reader->names, err) : status;
    if (status != LRP_OK) {
        return status;
    }
    *out = reader->record;
    reader->record = NULL;
    return LRP_OK;
}

/* A text whose first line that is no comment has two words or more. */
static int probe(const unsigned char *bytes, size_t length)
{
    size_t begin = 0;
    size_t end = 0;
    if (!lrp_csv_first_line(bytes, length, 0, '#', 1, &begin, &end)) {
        return 0;
    }
    bool letters = false;
    for (size_t i = begin; i < end; i++) {
        if (bytes[i] < 32 && bytes[i] != '\t') {
            return 0; /* binary */
        }
        letters = letters || (bytes[i] >= 'A' && bytes[i] <= 'z');
    }
    if (bytes[begin] == '<' || bytes[begin] == '{' || bytes[begin] == '[') {
        return 0; /* HTML, XML, JSON */
    }
    return letters ? 50 : 20;
}

const struct lrp_log_format lrp_log_format_csv = {
    "csv",       "run records and any table with a header row: commas, semicolons, tabs or blanks",
    probe,       open_reader,
    feed,        finish,
    free_reader,
};
