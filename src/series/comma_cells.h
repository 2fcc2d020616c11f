/* SPDX-License-Identifier: MIT */
/* Cells of a record that were written with commas: which of "1,234" are 1.234 and which 1234 is
 * decided when all cells have been read. */
#ifndef LRP_SERIES_COMMA_CELLS_H
#define LRP_SERIES_COMMA_CELLS_H

#include "comma_number.h"
#include "record.h"

struct lrp_comma_cells {
    struct lrp_comma_column *columns; /* by column of the record */
    size_t n_columns, columns_capacity;
    struct lrp_comma_cell *cells; /* of LRP_COMMA_EITHER */
    size_t n_cells, cells_capacity;
};
void lrp_comma_cells_fini(struct lrp_comma_cells *cells);
/* A cell of the row that is appended next; of EITHER with the value that lrp_parse_comma_number
 * gives. line: of the text, for messages. LRP_E_NOMEM, LRP_E_LIMIT. */
enum lrp_status lrp_comma_cells_note(struct lrp_comma_cells *cells, const struct lrp_record *record,
                                     size_t column, size_t line, enum lrp_comma kind,
                                     struct lrp_error *err);
/* False: a decimal comma among numbers of its column that have points: it is a slip of the pen. */
bool lrp_comma_fits(const struct lrp_comma_cells *cells, const struct lrp_record *record,
                    size_t column, enum lrp_comma kind);
/* The row that would have been appended next is not. */
void lrp_comma_cells_forget_row(struct lrp_comma_cells *cells, const struct lrp_record *record);
/* Puts the cells right, by the other cells of their column, else by those of the record: a comma
 * before other than three digits, or behind a 0, is a decimal one; a decimal point anywhere means
 * that commas stand between thousands. LRP_E_FORMAT, with a line: a column has commas of both
 * kinds, or nothing tells. */
enum lrp_status lrp_comma_cells_settle(struct lrp_comma_cells *cells, struct lrp_record *record,
                                       struct lrp_error *err);
#endif
