/* SPDX-License-Identifier: MIT */
/* Builds a run record from named values, for formats whose columns are not known beforehand. */
#ifndef LRP_LOGS_ROWS_H
#define LRP_LOGS_ROWS_H

#include "aliases.h"
#include "column_map.h"
#include "comma_number.h"
#include "record.h"

struct lrp_rows;

/* hints: the ones that the reader was opened with. */
enum lrp_status lrp_rows_new(const struct lrp_log_hints *hints, struct lrp_rows **out,
                             struct lrp_error *err);
/* One cell of the row that is open. name, in the words of the log, becomes a column by
 * lrp_column_names_take; a new one becomes a column. An empty name is left out, and so are new
 * names past the limit of columns (one note says so). A second value of a column within a row
 * replaces the first, but a name that is ours ("loss") is not replaced by an alias ("train_loss").
 */
enum lrp_status lrp_rows_set(struct lrp_rows *rows, const char *name, size_t name_length,
                             double value, struct lrp_error *err);
/* The same for a number that was written with a comma, in that line of the log. */
enum lrp_status lrp_rows_set_comma(struct lrp_rows *rows, const char *name, size_t length,
                                   double value, enum lrp_comma comma, size_t line,
                                   struct lrp_error *err);
/* The same for a name that is a string. */
enum lrp_status lrp_rows_put(struct lrp_rows *rows, const char *name, double value,
                             struct lrp_error *err);
/* The same for "val_" and the name. */
enum lrp_status lrp_rows_set_validation(struct lrp_rows *rows, const char *name, size_t length,
                                        double value, struct lrp_error *err);
/* Ends the open row if it is another position's; then column (step, epoch) is value. */
enum lrp_status lrp_rows_at(struct lrp_rows *rows, const char *column, double value,
                            struct lrp_error *err);
/* lrp_rows_set in two halves, for names that are set much later than they are met. *index:
 * LRP_NO_COLUMN for a name that is left out. */
enum lrp_status lrp_rows_find(struct lrp_rows *rows, const char *name, size_t name_length,
                              size_t *index, struct lrp_error *err);
void lrp_rows_set_found(struct lrp_rows *rows, size_t index, double value);
/* Whether any name was met, of a cell or by lrp_rows_find. */
bool lrp_rows_have_names(const struct lrp_rows *rows);
/* Appends the row if a cell was set. */
enum lrp_status lrp_rows_end(struct lrp_rows *rows, struct lrp_error *err);
/* Forgets the cells of the open row. */
void lrp_rows_drop(struct lrp_rows *rows);
/* Whether the open row has a cell. */
bool lrp_rows_open(const struct lrp_rows *rows);
/* Whether the open row has a cell in that column (a name in our words), and its value. */
bool lrp_rows_get(const struct lrp_rows *rows, const char *column, double *value);
/* The record so far, borrowed: for notes, meta data and the rows appended. */
struct lrp_record *lrp_rows_record(struct lrp_rows *rows);
/* Notes "3 lines were left out: reason"; unit "line", "record"; nothing for a count of 0. */
enum lrp_status lrp_rows_note_left_out(struct lrp_rows *rows, uint64_t count, const char *unit,
                                       const char *reason, struct lrp_error *err);
/* Ends the row that is open and gives the record away; rows is still to be freed. LRP_E_NODATA when
 * nothing was set, or a map of the hints was of no use. */
enum lrp_status lrp_rows_finish(struct lrp_rows *rows, struct lrp_record **out,
                                struct lrp_error *err);
void lrp_rows_free(struct lrp_rows *rows);
#endif
