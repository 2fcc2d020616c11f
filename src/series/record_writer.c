/* SPDX-License-Identifier: MIT */
#include "record_writer.h"

#include "alloc.h"
#include "number.h"
#include "record_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_MOST = 1 << 24 };

struct lrp_record_writer {
    FILE *file;
    char *path;
    size_t n_columns;
    struct lrp_text line;
    bool failed;
};

static void append_name(struct lrp_text *line, const char *name)
{
    if (strpbrk(name, ",\"\n\r") == NULL && name[0] != '#') {
        lrp_text_append(line, name);
        return;
    }
    lrp_text_append(line, "\"");
    for (const char *at = name; *at != '\0'; at++) {
        lrp_text_append_bytes(line, *at == '"' ? "\"\"" : at, *at == '"' ? 2 : 1);
    }
    lrp_text_append(line, "\"");
}

static void append_head(struct lrp_text *text, const char *const *columns, size_t n_columns,
                        const char *const *meta, size_t n_meta)
{
    for (size_t i = 0; i < n_meta; i++) {
        lrp_text_append(text, "# ");
        lrp_text_append_clean(text, meta[2 * i], strlen(meta[2 * i]));
        lrp_text_append(text, ": ");
        lrp_text_append_clean(text, meta[2 * i + 1], strlen(meta[2 * i + 1]));
        lrp_text_append(text, "\n");
    }
    for (size_t c = 0; c < n_columns; c++) {
        lrp_text_append(text, c > 0 ? "," : "");
        append_name(text, columns[c]);
    }
    lrp_text_append(text, "\n");
}

static void append_row(struct lrp_text *text, const double *values, const unsigned char *present,
                       size_t n_columns)
{
    char number[LRP_NUMBER_SIZE];
    for (size_t c = 0; c < n_columns; c++) {
        lrp_text_append(text, c > 0 ? "," : "");
        if (present == NULL || present[c] != 0) {
            lrp_text_append(text, lrp_format_double(values[c], number));
        }
    }
    lrp_text_append(text, "\n");
}

/* Hands the collected line to the file and empties it. */
static enum lrp_status put_line(struct lrp_record_writer *writer, struct lrp_error *err)
{
    enum lrp_status status = lrp_text_check(&writer->line, err);
    if (status != LRP_OK) {
        return status;
    }
    size_t length = writer->line.length;
    writer->line.length = 0;
    if (fwrite(writer->line.bytes, 1, length, writer->file) != length ||
        fflush(writer->file) != 0) {
        writer->failed = true;
        return lrp_fail_errno(err, errno, "write", writer->path);
    }
    return LRP_OK;
}

enum lrp_status lrp_record_writer_open(const char *path, const char *const *columns,
                                       size_t n_columns, const char *const *meta, size_t n_meta,
                                       struct lrp_record_writer **out, struct lrp_error *err)
{
    struct lrp_record_writer *writer = lrp_calloc_array(1, sizeof *writer);
    LRP_TRY_MEMORY(writer, err);
    lrp_text_init(&writer->line, LINE_MOST);
    writer->n_columns = n_columns;
    writer->path = lrp_strdup(path);
    enum lrp_status status = writer->path == NULL ? lrp_fail_memory(err, strlen(path)) : LRP_OK;
    if (status == LRP_OK) {
        writer->file = fopen(path, "we");
        status = writer->file == NULL ? lrp_fail_errno(err, errno, "write", path) : LRP_OK;
    }
    if (status == LRP_OK) {
        append_head(&writer->line, columns, n_columns, meta, n_meta);
        status = put_line(writer, err);
    }
    if (status != LRP_OK) {
        (void)lrp_record_writer_close(writer, NULL);
        return status;
    }
    *out = writer;
    return LRP_OK;
}

enum lrp_status lrp_record_writer_row(struct lrp_record_writer *writer, const double *values,
                                      const unsigned char *present, struct lrp_error *err)
{
    append_row(&writer->line, values, present, writer->n_columns);
    return put_line(writer, err);
}

/* ---- records that are there already -------------------------------------------------------- */

static const char repeat_column[] = "repeat";

/* The columns of several records, each once. */
struct joint_table {
    const struct lrp_record *const *records;
    size_t n_records;
    const char **names;
    size_t n_names, capacity;
};

static bool has_values(const struct lrp_record *record, size_t column)
{
    for (size_t row = 0; row < lrp_record_rows(record); row++) {
        if (lrp_record_present(record, column, row) != 0) {
            return true;
        }
    }
    return false;
}

static enum lrp_status add_name(struct joint_table *table, const char *name, struct lrp_error *err)
{
    for (size_t i = 0; i < table->n_names; i++) {
        if (strcmp(table->names[i], name) == 0) {
            return LRP_OK;
        }
    }
    LRP_TRY(lrp_grow_array((void **)&table->names, table->n_names, &table->capacity,
                           sizeof *table->names, SIZE_MAX / 64, err));
    table->names[table->n_names] = name;
    table->n_names++;
    return LRP_OK;
}

static enum lrp_status list_names(struct joint_table *table, struct lrp_error *err)
{
    for (size_t i = 0; lrp_column_table[i].name != NULL; i++) {
        const char *name = lrp_column_table[i].name;
        for (size_t r = 0; r < table->n_records; r++) {
            size_t column = lrp_record_find_column(table->records[r], name);
            if (column != LRP_NO_COLUMN && has_values(table->records[r], column)) {
                LRP_TRY(add_name(table, name, err));
            }
        }
    }
    if (table->n_records > 1) {
        LRP_TRY(add_name(table, repeat_column, err));
    }
    for (size_t r = 0; r < table->n_records; r++) {
        for (size_t c = 0; c < lrp_record_columns(table->records[r]); c++) {
            if (has_values(table->records[r], c)) {
                LRP_TRY(add_name(table, lrp_record_column_name(table->records[r], c), err));
            }
        }
    }
    return LRP_OK;
}

/* The columns of one record behind the names; its place among them where the number stands for it.
 */
static void find_columns(const struct joint_table *table, size_t record, size_t *columns)
{
    for (size_t i = 0; i < table->n_names; i++) {
        bool number = table->n_records > 1 && strcmp(table->names[i], repeat_column) == 0;
        columns[i] = number ? LRP_NO_COLUMN
                            : lrp_record_find_column(table->records[record], table->names[i]);
    }
}

/* False for a row with positions alone. */
static bool fill_row(const struct joint_table *table, size_t record, const size_t *columns,
                     size_t row, double *values, unsigned char *present)
{
    const struct lrp_record *from = table->records[record];
    bool any = false;
    for (size_t i = 0; i < table->n_names; i++) {
        bool number = table->n_records > 1 && strcmp(table->names[i], repeat_column) == 0;
        present[i] = number ? 1 : 0;
        values[i] = (double)(record + 1);
        if (columns[i] != LRP_NO_COLUMN && lrp_record_present(from, columns[i], row) != 0) {
            present[i] = 1;
            values[i] = lrp_record_values(from, columns[i])[row];
            any = any || !from->columns[columns[i]].position;
        }
    }
    return any;
}

static enum lrp_status write_rows(FILE *file, const struct joint_table *table,
                                  struct lrp_text *text, struct lrp_error *err)
{
    enum lrp_status status = LRP_OK;
    size_t *columns = lrp_calloc_array(table->n_names, sizeof *columns);
    double *values = lrp_calloc_array(table->n_names, sizeof *values);
    unsigned char *present = lrp_calloc_array(table->n_names, 1);
    if (columns == NULL || values == NULL || present == NULL) {
        status = lrp_fail_memory(err, table->n_names * sizeof *values);
    }
    for (size_t r = 0; r < table->n_records && status == LRP_OK; r++) {
        find_columns(table, r, columns);
        for (size_t row = 0; row < lrp_record_rows(table->records[r]) && status == LRP_OK; row++) {
            if (fill_row(table, r, columns, row, values, present)) {
                append_row(text, values, present, table->n_names);
                status = lrp_text_check(text, err);
                (void)fwrite(text->bytes, 1, status == LRP_OK ? text->length : 0, file);
                text->length = 0;
            }
        }
    }
    free(columns);
    free(values);
    free(present);
    return status;
}

enum lrp_status lrp_records_write(FILE *file, const char *name,
                                  const struct lrp_record *const *records, size_t n_records,
                                  const char *const *meta, size_t n_meta, struct lrp_error *err)
{
    struct joint_table table = {.records = records, .n_records = n_records};
    struct lrp_text text;
    lrp_text_init(&text, LINE_MOST);
    enum lrp_status status = list_names(&table, err);
    if (status == LRP_OK) {
        append_head(&text, table.names, table.n_names, meta, n_meta);
        (void)fwrite(text.bytes, 1, text.length, file);
        text.length = 0;
        status = write_rows(file, &table, &text, err);
    }
    if (status == LRP_OK && ferror(file) != 0) {
        status = lrp_fail_errno(err, errno, "write", name);
    }
    lrp_text_fini(&text);
    free(table.names);
    return status;
}

enum lrp_status lrp_record_writer_close(struct lrp_record_writer *writer, struct lrp_error *err)
{
    if (writer == NULL) {
        return LRP_OK;
    }
    enum lrp_status status = LRP_OK;
    if (writer->file != NULL && fclose(writer->file) != 0 && !writer->failed) {
        status = lrp_fail_errno(err, errno, "write", writer->path);
    }
    lrp_text_fini(&writer->line);
    free(writer->path);
    free(writer);
    return status;
}
