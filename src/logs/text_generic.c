/* SPDX-License-Identifier: MIT */
/* Whatever prints its losses: lines of names and numbers, told apart by their shape. */
#include "alloc.h"
#include "log_reader.h"
#include "text_scan.h"
#include "text_shapes.h"
#include "text_table.h"

#include <stdlib.h>
#include <string.h>

struct text_state {
    struct lrp_text_names *names;
    struct lrp_text_shapes *shapes;
    struct lrp_text_table table;
    char *clean; /* LRP_LINE_MOST + 1 bytes */
};

static enum lrp_status open_state(struct text_state *state, struct lrp_rows *rows,
                                  const struct lrp_log_hints *hints, struct lrp_error *err)
{
    state->clean = lrp_calloc_array(LRP_LINE_MOST + 1, 1);
    LRP_TRY_MEMORY(state->clean, err);
    LRP_TRY(lrp_text_names_new(hints, &state->names, err));
    return lrp_text_shapes_new(rows, hints, &state->shapes, err);
}

static void close_state(struct text_state *state)
{
    lrp_text_shapes_free(state->shapes);
    lrp_text_names_free(state->names);
    free(state->clean);
}

static enum lrp_status give_box(struct text_state *state, size_t line, struct lrp_error *err)
{
    struct lrp_text_fields fields;
    if (state->table.n_box == 0) {
        return LRP_OK;
    }
    lrp_text_table_give(&state->table, state->names, &fields);
    return lrp_text_shapes_take(state->shapes, &fields, line, false, err);
}

static enum lrp_status take_text(struct text_state *state, const struct lrp_line *line,
                                 struct lrp_error *err)
{
    struct lrp_text_fields fields;
    const char *text = lrp_text_clean(line->text, line->length, state->clean);
    if (lrp_text_table_ends(&state->table, text)) {
        LRP_TRY(give_box(state, line->number, err));
    }
    enum lrp_table_line kind = lrp_text_table_take(&state->table, state->names, text, &fields);
    if (kind == LRP_TABLE_NONE) {
        lrp_text_find_fields(state->names, text, &fields);
    }
    if (lrp_text_names_failed(state->names)) {
        return lrp_fail_memory(err, sizeof(struct lrp_text_name));
    }
    return kind == LRP_TABLE_BOX || kind == LRP_TABLE_HEADING
               ? LRP_OK
               : lrp_text_shapes_take(state->shapes, &fields, line->number, line->rewritten, err);
}

static enum lrp_status begin(struct lrp_log_reader *reader, struct lrp_error *err)
{
    return open_state(reader->state, reader->rows, reader->hints, err);
}

static void release(struct lrp_log_reader *reader)
{
    close_state(reader->state);
}

static enum lrp_status take(struct lrp_log_reader *reader, const struct lrp_line *line,
                            struct lrp_error *err)
{
    struct text_state *state = reader->state;
    LRP_TRY(take_text(state, line, err));
    reader->begun = reader->begun || lrp_text_shapes_begun(state->shapes);
    return LRP_OK;
}

static enum lrp_status end(struct lrp_log_reader *reader, struct lrp_error *err)
{
    struct text_state *state = reader->state;
    LRP_TRY(give_box(state, 0, err));
    return lrp_text_shapes_finish(state->shapes, reader->hints->n_maps > 0, err);
}

/* ---- is it a log at all? -------------------------------------------------------------------- */

struct impression {
    struct text_state state;
    size_t code_lines;
};

static bool is_code(const struct lrp_line *line)
{
    static const char *const begins[] = {"import ",   "from ",    "def ",   "#include", "return ",
                                         "static ",   "const ",   "if (",   "for (",    "while (",
                                         "public ",   "package ", "using ", "let ",     "var ",
                                         "function ", "@",        "elif ",  "print("};
    static const char *const blocks[] = {"if ", "for ", "while ", "with ", "class ", "else", "try"};
    const char *text = lrp_skip_word(line->text, "");
    for (size_t i = 0; i < sizeof begins / sizeof begins[0]; i++) {
        if (strncmp(text, begins[i], strlen(begins[i])) == 0) {
            return true;
        }
    }
    size_t length = line->length;
    while (length > 0 && line->text[length - 1] == ' ') {
        length--;
    }
    char last = length > 0 ? line->text[length - 1] : ' ';
    bool block = false;
    for (size_t i = 0; i < sizeof blocks / sizeof blocks[0] && last == ':'; i++) {
        block = block || strncmp(text, blocks[i], strlen(blocks[i])) == 0;
    }
    return block || last == ';' || last == '{';
}

static enum lrp_status look(void *user, const struct lrp_line *line, struct lrp_error *err)
{
    struct impression *seen = user;
    seen->code_lines += is_code(line) ? 1 : 0;
    return take_text(&seen->state, line, err);
}

static int probe_with(struct impression *seen, const unsigned char *bytes, size_t length)
{
    int scanned = lrp_scan_lines(bytes, length, look, seen);
    if (scanned < 1 || give_box(&seen->state, 0, NULL) != LRP_OK) {
        return scanned;
    }
    struct lrp_text_impression lines = lrp_text_shapes_look(seen->state.shapes);
    /* a program has losses too, but no steps of them */
    if (lines.placed >= 3 || (lines.metrics >= 2 && lines.metrics > 3 * seen->code_lines)) {
        return bytes[0] == '[' ? 85 : 45; /* it begins like JSON */
    }
    bool some = seen->code_lines == 0 && (lines.metrics > 0 || lines.others >= 3);
    return length == LRP_PROBE_BYTES || some ? 1 : 0;
}

/* Low: any other format that knows the file knows it better. Where the first bytes tell nothing,
 * something may come later, unless it is a program. */
static int probe(const unsigned char *bytes, size_t length)
{
    size_t at = 0;
    while (at < length && memchr(" \t\r\n", bytes[at], 4) != NULL) {
        at++;
    }
    if (at == length || bytes[at] == '<') {
        return 0;
    }
    struct impression seen = {.code_lines = 0};
    int sure = open_state(&seen.state, NULL, &lrp_no_hints, NULL) == LRP_OK
                   ? probe_with(&seen, bytes, length)
                   : -1;
    close_state(&seen.state);
    return sure;
}

/* No test for lines: it is what is left where no other format is. */
const struct lrp_log_format lrp_log_format_text = {
    .name = "text",
    .description = "printed lines with losses in them: name: number, name=number, tables, bars",
    .probe = probe,
    .take_line = take,
    .state_size = sizeof(struct text_state),
    .begin = begin,
    .end = end,
    .release = release,
};
