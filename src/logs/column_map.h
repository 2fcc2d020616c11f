/* SPDX-License-Identifier: MIT */
/* What the caller says about a log: which of its columns is which, and how the file is called. */
#ifndef LRP_LOGS_COLUMN_MAP_H
#define LRP_LOGS_COLUMN_MAP_H

#include "text.h"

#include <stdint.h>

/* --map to=from: the column `from` of the log, as it is spelt there or in our words, is taken as
 * `to`, whatever the aliases say. A column that would have been `to` by an alias keeps the log's
 * name; one that is spelt so is left out. */
struct lrp_column_map {
    const char *to;
    const char *from;
};
enum { LRP_COLUMN_MAPS_MOST = 64, LRP_COLUMN_NAMES_SHOWN = 12 };

/* LRP_E_ARG for too many maps, an empty name in one, or two maps to one column. */
enum lrp_status lrp_check_maps(const struct lrp_column_map *maps, size_t n_maps,
                               struct lrp_error *err);

/* Maps as a command line gives them. */
struct lrp_column_maps {
    struct lrp_column_map list[LRP_COLUMN_MAPS_MOST];
    size_t n;
    struct lrp_text names; /* of the maps' `to`, each with its NUL */
};
/* texts: n times "new=old", borrowed until fini. LRP_E_ARG with a sentence; fini is due in any
 * case. */
enum lrp_status lrp_column_maps_parse(const char *const *texts, size_t n,
                                      struct lrp_column_maps *out, struct lrp_error *err);
void lrp_column_maps_fini(struct lrp_column_maps *maps);

/* Borrowed until the reader is freed. */
struct lrp_log_hints {
    const char *file_name; /* without its folders and ".gz"; NULL where there is none */
    const struct lrp_column_map *maps;
    size_t n_maps;            /* at most LRP_COLUMN_MAPS_MOST */
    const char *line_pattern; /* line_pattern.h; NULL = none */
};

extern const struct lrp_log_hints lrp_no_hints;

/* Names the columns of one log, and keeps account of the maps that were used. */
struct lrp_column_names {
    const struct lrp_log_hints *hints;
    uint64_t used;         /* bit i: map i */
    size_t seen;           /* names */
    struct lrp_text names; /* the first ones, for a message */
};
void lrp_column_names_init(struct lrp_column_names *names, const struct lrp_log_hints *hints);
void lrp_column_names_fini(struct lrp_column_names *names);
/* The column for a name of the log, by the maps, else by lrp_canonical_column; "" = to be left out.
 * out has LRP_COLUMN_NAME_MOST + 1 bytes. True if the name is just the one that was asked for
 * (ours, or the `from` of a map as it was given). To be called once for each name. */
bool lrp_column_names_take(struct lrp_column_names *names, const char *name, size_t length,
                           char *out);
/* The same without account: what the name becomes, and whether a map says so. */
bool lrp_column_map_name(const struct lrp_log_hints *hints, const char *name, size_t length,
                         char *out);
/* Whether a map names this column of the log as it is spelt: a reader then gives it no other name.
 */
bool lrp_column_is_mapped(const struct lrp_log_hints *hints, const char *name, size_t length);
/* LRP_E_NODATA, with the names that there were, if a map was never used. */
enum lrp_status lrp_column_names_check(const struct lrp_column_names *names, struct lrp_error *err);
#endif
