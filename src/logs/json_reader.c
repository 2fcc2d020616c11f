/* SPDX-License-Identifier: MIT */
/* JSON: an object of arrays (columns), or an array of flat objects (rows). */
#include "formats.h"

#include "alloc.h"
#include "json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_MOST = 1 << 28 };

struct lrp_log_reader {
    char *text;
    size_t length, capacity;
};

static enum lrp_status open_reader(const struct lrp_log_hints *hints, struct lrp_log_reader **out,
                                   struct lrp_error *err)
{
    (void)hints;
    struct lrp_log_reader *reader = lrp_calloc_array(1, sizeof *reader);
    if (reader == NULL) {
        return lrp_fail_memory(err, sizeof *reader);
    }
    *out = reader;
    return LRP_OK;
}

static void free_reader(struct lrp_log_reader *reader)
{
    if (reader != NULL) {
        free(reader->text);
        free(reader);
    }
}

static enum lrp_status feed(struct lrp_log_reader *reader, const void *bytes, size_t length,
                            struct lrp_error *err)
{
    while (reader->capacity - reader->length < length) {
        enum lrp_status status = lrp_grow_array((void **)&reader->text, reader->capacity,
                                                &reader->capacity, 1, TEXT_MOST, err);
        if (status != LRP_OK) {
            return status;
        }
    }
    if (length > 0) {
        memcpy(reader->text + reader->length, bytes, length);
        reader->length += length;
    }
    return LRP_OK;
}

static bool is_array_of_numbers(const struct lrp_json *value)
{
    size_t n = lrp_json_length(value);
    for (size_t i = 0; i < n; i++) {
        enum lrp_json_type type = lrp_json_type_of(lrp_json_element(value, i));
        if (type != LRP_JSON_NUMBER && type != LRP_JSON_NULL &&
            lrp_json_string(lrp_json_element(value, i)) == NULL) {
            return false;
        }
    }
    return n > 0;
}

/* Arrays of one length become columns; the length of the first one counts. */
static enum lrp_status read_columns(const struct lrp_json *root, struct lrp_record *record,
                                    const struct lrp_json **arrays, size_t *n_rows,
                                    struct lrp_error *err)
{
    const char *key = NULL;
    const struct lrp_json *value = NULL;
    for (size_t i = 0; lrp_json_member_at(root, i, &key, &value); i++) {
        char name[LRP_COLUMN_NAME_MOST + 1];
        size_t index = 0;
        lrp_canonical_column(key, strlen(key), name);
        if (!is_array_of_numbers(value) || name[0] == '\0' ||
            lrp_record_find_column(record, name) != LRP_NO_COLUMN) {
            continue;
        }
        if (lrp_record_columns(record) > 0 && lrp_json_length(value) != *n_rows) {
            return lrp_fail(err, LRP_E_FORMAT, 0,
                            "the arrays have different lengths: %zu and %zu values", *n_rows,
                            lrp_json_length(value));
        }
        *n_rows = lrp_json_length(value);
        enum lrp_status status = lrp_record_add_column(record, name, &index, err);
        if (status != LRP_OK) {
            return status;
        }
        arrays[index] = value;
    }
    return LRP_OK;
}

static enum lrp_status fill_from_columns(const struct lrp_json *root, struct lrp_record *record,
                                         struct lrp_error *err)
{
    const struct lrp_json **arrays = lrp_calloc_array(LRP_RECORD_MAX_COLUMNS, sizeof *arrays);
    double *row = lrp_calloc_array(LRP_RECORD_MAX_COLUMNS, sizeof *row);
    unsigned char *present = lrp_calloc_array(LRP_RECORD_MAX_COLUMNS, 1);
    size_t n_rows = 0;
    enum lrp_status status = LRP_OK;
    if (arrays == NULL || row == NULL || present == NULL) {
        status = lrp_fail_memory(err, LRP_RECORD_MAX_COLUMNS * sizeof *row);
    } else {
        status = read_columns(root, record, arrays, &n_rows, err);
    }
    for (size_t k = 0; status == LRP_OK && k < n_rows; k++) {
        for (size_t c = 0; c < lrp_record_columns(record); c++) {
            const struct lrp_json *cell = lrp_json_element(arrays[c], k);
            present[c] = lrp_json_type_of(cell) != LRP_JSON_NULL ? 1 : 0;
            row[c] = lrp_json_number(cell);
        }
        status = lrp_record_append_row(record, row, present, err);
    }
    free(arrays);
    free(row);
    free(present);
    return status;
}

/* One object of the list into row and present; new names become columns. */
static enum lrp_status take_object(const struct lrp_json *object, struct lrp_record *record,
                                   double *row, unsigned char *present, struct lrp_error *err)
{
    const char *key = NULL;
    const struct lrp_json *value = NULL;
    for (size_t i = 0; lrp_json_member_at(object, i, &key, &value); i++) {
        char name[LRP_COLUMN_NAME_MOST + 1];
        if (lrp_json_type_of(value) != LRP_JSON_NUMBER) {
            continue;
        }
        lrp_canonical_column(key, strlen(key), name);
        size_t index = lrp_record_find_column(record, name);
        if (index == LRP_NO_COLUMN) {
            enum lrp_status status = lrp_record_add_column(record, name, &index, err);
            if (status != LRP_OK) {
                return status;
            }
        }
        row[index] = lrp_json_number(value);
        present[index] = 1;
    }
    return LRP_OK;
}

static enum lrp_status fill_from_rows(const struct lrp_json *root, struct lrp_record *record,
                                      struct lrp_error *err)
{
    double *row = lrp_calloc_array(LRP_RECORD_MAX_COLUMNS, sizeof *row);
    unsigned char *present = lrp_calloc_array(LRP_RECORD_MAX_COLUMNS, 1);
    enum lrp_status status = LRP_OK;
    if (row == NULL || present == NULL) {
        status = lrp_fail_memory(err, LRP_RECORD_MAX_COLUMNS * sizeof *row);
    }
    for (size_t k = 0; status == LRP_OK && k < lrp_json_length(root); k++) {
        const struct lrp_json *object = lrp_json_element(root, k);
        if (lrp_json_type_of(object) != LRP_JSON_OBJECT) {
            status = lrp_fail(err, LRP_E_FORMAT, 0, "entry %zu of the list is no object", k + 1);
            break;
        }
        memset(present, 0, LRP_RECORD_MAX_COLUMNS);
        status = take_object(object, record, row, present, err);
        status = status == LRP_OK ? lrp_record_append_row(record, row, present, err) : status;
    }
    free(row);
    free(present);
    return status;
}

static enum lrp_status finish(struct lrp_log_reader *reader, struct lrp_record **out,
                              struct lrp_error *err)
{
    struct lrp_json *root = NULL;
    struct lrp_record *record = NULL;
    enum lrp_status status =
        lrp_json_parse(reader->text != NULL ? reader->text : "", reader->length, &root, err);
    if (status != LRP_OK) {
        return status;
    }
    status = lrp_record_new(0, &record, err);
    if (status == LRP_OK) {
        status = lrp_json_type_of(root) == LRP_JSON_ARRAY ? fill_from_rows(root, record, err)
                                                          : fill_from_columns(root, record, err);
    }
    status = status == LRP_OK ? lrp_record_finish(record, err) : status;
    if (status == LRP_OK && (lrp_record_rows(record) == 0 || lrp_record_columns(record) == 0)) {
        status = lrp_fail(err, LRP_E_NODATA, 0,
                          "neither arrays of numbers nor a list of objects with numbers");
    }
    lrp_json_free(root);
    if (status != LRP_OK) {
        lrp_record_free(record);
        return status;
    }
    *out = record;
    return LRP_OK;
}

static int probe(const unsigned char *bytes, size_t length)
{
    size_t at = length >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    while (at < length && memchr(" \t\r\n", bytes[at], 4) != NULL) {
        at++;
    }
    return at < length && (bytes[at] == '{' || bytes[at] == '[') ? 80 : 0;
}

const struct lrp_log_format lrp_log_format_json = {
    "json",      "an object of number arrays (columns), or a list of objects (rows)",
    probe,       open_reader,
    feed,        finish,
    free_reader,
};
