/* SPDX-License-Identifier: MIT */
#include "stitch_internal.h"

#include "alloc.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { GAP = 10 };

/* Gaps, of positions that ascend; NaN where a row has none. */
static void count_gaps(struct lrp_stitch_facts *facts, const double *at, size_t n)
{
    double median = lrp_median_jump(at, n);
    for (size_t i = 1; i < n; i++) {
        if (at[i] - at[i - 1] > GAP * median) {
            lrp_count_event(&facts->gaps, &facts->first_gap, at[i - 1]);
        }
    }
}

/* A record of merged rows cannot be put in order: what there is to say is counted. */
static void count_only(const struct lrp_record *record, size_t column,
                       struct lrp_stitch_facts *facts)
{
    const double *at = record->columns[column].value;
    double median = lrp_median_jump(at, record->rows);
    for (size_t i = 1; i < record->rows; i++) {
        if (at[i] < at[i - 1]) {
            lrp_count_event(&facts->backward, &facts->first_backward, at[i]);
        } else if (at[i] - at[i - 1] > GAP * median) {
            lrp_count_event(&facts->gaps, &facts->first_gap, at[i - 1]);
        }
    }
}

static bool ascends(const struct lrp_record *record, size_t column)
{
    const double *at = record->columns[column].value;
    for (size_t i = 0; i < record->rows; i++) {
        if (!isfinite(at[i]) || (i > 0 && !(at[i] > at[i - 1]))) {
            return false;
        }
    }
    return true;
}

/* A row that is being put together. */
struct open_row {
    double *values;
    unsigned char *present;
    bool any;
    double at;
};

static enum lrp_status close_row(struct open_row *open, struct lrp_record *out,
                                 struct lrp_error *err)
{
    enum lrp_status status =
        open->any ? lrp_record_append_row(out, open->values, open->present, err) : LRP_OK;
    memset(open->present, 0, out->n_columns);
    open->any = false;
    return status;
}

static bool differ(double a, double b)
{
    return a != b && !(isnan(a) && isnan(b));
}

static void add_to_row(struct lrp_stitching *work, struct open_row *open, size_t row)
{
    for (size_t c = 0; c < work->record->n_columns; c++) {
        const struct lrp_column *column = &work->record->columns[c];
        if (column->present[row] == 0) {
            continue;
        }
        if (open->present[c] != 0 && work->is_evidence[c] &&
            differ(open->values[c], column->value[row])) {
            lrp_count_event(&work->facts->duplicates, &work->facts->first_duplicate, open->at);
        }
        bool is_time = open->present[c] != 0 && column->position && c != work->column;
        open->values[c] = is_time ? open->values[c] : column->value[row]; /* the first time */
        open->present[c] = 1;
    }
    if (work->placed[row]) {
        open->values[work->column] = work->at[row];
    }
    open->any = true;
}

static bool fits(const struct lrp_stitching *work, const struct open_row *open, size_t row)
{
    if (!work->join || open->at != work->at[row]) {
        return false;
    }
    if (work->placed[row]) {
        return true;
    }
    for (size_t c = 0; c < work->record->n_columns; c++) {
        if (open->present[c] != 0 && work->record->columns[c].present[row] != 0) {
            return false; /* a row without a position that is a row of its own */
        }
    }
    return true;
}

static enum lrp_status fill_rows(struct lrp_stitching *work, struct lrp_record *out,
                                 struct lrp_error *err)
{
    struct open_row open = {lrp_calloc_array(out->n_columns, sizeof *open.values),
                            lrp_calloc_array(out->n_columns, 1), false, (double)NAN};
    enum lrp_status status = LRP_OK;
    if (open.values == NULL || open.present == NULL) {
        status = lrp_fail_memory(err, out->n_columns * sizeof *open.values);
    }
    for (size_t i = 0; i < work->n_order && status == LRP_OK; i++) {
        size_t row = work->order[i];
        if (open.any && !fits(work, &open, row)) {
            status = close_row(&open, out, err);
        }
        open.at = work->at[row];
        if (status == LRP_OK) {
            add_to_row(work, &open, row);
        }
    }
    status = status == LRP_OK ? close_row(&open, out, err) : status;
    free(open.values);
    free(open.present);
    return status;
}

static enum lrp_status copy_texts(const struct lrp_stitching *work, struct lrp_record *out,
                                  struct lrp_error *err)
{
    const struct lrp_record *record = work->record;
    enum lrp_status status = LRP_OK;
    for (size_t i = 0; i < record->n_meta && status == LRP_OK; i++) {
        status = lrp_record_set_meta(out, record->meta[i].key, record->meta[i].value, err);
    }
    for (size_t i = 0; i < record->n_notes && status == LRP_OK; i++) {
        status = lrp_record_add_note(out, err, "%s", record->notes[i]);
    }
    out->format = record->format;
    if (status == LRP_OK && work->facts->within_epoch) {
        char note[160];
        (void)snprintf(note, sizeof note,
                       "the step counts within the epoch: it was replaced by a step of the whole "
                       "run, with %.15g steps an epoch",
                       work->facts->steps_per_epoch);
        status = lrp_record_add_note(out, err, "%s", note);
    }
    return status;
}

static enum lrp_status make_record(struct lrp_stitching *work, struct lrp_record **out,
                                   struct lrp_error *err)
{
    struct lrp_record *record = NULL;
    enum lrp_status status = lrp_record_new(work->record->max_rows, &record, err);
    for (size_t c = 0; c < work->record->n_columns && status == LRP_OK; c++) {
        size_t index = 0;
        status = lrp_record_add_column(record, work->record->columns[c].name, &index, err);
    }
    status = status == LRP_OK ? fill_rows(work, record, err) : status;
    status = status == LRP_OK ? lrp_record_finish(record, err) : status;
    status = status == LRP_OK ? copy_texts(work, record, err) : status;
    if (status != LRP_OK) {
        lrp_record_free(record);
        return status;
    }
    count_gaps(work->facts, record->columns[work->column].value, record->rows);
    *out = record;
    return LRP_OK;
}

static void finish_facts(struct lrp_stitch_facts *facts)
{
    facts->first_dropped = facts->dropped > 0 ? facts->first_dropped : (double)NAN;
}

/* The record has to be gone through row by row. */
static enum lrp_status stitch(struct lrp_stitching *work, struct lrp_record **out,
                              struct lrp_error *err)
{
    size_t n = work->rows;
    size_t n_columns = work->record->n_columns;
    struct lrp_record *record = NULL;
    work->is_resumed = lrp_calloc_array(n, sizeof *work->is_resumed);
    work->at = lrp_calloc_array(n, sizeof *work->at);
    work->placed = lrp_calloc_array(n, sizeof *work->placed);
    work->order = lrp_calloc_array(n, sizeof *work->order);
    work->last = lrp_calloc_array(n_columns, sizeof *work->last);
    work->is_evidence = lrp_calloc_array(n_columns, sizeof *work->is_evidence);
    enum lrp_status status = LRP_OK;
    if (work->is_resumed == NULL || work->at == NULL || work->placed == NULL ||
        work->order == NULL || work->last == NULL || work->is_evidence == NULL) {
        status = lrp_fail_memory(err, n * sizeof *work->at);
    } else {
        status = lrp_stitch_order(work, err);
        status = status == LRP_OK ? make_record(work, &record, err) : status;
    }
    free(work->is_resumed);
    free(work->at);
    free(work->placed);
    free(work->order);
    free(work->last);
    free(work->is_evidence);
    if (status != LRP_OK) {
        return status;
    }
    const struct lrp_stitch_facts *facts = work->facts;
    bool changed = facts->within_epoch || facts->late > 0 || record->rows != n;
    if (!changed) {
        lrp_record_free(record);
        record = NULL;
    }
    *out = record;
    return LRP_OK;
}

enum lrp_status lrp_record_stitch(const struct lrp_record *record, struct lrp_record **out,
                                  struct lrp_stitch_facts *facts, struct lrp_error *err)
{
    const double nan = (double)NAN;
    *facts =
        (struct lrp_stitch_facts){NULL, 0, nan, 0, nan, 0, (double)INFINITY, 0, 0, nan, false, nan};
    struct lrp_stitching work = {.record = record, .facts = facts, .rows = record->rows};
    struct lrp_record *stitched = NULL;
    enum lrp_status status = LRP_OK;
    facts->position = "step";
    work.column = lrp_stitch_column(record, "step");
    if (work.column == LRP_NO_COLUMN) {
        facts->position = "epoch";
        work.column = lrp_stitch_column(record, "epoch");
    }
    if (work.column == LRP_NO_COLUMN) {
        facts->position = NULL;
    } else if (record->block_rows > 1) {
        count_only(record, work.column, facts);
    } else if (ascends(record, work.column)) {
        count_gaps(facts, record->columns[work.column].value, record->rows);
    } else {
        status = stitch(&work, &stitched, err);
    }
    finish_facts(facts);
    if (status == LRP_OK) {
        *out = stitched;
    }
    return status;
}
