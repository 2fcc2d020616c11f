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

/* record_blocks.c: whether a row more would be too much; merges all rows in pairs; puts a row into
 * the open block. */
bool lrp_record_is_full(const struct lrp_record *record);
enum lrp_status lrp_record_merge(struct lrp_record *record, struct lrp_error *err);
enum lrp_status lrp_record_append_to_block(struct lrp_record *record, const double *values,
                                           const unsigned char *present, struct lrp_error *err);
/* record_blocks.c: room for rows blocks in a column; false when memory is short. New ones are
 * empty. */
bool lrp_record_fit_blocks(const struct lrp_record *record, struct lrp_column *column, size_t rows);
/* record.c: room for one more stored row. */
enum lrp_status lrp_record_make_room(struct lrp_record *record, struct lrp_error *err);
/* record.c: all columns get the arrays that block_rows and capacity call for. */
bool lrp_record_fit(struct lrp_record *record);
#endif
