/* SPDX-License-Identifier: MIT */
#include "text_shapes.h"

#include "alloc.h"
#include "text_roles.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Numbers that are held until the shapes are told apart: 40 MB. */
enum { SHAPES_MOST = 512, SLOTS = 4 * SHAPES_MOST, HELD_MOST = 1 << 21, CONTEXT_LINES = 12 };

/* A line that waits. Its numbers are the next ones of the pool. */
struct waiting_line {
    size_t line;
    unsigned shape;
    bool same_place; /* a bar, or written over by the next line */
};
struct lrp_text_shapes {
    struct lrp_text_writer writer; /* of rows */
    struct lrp_text_shape *list[SHAPES_MOST];
    size_t n;
    int slots[SLOTS]; /* index + 1, 0 = free */
    struct waiting_line *lines;
    size_t n_lines, lines_capacity;
    struct lrp_text_number *numbers;
    size_t n_numbers, numbers_capacity;
    bool decided;
    enum lrp_text_side of_file; /* "validations.txt" */
    enum lrp_text_side context; /* of headings without numbers: "Evaluation:" */
    size_t context_line;
    struct lrp_text_place place; /* of the last loss */
};

/* The side of a file that says by a word of its name that it is about a validation; what is called
 * a test may be a try. */
static enum lrp_text_side side_of_file(const char *name)
{
    static const char *const begins[] = {"valid", "val.", "val_", "val-", "eval", "dev."};
    for (const char *at = name; at != NULL && *at != '\0'; at++) {
        bool word = at == name || !isalpha((unsigned char)at[-1]);
        for (size_t i = 0; word && i < sizeof begins / sizeof begins[0]; i++) {
            if (strncasecmp(at, begins[i], strlen(begins[i])) == 0) {
                return LRP_TEXT_SIDE_VALIDATION;
            }
        }
    }
    return LRP_TEXT_SIDE_NONE;
}

enum lrp_status lrp_text_shapes_new(struct lrp_rows *rows, const struct lrp_log_hints *hints,
                                    struct lrp_text_shapes **out, struct lrp_error *err)
{
    struct lrp_text_shapes *shapes = lrp_calloc_array(1, sizeof *shapes);
    LRP_TRY_MEMORY(shapes, err);
    lrp_text_writer_init(&shapes->writer, rows);
    shapes->of_file = side_of_file(hints->file_name);
    *out = shapes;
    return LRP_OK;
}

void lrp_text_shapes_free(struct lrp_text_shapes *shapes)
{
    if (shapes == NULL) {
        return;
    }
    for (size_t i = 0; i < shapes->n; i++) {
        free(shapes->list[i]);
    }
    free(shapes->lines);
    free(shapes->numbers);
    free(shapes);
}

static size_t hash_of(const struct lrp_text_fields *fields)
{
    uint64_t hash = 14695981039346656037U + (fields->best ? 1 : 0); /* FNV-1a */
    for (size_t i = 0; i < fields->n; i++) {
        const struct lrp_named_number *field = &fields->list[i];
        hash = (hash ^ ((uint64_t)(uintptr_t)field->name >> 4)) * 1099511628211U;
        hash = (hash ^ (uint64_t)field->side) * 1099511628211U;
    }
    return (size_t)(hash ^ (hash >> 32)) % SLOTS;
}

/* Names that differ in words that say nothing ("LSTM_e1 Epoch", "LSTM_e2 Epoch") are one. */
static bool is_same_name(const struct lrp_text_name *a, const struct lrp_text_name *b)
{
    return a == b || (a->length - a->skip == b->length - b->skip && a->kind == b->kind &&
                      memcmp(a->text + a->skip, b->text + b->skip, a->length - a->skip) == 0);
}

static bool is_shape(const struct lrp_text_shape *shape, const struct lrp_text_fields *fields)
{
    if (shape->n != fields->n || shape->best != fields->best) {
        return false;
    }
    for (size_t i = 0; i < fields->n; i++) {
        if (!is_same_name(shape->fields[i].name, fields->list[i].name) ||
            shape->fields[i].side != fields->list[i].side) {
            return false;
        }
    }
    return true;
}

/* The shape of a line, a new one where it is; *index SHAPES_MOST where there are too many. */
static enum lrp_status find_shape(struct lrp_text_shapes *shapes,
                                  const struct lrp_text_fields *fields, size_t *index,
                                  struct lrp_error *err)
{
    size_t slot = hash_of(fields);
    *index = SHAPES_MOST;
    size_t tries = 0;
    for (; shapes->slots[slot] != 0 && tries < SLOTS; slot = (slot + 1) % SLOTS, tries++) {
        size_t known = (size_t)shapes->slots[slot] - 1;
        if (is_shape(shapes->list[known], fields)) {
            *index = known;
            return LRP_OK;
        }
    }
    for (size_t i = 0; i < shapes->n && *index == SHAPES_MOST; i++) { /* by other names */
        *index = is_shape(shapes->list[i], fields) ? i : *index;
    }
    if (*index == SHAPES_MOST) {
        if (shapes->n == SHAPES_MOST) {
            return LRP_OK;
        }
        struct lrp_text_shape *shape = lrp_calloc_array(1, sizeof *shape);
        LRP_TRY_MEMORY(shape, err);
        lrp_text_shape_init(shape, fields);
        *index = shapes->n;
        shapes->list[shapes->n] = shape;
        shapes->n++;
        if (shapes->decided) {
            lrp_text_choose_late(&shapes->writer, shape);
        }
    }
    if (tries < SLOTS / 2) {
        shapes->slots[slot] = (int)*index + 1;
    }
    return LRP_OK;
}

/* Writes the lines that waited. */
static enum lrp_status decide(struct lrp_text_shapes *shapes, struct lrp_error *err)
{
    struct lrp_text_number *numbers = shapes->numbers;
    LRP_TRY(lrp_text_choose(&shapes->writer, shapes->list, shapes->n, err));
    shapes->decided = true;
    for (size_t i = 0; i < shapes->n_lines; i++) {
        const struct waiting_line *line = &shapes->lines[i];
        const struct lrp_text_shape *shape = shapes->list[line->shape];
        LRP_TRY(lrp_text_write(&shapes->writer, shape, numbers, line->line, line->same_place, err));
        numbers += shape->n;
    }
    free(shapes->lines);
    free(shapes->numbers);
    shapes->lines = NULL;
    shapes->numbers = NULL;
    return LRP_OK;
}

static enum lrp_status hold(struct lrp_text_shapes *shapes, size_t index,
                            const struct lrp_text_number *numbers, size_t n, size_t line,
                            bool same_place, struct lrp_error *err)
{
    LRP_TRY(lrp_grow_array((void **)&shapes->lines, shapes->n_lines, &shapes->lines_capacity,
                           sizeof *shapes->lines, 2 * (size_t)HELD_MOST, err));
    shapes->lines[shapes->n_lines] = (struct waiting_line){line, (unsigned)index, same_place};
    shapes->n_lines++;
    for (size_t i = 0; i < n; i++) {
        LRP_TRY(lrp_grow_array((void **)&shapes->numbers, shapes->n_numbers,
                               &shapes->numbers_capacity, sizeof *shapes->numbers,
                               2 * (size_t)HELD_MOST, err));
        shapes->numbers[shapes->n_numbers] = numbers[i];
        shapes->n_numbers++;
    }
    return shapes->n_numbers >= HELD_MOST ? decide(shapes, err) : LRP_OK;
}

/* A line that says on which data what follows is measured, and for how long that holds. */
static void settle_context(struct lrp_text_shapes *shapes, struct lrp_text_fields *fields,
                           size_t line)
{
    bool metric = false;
    bool position = false;
    for (size_t i = 0; i < fields->n; i++) {
        metric = metric || fields->list[i].name->kind >= LRP_TEXT_SCORE;
        position = position || fields->list[i].name->kind == LRP_TEXT_POSITION;
    }
    if (!metric) {
        if (fields->side != LRP_TEXT_SIDE_NONE || position) {
            shapes->context = fields->side;
            shapes->context_line = line;
        }
        return;
    }
    if (position || fields->side != LRP_TEXT_SIDE_NONE ||
        line > shapes->context_line + CONTEXT_LINES) {
        shapes->context = LRP_TEXT_SIDE_NONE;
        return;
    }
    for (size_t i = 0; i < fields->n && shapes->context != LRP_TEXT_SIDE_TRAINING; i++) {
        struct lrp_named_number *field = &fields->list[i];
        bool bare = field->side == LRP_TEXT_SIDE_NONE && field->name->kind >= LRP_TEXT_SCORE;
        field->side = bare ? shapes->context : field->side;
    }
}

static bool says_something(const struct lrp_text_fields *fields)
{
    bool says = false;
    for (size_t i = 0; i < fields->n; i++) {
        says = says || fields->list[i].name->kind > LRP_TEXT_OTHER;
    }
    return says;
}

enum lrp_status lrp_text_shapes_take(struct lrp_text_shapes *shapes, struct lrp_text_fields *fields,
                                     size_t line, bool rewritten, struct lrp_error *err)
{
    struct lrp_text_number numbers[LRP_TEXT_FIELDS_MOST];
    size_t index = 0;
    settle_context(shapes, fields, line);
    for (size_t i = 0; i < fields->n && shapes->of_file != LRP_TEXT_SIDE_NONE; i++) {
        struct lrp_named_number *field = &fields->list[i];
        field->side = field->side == LRP_TEXT_SIDE_NONE ? shapes->of_file : field->side;
    }
    if (!says_something(fields)) {
        return LRP_OK;
    }
    LRP_TRY(find_shape(shapes, fields, &index, err));
    if (index == SHAPES_MOST) {
        return LRP_OK;
    }
    for (size_t i = 0; i < fields->n; i++) {
        numbers[i] = (struct lrp_text_number){fields->list[i].value, fields->list[i].comma};
    }
    bool same_place = rewritten || fields->bar;
    struct lrp_text_shape *shape = shapes->list[index];
    lrp_text_shape_count(shape, fields, &shapes->place);
    return shapes->decided ? lrp_text_write(&shapes->writer, shape, numbers, line, same_place, err)
                           : hold(shapes, index, numbers, fields->n, line, same_place, err);
}

/* The names that a map could have meant. */
static enum lrp_status note_names(const struct lrp_text_shapes *shapes, struct lrp_error *err)
{
    size_t ignored = 0;
    for (size_t i = 0; i < shapes->n; i++) {
        for (size_t k = 0; k < shapes->list[i]->n; k++) {
            const struct lrp_text_name *name = shapes->list[i]->fields[k].name;
            LRP_TRY(lrp_rows_find(shapes->writer.rows, name->text + name->skip,
                                  name->length - name->skip, &ignored, err));
        }
    }
    return LRP_OK;
}

/* The most frequent kind of line that was not listed yet. */
static struct lrp_text_shape *most_frequent(const struct lrp_text_shapes *shapes, size_t below)
{
    struct lrp_text_shape *found = NULL;
    for (size_t i = 0; i < shapes->n; i++) {
        struct lrp_text_shape *shape = shapes->list[i];
        if (shape->count < below && (found == NULL || shape->count > found->count)) {
            found = shape;
        }
    }
    return found;
}

static enum lrp_status no_loss(const struct lrp_text_shapes *shapes, struct lrp_error *err)
{
    enum { LISTED = 4, NAMES = 8, NAME_SHOWN = 24 };
    struct lrp_text seen;
    lrp_text_init(&seen, LISTED * (NAMES * (3 * NAME_SHOWN + 2) + 40));
    size_t below = SIZE_MAX;
    const struct lrp_text_shape *shape = NULL;
    for (size_t i = 0; i < LISTED && (shape = most_frequent(shapes, below)) != NULL; i++) {
        below = shape->count;
        lrp_text_append(&seen, i > 0 ? "; " : "");
        for (size_t k = 0; k < shape->n && k < NAMES; k++) {
            const struct lrp_text_name *name = shape->fields[k].name;
            lrp_text_append(&seen, k > 0 ? ", " : "");
            lrp_text_append_clean(&seen, name->text, strnlen(name->text, NAME_SHOWN));
        }
        lrp_text_printf(&seen, " (%zu line%s)", shape->count, shape->count == 1 ? "" : "s");
    }
    enum lrp_status status =
        shape == NULL && below == SIZE_MAX
            ? lrp_fail(err, LRP_E_FORMAT, 0,
                       "no line of the text has a loss or an accuracy in a way that is known; a "
                       "name and a number were expected, as in \"loss: 0.5\"")
            : lrp_fail(err, LRP_E_FORMAT, 0,
                       "no line of the text has a loss or an accuracy under a name that is known; "
                       "its lines have %s; --map loss=NAME says which it is",
                       lrp_text_string(&seen));
    lrp_text_fini(&seen);
    return status;
}

enum lrp_status lrp_text_shapes_finish(struct lrp_text_shapes *shapes, bool mapped,
                                       struct lrp_error *err)
{
    LRP_TRY(shapes->decided ? LRP_OK : decide(shapes, err));
    if (mapped) {
        return note_names(shapes, err);
    }
    bool any = lrp_rows_open(shapes->writer.rows) ||
               lrp_record_rows_read(lrp_rows_record(shapes->writer.rows)) > 0;
    return any ? LRP_OK : no_loss(shapes, err);
}

bool lrp_text_shapes_begun(const struct lrp_text_shapes *shapes)
{
    return shapes->place.shape != NULL;
}

struct lrp_text_impression lrp_text_shapes_look(const struct lrp_text_shapes *shapes)
{
    struct lrp_text_impression seen = {0, 0, 0};
    for (size_t i = 0; i < shapes->n; i++) {
        const struct lrp_text_shape *shape = shapes->list[i];
        bool placed = shape->step != LRP_NO_FIELD || shape->epoch != LRP_NO_FIELD;
        bool metric = shape->loss != LRP_NO_FIELD || shape->validation != LRP_NO_FIELD;
        seen.metrics += metric ? shape->count : 0;
        seen.placed += metric && placed ? shape->count : 0;
        seen.others += !metric && placed && shape->n > 1 ? shape->count : 0;
    }
    return seen;
}
