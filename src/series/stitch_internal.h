/* SPDX-License-Identifier: MIT */
#ifndef LRP_SERIES_STITCH_INTERNAL_H
#define LRP_SERIES_STITCH_INTERNAL_H

#include "record_internal.h"
#include "stitch.h"

/* What is known of the rows while they are put in order. */
struct lrp_stitching {
    const struct lrp_record *record;
    struct lrp_stitch_facts *facts;
    size_t column; /* of the position */
    size_t rows;
    double *at;    /* position of each row; a row without one has that of the row before */
    bool *placed;  /* the row has a position of its own */
    size_t *order; /* rows that are kept, by position */
    size_t n_order;
    double *last;      /* by column: the largest position with a cell */
    bool *is_evidence; /* by column: its cells tell a resumed run */
    bool *is_resumed;  /* the row begins a resumed run */
    bool *is_repeated; /* the row has nothing that an earlier one of its position has not */
    bool join;         /* the positions are those of single rows */
};

/* stitch_order.c: fills everything above but the record, facts, column and rows; arrays have room.
 */
enum lrp_status lrp_stitch_order(struct lrp_stitching *work, struct lrp_error *err);
/* The value, and whether it is finite; column may be LRP_NO_COLUMN. */
bool lrp_stitch_cell(const struct lrp_record *record, size_t column, size_t row, double *value);
size_t lrp_stitch_column(const struct lrp_record *record, const char *name);
/* Median of the rises of the position, of evenly chosen ones if there are many; NaN if none. */
double lrp_median_jump(const double *at, size_t n);
void lrp_count_event(uint64_t *count, double *first, double at);
#endif
