/* SPDX-License-Identifier: MIT */
#include "record_writer.h"

#include "alloc.h"
#include "number.h"
#include "text.h"

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
