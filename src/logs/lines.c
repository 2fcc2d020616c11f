/* SPDX-License-Identifier: MIT */
#include "lines.h"

#include "alloc.h"
#include "formats.h"

#include <stdlib.h>
#include <string.h>

enum escape_state { TEXT, ESCAPE, CONTROL, COMMAND, COMMAND_ESCAPE };
enum { BELL = 7, ESC = 27, DEL = 127, MARK = 3 };

struct lrp_lines {
    lrp_on_line *on_line;
    void *user;
    size_t limit;
    char *text; /* limit + 1 bytes once a line was that long */
    size_t length, capacity;
    size_t number;
    size_t n_cut, first_cut;
    unsigned char head[MARK]; /* the first bytes of the input: they may be a byte order mark */
    size_t n_head;
    enum escape_state state;
    bool begun;        /* bytes of head are no longer waited for */
    bool after_return; /* CR seen: with LF it is one end of line, alone it rewrites */
    bool cut;          /* the line is longer than the limit */
    bool open;         /* there were bytes since the last end of line */
};

enum lrp_status lrp_lines_new(size_t limit, lrp_on_line *on_line, void *user,
                              struct lrp_lines **out, struct lrp_error *err)
{
    struct lrp_lines *lines = lrp_calloc_array(1, sizeof *lines);
    LRP_TRY_MEMORY(lines, err);
    lines->limit = limit == 0 ? (size_t)LRP_LINE_MOST : limit;
    lines->on_line = on_line;
    lines->user = user;
    lines->number = 1;
    *out = lines;
    return LRP_OK;
}

void lrp_lines_free(struct lrp_lines *lines)
{
    if (lines != NULL) {
        free(lines->text);
        free(lines);
    }
}

enum lrp_status lrp_refuse_utf16(const unsigned char *bytes, size_t length, struct lrp_error *err)
{
    if (length >= 2 &&
        ((bytes[0] == 0xFF && bytes[1] == 0xFE) || (bytes[0] == 0xFE && bytes[1] == 0xFF))) {
        return lrp_fail(err, LRP_E_FORMAT, 1,
                        "the text is UTF-16, UTF-8 was expected; iconv -f UTF-16 -t UTF-8 FILE "
                        "converts it");
    }
    return LRP_OK;
}

static enum lrp_status keep(struct lrp_lines *lines, const unsigned char *bytes, size_t length,
                            struct lrp_error *err)
{
    size_t room = lines->limit - lines->length;
    lines->cut = lines->cut || length > room;
    length = length < room ? length : room;
    while (lines->capacity < lines->length + length + 1) {
        LRP_TRY(lrp_grow_array((void **)&lines->text, lines->capacity, &lines->capacity, 1,
                               2 * lines->limit + 64, err));
    }
    memcpy(lines->text + lines->length, bytes, length);
    lines->length += length;
    return LRP_OK;
}

static enum lrp_status end_line(struct lrp_lines *lines, bool rewritten, bool whole,
                                struct lrp_error *err)
{
    static char empty[] = "";
    if (lines->cut) {
        lines->first_cut = lines->n_cut == 0 ? lines->number : lines->first_cut;
        lines->n_cut++;
    }
    if (lines->text != NULL) {
        lines->text[lines->length] = '\0';
    }
    const struct lrp_line line = {lines->text != NULL ? lines->text : empty, lines->length,
                                  lines->number, rewritten, whole && !lines->cut};
    lines->number += rewritten ? 0 : 1;
    lines->length = 0;
    lines->cut = false;
    lines->open = false;
    lines->state = TEXT;
    return lines->on_line(lines->user, &line, err);
}

/* A byte of an escape sequence, which a new line ends in any case. */
static void take_escape(struct lrp_lines *lines, unsigned char byte)
{
    switch (lines->state) {
    case ESCAPE:
        lines->state = byte == '[' ? CONTROL : byte == ']' ? COMMAND : TEXT;
        if (byte >= 0x20 && byte < 0x30) {
            lines->state = ESCAPE; /* ESC ( B and the like: one more byte */
        }
        break;
    case CONTROL:
        lines->state = byte >= 0x40 && byte < DEL ? TEXT : CONTROL;
        break;
    case COMMAND:
        lines->state = byte == BELL ? TEXT : byte == ESC ? COMMAND_ESCAPE : COMMAND;
        break;
    case COMMAND_ESCAPE:
        lines->state = byte == '\\' ? TEXT : COMMAND;
        break;
    case TEXT:
        break;
    }
}

static bool is_plain(unsigned char byte)
{
    return (byte >= 32 && byte != DEL) || byte == '\t';
}

static enum lrp_status take(struct lrp_lines *lines, const unsigned char *bytes, size_t length,
                            struct lrp_error *err)
{
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = bytes[i];
        if (lines->after_return) {
            lines->after_return = false;
            LRP_TRY(end_line(lines, byte != '\n', true, err));
            if (byte == '\n') {
                continue;
            }
        }
        if (byte == '\n') {
            LRP_TRY(end_line(lines, false, true, err));
        } else if (byte == '\r') {
            lines->after_return = true;
        } else if (lines->state != TEXT) {
            take_escape(lines, byte);
        } else if (is_plain(byte)) {
            size_t begin = i;
            while (i + 1 < length && is_plain(bytes[i + 1])) {
                i++;
            }
            lines->open = true;
            LRP_TRY(keep(lines, bytes + begin, i + 1 - begin, err));
        } else {
            lines->state = byte == ESC ? ESCAPE : TEXT;
        }
    }
    return LRP_OK;
}

/* The first bytes are complete: past a mark, the text begins. */
static enum lrp_status begin(struct lrp_lines *lines, struct lrp_error *err)
{
    LRP_TRY(lrp_refuse_utf16(lines->head, lines->n_head, err));
    size_t skip =
        lines->n_head == MARK && memcmp(lines->head, "\xEF\xBB\xBF", MARK) == 0 ? MARK : 0;
    lines->begun = true;
    return take(lines, lines->head + skip, lines->n_head - skip, err);
}

enum lrp_status lrp_lines_feed(struct lrp_lines *lines, const void *bytes, size_t length,
                               struct lrp_error *err)
{
    const unsigned char *at = bytes;
    for (; !lines->begun && length > 0; at++, length--) {
        lines->head[lines->n_head] = *at;
        lines->n_head++;
        LRP_TRY(lines->n_head == MARK ? begin(lines, err) : LRP_OK);
    }
    return take(lines, at, length, err);
}

enum lrp_status lrp_lines_finish(struct lrp_lines *lines, struct lrp_rows *rows,
                                 struct lrp_error *err)
{
    LRP_TRY(lines->begun ? LRP_OK : begin(lines, err));
    if (lines->open || lines->after_return) {
        bool ended = lines->after_return;
        lines->after_return = false;
        LRP_TRY(end_line(lines, ended, ended, err));
    }
    return rows == NULL || lines->n_cut == 0
               ? LRP_OK
               : lrp_record_add_note(
                     lrp_rows_record(rows), err,
                     "%zu line%s of more than %zu bytes cut there, the first is line %zu",
                     lines->n_cut, lines->n_cut == 1 ? " was" : "s were", lines->limit,
                     lines->first_cut);
}

int lrp_scan_lines(const unsigned char *bytes, size_t length, lrp_on_line *on_line, void *user)
{
    enum { HEAD = 256 };
    struct lrp_lines *lines = NULL;
    /* further on, NUL is what a crash leaves in the middle of a text */
    if (memchr(bytes, 0, length < HEAD ? length : (size_t)HEAD) != NULL) {
        return 0;
    }
    enum lrp_status status = lrp_lines_new(0, on_line, user, &lines, NULL);
    status = status == LRP_OK ? lrp_lines_feed(lines, bytes, length, NULL) : status;
    if (status == LRP_OK && length < LRP_PROBE_BYTES) {
        status = lrp_lines_finish(lines, NULL, NULL);
    }
    lrp_lines_free(lines);
    return status == LRP_OK ? 1 : status == LRP_E_NOMEM ? -1 : 0;
}
