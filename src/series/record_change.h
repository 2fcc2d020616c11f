/* SPDX-License-Identifier: MIT */
/* Columns of a whole record put right after reading: another name, another unit, a sum. */
#ifndef LRP_SERIES_RECORD_CHANGE_H
#define LRP_SERIES_RECORD_CHANGE_H

#include "record.h"

/* name must be free. In a record of merged rows a new position has the median of a block, not its
 * first value. Its name so far is kept as meta data. */
enum lrp_status lrp_record_rename_column(struct lrp_record *record, size_t column, const char *name,
                                         struct lrp_error *err);
/* What the log calls a column that goes by another name here; the first one counts. Kept as meta
 * data, "column.loss: train/loss", of some hundred columns at most. */
enum lrp_status lrp_record_set_former_name(struct lrp_record *record, const char *column,
                                           const char *name, size_t length, struct lrp_error *err);
/* The name that a column has in the log; NULL where it is the same. */
const char *lrp_record_former_name(const struct lrp_record *record, size_t column);
/* A share that was logged in percent (all values between 0 and 100, some above 1.5) is divided by
 * 100, with a note; a column that is not there is none. other (NULL = none): a column in the same
 * unit; one of them shows it for both. */
enum lrp_status lrp_record_share_of_percent(struct lrp_record *record, const char *name,
                                            const char *other, struct lrp_error *err);
/* Every value v becomes base^v: a logarithm becomes what it is of. */
void lrp_record_raise_column(struct lrp_record *record, size_t column, double base);
/* Fills in a missing cell; a row of merged rows gets a block of that one value. */
void lrp_record_fill_cell(struct lrp_record *record, size_t column, size_t row, double value);
/* A new column, the sum of others; missing where one of them is. In blocks the sums of the extremes
 * bound the extremes of the sum. LRP_E_FORMAT where the name is there, LRP_E_LIMIT, LRP_E_NOMEM. */
enum lrp_status lrp_record_sum_columns(struct lrp_record *record, const size_t *columns, size_t n,
                                       const char *name, struct lrp_error *err);
#endif
