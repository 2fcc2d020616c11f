/* SPDX-License-Identifier: MIT */
/* What `lrprobe list` shows: the rows of the program's own tables, in words and as JSON. */
#ifndef LRP_CLI_LIST_ROWS_H
#define LRP_CLI_LIST_ROWS_H

#include "json.h"
#include "text.h"

struct lrp_listing {
    const char *name; /* "models" */
    bool (*has)(
        size_t row); /* false past the last; the others are called for rows that are there */
    void (*words)(size_t row, struct lrp_text *out);
    void (*json)(size_t row, struct lrp_json *object); /* adds the row's members */
    void (*end)(struct lrp_text *out);                 /* words after the rows; NULL = none */
};
extern const struct lrp_listing lrp_listings[]; /* sorted by name, ends with a NULL name */

/* Sections of man pages (troff), an entry for each check or schedule. */
void lrp_list_checks_man(struct lrp_text *out);
void lrp_list_schedules_man(struct lrp_text *out);
#endif
