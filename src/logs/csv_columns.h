/* SPDX-License-Identifier: MIT */
/* What the header row of a table says: how its columns are called in our words. */
#ifndef LRP_LOGS_CSV_COLUMNS_H
#define LRP_LOGS_CSV_COLUMNS_H

#include "column_map.h"
#include "csv_rows.h"
#include "record.h"

enum lrp_cell_kind { LRP_CELL_UNKNOWN, LRP_CELL_NUMBER, LRP_CELL_TEXT, LRP_CELL_LEFT_OUT };

struct lrp_table_column {
    char *name; /* in our words */
    enum lrp_cell_kind kind;
    size_t index;  /* in the record, once it holds numbers */
    bool is_known; /* one of our columns */
    bool odd_cell; /* a cell without a number was seen, and told */
};
struct lrp_table_columns {
    struct lrp_table_column *list;
    size_t n;
    char *first; /* first field as it is spelt: a header that comes again begins so */
    size_t first_length;
};

/* The columns of a header row; notes about them go to the record. A column that would have the name
 * of another keeps its own, or is left out where that is taken too. W&B exports: "run - loss" is
 * loss, "__MIN" and "__MAX" are left out. TensorBoard exports (Wall time, Step, Value): Value is
 * called by the tag in the file's name, else loss. LRP_E_FORMAT: numbers only. LRP_E_LIMIT. */
enum lrp_status lrp_table_header(struct lrp_table_columns *columns, struct lrp_column_names *names,
                                 struct lrp_record *record, size_t line,
                                 const struct lrp_csv_field *fields, size_t n,
                                 struct lrp_error *err);
void lrp_table_columns_fini(struct lrp_table_columns *columns);
/* How surely the first bytes of a file are of a table, see struct lrp_log_format. */
int lrp_csv_probe(const unsigned char *bytes, size_t length);
/* "what: name" as a note, the name made harmless and short. */
enum lrp_status lrp_note_name(struct lrp_record *record, const char *what, const char *name,
                              struct lrp_error *err);
#endif
