/* SPDX-License-Identifier: MIT */
/* Tables within printed text: a heading with rows below it, and boxes of "| name | number |". */
#ifndef LRP_LOGS_TEXT_TABLE_H
#define LRP_LOGS_TEXT_TABLE_H

#include "text_line.h"

enum { LRP_TABLE_CELLS_MOST = 32, LRP_TABLE_NAME_MOST = 48 };

/* The heading that holds, and the box that is being filled; zeroed at first. */
struct lrp_text_table {
    char heading[LRP_TABLE_CELLS_MOST][LRP_TABLE_NAME_MOST + 1];
    size_t n_heading;
    bool open; /* the line before was a heading, which this one may continue */
    char box[LRP_TEXT_FIELDS_MOST][LRP_TABLE_NAME_MOST + 1];
    double values[LRP_TEXT_FIELDS_MOST];
    size_t n_box;
    char section[LRP_TABLE_NAME_MOST + 1]; /* "train/": a line of a box without a number */
};
enum lrp_table_line { LRP_TABLE_NONE, LRP_TABLE_HEADING, LRP_TABLE_ROW, LRP_TABLE_BOX };
/* What a clean line is: the fields of a row are filled in. A line that is not of a box ends the one
 * that is open (n_box > 0): lrp_text_table_give must have been called before. */
enum lrp_table_line lrp_text_table_take(struct lrp_text_table *table, struct lrp_text_names *names,
                                        const char *text, struct lrp_text_fields *fields);
/* Whether a box is open that this line does not go on with. */
bool lrp_text_table_ends(const struct lrp_text_table *table, const char *text);
/* The fields of the box that is open, and an empty one. */
void lrp_text_table_give(struct lrp_text_table *table, struct lrp_text_names *names,
                         struct lrp_text_fields *fields);
#endif
