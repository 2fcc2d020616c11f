/* SPDX-License-Identifier: MIT */
/* One JSON document: number arrays (columns), a list of objects (rows), either of them some levels
 * down, the [time, step, value] triples of TensorBoard's download, or one array of losses. */
#include "log_reader.h"

#include "aliases.h"
#include "alloc.h"
#include "json_columns.h"
#include "json_values.h"
#include "loss_names.h"
#include "number.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH_MOST = 4, SHOWN = 60 };

static void release(struct lrp_log_reader *reader)
{
    struct lrp_json_columns *self = reader->state;
    free(self->columns);
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

static enum lrp_status add_column(struct lrp_json_columns *self, const char *prefix,
                                  const char *key, const struct lrp_json *array,
                                  const struct lrp_json *parent, struct lrp_error *err)
{
    if (self->n_columns == LRP_RECORD_MAX_COLUMNS) {
        return LRP_OK;
    }
    LRP_TRY(lrp_grow_array((void **)&self->columns, self->n_columns, &self->columns_capacity,
                           sizeof *self->columns, LRP_RECORD_MAX_COLUMNS, err));
    struct lrp_json_column *column = &self->columns[self->n_columns];
    *column = (struct lrp_json_column){.array = array, .parent = parent};
    (void)snprintf(column->name, sizeof column->name, "%s%s", prefix, key);
    self->n_columns++;
    return LRP_OK;
}

/* Finds the arrays of numbers and the lists of objects. */
static enum lrp_status collect(struct lrp_json_columns *self, const struct lrp_json *object,
                               const char *prefix, int depth, struct lrp_error *err)
{
    const void *cursor = NULL;
    const char *key = NULL;
    const struct lrp_json *value = NULL;
    while (lrp_json_next_member(object, &cursor, &key, &value)) {
        if (is_array_of_numbers(value)) {
            LRP_TRY(add_column(self, prefix, key, value, object, err));
        } else if (is_list_of_objects(value)) {
            self->n_lists++;
            if (lrp_json_length(value) > lrp_json_length(self->list)) {
                self->list = value;
            }
        } else if (lrp_json_type_of(value) == LRP_JSON_OBJECT && depth < DEPTH_MOST) {
            char inner[LRP_COLUMN_NAME_MOST + 1];
            (void)snprintf(inner, sizeof inner, "%s%s%s", prefix, is_wrapper(key) ? "" : key,
                           is_wrapper(key) ? "" : ".");
            LRP_TRY(collect(self, value, inner, depth + 1, err));
        }
    }
    return LRP_OK;
}

/* {"run 3": {"loss": [...]}}: what all names have in front is not part of them. */
static void strip_common_object(struct lrp_json_columns *self)
{
    const struct lrp_json_column *columns = self->columns;
    const char *dot = strrchr(columns[0].name, '.');
    size_t length = dot != NULL ? (size_t)(dot - columns[0].name) + 1 : 0;
    for (size_t i = 1; i < self->n_columns; i++) {
        if (columns[i].parent != columns[0].parent ||
            strncmp(columns[i].name, columns[0].name, length) != 0) {
            return;
        }
    }
    for (size_t i = 0; i < self->n_columns; i++) {
        char *name = self->columns[i].name;
        memmove(name, name + length, strlen(name + length) + 1);
    }
}

static void name_in_our_words(const struct lrp_json_column *column, char *out)
{
    lrp_canonical_column(column->name, strlen(column->name), out);
}

/* The length of the column that decides how many rows there are: the loss, else the longest. */
static size_t leading_length(const struct lrp_json_columns *self)
{
    char name[LRP_COLUMN_NAME_MOST + 1];
    size_t longest = 0;
    for (size_t i = 0; i < self->n_columns; i++) {
        size_t length = lrp_json_length(self->columns[i].array);
        longest = length > longest ? length : longest;
        name_in_our_words(&self->columns[i], name);
        if (strcmp(name, "loss") == 0) {
            return length;
        }
    }
    return longest;
}

/* A column of fewer values was measured once in so many rows (validation once an epoch). */
static enum lrp_status find_stride(struct lrp_record *record, struct lrp_json_column *column,
                                   size_t n_rows, struct lrp_error *err)
{
    char name[LRP_COLUMN_NAME_MOST + 1];
    size_t length = lrp_json_length(column->array);
    column->stride = n_rows % length == 0 ? n_rows / length : 0;
    if (column->stride == 1) {
        return LRP_OK;
    }
    name_in_our_words(column, name);
    if (strcmp(name, "lr") == 0 || strcmp(name, "step") == 0) {
        return lrp_fail(err, LRP_E_FORMAT, 0,
                        "the arrays have different lengths: %zu values of the loss, %zu of %s",
                        n_rows, length, name);
    }
    column->stride = length == 1 ? 0 : column->stride;
    return lrp_record_add_note(record, err,
                               column->stride == 0
                                   ? "%.*s was left out: it has another number of values"
                                   : "%.*s has fewer values: they are spread over the rows",
                               SHOWN, column->name);
}

static enum lrp_status fill_from_columns(struct lrp_log_reader *reader, size_t n_rows,
                                         struct lrp_error *err)
{
    struct lrp_json_columns *self = reader->state;
    strip_common_object(self);
    for (size_t c = 0; c < self->n_columns; c++) {
        LRP_TRY(find_stride(lrp_rows_record(reader->rows), &self->columns[c], n_rows, err));
    }
    for (size_t k = 0; k < n_rows; k++) {
        for (size_t c = 0; c < self->n_columns; c++) {
            const struct lrp_json_column *column = &self->columns[c];
            double number = 0;
            if (column->stride > 0 && (k + 1) % column->stride == 0 &&
                lrp_json_as_number(lrp_json_element(column->array, k / column->stride), &number)) {
                LRP_TRY(lrp_rows_put(reader->rows, column->name, number, err));
            }
        }
        LRP_TRY(lrp_json_end_row(reader, err));
    }
    return LRP_OK;
}

static enum lrp_status fill_from_list(struct lrp_log_reader *reader, const struct lrp_json *list,
                                      struct lrp_error *err)
{
    const struct lrp_json_columns *self = reader->state;
    if (self->n_lists > 1 && self->repeat <= 1) {
        LRP_TRY(
            lrp_record_add_note(lrp_rows_record(reader->rows), err,
                                "there are several lists of records: the longest one was taken"));
    }
    for (size_t k = 0; k < lrp_json_length(list); k++) {
        const struct lrp_json *object = lrp_json_element(list, k);
        if (lrp_json_type_of(object) != LRP_JSON_OBJECT) {
            return lrp_fail(err, LRP_E_FORMAT, 0, "entry %zu of the list is no object", k + 1);
        }
        LRP_TRY(lrp_json_numbers(object, lrp_json_number_into_rows, reader->rows, err));
        LRP_TRY(lrp_json_end_row(reader, err));
    }
    return LRP_OK;
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
static const char *name_of_file(const struct lrp_log_reader *reader, size_t *length)
{
    const char *name = reader->hints->file_name != NULL ? reader->hints->file_name : "loss";
    const char *tag = strstr(name, "-tag-");
    name = tag != NULL ? tag + 5 : name;
    *length = strlen(name);
    if (*length > 5 && strcmp(name + *length - 5, ".json") == 0) {
        *length -= 5;
    }
    return name;
}

static enum lrp_status fill_from_triples(struct lrp_log_reader *reader, const struct lrp_json *list,
                                         struct lrp_error *err)
{
    size_t length = 0;
    const char *name = name_of_file(reader, &length);
    double first = 0;
    (void)lrp_json_as_number(lrp_json_element(lrp_json_element(list, 0), 0), &first);
    for (size_t k = 0; k < lrp_json_length(list); k++) {
        const struct lrp_json *triple = lrp_json_element(list, k);
        double number[3] = {first, 0, 0};
        for (size_t i = 0; i < 3; i++) {
            (void)lrp_json_as_number(lrp_json_element(triple, i), &number[i]);
        }
        LRP_TRY(lrp_rows_put(reader->rows, "time_s", number[0] - first, err));
        LRP_TRY(lrp_rows_put(reader->rows, "step", number[1], err));
        LRP_TRY(lrp_rows_set(reader->rows, name, length, number[2], err));
        LRP_TRY(lrp_rows_end(reader->rows, err));
    }
    return LRP_OK;
}

/* A nameless list is the loss, unless the file is called by something else that is known. */
static enum lrp_status fill_from_numbers(struct lrp_log_reader *reader,
                                         const struct lrp_json *array, struct lrp_error *err)
{
    size_t length = 0;
    char canonical[LRP_COLUMN_NAME_MOST + 1];
    const char *name = name_of_file(reader, &length);
    lrp_copy_column_name(name, length, canonical);
    if (!lrp_names_a_measure(canonical) && !lrp_column_is_mapped(reader->hints, name, length)) {
        name = "loss";
        length = strlen(name);
        LRP_TRY(lrp_record_add_note(lrp_rows_record(reader->rows), err,
                                    "the list has no name: it is taken as the loss"));
    }
    for (size_t k = 0; k < lrp_json_length(array); k++) {
        double number = 0;
        if (lrp_json_as_number(lrp_json_element(array, k), &number)) {
            LRP_TRY(lrp_rows_set(reader->rows, name, length, number, err));
        }
        LRP_TRY(lrp_rows_end(reader->rows, err));
    }
    return LRP_OK;
}

static enum lrp_status fill_from_object(struct lrp_log_reader *reader, const struct lrp_json *root,
                                        struct lrp_error *err)
{
    struct lrp_json_columns *self = reader->state;
    self->n_columns = 0;
    self->n_lists = 0;
    self->list = NULL;
    LRP_TRY(collect(self, root, "", 1, err));
    size_t n_rows = leading_length(self);
    if (lrp_json_length(self->list) > n_rows) {
        return fill_from_list(reader, self->list, err);
    }
    if (self->repeat == 0 && lrp_json_are_runs(self)) {
        return lrp_json_fill_groups(reader, true, err);
    }
    if (lrp_json_have_positions(self)) {
        return lrp_json_fill_groups(reader, false, err);
    }
    return n_rows > 0 ? fill_from_columns(reader, n_rows, err) : LRP_OK;
}

/* Whether an object is a run with rows of its own, no row: {"config": {...}, "history": [...]}. */
static enum lrp_status is_run(struct lrp_json_columns *self, const struct lrp_json *object,
                              bool *out, struct lrp_error *err)
{
    self->n_columns = 0;
    self->list = NULL;
    LRP_TRY(collect(self, object, "", 1, err));
    *out = lrp_json_length(self->list) > 1;
    for (size_t c = 0; c < self->n_columns; c++) {
        *out = *out || (lrp_names_a_loss(self->columns[c].name) &&
                        lrp_json_length(self->columns[c].array) > 1);
    }
    return LRP_OK;
}

static enum lrp_status fill_from_array(struct lrp_log_reader *reader, const struct lrp_json *root,
                                       struct lrp_error *err)
{
    struct lrp_json_columns *self = reader->state;
    bool runs = true;
    for (size_t i = 0; i < lrp_json_length(root) && runs; i++) {
        LRP_TRY(is_run(self, lrp_json_element(root, i), &runs, err));
    }
    self->n_lists = 0;
    if (!runs) {
        return fill_from_list(reader, root, err);
    }
    for (size_t i = 0; i < lrp_json_length(root); i++) {
        self->repeat = lrp_json_length(root) > 1 ? (double)(i + 1) : 0;
        LRP_TRY(fill_from_object(reader, lrp_json_element(root, i), err));
    }
    return LRP_OK;
}

static enum lrp_status fill(struct lrp_log_reader *reader, const struct lrp_json *root,
                            struct lrp_error *err)
{
    if (is_list_of_triples(root)) {
        return fill_from_triples(reader, root, err);
    }
    if (is_array_of_numbers(root)) {
        return fill_from_numbers(reader, root, err);
    }
    return lrp_json_type_of(root) == LRP_JSON_ARRAY ? fill_from_array(reader, root, err)
                                                    : fill_from_object(reader, root, err);
}

static enum lrp_status take_document(struct lrp_log_reader *reader, const struct lrp_json *root,
                                     struct lrp_error *err)
{
    LRP_TRY(fill(reader, root, err));
    LRP_TRY(lrp_rows_end(reader->rows, err));
    const struct lrp_json_columns *self = reader->state;
    char count[LRP_NUMBER_SIZE];
    if (self->repeat > 0) {
        LRP_TRY(lrp_record_set_meta(lrp_rows_record(reader->rows), "runs",
                                    lrp_format_double(self->repeat, count), err));
    }
    return lrp_record_rows_read(lrp_rows_record(reader->rows)) > 0
               ? LRP_OK
               : lrp_fail(err, LRP_E_NODATA, 0,
                          "neither arrays of numbers nor a list of objects with numbers");
}

/* Blanks from bytes on. */
static size_t count_blanks(const unsigned char *bytes, size_t length)
{
    size_t n = 0;
    while (n < length && memchr(" \t\r", bytes[n], 3) != NULL) {
        n++;
    }
    return n;
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
    if (at < length && bytes[at] == ']') { /* "[0] loss: 0.5" is a line of a printed log */
        at++;
        at += count_blanks(bytes + at, length - at);
        return at == length || bytes[at] == '\n';
    }
    return at > begin && (at == length || memchr(", \t\r\n", bytes[at], 5) != NULL);
}

static int probe(const unsigned char *bytes, size_t length)
{
    enum { BEGINNING = 80, DOCUMENT = 96 };
    size_t at = lrp_json_begin(bytes, length);
    if (at == length || (bytes[at] != '{' && bytes[at] != '[')) {
        return 0;
    }
    if (bytes[at] == '[' && !begins_array(bytes + at + 1, length - at - 1)) {
        return 0;
    }
    struct lrp_json *root = NULL;
    bool is_document = length < LRP_PROBE_BYTES && /* that is all there is */
                       lrp_json_parse((const char *)bytes + at, length - at, &root, NULL) == LRP_OK;
    lrp_json_free(root);
    return is_document ? DOCUMENT : BEGINNING;
}

const struct lrp_log_format lrp_log_format_json = {
    .name = "json",
    .description = "one JSON document: number arrays (columns), or a list of objects (rows)",
    .probe = probe,
    .take_document = take_document,
    .state_size = sizeof(struct lrp_json_columns),
    .release = release,
};
