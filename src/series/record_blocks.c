/* SPDX-License-Identifier: MIT */
/* The memory bound: rows merged in pairs into blocks. */
#include "record_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int compare_doubles(const void *left, const void *right)
{
    const double a = *(const double *)left;
    const double b = *(const double *)right;
    return (a > b) - (a < b);
}

static void widen(struct lrp_block *block, double low, double high)
{
    if (isfinite(low) && !(block->low <= low)) {
        block->low = low;
    }
    if (isfinite(high) && !(block->high >= high)) {
        block->high = high;
    }
}

static struct lrp_block block_of_cell(double value, unsigned char present)
{
    struct lrp_block block = {(double)NAN, (double)NAN, present, 0};
    if (present != 0) {
        block.nonfinite = isfinite(value) ? 0U : 1U;
        widen(&block, value, value);
    }
    return block;
}

/* Median of two blocks that are not looked into any more. */
static double merged_value(double a, uint64_t weight_a, double b, uint64_t weight_b)
{
    if (weight_a == 0 || isnan(a)) {
        return weight_b == 0 ? (double)NAN : b;
    }
    if (weight_b == 0 || isnan(b)) {
        return a;
    }
    double share = (double)weight_a / (double)(weight_a + weight_b);
    return share * a + (1 - share) * b;
}

static void merge_pair(struct lrp_column *column, size_t to, size_t first, bool has_second)
{
    struct lrp_block a = column->block[first];
    double value = column->value[first];
    unsigned char present = column->present[first];
    if (has_second) {
        struct lrp_block b = column->block[first + 1];
        if (!column->position || present == 0) {
            value = merged_value(value, a.count - a.nonfinite, column->value[first + 1],
                                 b.count - b.nonfinite);
        }
        present |= column->present[first + 1];
        widen(&a, b.low, b.high);
        a.count += b.count;
        a.nonfinite += b.nonfinite;
    }
    column->block[to] = a;
    column->value[to] = value;
    column->present[to] = present;
}

enum lrp_status lrp_record_merge(struct lrp_record *record, struct lrp_error *err)
{
    bool cells = record->block_rows == 1;
    record->block_rows *= 2;
    if (!lrp_record_fit(record)) {
        record->block_rows /= 2;
        return lrp_fail_memory(err, record->max_rows * sizeof(struct lrp_block));
    }
    for (size_t c = 0; c < record->n_columns; c++) {
        struct lrp_column *column = &record->columns[c];
        for (size_t row = 0; cells && row < record->rows; row++) {
            column->block[row] = block_of_cell(column->value[row], column->present[row]);
        }
        for (size_t row = 0; row < record->rows; row += 2) {
            merge_pair(column, row / 2, row, row + 1 < record->rows);
        }
    }
    record->rows = (record->rows + 1) / 2;
    return LRP_OK;
}

/* The open block's cells of one column become a stored row. */
static void close_column(struct lrp_column *column, size_t row, size_t n)
{
    struct lrp_block block = {(double)NAN, (double)NAN, 0, 0};
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
        qsort(column->open, numbers, sizeof *column->open, compare_doubles);
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
    if (record->rows == record->max_rows) {
        /* The open block is half as large as blocks are from now on: it stays open. */
        return lrp_record_merge(record, err);
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
        enum lrp_status status = close_block(record, err);
        if (status != LRP_OK) {
            return status;
        }
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
        enum lrp_status status = close_block(record, err);
        if (status != LRP_OK) {
            return status;
        }
    }
    return LRP_OK;
}

struct lrp_block lrp_record_block(const struct lrp_record *record, size_t column, size_t row)
{
    const struct lrp_column *source = &record->columns[column];
    if (source->block != NULL) {
        return source->block[row];
    }
    return block_of_cell(source->value[row], source->present[row]);
}
