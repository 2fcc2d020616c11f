/* SPDX-License-Identifier: MIT */
/* Names for tables without a header row. */
#ifndef LRP_SERIES_NAMELESS_TABLE_H
#define LRP_SERIES_NAMELESS_TABLE_H

#include "csv_rows.h"
#include "text.h"

/* Whether a cell has a value, so that its row is none of names: a number, "3/90" or "0.6G". */
bool lrp_is_cell_value(const char *text, size_t length);
/* "3/90", as progress is printed: 3. */
bool lrp_part_of_total(const char *text, size_t length, double *out);
/* Names for n columns of numbers, as the fields of the header row that is missing: those of the
 * comment line above them ("# epoch loss"; NULL = none) if it has as many words, else "column 1",
 * "column 2", ... DeepXDE's "# step, loss_train, loss_test, metrics_test" names groups: as many
 * columns of the training as of the test, and metrics where one is left over. YOLOv5's results.txt
 * is known by its 15 columns that begin with "3/90" (first: the first cell). The names live in
 * *text, which is the caller's to begin and to end. LRP_E_NOMEM. */
enum lrp_status lrp_name_nameless(const char *comment, const struct lrp_csv_field *first, size_t n,
                                  struct lrp_text *text, struct lrp_csv_field *out,
                                  struct lrp_error *err);
/* Whether a name is one that was made up: "column 3". */
bool lrp_is_made_up_name(const char *name);
#endif
