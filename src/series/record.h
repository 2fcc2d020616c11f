/* SPDX-License-Identifier: MIT */
/* The run record, inside the library: building one, its memory bound, its known columns.
 *
 * Memory bound. At most max_rows rows are held (default LRP_RECORD_MAX_ROWS), and at most
 * LRP_RECORD_FULL_COLUMNS times as many cells: with more columns than that, fewer rows. When one
 * more would come, neighbouring rows are merged in pairs into blocks, and from then on each stored
 * row is a block of block_rows (a power of two) rows as read: low and high are the extremes of what
 * was measured and is finite, count how many cells were measured, nonfinite how many of them were
 * nan or inf. value is the block's median: exact for a block that was filled after the merge that
 * made blocks this large, and for blocks of two; for a block merged from two others the mean of
 * their medians, weighted by their counts. A block in which nothing finite was measured has the
 * value NaN (or the infinity it holds). step, epoch and time_s keep the block's first value.
 */
#ifndef LRP_SERIES_RECORD_H
#define LRP_SERIES_RECORD_H

#include "status.h"
#include "text.h"

#include <stdbool.h>
#include <stdint.h>

enum { LRP_RECORD_MAX_ROWS = 1 << 21, LRP_RECORD_MAX_COLUMNS = 4096, LRP_RECORD_FULL_COLUMNS = 32 };

/* The known columns of DESIGN section 4, in their order. */
struct lrp_column_info {
    const char *name;
    const char *unit; /* "" where there is none */
    const char *help;
    bool is_position; /* step, epoch, time_s: a block keeps the first value */
};
extern const struct lrp_column_info lrp_column_table[]; /* ends with a NULL name */

/* max_rows 0 = LRP_RECORD_MAX_ROWS. */
enum lrp_status lrp_record_new(size_t max_rows, struct lrp_record **out, struct lrp_error *err);
/* Add a column (before or after rows were appended: earlier cells are then missing).
 * LRP_E_FORMAT where the name is there already, LRP_E_LIMIT, LRP_E_NOMEM. */
enum lrp_status lrp_record_add_column(struct lrp_record *record, const char *name, size_t *index,
                                      struct lrp_error *err);
/* One row: values and present hold one entry a column; present NULL = all are there. */
enum lrp_status lrp_record_append_row(struct lrp_record *record, const double *values,
                                      const unsigned char *present, struct lrp_error *err);
/* To be called after the last row: closes an open block. Appending may go on after it. */
enum lrp_status lrp_record_finish(struct lrp_record *record, struct lrp_error *err);
enum lrp_status lrp_record_set_meta(struct lrp_record *record, const char *key, const char *value,
                                    struct lrp_error *err);
/* The names of its columns for a message, "lr, dice, ..."; text has been made for a dozen of them.
 */
void lrp_record_list_columns(const struct lrp_record *record, struct lrp_text *text);
/* index-th "# key: value" pair; false past the end. */
bool lrp_record_meta_at(const struct lrp_record *record, size_t index, const char **key,
                        const char **value);
/* A remark of the reader ("the last line was cut off and left out"), for the user; control bytes
 * and what is not UTF-8 are replaced. */
enum lrp_status lrp_record_add_note(struct lrp_record *record, struct lrp_error *err,
                                    const char *format, ...) LRP_PRINTF(3, 4);
/* index-th remark, NULL past the end. At most 64 are kept. */
const char *lrp_record_note(const struct lrp_record *record, size_t index);
/* Name of the format it was read in, "" if not set; format is kept as it is, a static string. */
void lrp_record_set_format(struct lrp_record *record, const char *format);
const char *lrp_record_format(const struct lrp_record *record);
/* Rows as read that one stored row stands for: 1 until merged. */
uint64_t lrp_record_block_rows(const struct lrp_record *record);
/* Rows as read in all. */
uint64_t lrp_record_rows_read(const struct lrp_record *record);
/* Extremes, measured cells and non-finite cells of a block; of the single cell while block_rows
 * is 1. */
struct lrp_block {
    double low;
    double high;
    uint64_t count;
    uint64_t nonfinite;
};
struct lrp_block lrp_record_block(const struct lrp_record *record, size_t column, size_t row);
/* A record with the rows [begin, end) of another, same columns and meta. */
enum lrp_status lrp_record_slice(const struct lrp_record *record, size_t begin, size_t end,
                                 struct lrp_record **out, struct lrp_error *err);
#endif
