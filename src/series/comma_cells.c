/* SPDX-License-Identifier: MIT */
#include "comma_cells.h"

#include "alloc.h"
#include "record_internal.h"

#include <math.h>
#include <stdlib.h>

enum { CELLS_MOST = 1 << 24, SHOWN = 60 };
static const double POWERS_BELOW = 0.01;

struct lrp_comma_column {
    size_t thousands_line, decimal_line; /* of the first such cell, 0 = none */
    bool point;                          /* it has a fraction that no comma stands before */
};
struct lrp_comma_cell {
    size_t column, row, line;
};

void lrp_comma_cells_fini(struct lrp_comma_cells *cells)
{
    free(cells->columns);
    free(cells->cells);
    *cells = (struct lrp_comma_cells){0};
}

/* Places for so many columns. */
static enum lrp_status make_columns(struct lrp_comma_cells *cells, size_t n, struct lrp_error *err)
{
    while (cells->n_columns < n) {
        LRP_TRY(lrp_grow_array((void **)&cells->columns, cells->n_columns, &cells->columns_capacity,
                               sizeof *cells->columns, LRP_RECORD_MAX_COLUMNS, err));
        cells->columns[cells->n_columns] = (struct lrp_comma_column){0};
        cells->n_columns++;
    }
    return LRP_OK;
}

enum lrp_status lrp_comma_cells_note(struct lrp_comma_cells *cells, const struct lrp_record *record,
                                     size_t column, size_t line, enum lrp_comma kind,
                                     struct lrp_error *err)
{
    LRP_TRY(make_columns(cells, column + 1, err));
    struct lrp_comma_column *own = &cells->columns[column];
    if (kind == LRP_COMMA_THOUSANDS && own->thousands_line == 0) {
        own->thousands_line = line;
    } else if (kind == LRP_COMMA_DECIMAL && own->decimal_line == 0) {
        own->decimal_line = line;
    }
    if (kind != LRP_COMMA_EITHER) {
        return LRP_OK;
    }
    if (record->block_rows > 1) {
        return lrp_fail(err, LRP_E_LIMIT, line,
                        "a comma that may be a decimal one, after more rows than are held");
    }
    for (size_t i = cells->n_cells; i > 0 && cells->cells[i - 1].row == record->rows; i--) {
        if (cells->cells[i - 1].column == column) {
            return LRP_OK; /* a second value of one cell takes the place of the first */
        }
    }
    LRP_TRY(lrp_grow_array((void **)&cells->cells, cells->n_cells, &cells->cells_capacity,
                           sizeof *cells->cells, CELLS_MOST, err));
    cells->cells[cells->n_cells] = (struct lrp_comma_cell){column, record->rows, line};
    cells->n_cells++;
    return LRP_OK;
}

/* Whether a value must have been written with a point: a fraction, and none that is written as a
 * power of ten ("1e-05"). */
static bool has_point(double value)
{
    if (!isfinite(value) || value == floor(value)) {
        return false;
    }
    double digits = fabs(value) / pow(10, floor(log10(fabs(value)) + 1e-9));
    return fabs(value) >= POWERS_BELOW || fabs(digits - round(digits)) > 1e-9;
}

bool lrp_comma_fits(const struct lrp_comma_cells *cells, const struct lrp_record *record,
                    size_t column, enum lrp_comma kind)
{
    if (kind != LRP_COMMA_DECIMAL || cells->n_cells > 0 ||
        (column < cells->n_columns && cells->columns[column].decimal_line > 0)) {
        return true;
    }
    const double *values = record->columns[column].value;
    size_t row = 0;
    while (row < record->rows && !has_point(values[row])) {
        row++;
    }
    return row == record->rows;
}

void lrp_comma_cells_forget_row(struct lrp_comma_cells *cells, const struct lrp_record *record)
{
    while (cells->n_cells > 0 && cells->cells[cells->n_cells - 1].row == record->rows) {
        cells->n_cells--;
    }
}

/* Marks the columns with fractions that were written with a point, or in powers of ten. */
static void find_points(struct lrp_comma_cells *cells, const struct lrp_record *record)
{
    size_t next = 0; /* the cells are in the order of their rows */
    for (size_t row = 0; row < record->rows; row++) {
        size_t begin = next;
        while (next < cells->n_cells && cells->cells[next].row == row) {
            next++;
        }
        for (size_t c = 0; c < cells->n_columns; c++) {
            double value = record->columns[c].value[row];
            bool either = false;
            for (size_t i = begin; i < next; i++) {
                either = either || cells->cells[i].column == c;
            }
            if (!either && has_point(value)) {
                cells->columns[c].point = cells->columns[c].decimal_line == 0;
            }
        }
    }
}

/* What the commas of a record are taken for where their own column does not tell. */
static enum lrp_comma usual_comma(const struct lrp_comma_cells *cells)
{
    bool decimal = false;
    bool thousands = false;
    for (size_t c = 0; c < cells->n_columns; c++) {
        decimal = decimal || cells->columns[c].decimal_line > 0;
        thousands = thousands || cells->columns[c].thousands_line > 0 || cells->columns[c].point;
    }
    return decimal == thousands ? LRP_COMMA_EITHER
                                : (decimal ? LRP_COMMA_DECIMAL : LRP_COMMA_THOUSANDS);
}

static enum lrp_status check_columns(const struct lrp_comma_cells *cells,
                                     const struct lrp_record *record, struct lrp_error *err)
{
    for (size_t c = 0; c < cells->n_columns; c++) {
        const struct lrp_comma_column *column = &cells->columns[c];
        if (column->thousands_line > 0 && column->decimal_line > 0) {
            size_t line = column->thousands_line > column->decimal_line ? column->thousands_line
                                                                        : column->decimal_line;
            return lrp_fail(err, LRP_E_FORMAT, line,
                            "column %.*s has decimal commas and commas between thousands", SHOWN,
                            record->columns[c].name);
        }
    }
    return LRP_OK;
}

static enum lrp_status put_right(const struct lrp_comma_cells *cells, enum lrp_comma usual,
                                 const struct lrp_comma_cell *cell, struct lrp_record *record,
                                 struct lrp_error *err)
{
    const struct lrp_comma_column *column = &cells->columns[cell->column];
    double *value = &record->columns[cell->column].value[cell->row];
    bool decimal = column->decimal_line > 0;
    bool thousands = column->thousands_line > 0 || column->point;
    if (!decimal && !thousands) {
        decimal = usual == LRP_COMMA_DECIMAL;
        thousands = usual == LRP_COMMA_THOUSANDS;
    }
    if (!decimal && !thousands) {
        return lrp_fail(err, LRP_E_FORMAT, cell->line,
                        "column %.*s: a number with a comma may be %.6g or %.6g, and no other "
                        "number tells; a decimal point was expected",
                        SHOWN, record->columns[cell->column].name, *value,
                        *value * LRP_COMMA_FACTOR);
    }
    *value *= decimal ? 1 : LRP_COMMA_FACTOR;
    return LRP_OK;
}

enum lrp_status lrp_comma_cells_settle(struct lrp_comma_cells *cells, struct lrp_record *record,
                                       struct lrp_error *err)
{
    LRP_TRY(check_columns(cells, record, err));
    if (cells->n_cells == 0) {
        return LRP_OK;
    }
    if (record->block_rows > 1) {
        return lrp_fail(err, LRP_E_LIMIT, cells->cells[0].line,
                        "a comma that may be a decimal one, before more rows than are held");
    }
    LRP_TRY(make_columns(cells, record->n_columns, err));
    find_points(cells, record);
    enum lrp_comma usual = usual_comma(cells);
    for (size_t i = 0; i < cells->n_cells; i++) {
        LRP_TRY(put_right(cells, usual, &cells->cells[i], record, err));
    }
    return LRP_OK;
}
