/* SPDX-License-Identifier: MIT */
#include "text_format.h"

#include "alloc.h"
#include "number.h"
#include "text_scan.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct lrp_log_reader {
    const struct lrp_text_kind *kind;
    struct lrp_lines *lines;
    struct lrp_text_state state;
    const struct lrp_log_format *found; /* by a line that came after the first bytes */
};

/* Formats whose lines cannot be mistaken, for logs that begin with much else. */
static const struct {
    const struct lrp_text_kind *kind;
    const struct lrp_log_format *format;
} sure_kinds[] = {
    {&lrp_text_kind_caffe, &lrp_log_format_caffe},
    {&lrp_text_kind_coqui, &lrp_log_format_coqui},
    {&lrp_text_kind_darknet, &lrp_log_format_darknet},
    {&lrp_text_kind_fairseq, &lrp_log_format_fairseq},
    {&lrp_text_kind_keras, &lrp_log_format_keras},
    {&lrp_text_kind_llmc, &lrp_log_format_llmc},
    {&lrp_text_kind_llmc_stdout, &lrp_log_format_llmc_stdout},
    {&lrp_text_kind_megatron, &lrp_log_format_megatron},
    {&lrp_text_kind_modded_nanogpt, &lrp_log_format_modded_nanogpt},
    {&lrp_text_kind_mxnet, &lrp_log_format_mxnet},
    {&lrp_text_kind_nanogpt, &lrp_log_format_nanogpt},
    {&lrp_text_kind_torchvision, &lrp_log_format_torchvision},
    {&lrp_text_kind_tqdm, &lrp_log_format_tqdm},
};

const struct lrp_log_format *lrp_text_format_of(const char *text, const struct lrp_text_kind **kind)
{
    for (size_t i = 0; i < sizeof sure_kinds / sizeof sure_kinds[0]; i++) {
        if (sure_kinds[i].kind->is_line(text)) {
            *kind = sure_kinds[i].kind;
            return sure_kinds[i].format;
        }
    }
    return NULL;
}

static enum lrp_status take_line(void *user, const struct lrp_line *line, struct lrp_error *err)
{
    struct lrp_log_reader *reader = user;
    const struct lrp_text_kind *kind = NULL;
    if (reader->kind->is_line == NULL &&
        lrp_record_rows_read(lrp_rows_record(reader->state.rows)) == 0) {
        const struct lrp_log_format *format = lrp_text_format_of(line->text, &kind);
        if (format != NULL) { /* what was seen before it belongs to no run */
            lrp_rows_drop(reader->state.rows);
            reader->found = format;
            reader->kind = kind;
        }
    }
    return reader->kind->take(&reader->state, line, err);
}

enum lrp_status lrp_text_open(const struct lrp_text_kind *kind, const struct lrp_log_hints *hints,
                              struct lrp_log_reader **out, struct lrp_error *err)
{
    struct lrp_log_reader *reader = lrp_calloc_array(1, sizeof *reader);
    if (reader == NULL) {
        return lrp_fail_memory(err, sizeof *reader);
    }
    reader->kind = kind;
    reader->state = (struct lrp_text_state){NULL,        (double)NAN, (double)NAN, (double)NAN,
                                            (double)NAN, false,       false};
    enum lrp_status status = lrp_rows_new(hints, &reader->state.rows, err);
    status = status == LRP_OK ? lrp_lines_new(0, take_line, reader, &reader->lines, err) : status;
    if (status != LRP_OK) {
        lrp_text_free(reader);
        return status;
    }
    *out = reader;
    return LRP_OK;
}

enum lrp_status lrp_text_feed(struct lrp_log_reader *reader, const void *bytes, size_t length,
                              struct lrp_error *err)
{
    return lrp_lines_feed(reader->lines, bytes, length, err);
}

enum lrp_status lrp_text_finish(struct lrp_log_reader *reader, struct lrp_record **out,
                                struct lrp_error *err)
{
    enum lrp_status status = lrp_lines_finish(reader->lines, reader->state.rows, err);
    if (status == LRP_OK && !lrp_rows_open(reader->state.rows) &&
        lrp_record_rows_read(lrp_rows_record(reader->state.rows)) == 0) {
        return lrp_fail(err, LRP_E_FORMAT, 0,
                        "no line of the text tells a loss or an accuracy in a way that is known; "
                        "a name and a number were expected, as in \"loss: 0.5\"");
    }
    status = status == LRP_OK ? lrp_rows_finish(reader->state.rows, out, err) : status;
    if (status == LRP_OK && reader->found != NULL) {
        lrp_record_set_format(*out, reader->found->name);
    }
    return status;
}

void lrp_text_free(struct lrp_log_reader *reader)
{
    if (reader != NULL) {
        lrp_lines_free(reader->lines);
        lrp_rows_free(reader->state.rows);
        free(reader);
    }
}

struct probe_count {
    const struct lrp_text_kind *kind;
    int lines;
};

static enum lrp_status count_line(void *user, const struct lrp_line *line, struct lrp_error *err)
{
    struct probe_count *count = user;
    (void)err;
    count->lines += count->kind->is_line(line->text) ? 1 : 0;
    return LRP_OK;
}

int lrp_text_probe(const struct lrp_text_kind *kind, const unsigned char *bytes, size_t length)
{
    enum { LEAST = 70, MOST = 96 };
    struct probe_count count = {kind, 0};
    int scanned = lrp_scan_lines(bytes, length, count_line, &count);
    if (scanned < 1 || count.lines == 0) {
        return scanned < 0 ? scanned : 0;
    }
    int sure = LEAST + 2 * count.lines;
    return sure < MOST ? sure : MOST;
}

const char *lrp_skip_word(const char *at, const char *word)
{
    while (*at == ' ' || *at == '\t') {
        at++;
    }
    size_t length = strlen(word);
    return strncmp(at, word, length) == 0 ? at + length : NULL;
}

const char *lrp_skip_number(const char *at, double *value)
{
    while (*at == ' ' || *at == '\t') {
        at++;
    }
    size_t length = lrp_number_length(at);
    return length > 0 && lrp_parse_double(at, length, value) ? at + length : NULL;
}

const char *lrp_behind(const char *at, const char *word)
{
    const char *found = strstr(at, word);
    return found != NULL ? found + strlen(word) : NULL;
}

enum lrp_status lrp_text_set(struct lrp_text_state *state, const char *name, double value,
                             struct lrp_error *err)
{
    return lrp_rows_set(state->rows, name, strlen(name), value, err);
}

enum lrp_status lrp_text_set_validation(struct lrp_text_state *state, const char *name,
                                        size_t length, double value, struct lrp_error *err)
{
    char longer[LRP_COLUMN_NAME_MOST + 1] = "val_";
    size_t room = sizeof longer - 5;
    length = length < room ? length : room;
    memcpy(longer + 4, name, length);
    return lrp_rows_set(state->rows, longer, length + 4, value, err);
}

enum lrp_status lrp_text_at(struct lrp_text_state *state, const char *column, double value,
                            struct lrp_error *err)
{
    double before = 0;
    enum lrp_status status = LRP_OK;
    if (lrp_rows_open(state->rows) &&
        !(lrp_rows_get(state->rows, column, &before) && before == value)) {
        status = lrp_rows_end(state->rows, err);
    }
    return status == LRP_OK ? lrp_text_set(state, column, value, err) : status;
}
