/* SPDX-License-Identifier: MIT */
#include "formats.h"

#include "alloc.h"
#include "gz.h"
#include "names.h"

#include <stdlib.h>
#include <string.h>

enum { CHUNK = LRP_PROBE_BYTES };

/* Where the bytes come from: a stream, or memory (stream NULL). */
struct source {
    struct lrp_stream *stream;
    const unsigned char *bytes;
    size_t left;
};

static enum lrp_status next_chunk(struct source *source, unsigned char *buffer,
                                  const unsigned char **chunk, size_t *length,
                                  struct lrp_error *err)
{
    if (source->stream != NULL) {
        *chunk = buffer;
        return lrp_stream_read(source->stream, buffer, CHUNK, length, err);
    }
    *chunk = source->bytes;
    *length = source->left < CHUNK ? source->left : (size_t)CHUNK;
    source->bytes += *length;
    source->left -= *length;
    return LRP_OK;
}

/* Where reading begins: what was asked for, checked. */
struct request {
    const struct lrp_log_format *format; /* NULL = told by the first bytes */
    struct lrp_log_hints hints;
    char *file_name; /* owned */
};

/* "runs/l2.train.gz" gives "l2.train"; standard input has no name. */
static char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *name = lrp_strdup(strcmp(path, "-") == 0 ? "" : slash != NULL ? slash + 1 : path);
    size_t length = name != NULL ? strlen(name) : 0;
    if (length > 3 && strcmp(name + length - 3, ".gz") == 0) {
        name[length - 3] = '\0';
    }
    return name;
}

static enum lrp_status make_request(const char *path, const struct lrp_read_options *options,
                                    struct request *request, struct lrp_error *err)
{
    static const struct lrp_read_options nothing_said = {NULL, NULL, 0};
    options = options != NULL ? options : &nothing_said;
    memset(request, 0, sizeof *request);
    enum lrp_status status = lrp_find_format(options->format, &request->format, err);
    status = status == LRP_OK ? lrp_check_maps(options->maps, options->n_maps, err) : status;
    if (status != LRP_OK) {
        return status;
    }
    request->file_name = base_name(path != NULL ? path : "-");
    if (request->file_name == NULL) {
        return lrp_fail_memory(err, strlen(path != NULL ? path : "-"));
    }
    request->hints = (struct lrp_log_hints){
        request->file_name[0] != '\0' ? request->file_name : NULL, options->maps, options->n_maps};
    return LRP_OK;
}

static enum lrp_status read_source(struct source *source, struct request *request,
                                   unsigned char *buffer, struct lrp_record **out,
                                   struct lrp_error *err)
{
    const unsigned char *chunk = NULL;
    size_t length = 0;
    const struct lrp_log_format *format = request->format;
    struct lrp_log_reader *reader = NULL;
    enum lrp_status status = next_chunk(source, buffer, &chunk, &length, err);
    if (status == LRP_OK && format == NULL) {
        status = lrp_guess_format(chunk, length, &format, err);
    }
    status = status == LRP_OK ? format->open(&request->hints, &reader, err) : status;
    while (status == LRP_OK && length > 0) {
        status = format->feed(reader, chunk, length, err);
        status = status == LRP_OK ? next_chunk(source, buffer, &chunk, &length, err) : status;
    }
    struct lrp_record *record = NULL;
    status = status == LRP_OK ? format->finish(reader, &record, err) : status;
    status = status == LRP_OK ? lrp_settle_names(record, err) : status;
    if (reader != NULL) {
        format->free(reader);
    }
    if (status != LRP_OK) {
        lrp_record_free(record);
        return status;
    }
    if (lrp_record_format(record)[0] == '\0') {
        lrp_record_set_format(record, format->name);
    }
    *out = record;
    return LRP_OK;
}

enum lrp_status lrp_record_read_with(const char *path, const struct lrp_read_options *options,
                                     struct lrp_record **out, struct lrp_error *err)
{
    struct source source = {NULL, NULL, 0};
    struct lrp_record *record = NULL;
    struct request request;
    enum lrp_status status = make_request(path, options, &request, err);
    unsigned char *buffer = status == LRP_OK ? lrp_calloc_array(CHUNK, 1) : NULL;
    if (status == LRP_OK && buffer == NULL) {
        status = lrp_fail_memory(err, CHUNK);
    }
    status = status == LRP_OK ? lrp_stream_open(path, &source.stream, err) : status;
    status = status == LRP_OK ? read_source(&source, &request, buffer, &record, err) : status;
    lrp_stream_close(source.stream);
    free(buffer);
    free(request.file_name);
    status = status == LRP_OK ? lrp_record_set_source(record, path, err) : status;
    if (status != LRP_OK) {
        lrp_record_free(record);
        return status;
    }
    *out = record;
    return LRP_OK;
}

enum lrp_status lrp_record_read_memory_with(const void *bytes, size_t length, const char *file_name,
                                            const struct lrp_read_options *options,
                                            struct lrp_record **out, struct lrp_error *err)
{
    struct source source = {NULL, bytes, length};
    struct request request;
    enum lrp_status status = make_request(file_name, options, &request, err);
    status = status == LRP_OK ? read_source(&source, &request, NULL, out, err) : status;
    free(request.file_name);
    return status;
}

enum lrp_status lrp_record_read(const char *path, const char *format, struct lrp_record **out,
                                struct lrp_error *err)
{
    const struct lrp_read_options options = {format, NULL, 0};
    return lrp_record_read_with(path, &options, out, err);
}

enum lrp_status lrp_record_read_memory(const void *bytes, size_t length, const char *format,
                                       struct lrp_record **out, struct lrp_error *err)
{
    const struct lrp_read_options options = {format, NULL, 0};
    return lrp_record_read_memory_with(bytes, length, NULL, &options, out, err);
}

/* First row of a later repeat, or the end. */
static size_t run_end(const double *repeat, size_t begin, size_t rows)
{
    size_t end = begin + 1;
    while (end < rows && repeat[end] == repeat[begin]) {
        end++;
    }
    return end;
}

enum lrp_status lrp_split_repeats(const struct lrp_record *record, struct lrp_record ***parts,
                                  size_t *n_parts, struct lrp_error *err)
{
    size_t rows = lrp_record_rows(record);
    size_t column = lrp_record_find_column(record, "repeat");
    const double *repeat = column != LRP_NO_COLUMN ? lrp_record_values(record, column) : NULL;
    struct lrp_record **list = NULL;
    size_t count = 0;
    size_t capacity = 0;
    enum lrp_status status = LRP_OK;
    for (size_t begin = 0; begin < rows && status == LRP_OK;) {
        size_t end = repeat != NULL ? run_end(repeat, begin, rows) : rows;
        status = lrp_grow_array((void **)&list, count, &capacity, sizeof *list, 100000, err);
        status =
            status == LRP_OK ? lrp_record_slice(record, begin, end, &list[count], err) : status;
        count += status == LRP_OK ? 1 : 0;
        begin = end;
    }
    if (status != LRP_OK) {
        for (size_t i = 0; i < count; i++) {
            lrp_record_free(list[i]);
        }
        free(list);
        return status;
    }
    *parts = list;
    *n_parts = count;
    return LRP_OK;
}
