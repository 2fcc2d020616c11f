/* SPDX-License-Identifier: MIT */
#include "rows.h"

#include "alloc.h"
#include "comma_cells.h"
#include "formats.h"
#include "record_change.h"

#include <stdlib.h>
#include <string.h>

/* A log has few names, and each row has them in the order of the row before: a name is looked for
 * first where it came last time, then in a hash table. Spellings of the log are kept apart from
 * columns, since several of them may mean one column. */
enum { NAMES_MOST = 2 * LRP_RECORD_MAX_COLUMNS, SLOTS = 4 * NAMES_MOST, NONE = -1 };

struct log_name {
    char *text; /* as the log has it, cut at LRP_COLUMN_NAME_MOST */
    size_t length;
    size_t column; /* LRP_NO_COLUMN: it is left out */
    int follower;  /* the name that came next in an earlier row */
    bool is_ours;  /* spelt as we or the user spelt it */
};

struct lrp_rows {
    struct lrp_record *record;
    struct lrp_column_names columns;
    struct lrp_comma_cells commas;
    struct log_name *names;
    size_t n_names, names_capacity;
    int *slots; /* index of a name + 1, 0 = free; open addressing */
    int before; /* the name that was set last */
    int first;  /* the name that began the row before */
    double *values;
    unsigned char *present; /* 1 set by an alias, 2 by our own name */
    size_t *filled;         /* columns of the open row */
    size_t n_filled;
    bool names_left_out;
};

static enum lrp_status allocate(struct lrp_rows *rows, struct lrp_error *err)
{
    rows->values = lrp_calloc_array(LRP_RECORD_MAX_COLUMNS, sizeof *rows->values);
    rows->present = lrp_calloc_array(LRP_RECORD_MAX_COLUMNS, 1);
    rows->filled = lrp_calloc_array(LRP_RECORD_MAX_COLUMNS, sizeof *rows->filled);
    rows->slots = lrp_calloc_array(SLOTS, sizeof *rows->slots);
    LRP_TRY_MEMORY(rows->values, err);
    LRP_TRY_MEMORY(rows->present, err);
    LRP_TRY_MEMORY(rows->filled, err);
    LRP_TRY_MEMORY(rows->slots, err);
    return lrp_record_new(0, &rows->record, err);
}

enum lrp_status lrp_rows_new(const struct lrp_log_hints *hints, struct lrp_rows **out,
                             struct lrp_error *err)
{
    struct lrp_rows *rows = lrp_calloc_array(1, sizeof *rows);
    LRP_TRY_MEMORY(rows, err);
    lrp_column_names_init(&rows->columns, hints);
    rows->before = rows->first = NONE;
    enum lrp_status status = allocate(rows, err);
    if (status != LRP_OK) {
        lrp_rows_free(rows);
        return status;
    }
    *out = rows;
    return LRP_OK;
}

void lrp_rows_free(struct lrp_rows *rows)
{
    if (rows == NULL) {
        return;
    }
    for (size_t i = 0; i < rows->n_names; i++) {
        free(rows->names[i].text);
    }
    free(rows->names);
    free(rows->slots);
    free(rows->values);
    free(rows->present);
    free(rows->filled);
    lrp_column_names_fini(&rows->columns);
    lrp_comma_cells_fini(&rows->commas);
    lrp_record_free(rows->record);
    free(rows);
}

static bool is_name(const struct log_name *name, const char *text, size_t length)
{
    return name->length == length && memcmp(name->text, text, length) == 0;
}

/* FNV-1a. */
static size_t hash(const char *text, size_t length)
{
    uint64_t h = 14695981039346656037U;
    for (size_t i = 0; i < length; i++) {
        h = (h ^ (unsigned char)text[i]) * 1099511628211U;
    }
    return (size_t)(h ^ (h >> 32)) % SLOTS;
}

static enum lrp_status no_room(struct lrp_rows *rows, struct lrp_error *err)
{
    if (rows->names_left_out) {
        return LRP_OK;
    }
    rows->names_left_out = true;
    return lrp_record_add_note(rows->record, err,
                               "there are more names than columns that can be kept: the later "
                               "ones were left out");
}

/* A new spelling into the table; *index NONE where there is no more room. */
static enum lrp_status add_name(struct lrp_rows *rows, const char *text, size_t length, size_t slot,
                                int *index, struct lrp_error *err)
{
    char canonical[LRP_COLUMN_NAME_MOST + 1];
    size_t column = LRP_NO_COLUMN;
    *index = NONE;
    bool exact = lrp_column_names_take(&rows->columns, text, length, canonical);
    if (rows->n_names == NAMES_MOST) {
        return no_room(rows, err);
    }
    LRP_TRY(lrp_grow_array((void **)&rows->names, rows->n_names, &rows->names_capacity,
                           sizeof *rows->names, NAMES_MOST, err));
    if (canonical[0] != '\0') {
        column = lrp_record_find_column(rows->record, canonical);
        if (column == LRP_NO_COLUMN && lrp_record_columns(rows->record) == LRP_RECORD_MAX_COLUMNS) {
            LRP_TRY(no_room(rows, err));
        } else if (column == LRP_NO_COLUMN) {
            LRP_TRY(lrp_record_add_column(rows->record, canonical, &column, err));
            LRP_TRY(lrp_record_set_former_name(rows->record, canonical, text, length, err));
        }
    }
    char *copy = lrp_calloc_array(length + 1, 1);
    LRP_TRY_MEMORY(copy, err);
    memcpy(copy, text, length);
    rows->names[rows->n_names] = (struct log_name){copy, length, column, NONE, exact};
    *index = (int)rows->n_names;
    rows->slots[slot] = *index + 1;
    rows->n_names++;
    return LRP_OK;
}

static enum lrp_status find_name(struct lrp_rows *rows, const char *text, size_t length, int *index,
                                 struct lrp_error *err)
{
    int guess = rows->n_filled == 0 || rows->before == NONE ? rows->first
                                                            : rows->names[rows->before].follower;
    if (guess != NONE && is_name(&rows->names[guess], text, length)) {
        *index = guess;
        return LRP_OK;
    }
    size_t slot = hash(text, length);
    while (rows->slots[slot] != 0 && !is_name(&rows->names[rows->slots[slot] - 1], text, length)) {
        slot = (slot + 1) % SLOTS;
    }
    *index = rows->slots[slot] - 1;
    return *index != NONE ? LRP_OK : add_name(rows, text, length, slot, index, err);
}

enum lrp_status lrp_rows_set(struct lrp_rows *rows, const char *name, size_t name_length,
                             double value, struct lrp_error *err)
{
    size_t index = LRP_NO_COLUMN;
    LRP_TRY(lrp_rows_find(rows, name, name_length, &index, err));
    if (index != LRP_NO_COLUMN) {
        lrp_rows_set_found(rows, index, value);
    }
    return LRP_OK;
}

enum lrp_status lrp_rows_set_comma(struct lrp_rows *rows, const char *name, size_t length,
                                   double value, enum lrp_comma comma, size_t line,
                                   struct lrp_error *err)
{
    size_t index = LRP_NO_COLUMN;
    LRP_TRY(lrp_rows_find(rows, name, length, &index, err));
    if (index == LRP_NO_COLUMN) {
        return LRP_OK;
    }
    lrp_rows_set_found(rows, index, value);
    return comma == LRP_COMMA_NONE
               ? LRP_OK
               : lrp_comma_cells_note(&rows->commas, rows->record, rows->names[index].column, line,
                                      comma, err);
}

enum lrp_status lrp_rows_find(struct lrp_rows *rows, const char *name, size_t name_length,
                              size_t *index, struct lrp_error *err)
{
    int found = NONE;
    size_t length = name_length < LRP_COLUMN_NAME_MOST ? name_length : (size_t)LRP_COLUMN_NAME_MOST;
    LRP_TRY(find_name(rows, name, length, &found, err));
    *index =
        found != NONE && rows->names[found].column != LRP_NO_COLUMN ? (size_t)found : LRP_NO_COLUMN;
    return LRP_OK;
}

void lrp_rows_set_found(struct lrp_rows *rows, size_t index, double value)
{
    if (rows->n_filled == 0) {
        rows->first = (int)index;
    } else if (rows->before != NONE) {
        rows->names[rows->before].follower = (int)index;
    }
    rows->before = (int)index;
    const struct log_name *known = &rows->names[index];
    unsigned char *present = &rows->present[known->column];
    if (*present == 0) {
        rows->filled[rows->n_filled] = known->column;
        rows->n_filled++;
    } else if (*present == 2 && !known->is_ours) {
        return;
    }
    *present = known->is_ours ? 2 : 1;
    rows->values[known->column] = value;
}

static void empty_row(struct lrp_rows *rows)
{
    for (size_t i = 0; i < rows->n_filled; i++) {
        rows->present[rows->filled[i]] = 0;
    }
    rows->n_filled = 0;
}

void lrp_rows_drop(struct lrp_rows *rows)
{
    empty_row(rows);
    lrp_comma_cells_forget_row(&rows->commas, rows->record);
}

enum lrp_status lrp_rows_end(struct lrp_rows *rows, struct lrp_error *err)
{
    if (rows->n_filled == 0) {
        return LRP_OK;
    }
    enum lrp_status status = lrp_record_append_row(rows->record, rows->values, rows->present, err);
    empty_row(rows);
    return status;
}

bool lrp_rows_have_names(const struct lrp_rows *rows)
{
    return rows->n_names > 0;
}

bool lrp_rows_open(const struct lrp_rows *rows)
{
    return rows->n_filled > 0;
}

bool lrp_rows_get(const struct lrp_rows *rows, const char *column, double *value)
{
    for (size_t i = 0; i < rows->n_filled; i++) {
        if (strcmp(lrp_record_column_name(rows->record, rows->filled[i]), column) == 0) {
            *value = rows->values[rows->filled[i]];
            return true;
        }
    }
    return false;
}

enum lrp_status lrp_rows_put(struct lrp_rows *rows, const char *name, double value,
                             struct lrp_error *err)
{
    return lrp_rows_set(rows, name, strlen(name), value, err);
}

enum lrp_status lrp_rows_set_validation(struct lrp_rows *rows, const char *name, size_t length,
                                        double value, struct lrp_error *err)
{
    char longer[LRP_COLUMN_NAME_MOST + 1] = "val_";
    size_t room = sizeof longer - 5;
    length = length < room ? length : room;
    memcpy(longer + 4, name, length);
    return lrp_rows_set(rows, longer, length + 4, value, err);
}

enum lrp_status lrp_rows_at(struct lrp_rows *rows, const char *column, double value,
                            struct lrp_error *err)
{
    double before = 0;
    if (!(lrp_rows_get(rows, column, &before) && before == value)) {
        LRP_TRY(lrp_rows_end(rows, err));
    }
    return lrp_rows_put(rows, column, value, err);
}

struct lrp_record *lrp_rows_record(struct lrp_rows *rows)
{
    return rows->record;
}

enum lrp_status lrp_rows_note_left_out(struct lrp_rows *rows, uint64_t count, const char *unit,
                                       const char *reason, struct lrp_error *err)
{
    return count == 0 ? LRP_OK
                      : lrp_record_add_note(rows->record, err, "%llu %s%s left out: %s",
                                            (unsigned long long)count, unit,
                                            count == 1 ? " was" : "s were", reason);
}

enum lrp_status lrp_rows_finish(struct lrp_rows *rows, struct lrp_record **out,
                                struct lrp_error *err)
{
    LRP_TRY(lrp_rows_end(rows, err));
    LRP_TRY(lrp_record_finish(rows->record, err));
    LRP_TRY(lrp_comma_cells_settle(&rows->commas, rows->record, err));
    if (rows->columns.seen > 0) { /* without what the maps want there may be no row: the reason */
        LRP_TRY(lrp_column_names_check(&rows->columns, err));
    }
    if (lrp_record_rows(rows->record) == 0) {
        return lrp_fail(err, LRP_E_NODATA, 0, "there is no row of numbers in it");
    }
    *out = rows->record;
    rows->record = NULL;
    return LRP_OK;
}
