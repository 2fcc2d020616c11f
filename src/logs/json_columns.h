/* SPDX-License-Identifier: MIT */
/* Number arrays of a JSON document as columns; objects beside each other as groups of them. */
#ifndef LRP_LOGS_JSON_COLUMNS_H
#define LRP_LOGS_JSON_COLUMNS_H

#include "json.h"
#include "log_reader.h"

struct lrp_json_column {
    char name[LRP_COLUMN_NAME_MOST + 1];
    const struct lrp_json *array;
    const struct lrp_json *parent; /* the object that holds it */
    size_t stride; /* rows that a value stands for; 0 = the column does not fit and is left out */
};

struct lrp_json_columns {
    double repeat; /* number of the run whose rows come, 0 = there is only one */
    struct lrp_json_column *columns;
    size_t n_columns, columns_capacity;
    const struct lrp_json *list; /* the longest list of objects */
    size_t n_lists;
};

/* Ends the row that is open, with the number of its run where there are several. */
enum lrp_status lrp_json_end_row(struct lrp_log_reader *reader, struct lrp_error *err);
/* Whether several objects count steps of their own ({"train": {"iter": [...]}, "val": ...}). */
bool lrp_json_have_positions(const struct lrp_json_columns *self);
/* Whether they are runs: two have a loss of one name, and nothing says that it is of other data. */
bool lrp_json_are_runs(const struct lrp_json_columns *self);
/* Rows of the objects one after the other: as runs, or with positions by which they are joined
 * later; then lists of settings, which have none, are left out. */
enum lrp_status lrp_json_fill_groups(struct lrp_log_reader *reader, bool runs,
                                     struct lrp_error *err);
#endif
