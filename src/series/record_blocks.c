/* SPDX-License-Identifier: MIT */
/* The memory of a record and its bound: rows merged in pairs into blocks. */
#include "record_internal.h"

#include "alloc.h"
#include "number.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

bool lrp_record_fit_column(const struct lrp_record *record, struct lrp_column *column)
{
    if (record->capacity > column->capacity) {
        double *value = lrp_realloc_array(column->value, record->capacity, sizeof *value);
        column->value = value != NULL ? value : column->value;
        unsigned char *present = lrp_realloc_array(column->present, record->capacity, 1);
        column->present = present != NULL ? present : column->present;
        if (value == NULL || present == NULL) {
            return false;
        }
        for (size_t row = column->capacity; row < record->rows; row++) { /* a late column */
            column->value[row] = (double)NAN;
            column->present[row] = 0;
        }
    }
    if (record->block_rows > 1 && record->block_rows > column->open_capacity) {
        size_t room = (size_t)record->block_rows;
        double *open = lrp_realloc_array(column->open, room, sizeof *open);
        column->open = open != NULL ? open : column->open;
        unsigned char *present = lrp_realloc_array(column->open_present, room, 1);
        column->open_present = present != NULL ? present : column->open_present;
        if (open == NULL || present == NULL) {
            return false;
        }
        for (size_t i = column->open_capacity; i < room; i++) {
            column->open[i] = (double)NAN;
            column->open_present[i] = 0;
        }
        column->open_capacity = room;
    }
    column->capacity = record->capacity;
    return true;
}

void lrp_record_shrink(struct lrp_record *record)
{
    record->capacity = record->rows + 1;
    for (size_t c = 0; c < record->n_columns; c++) {
        struct lrp_column *column = &record->columns[c];
        double *value = lrp_realloc_array(column->value, record->capacity, sizeof *value);
        column->value = value != NULL ? value : column->value;
        unsigned char *present = lrp_realloc_array(column->present, record->capacity, 1);
        column->present = present != NULL ? present : column->present;
        column->capacity = record->capacity;
    }
}

enum lrp_status lrp_record_make_room(struct lrp_record *record, struct lrp_error *err)
{
    if (record->rows < record->capacity) {
        return LRP_OK;
    }
    size_t wanted = record->capacity == 0 ? 64 : 2 * record->capacity;
    record->capacity = wanted < record->max_rows ? wanted : record->max_rows;
    for (size_t c = 0; c < record->n_columns; c++) {
        if (!lrp_record_fit_column(record, &record->columns[c])) {
            record->capacity = record->rows;
            return lrp_fail_memory(err, wanted * sizeof(double));
        }
    }
    return LRP_OK;
}

static void widen(struct lrp_stored_block *block, double low, double high)
{
    if (isfinite(low) && !(block->low <= low)) {
        block->low = low;
    }
    if (isfinite(high) && !(block->high >= high)) {
        block->high = high;
    }
}

static struct lrp_stored_block empty_block(void)
{
    return (struct lrp_stored_block){(double)NAN, (double)NAN, 0, 0};
}

static struct lrp_stored_block block_of_cell(double value, unsigned char present)
{
    struct lrp_stored_block block = empty_block();
    if (present != 0) {
        block.count = 1;
        block.nonfinite = isfinite(value) ? 0U : 1U;
        widen(&block, value, value);
    }
    return block;
}

bool lrp_record_fit_blocks(const struct lrp_record *record, struct lrp_column *column, size_t rows)
{
    if (rows <= column->block_capacity) {
        return true;
    }
    size_t wanted = column->block_capacity + column->block_capacity / 2;
    wanted = wanted < record->max_rows ? wanted : record->max_rows;
    wanted = wanted > rows ? wanted : rows;
    struct lrp_stored_block *blocks = lrp_realloc_array(column->block, wanted, sizeof *blocks);
    if (blocks == NULL) {
        return false;
    }
    for (size_t row = column->block_capacity; row < rows; row++) {
        blocks[row] = empty_block();
    }
    column->block = blocks;
    column->block_capacity = wanted;
    return true;
}

/* Median of two blocks that are not looked into any more. */
static double merged_value(double a, uint32_t weight_a, double b, uint32_t weight_b)
{
    if (weight_a == 0 || isnan(a)) {
        return weight_b == 0 ? (double)NAN : b;
    }
    if (weight_b == 0 || isnan(b)) {
        return a;
    }
    double share = (double)weight_a / ((double)weight_a + (double)weight_b);
    return share * a + (1 - share) * b;
}

/* Rows first and first + 1, cells or blocks, become the block `to`, which is not behind them. */
static void merge_pair(struct lrp_column *column, bool cells, size_t to, size_t first,
                       bool has_second)
{
    double value = column->value[first];
    unsigned char present = column->present[first];
    struct lrp_stored_block a = cells ? block_of_cell(value, present) : column->block[first];
    if (has_second) {
        double second = column->value[first + 1];
        unsigned char second_present = column->present[first + 1];
        struct lrp_stored_block b =
            cells ? block_of_cell(second, second_present) : column->block[first + 1];
        if (!column->position || present == 0) {
            value = merged_value(value, a.count - a.nonfinite, second, b.count - b.nonfinite);
        }
        present |= second_present;
        widen(&a, b.low, b.high);
        a.count += b.count;
        a.nonfinite += b.nonfinite;
    }
    column->block[to] = a;
    column->value[to] = value;
    column->present[to] = present;
}

bool lrp_record_is_full(const struct lrp_record *record)
{
    bool wide = record->rows >= 2 && record->rows % 2 == 0 &&
                record->rows * record->n_columns >= record->max_rows * LRP_RECORD_FULL_COLUMNS;
    return record->rows == record->max_rows || wide;
}

enum lrp_status lrp_record_merge(struct lrp_record *record, struct lrp_error *err)
{
    bool cells = record->block_rows == 1;
    size_t rows = (record->rows + 1) / 2;
    for (size_t c = 0; c < record->n_columns; c++) {
        if (!lrp_record_fit_blocks(record, &record->columns[c], rows)) {
            return lrp_fail_memory(err, rows * sizeof(struct lrp_stored_block));
        }
    }
    record->block_rows *= 2;
    for (size_t c = 0; c < record->n_columns; c++) {
        if (!lrp_record_fit_column(record, &record->columns[c])) {
            record->block_rows /= 2;
            return lrp_fail_memory(err, record->block_rows * sizeof(double));
        }
    }
    for (size_t c = 0; c < record->n_columns; c++) {
        for (size_t row = 0; row < record->rows; row += 2) {
            merge_pair(&record->columns[c], cells, row / 2, row, row + 1 < record->rows);
        }
    }
    record->rows = rows;
    return LRP_OK;
}

/* A block has a power of two of cells, mostly few. */
static void sort_cells(double *cells, size_t n)
{
    enum { FEW = 16 };
    if (n > FEW) {
        qsort(cells, n, sizeof *cells, lrp_compare_doubles);
        return;
    }
    for (size_t i = 1; i < n; i++) {
        double cell = cells[i];
        size_t at = i;
        for (; at > 0 && cells[at - 1] > cell; at--) {
            cells[at] = cells[at - 1];
        }
        cells[at] = cell;
    }
}

/* The open block's cells of one column become a stored row. */
static void close_column(struct lrp_column *column, size_t row, size_t n)
{
    struct lrp_stored_block block = empty_block();
    size_t numbers = 0;
    double first = (double)NAN;
    for (size_t i = 0; i < n; i++) {
        if (column->open_present[i] == 0) {
            continue;
        }
        double value = column->open[i];
        first = block.count == 0 ? value : first;
        block.count++;
        block.nonfinite += isfinite(value) ? 0U : 1U;
        widen(&block, value, value);
        if (!isnan(value)) {
            column->open[numbers] = value; /* numbers <= i: nothing unread is overwritten */
            numbers++;
        }
    }
    double value = (double)NAN;
    if (column->position) {
        value = first;
    } else if (numbers > 0) {
        sort_cells(column->open, numbers);
        value = numbers % 2 == 1
                    ? column->open[numbers / 2]
                    : 0.5 * column->open[numbers / 2 - 1] + 0.5 * column->open[numbers / 2];
    }
    column->block[row] = block;
    column->value[row] = value;
    column->present[row] = block.count > 0 ? 1 : 0;
}

static enum lrp_status close_block(struct lrp_record *record, struct lrp_error *err)
{
    if (lrp_record_is_full(record)) {
        /* The open block is half as large as blocks are from now on: it stays open. */
        return lrp_record_merge(record, err);
    }
    LRP_TRY(lrp_record_make_room(record, err));
    for (size_t c = 0; c < record->n_columns; c++) {
        if (!lrp_record_fit_blocks(record, &record->columns[c], record->rows + 1)) {
            return lrp_fail_memory(err, record->rows * sizeof(struct lrp_stored_block));
        }
    }
    for (size_t c = 0; c < record->n_columns; c++) {
        close_column(&record->columns[c], record->rows, record->open_rows);
    }
    record->rows++;
    record->open_rows = 0;
    return LRP_OK;
}

enum lrp_status lrp_record_append_to_block(struct lrp_record *record, const double *values,
                                           const unsigned char *present, struct lrp_error *err)
{
    if (record->open_rows == record->block_rows) {
        LRP_TRY(close_block(record, err));
    }
    for (size_t c = 0; c < record->n_columns; c++) {
        bool there = present == NULL || present[c] != 0;
        record->columns[c].open[record->open_rows] = there ? values[c] : (double)NAN;
        record->columns[c].open_present[record->open_rows] = there ? 1 : 0;
    }
    record->open_rows++;
    record->rows_read++;
    return LRP_OK;
}

enum lrp_status lrp_record_finish(struct lrp_record *record, struct lrp_error *err)
{
    while (record->open_rows > 0) {
        LRP_TRY(close_block(record, err));
    }
    return LRP_OK;
}

struct lrp_block lrp_record_block(const struct lrp_record *record, size_t column, size_t row)
{
    const struct lrp_column *source = &record->columns[column];
    struct lrp_stored_block block = record->block_rows > 1
                                        ? source->block[row]
                                        : block_of_cell(source->value[row], source->present[row]);
    return (struct lrp_block){block.low, block.high, block.count, block.nonfinite};
}
