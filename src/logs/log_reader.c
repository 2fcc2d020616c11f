/* SPDX-License-Identifier: MIT */
/* The part of reading that is the same for all formats: lines or a document out of slices, rows,
 * and the clean-up. */
#include "log_reader.h"

#include "alloc.h"
#include "json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { DOCUMENT_MOST = 1 << 28 };

/* A printed log that began with much else is known by the first sure line. */
static void recognise(struct lrp_log_reader *reader, const char *text)
{
    for (size_t i = 0; lrp_log_formats[i] != NULL; i++) {
        if (lrp_log_formats[i]->is_line != NULL && lrp_log_formats[i]->is_line(text)) {
            lrp_rows_drop(reader->rows);     /* what was seen before it belongs to no run */
            reader->format->release(reader); /* formats that are known by a line have no state */
            reader->format = lrp_log_formats[i];
            return;
        }
    }
}

static bool has_rows(const struct lrp_log_reader *reader)
{
    return lrp_record_rows_read(lrp_rows_record(reader->rows)) > 0;
}

static enum lrp_status take_line(void *user, const struct lrp_line *line, struct lrp_error *err)
{
    struct lrp_log_reader *reader = user;
    if (reader->format == &lrp_log_format_text && !reader->begun) {
        recognise(reader, line->text);
    }
    return reader->format->take_line(reader, line, err);
}

static enum lrp_status set_up(struct lrp_log_reader *reader, struct lrp_error *err)
{
    const struct lrp_log_format *format = reader->format;
    reader->state = lrp_calloc_array(format->state_size, 1);
    LRP_TRY_MEMORY(reader->state, err);
    if (format->give == NULL) {
        LRP_TRY(lrp_rows_new(reader->hints, &reader->rows, err));
    }
    if (format->take_line != NULL) {
        LRP_TRY(lrp_lines_new(format->line_most, take_line, reader, &reader->lines, err));
    }
    return format->begin != NULL ? format->begin(reader, err) : LRP_OK;
}

enum lrp_status lrp_log_reader_open(const struct lrp_log_format *format,
                                    const struct lrp_log_hints *hints, struct lrp_log_reader **out,
                                    struct lrp_error *err)
{
    struct lrp_log_reader *reader = lrp_calloc_array(1, sizeof *reader);
    LRP_TRY_MEMORY(reader, err);
    reader->format = format;
    reader->hints = hints != NULL ? hints : &lrp_no_hints;
    reader->step = reader->epoch = reader->lr = reader->last = (double)NAN;
    enum lrp_status status = set_up(reader, err);
    if (status != LRP_OK) {
        lrp_log_reader_free(reader);
        return status;
    }
    *out = reader;
    return LRP_OK;
}

void lrp_log_reader_free(struct lrp_log_reader *reader)
{
    if (reader == NULL) {
        return;
    }
    if (reader->format->release != NULL && reader->state != NULL) {
        reader->format->release(reader);
    }
    lrp_lines_free(reader->lines);
    lrp_rows_free(reader->rows);
    free(reader->document);
    free(reader->state);
    free(reader);
}

static enum lrp_status keep_document(struct lrp_log_reader *reader, const void *bytes,
                                     size_t length, struct lrp_error *err)
{
    if (length > (size_t)DOCUMENT_MOST - reader->document_length) {
        return lrp_fail(err, LRP_E_LIMIT, 0,
                        "the JSON is larger than %d MiB, the limit here; JSON Lines (one object a "
                        "line) has no limit",
                        DOCUMENT_MOST >> 20);
    }
    while (reader->document_capacity - reader->document_length < length) {
        LRP_TRY(lrp_grow_array((void **)&reader->document, reader->document_capacity,
                               &reader->document_capacity, 1, DOCUMENT_MOST, err));
    }
    if (length > 0) {
        memcpy(reader->document + reader->document_length, bytes, length);
        reader->document_length += length;
    }
    return LRP_OK;
}

enum lrp_status lrp_log_reader_feed(struct lrp_log_reader *reader, const void *bytes, size_t length,
                                    struct lrp_error *err)
{
    if (reader->lines != NULL) {
        return lrp_lines_feed(reader->lines, bytes, length, err);
    }
    return reader->format->take_bytes != NULL
               ? reader->format->take_bytes(reader, bytes, length, err)
               : keep_document(reader, bytes, length, err);
}

static enum lrp_status take_document(struct lrp_log_reader *reader, struct lrp_error *err)
{
    const char *text = reader->document != NULL ? reader->document : "";
    size_t skip = reader->document_length >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    struct lrp_json *root = NULL;
    LRP_TRY(lrp_json_parse(text + skip, reader->document_length - skip, &root, err));
    enum lrp_status status = reader->format->take_document(reader, root, err);
    lrp_json_free(root);
    return status;
}

static enum lrp_status end_lines(struct lrp_log_reader *reader, struct lrp_error *err)
{
    LRP_TRY(lrp_lines_finish(reader->lines, reader->rows, err));
    bool any = reader->format->end != NULL || lrp_rows_open(reader->rows) || has_rows(reader);
    return any || (reader->hints->n_maps > 0 && lrp_rows_have_names(reader->rows))
               ? LRP_OK
               : lrp_fail(err, LRP_E_FORMAT, 0,
                          "no line of the text has a loss or an accuracy in a way that is known; "
                          "a name and a number were expected, as in \"loss: 0.5\"");
}

enum lrp_status lrp_log_reader_finish(struct lrp_log_reader *reader, struct lrp_record **out,
                                      struct lrp_error *err)
{
    if (reader->lines != NULL) {
        LRP_TRY(end_lines(reader, err));
    } else if (reader->format->take_document != NULL) {
        LRP_TRY(take_document(reader, err));
    }
    if (reader->format->end != NULL) {
        LRP_TRY(reader->format->end(reader, err));
    }
    LRP_TRY(reader->rows != NULL ? lrp_rows_finish(reader->rows, out, err)
                                 : reader->format->give(reader, out, err));
    lrp_record_set_format(*out, reader->format->name);
    return LRP_OK;
}
