/* SPDX-License-Identifier: MIT */
#ifndef LRP_SERIES_RECORD_INTERNAL_H
#define LRP_SERIES_RECORD_INTERNAL_H

#include "record.h"

/* A block as it is stored: it is most of the memory of a large record. */
struct lrp_stored_block {
    double low;
    double high;
    uint32_t count; /* enough for 2^53 rows as read */
    uint32_t nonfinite;
};
struct lrp_column {
    char *name;
    bool position;
    size_t capacity;
    double *value;                  /* capacity values, NaN where missing */
    unsigned char *present;         /* capacity flags */
    struct lrp_stored_block *block; /* block_capacity blocks, NULL until rows are merged */
    size_t block_capacity;
    double *open; /* rows of the block that is being filled */
    unsigned char *open_present;
    size_t open_capacity;
};
struct lrp_meta {
    char *key;
    char *value;
};
struct lrp_record {
    struct lrp_column *columns;
    size_t n_columns, columns_capacity;
    size_t rows, capacity, max_rows;
    uint64_t block_rows, rows_read;
    size_t open_rows; /* rows in the open block */
    struct lrp_meta *meta;
    size_t n_meta, meta_capacity;
    char **notes;
    size_t n_notes, notes_capacity;
    const char *format;
};

/* record_blocks.c. Room: the arrays that capacity and block_rows call for; blocks for so many rows,
 * new ones empty (false when memory is short); one more stored row; what merged rows no longer need
 * is given back. */
bool lrp_record_fit_column(const struct lrp_record *record, struct lrp_column *column);
bool lrp_record_fit_blocks(const struct lrp_record *record, struct lrp_column *column, size_t rows);
enum lrp_status lrp_record_make_room(struct lrp_record *record, struct lrp_error *err);
void lrp_record_shrink(struct lrp_record *record);
/* Whether a row more would be too much; merges all rows in pairs; puts a row into the open block.
 */
bool lrp_record_is_full(const struct lrp_record *record);
enum lrp_status lrp_record_merge(struct lrp_record *record, struct lrp_error *err);
enum lrp_status lrp_record_append_to_block(struct lrp_record *record, const double *values,
                                           const unsigned char *present, struct lrp_error *err);
/* record_access.c: meta data and format of another record. */
enum lrp_status lrp_record_copy_meta(const struct lrp_record *from, struct lrp_record *to,
                                     struct lrp_error *err);
#endif
