/* SPDX-License-Identifier: MIT */
#include "record_internal.h"

#include "alloc.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const struct lrp_column_info lrp_column_table[] = {
    {"step", "", "number of the update, from 0", true},
    {"epoch", "", "passes through the training data so far", true},
    {"time_s", "s", "seconds since the run began", true},
    {"lr", "", "learning rate used for this update", false},
    {"momentum", "", "momentum (or beta1) used for this update", false},
    {"loss", "", "training loss of the mini-batch before this update", false},
    {"val_loss", "", "validation loss measured after this update", false},
    {"accuracy", "", "share of the mini-batch classified correctly before this update", false},
    {"val_accuracy", "", "share of the validation set classified correctly after this update",
     false},
    {"grad_norm", "", "Euclidean norm of the gradient", false},
    {"update_norm", "", "Euclidean norm of the change of the weights", false},
    {"weight_norm", "", "Euclidean norm of the weights", false},
    {"grad_cosine", "", "cosine between this gradient and the one before", false},
    {"update_cosine", "", "cosine between this update and the one before", false},
    {"dead_fraction", "", "share of units that never became active", false},
    {"clipped", "", "1 where the gradient was clipped", false},
    {"sharpness", "", "largest eigenvalue of the Hessian", false},
    {"batch_size", "", "examples in the mini-batch", false},
    {NULL, NULL, NULL, false},
};

static bool is_position(const char *name)
{
    for (size_t i = 0; lrp_column_table[i].name != NULL; i++) {
        if (strcmp(lrp_column_table[i].name, name) == 0) {
            return lrp_column_table[i].is_position;
        }
    }
    return false;
}

enum lrp_status lrp_record_new(size_t max_rows, struct lrp_record **out, struct lrp_error *err)
{
    struct lrp_record *record = lrp_calloc_array(1, sizeof *record);
    LRP_TRY_MEMORY(record, err);
    record->max_rows = max_rows == 0 ? (size_t)LRP_RECORD_MAX_ROWS : max_rows;
    record->max_rows += record->max_rows % 2; /* merging takes pairs */
    record->block_rows = 1;
    *out = record;
    return LRP_OK;
}

static void free_column(struct lrp_column *column)
{
    free(column->name);
    free(column->value);
    free(column->present);
    free(column->block);
    free(column->open);
    free(column->open_present);
}

void lrp_record_free(struct lrp_record *record)
{
    if (record == NULL) {
        return;
    }
    for (size_t c = 0; c < record->n_columns; c++) {
        free_column(&record->columns[c]);
    }
    free(record->columns);
    for (size_t i = 0; i < record->n_meta; i++) {
        free(record->meta[i].key);
        free(record->meta[i].value);
    }
    free(record->meta);
    for (size_t i = 0; i < record->n_notes; i++) {
        free(record->notes[i]);
    }
    free(record->notes);
    free(record);
}

/* Merges rows until one column more has room beside the others, and gives their memory back. */
static enum lrp_status make_room_for_column(struct lrp_record *record, struct lrp_error *err)
{
    size_t most = record->max_rows * LRP_RECORD_FULL_COLUMNS;
    bool merged = false;
    while (record->rows >= 2 && record->rows * (record->n_columns + 1) > most) {
        LRP_TRY(lrp_record_merge(record, err));
        merged = true;
    }
    if (merged) {
        lrp_record_shrink(record);
    }
    return LRP_OK;
}

enum lrp_status lrp_record_add_column(struct lrp_record *record, const char *name, size_t *index,
                                      struct lrp_error *err)
{
    if (lrp_record_find_column(record, name) != LRP_NO_COLUMN) {
        return lrp_fail(err, LRP_E_FORMAT, 0, "the column %.80s is there twice", name);
    }
    LRP_TRY(make_room_for_column(record, err));
    LRP_TRY(lrp_grow_array((void **)&record->columns, record->n_columns, &record->columns_capacity,
                           sizeof *record->columns, LRP_RECORD_MAX_COLUMNS, err));
    struct lrp_column *column = &record->columns[record->n_columns];
    memset(column, 0, sizeof *column);
    column->name = lrp_strdup(name);
    column->position = is_position(name);
    if (column->name == NULL || !lrp_record_fit_column(record, column) ||
        (record->block_rows > 1 && !lrp_record_fit_blocks(record, column, record->rows))) {
        free_column(column);
        return lrp_fail_memory(err, record->capacity * sizeof(double));
    }
    *index = record->n_columns;
    record->n_columns++;
    return LRP_OK;
}

enum lrp_status lrp_record_append_row(struct lrp_record *record, const double *values,
                                      const unsigned char *present, struct lrp_error *err)
{
    if (record->block_rows == 1 && lrp_record_is_full(record)) {
        LRP_TRY(lrp_record_merge(record, err));
    }
    if (record->block_rows > 1) {
        return lrp_record_append_to_block(record, values, present, err);
    }
    LRP_TRY(lrp_record_make_room(record, err));
    struct lrp_column *columns = record->columns;
    size_t row = record->rows;
    for (size_t c = 0; c < record->n_columns; c++) {
        bool there = present == NULL || present[c] != 0;
        columns[c].value[row] = there ? values[c] : (double)NAN;
        columns[c].present[row] = there ? 1 : 0;
    }
    record->rows++;
    record->rows_read++;
    return LRP_OK;
}

static enum lrp_status copy_rows(const struct lrp_record *record, size_t begin, size_t n,
                                 struct lrp_record *slice, struct lrp_error *err)
{
    for (size_t c = 0; c < record->n_columns; c++) {
        const struct lrp_column *from = &record->columns[c];
        size_t index = 0;
        LRP_TRY(lrp_record_add_column(slice, from->name, &index, err));
        struct lrp_column *to = &slice->columns[index];
        if (n == 0) {
            continue;
        }
        memcpy(to->value, from->value + begin, n * sizeof *to->value);
        memcpy(to->present, from->present + begin, n);
        if (record->block_rows > 1) {
            if (!lrp_record_fit_blocks(slice, to, n)) {
                return lrp_fail_memory(err, n * sizeof *to->block);
            }
            memcpy(to->block, from->block + begin, n * sizeof *to->block);
        }
    }
    slice->rows = n;
    slice->rows_read = (uint64_t)n * record->block_rows;
    return lrp_record_copy_meta(record, slice, err);
}

enum lrp_status lrp_record_slice(const struct lrp_record *record, size_t begin, size_t end,
                                 struct lrp_record **out, struct lrp_error *err)
{
    if (begin > end || end > record->rows) {
        return lrp_fail(err, LRP_E_ARG, 0, "rows %zu to %zu of a record of %zu", begin, end,
                        record->rows);
    }
    struct lrp_record *slice = NULL;
    LRP_TRY(lrp_record_new(record->max_rows, &slice, err));
    slice->block_rows = record->block_rows;
    slice->capacity = end - begin;
    enum lrp_status status = copy_rows(record, begin, end - begin, slice, err);
    if (status != LRP_OK) {
        lrp_record_free(slice);
        return status;
    }
    *out = slice;
    return LRP_OK;
}
