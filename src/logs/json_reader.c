/* SPDX-License-Identifier: MIT */
/* One JSON document: number arrays (columns), a list of objects (rows), either of them some levels
 * down, the [time, step, value] triples of TensorBoard's download, or one array of losses. */
#include "formats.h"

#include "alloc.h"
#include "json_values.h"
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH_MOST = 4, SHOWN = 60 };

struct array_column {
    char *name;
    const struct lrp_json *array;
    const struct lrp_json *parent; /* the object that holds it */
};

struct lrp_log_reader {
    const struct lrp_log_hints *hints;
    struct lrp_json_document document;
    struct lrp_rows *rows;
    struct array_column *columns;
    size_t n_columns, columns_capacity;
    const struct lrp_json *list; /* the longest list of objects */
    size_t n_lists;
};

static void free_reader(struct lrp_log_reader *reader)
{
    if (reader == NULL) {
        return;
    }
    for (size_t i = 0; i < reader->n_columns; i++) {
        free(reader->columns[i].name);
    }
    free(reader->columns);
    lrp_json_document_fini(&reader->document);
    lrp_rows_free(reader->rows);
    free(reader);
}

static enum lrp_status open_reader(const struct lrp_log_hints *hints, struct lrp_log_reader **out,
                                   struct lrp_error *err)
{
    struct lrp_log_reader *reader = lrp_calloc_array(1, sizeof *reader);
    if (reader == NULL) {
        return lrp_fail_memory(err, sizeof *reader);
    }
    reader->hints = hints;
    enum lrp_status status = lrp_rows_new(hints, &reader->rows, err);
    if (status != LRP_OK) {
        free_reader(reader);
        return status;
    }
    *out = reader;
    return LRP_OK;
}

static enum lrp_status feed(struct lrp_log_reader *reader, const void *bytes, size_t length,
                            struct lrp_error *err)
{
    return lrp_json_document_feed(&reader->document, bytes, length, err);
}

static bool is_array_of_numbers(const struct lrp_json *value)
{
    size_t n = lrp_json_length(value);
    size_t numbers = 0;
    double number = 0;
    for (size_t i = 0; i < n; i++) {
        const struct lrp_json *element = lrp_json_element(value, i);
        if (lrp_json_as_number(element, &number)) {
            numbers++;
        } else if (lrp_json_type_of(element) != LRP_JSON_NULL) {
            return false;
        }
    }
    return numbers > 0;
}

static bool is_list_of_objects(const struct lrp_json *value)
{
    size_t n = lrp_json_length(value);
    for (size_t i = 0; i < n; i++) {
        if (lrp_json_type_of(lrp_json_element(value, i)) != LRP_JSON_OBJECT) {
            return false;
        }
    }
    return n > 0;
}

/* Names that only say that there is a log in it. */
static bool is_wrapper(const char *key)
{
    static const char *const words[] = {"history", "History", "log",     "logs",
                                        "metrics", "results", "scalars", "data"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcmp(key, words[i]) == 0) {
            return true;
        }
    }
    return false;
}

static enum lrp_status add_column(struct lrp_log_reader *reader, const char *prefix,
                                  const char *key, const struct lrp_json *array,
                                  const struct lrp_json *parent, struct lrp_error *err)
{
    struct lrp_text name;
    if (reader->n_columns == LRP_RECORD_MAX_COLUMNS) {
        return LRP_OK;
    }
    enum lrp_status status =
        lrp_grow_array((void **)&reader->columns, reader->n_columns, &reader->columns_capacity,
                       sizeof *reader->columns, LRP_RECORD_MAX_COLUMNS, err);
    if (status != LRP_OK) {
        return status;
    }
    lrp_text_init(&name, SIZE_MAX / 2);
    lrp_text_append(&name, prefix);
    lrp_text_append(&name, key);
    status = lrp_text_check(&name, err);
    char *copy = status == LRP_OK ? lrp_strdup(lrp_text_string(&name)) : NULL;
    lrp_text_fini(&name);
    if (copy == NULL) {
        return status == LRP_OK ? lrp_fail_memory(err, strlen(key)) : status;
    }
    reader->columns[reader->n_columns] = (struct array_column){copy, array, parent};
    reader->n_columns++;
    return LRP_OK;
}

/* Finds the arrays of numbers and the lists of objects. */
static enum lrp_status collect(struct lrp_log_reader *reader, const struct lrp_json *object,
                               const char *prefix, int depth, struct lrp_error *err)
{
    const void *cursor = NULL;
    const char *key = NULL;
    const struct lrp_json *value = NULL;
    enum lrp_status status = LRP_OK;
    while (status == LRP_OK && lrp_json_next_member(object, &cursor, &key, &value)) {
        if (is_array_of_numbers(value)) {
            status = add_column(reader, prefix, key, value, object, err);
        } else if (is_list_of_objects(value)) {
            reader->n_lists++;
            if (lrp_json_length(value) > lrp_json_length(reader->list)) {
                reader->list = value;
            }
        } else if (lrp_json_type_of(value) == LRP_JSON_OBJECT && depth < DEPTH_MOST) {
            char inner[LRP_COLUMN_NAME_MOST + 1];
            (void)snprintf(inner, sizeof inner, "%s%s%s", prefix, is_wrapper(key) ? "" : key,
                           is_wrapper(key) ? "" : ".");
            status = collect(reader, value, inner, depth + 1, err);
        }
    }
    return status;
}

/* {"run 3": {"loss": [...]}}: what all names have in front is not part of them. */
static void strip_common_object(struct lrp_log_reader *reader)
{
    const char *first = reader->n_columns > 0 ? reader->columns[0].name : "";
    const char *dot = strrchr(first, '.');
    size_t length = dot != NULL ? (size_t)(dot - first) + 1 : 0;
    for (size_t i = 0; i < reader->n_columns; i++) {
        if (reader->columns[i].parent != reader->columns[0].parent ||
            strncmp(reader->columns[i].name, first, length) != 0) {
            return;
        }
    }
    for (size_t i = 0; i < reader->n_columns && length > 0; i++) {
        char *name = reader->columns[i].name;
        memmove(name, name + length, strlen(name + length) + 1);
    }
}

/* The column that decides how many rows there are: the loss, else the first of the longest. */
static size_t leading_column(const struct lrp_log_reader *reader)
{
    char name[LRP_COLUMN_NAME_MOST + 1];
    size_t longest = 0;
    for (size_t i = 0; i < reader->n_columns; i++) {
        if (lrp_json_length(reader->columns[i].array) >
            lrp_json_length(reader->columns[longest].array)) {
            longest = i;
        }
        lrp_canonical_column(reader->columns[i].name, strlen(reader->columns[i].name), name);
        if (strcmp(name, "loss") == 0) {
            return i;
        }
    }
    return longest;
}

static enum lrp_status note_column(struct lrp_log_reader *reader, const char *name,
                                   const char *what, struct lrp_error *err)
{
    struct lrp_text note;
    lrp_text_init(&note, 1024);
    lrp_text_append_clean(&note, name, strnlen(name, SHOWN));
    lrp_text_append(&note, what);
    enum lrp_status status =
        lrp_record_add_note(lrp_rows_record(reader->rows), err, "%s", lrp_text_string(&note));
    lrp_text_fini(&note);
    return status;
}

/* How many rows a value of the column stands for: 1; more where it was measured once in so many
 * rows (validation once an epoch); 0 where it does not fit and is left out. */
static enum lrp_status find_stride(struct lrp_log_reader *reader, size_t column, size_t n_rows,
                                   size_t *stride, struct lrp_error *err)
{
    char name[LRP_COLUMN_NAME_MOST + 1];
    const struct array_column *from = &reader->columns[column];
    size_t length = lrp_json_length(from->array);
    *stride = n_rows % length == 0 ? n_rows / length : 0;
    if (*stride == 1) {
        return LRP_OK;
    }
    lrp_canonical_column(from->name, strlen(from->name), name);
    if (strcmp(name, "lr") == 0 || strcmp(name, "step") == 0) {
        return lrp_fail(err, LRP_E_FORMAT, 0,
                        "the arrays have different lengths: %zu values of the loss, %zu of %s",
                        n_rows, length, name);
    }
    if (*stride == 0 || length == 1) {
        *stride = 0;
        return note_column(reader, from->name, " was left out: it has another number of values",
                           err);
    }
    return note_column(reader, from->name, " has fewer values: they are spread over the rows", err);
}

static enum lrp_status fill_from_columns(struct lrp_log_reader *reader, struct lrp_error *err)
{
    strip_common_object(reader);
    size_t n_rows = lrp_json_length(reader->columns[leading_column(reader)].array);
    size_t *strides = lrp_calloc_array(reader->n_columns, sizeof *strides);
    enum lrp_status status =
        strides != NULL ? LRP_OK : lrp_fail_memory(err, reader->n_columns * sizeof *strides);
    for (size_t c = 0; c < reader->n_columns && status == LRP_OK; c++) {
        status = find_stride(reader, c, n_rows, &strides[c], err);
    }
    for (size_t k = 0; status == LRP_OK && k < n_rows; k++) {
        for (size_t c = 0; c < reader->n_columns && status == LRP_OK; c++) {
            const struct array_column *column = &reader->columns[c];
            double number = 0;
            if (strides[c] > 0 && (k + 1) % strides[c] == 0 &&
                lrp_json_as_number(lrp_json_element(column->array, k / strides[c]), &number)) {
                status =
                    lrp_rows_set(reader->rows, column->name, strlen(column->name), number, err);
            }
        }
        status = status == LRP_OK ? lrp_rows_end(reader->rows, err) : status;
    }
    free(strides);
    return status;
}

static enum lrp_status fill_from_list(struct lrp_log_reader *reader, const struct lrp_json *list,
                                      struct lrp_error *err)
{
    enum lrp_status status = LRP_OK;
    if (reader->n_lists > 1) {
        status =
            lrp_record_add_note(lrp_rows_record(reader->rows), err,
                                "there are several lists of records: the longest one was taken");
    }
    for (size_t k = 0; status == LRP_OK && k < lrp_json_length(list); k++) {
        const struct lrp_json *object = lrp_json_element(list, k);
        if (lrp_json_type_of(object) != LRP_JSON_OBJECT) {
            return lrp_fail(err, LRP_E_FORMAT, 0, "entry %zu of the list is no object", k + 1);
        }
        status = lrp_json_numbers(object, lrp_json_number_into_rows, reader->rows, err);
        status = status == LRP_OK ? lrp_rows_end(reader->rows, err) : status;
    }
    return status;
}

/* [[time, step, value], ...], as TensorBoard gives a scalar away. */
static bool is_list_of_triples(const struct lrp_json *list)
{
    for (size_t i = 0; i < lrp_json_length(list); i++) {
        const struct lrp_json *triple = lrp_json_element(list, i);
        if (lrp_json_length(triple) != 3 || !is_array_of_numbers(triple)) {
            return false;
        }
    }
    return lrp_json_length(list) > 0;
}

/* What a file with one nameless series holds: "run-x-tag-Loss_train.json" names the tag. */
static void name_of_file(const struct lrp_log_reader *reader, const char **name, size_t *length)
{
    const char *file = reader->hints != NULL ? reader->hints->file_name : NULL;
    *name = file != NULL ? file : "loss";
    const char *tag = strstr(*name, "-tag-");
    *name = tag != NULL ? tag + 5 : *name;
    *length = strlen(*name);
    if (*length > 5 && strcmp(*name + *length - 5, ".json") == 0) {
        *length -= 5;
    }
}

static enum lrp_status fill_from_triples(struct lrp_log_reader *reader, const struct lrp_json *list,
                                         struct lrp_error *err)
{
    const char *name = NULL;
    size_t length = 0;
    double first = 0;
    enum lrp_status status = LRP_OK;
    name_of_file(reader, &name, &length);
    (void)lrp_json_as_number(lrp_json_element(lrp_json_element(list, 0), 0), &first);
    for (size_t k = 0; status == LRP_OK && k < lrp_json_length(list); k++) {
        const struct lrp_json *triple = lrp_json_element(list, k);
        double number[3] = {first, 0, 0};
        for (size_t i = 0; i < 3; i++) {
            (void)lrp_json_as_number(lrp_json_element(triple, i), &number[i]);
        }
        status = lrp_rows_set(reader->rows, "time_s", 6, number[0] - first, err);
        status = status == LRP_OK ? lrp_rows_set(reader->rows, "step", 4, number[1], err) : status;
        status =
            status == LRP_OK ? lrp_rows_set(reader->rows, name, length, number[2], err) : status;
        status = status == LRP_OK ? lrp_rows_end(reader->rows, err) : status;
    }
    return status;
}

static enum lrp_status fill_from_array(struct lrp_log_reader *reader, const struct lrp_json *root,
                                       struct lrp_error *err)
{
    if (is_list_of_triples(root)) {
        return fill_from_triples(reader, root, err);
    }
    if (!is_array_of_numbers(root)) {
        return fill_from_list(reader, root, err);
    }
    const char *name = NULL;
    size_t length = 0;
    enum lrp_status status = LRP_OK;
    name_of_file(reader, &name, &length);
    for (size_t k = 0; status == LRP_OK && k < lrp_json_length(root); k++) {
        double number = 0;
        if (lrp_json_as_number(lrp_json_element(root, k), &number)) {
            status = lrp_rows_set(reader->rows, name, length, number, err);
        }
        status = status == LRP_OK ? lrp_rows_end(reader->rows, err) : status;
    }
    return status;
}

static enum lrp_status fill(struct lrp_log_reader *reader, const struct lrp_json *root,
                            struct lrp_error *err)
{
    if (lrp_json_type_of(root) == LRP_JSON_ARRAY) {
        return fill_from_array(reader, root, err);
    }
    enum lrp_status status = collect(reader, root, "", 1, err);
    if (status != LRP_OK) {
        return status;
    }
    size_t n_rows = 0;
    if (reader->n_columns > 0) {
        n_rows = lrp_json_length(reader->columns[leading_column(reader)].array);
    }
    if (reader->list != NULL && lrp_json_length(reader->list) > n_rows) {
        return fill_from_list(reader, reader->list, err);
    }
    return reader->n_columns > 0 ? fill_from_columns(reader, err) : LRP_OK;
}

static enum lrp_status finish(struct lrp_log_reader *reader, struct lrp_record **out,
                              struct lrp_error *err)
{
    struct lrp_json *root = NULL;
    enum lrp_status status = lrp_json_document_parse(&reader->document, &root, err);
    status = status == LRP_OK ? fill(reader, root, err) : status;
    lrp_json_free(root);
    status = status == LRP_OK ? lrp_rows_end(reader->rows, err) : status;
    if (status == LRP_OK && lrp_record_rows_read(lrp_rows_record(reader->rows)) == 0) {
        return lrp_fail(err, LRP_E_NODATA, 0,
                        "neither arrays of numbers nor a list of objects with numbers");
    }
    return status == LRP_OK ? lrp_rows_finish(reader->rows, out, err) : status;
}

/* What may follow the bracket of a JSON array; "[INFO]" and "[2026-01-02 10:00:00]" are how lines
 * of printed logs begin. */
static bool begins_array(const unsigned char *bytes, size_t length)
{
    static const char *const words[] = {"null", "NaN", "Infinity", "true", "false"};
    size_t at = 0;
    while (at < length && memchr(" \t\r\n", bytes[at], 4) != NULL) {
        at++;
    }
    if (at == length || memchr("{[]\"", bytes[at], 4) != NULL) {
        return true;
    }
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        size_t n = strlen(words[i]);
        if (length - at >= n && memcmp(bytes + at, words[i], n) == 0) {
            return true;
        }
    }
    size_t begin = at;
    at += bytes[at] == '-' ? 1 : 0;
    while (at < length && memchr("0123456789.eE+", bytes[at], 14) != NULL) {
        at++;
    }
    return at > begin && (at == length || memchr(",] \t\r\n", bytes[at], 6) != NULL);
}

static int probe(const unsigned char *bytes, size_t length)
{
    size_t at = lrp_json_begin(bytes, length);
    if (at == length || (bytes[at] != '{' && bytes[at] != '[')) {
        return 0;
    }
    return bytes[at] == '{' || begins_array(bytes + at + 1, length - at - 1) ? 80 : 0;
}

const struct lrp_log_format lrp_log_format_json = {
    "json",      "one JSON document: number arrays (columns), or a list of objects (rows)",
    probe,       open_reader,
    feed,        finish,
    free_reader,
};
