/* SPDX-License-Identifier: MIT */
#include "stitch_internal.h"

#include "alloc.h"
#include "number.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { GAP = 10 };
static const double SAME_RATE = 1e-6;

/* Gaps between positions, and where they go back; NaN where a row has none. */
static void count_jumps(struct lrp_stitch_facts *facts, const double *at, size_t n)
{
    double median = lrp_median_jump(at, n);
    for (size_t i = 1; i < n; i++) {
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
    if (open->any) {
        LRP_TRY(lrp_record_append_row(out, open->values, open->present, err));
    }
    memset(open->present, 0, out->n_columns);
    open->any = false;
    return LRP_OK;
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
            work->facts->duplicates++;
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

static enum lrp_status fill_rows(struct lrp_stitching *work, struct open_row *open,
                                 struct lrp_record *out, struct lrp_error *err)
{
    LRP_TRY_MEMORY(open->values, err);
    LRP_TRY_MEMORY(open->present, err);
    for (size_t i = 0; i < work->n_order; i++) {
        size_t row = work->order[i];
        if (open->any && !fits(work, open, row)) {
            LRP_TRY(close_row(open, out, err));
        }
        open->at = work->at[row];
        add_to_row(work, open, row);
    }
    LRP_TRY(close_row(open, out, err));
    return lrp_record_finish(out, err);
}

static enum lrp_status copy_texts(const struct lrp_stitching *work, struct lrp_record *out,
                                  struct lrp_error *err)
{
    LRP_TRY(lrp_record_copy_meta(work->record, out, err));
    for (size_t i = 0; i < work->record->n_notes; i++) {
        LRP_TRY(lrp_record_add_note(out, err, "%s", work->record->notes[i]));
    }
    return work->facts->within_epoch
               ? lrp_record_add_note(
                     out, err,
                     "the step counts within the epoch: it was replaced by a step of the whole "
                     "run, with %.15g steps an epoch",
                     work->facts->steps_per_epoch)
               : LRP_OK;
}

/* Fills a new record, which is the caller's also on failure. */
static enum lrp_status make_record(struct lrp_stitching *work, struct lrp_record **out,
                                   struct lrp_error *err)
{
    LRP_TRY(lrp_record_new(work->record->max_rows, out, err));
    for (size_t c = 0; c < work->record->n_columns; c++) {
        size_t index = 0;
        LRP_TRY(lrp_record_add_column(*out, work->record->columns[c].name, &index, err));
    }
    struct open_row open = {lrp_calloc_array(work->record->n_columns, sizeof *open.values),
                            lrp_calloc_array(work->record->n_columns, 1), false, (double)NAN};
    enum lrp_status status = fill_rows(work, &open, *out, err);
    free(open.values);
    free(open.present);
    return status == LRP_OK ? copy_texts(work, *out, err) : status;
}

static enum lrp_status allocate(struct lrp_stitching *work, struct lrp_error *err)
{
    size_t n = work->rows;
    size_t n_columns = work->record->n_columns;
    work->is_resumed = lrp_calloc_array(n, sizeof *work->is_resumed);
    work->is_repeated = lrp_calloc_array(n, sizeof *work->is_repeated);
    work->at = lrp_calloc_array(n, sizeof *work->at);
    work->placed = lrp_calloc_array(n, sizeof *work->placed);
    work->order = lrp_calloc_array(n, sizeof *work->order);
    work->last = lrp_calloc_array(n_columns, sizeof *work->last);
    work->is_evidence = lrp_calloc_array(n_columns, sizeof *work->is_evidence);
    return work->is_resumed != NULL && work->is_repeated != NULL && work->at != NULL &&
                   work->placed != NULL && work->order != NULL && work->last != NULL &&
                   work->is_evidence != NULL
               ? LRP_OK
               : lrp_fail_memory(err, n * sizeof *work->at);
}

/* The record has to be gone through row by row. */
static enum lrp_status stitch(struct lrp_stitching *work, struct lrp_record **out,
                              struct lrp_error *err)
{
    struct lrp_stitch_facts *facts = work->facts;
    struct lrp_record *record = NULL;
    enum lrp_status status = allocate(work, err);
    status = status == LRP_OK ? lrp_stitch_order(work, err) : status;
    status = status == LRP_OK ? make_record(work, &record, err) : status;
    free(work->is_resumed);
    free(work->is_repeated);
    free(work->at);
    free(work->placed);
    free(work->order);
    free(work->last);
    free(work->is_evidence);
    bool changed =
        status == LRP_OK && (facts->within_epoch || facts->late > 0 || record->rows != work->rows);
    if (status == LRP_OK) {
        count_jumps(facts, record->columns[work->column].value, record->rows);
    }
    if (!changed) {
        lrp_record_free(record);
        record = NULL;
    }
    *out = record;
    return status;
}

enum lrp_status lrp_record_stitch(const struct lrp_record *record, struct lrp_record **out,
                                  struct lrp_stitch_facts *facts, struct lrp_error *err)
{
    const double nan = (double)NAN;
    struct lrp_stitching work = {.record = record, .facts = facts, .rows = record->rows};
    *out = NULL;
    *facts = (struct lrp_stitch_facts){
        .position = "step", .first_backward = nan, .first_gap = nan, .steps_per_epoch = nan};
    work.column = lrp_stitch_column(record, "step");
    if (work.column == LRP_NO_COLUMN) {
        facts->position = "epoch";
        work.column = lrp_stitch_column(record, "epoch");
    }
    if (work.column == LRP_NO_COLUMN) {
        facts->position = NULL;
        return LRP_OK;
    }
    /* a record of merged rows cannot be put in order: what there is to say is counted */
    if (record->block_rows > 1 || ascends(record, work.column)) {
        count_jumps(facts, record->columns[work.column].value, record->rows);
        return LRP_OK;
    }
    return stitch(&work, out, err);
}

/* Leaves the facts in the record, for those who are only handed the record. */
static enum lrp_status set_facts(struct lrp_record *record, const struct lrp_stitch_facts *facts,
                                 struct lrp_error *err)
{
    const struct {
        const char *key;
        double value;
    } numbers[] = {
        {"stitch.backward", (double)facts->backward},
        {"stitch.first_backward", facts->first_backward},
        {"stitch.duplicates", (double)facts->duplicates},
        {"stitch.dropped", (double)facts->dropped},
        {"stitch.gaps", (double)facts->gaps},
        {"stitch.first_gap", facts->first_gap},
    };
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0] && facts->position != NULL; i++) {
        char text[LRP_NUMBER_SIZE];
        if (isfinite(numbers[i].value)) {
            LRP_TRY(lrp_record_set_meta(record, numbers[i].key,
                                        lrp_format_double(numbers[i].value, text), err));
        }
    }
    return LRP_OK;
}

/* Whether neighbouring rows of one position have different rates: a table of finished runs, which
 * all have the same number of steps. */
static bool has_rates_of_one_step(const struct lrp_record *record)
{
    size_t rates = lrp_stitch_column(record, "lr");
    size_t column = lrp_stitch_column(record, "step");
    column = column != LRP_NO_COLUMN ? column : lrp_stitch_column(record, "epoch");
    for (size_t row = 1; row < record->rows && rates != LRP_NO_COLUMN; row++) {
        double at[2];
        double rate[2];
        if (column != LRP_NO_COLUMN && lrp_stitch_cell(record, column, row - 1, &at[0]) &&
            lrp_stitch_cell(record, column, row, &at[1]) && at[0] == at[1] &&
            lrp_stitch_cell(record, rates, row - 1, &rate[0]) &&
            lrp_stitch_cell(record, rates, row, &rate[1]) &&
            fabs(rate[1] - rate[0]) > SAME_RATE * fabs(rate[0])) {
            return true;
        }
    }
    return false;
}

enum lrp_status lrp_record_stitch_in_place(struct lrp_record **record, bool keep_order,
                                           struct lrp_error *err)
{
    struct lrp_record *stitched = NULL;
    struct lrp_stitch_facts facts;
    if (keep_order && has_rates_of_one_step(*record)) {
        return LRP_OK;
    }
    LRP_TRY(lrp_record_stitch(*record, &stitched, &facts, err));
    if (keep_order && (facts.backward > 0 || facts.within_epoch)) {
        lrp_record_free(stitched);
        stitched = NULL;
    }
    enum lrp_status status = set_facts(stitched != NULL ? stitched : *record, &facts, err);
    if (status != LRP_OK) {
        lrp_record_free(stitched);
        return status;
    }
    if (stitched != NULL) {
        lrp_record_free(*record);
        *record = stitched;
    }
    return LRP_OK;
}
