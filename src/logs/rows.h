/* SPDX-License-Identifier: MIT */
/* Builds a run record from named values, for formats whose columns are not known beforehand. */
#ifndef LRP_LOGS_ROWS_H
#define LRP_LOGS_ROWS_H

#include "record.h"

struct lrp_rows;

enum lrp_status lrp_rows_new(struct lrp_rows **out, struct lrp_error *err);
/* One cell of the row that is open. name, in the words of the log, goes through
 * lrp_canonical_column; a new one becomes a column. An empty name is left out, and so are new names
 * past the limit of columns (one note says so). A second value of a column within a row replaces
 * the first, but a name that is ours ("loss") is not replaced by an alias ("train_loss"). */
enum lrp_status lrp_rows_set(struct lrp_rows *rows, const char *name, size_t name_length,
                             double value, struct lrp_error *err);
/* Appends the row if a cell was set. */
enum lrp_status lrp_rows_end(struct lrp_rows *rows, struct lrp_error *err);
/* Forgets the cells of the open row. */
void lrp_rows_drop(struct lrp_rows *rows);
/* Whether the open row has a cell. */
bool lrp_rows_open(const struct lrp_rows *rows);
/* Whether the open row has a cell in that column (a name in our words), and its value. */
bool lrp_rows_get(const struct lrp_rows *rows, const char *column, double *value);
/* Rows appended so far. */
uint64_t lrp_rows_count(const struct lrp_rows *rows);
enum lrp_status lrp_rows_note(struct lrp_rows *rows, const char *note, struct lrp_error *err);
enum lrp_status lrp_rows_meta(struct lrp_rows *rows, const char *key, const char *value,
                              struct lrp_error *err);
/* Ends the row that is open and gives the record away; rows is still to be freed. LRP_E_NODATA when
 * nothing was set. */
enum lrp_status lrp_rows_finish(struct lrp_rows *rows, struct lrp_record **out,
                                struct lrp_error *err);
void lrp_rows_free(struct lrp_rows *rows);
#endif
