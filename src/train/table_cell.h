/* SPDX-License-Identifier: MIT */
/* What one cell of a table holds: a number as people write it, nothing, or a word. */
#ifndef LRP_TRAIN_TABLE_CELL_H
#define LRP_TRAIN_TABLE_CELL_H

#include "csv_rows.h"

enum lrp_cell_kind {
    LRP_CELL_NUMBER,
    LRP_CELL_MISSING,         /* empty, ?, NA, NaN, null, ... */
    LRP_CELL_PERHAPS_MISSING, /* "-", "none", "unknown": missing among numbers, else a word */
    LRP_CELL_WORD,
    LRP_CELL_KINDS
};
/* The cell without blanks and single quotes around it; borrowed from the cell. */
struct lrp_csv_field lrp_cell_bare(const struct lrp_csv_field *cell);
/* Numbers may have thousands separators (comma or point, apostrophe, blanks) in groups of three, a
 * currency sign, a percent sign (45 % is 45), brackets for a minus. decimal_comma: the comma is the
 * decimal mark and the point separates thousands. *number is set for numbers only; infinity is a
 * number. The cell is a bare one. */
enum lrp_cell_kind lrp_cell_read(const struct lrp_csv_field *cell, bool decimal_comma,
                                 double *number);

/* What the comma in a number can mean: in "1,234" either, in "0,5" only a decimal mark. */
enum lrp_cell_comma {
    LRP_COMMA_NONE, /* no comma, or no number */
    LRP_COMMA_DECIMAL,
    LRP_COMMA_THOUSANDS,
    LRP_COMMA_EITHER,
    LRP_COMMA_MEANINGS
};
enum lrp_cell_comma lrp_cell_comma_meaning(const struct lrp_csv_field *cell);
/* A number whose point can only be a decimal mark, as in "0.5" or "12.25". */
bool lrp_cell_has_decimal_point(const struct lrp_csv_field *cell);
/* Day, month and year in any order, or year and month, perhaps with a time: 2024-01-31, 31.1.2024,
 * 1/31/24 10:00. */
bool lrp_cell_is_date(const struct lrp_csv_field *cell);
#endif
