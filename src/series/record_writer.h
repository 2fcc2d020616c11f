/* SPDX-License-Identifier: MIT */
/* Writes a run record as CSV, row by row, flushed after each row: a killed run leaves a readable
 * record. Comment lines first, then the header, then rows; a missing cell is empty. */
#ifndef LRP_SERIES_RECORD_WRITER_H
#define LRP_SERIES_RECORD_WRITER_H

#include "record.h"

#include <stdio.h>

struct lrp_record_writer;

/* Open path for writing (truncates). columns: n_columns names. meta: 2 * n_meta strings, key and
 * value in turn; control bytes in them become blanks. LRP_E_IO with the reason. */
enum lrp_status lrp_record_writer_open(const char *path, const char *const *columns,
                                       size_t n_columns, const char *const *meta, size_t n_meta,
                                       struct lrp_record_writer **out, struct lrp_error *err);
/* One row; present NULL = all there. Flushed. LRP_E_IO when the disk is full. */
enum lrp_status lrp_record_writer_row(struct lrp_record_writer *writer, const double *values,
                                      const unsigned char *present, struct lrp_error *err);
/* Runs one under the other as one table: known columns first, in the order of lrp_column_table,
 * then the others as they come; of several records also `repeat`, which numbers them from 1 on
 * (a column `repeat` of their own is left out then). Rows that hold no more than positions are left
 * out, and so are columns without a value. meta as above. Not flushed. LRP_E_IO with name as the
 * file's, LRP_E_NOMEM. */
enum lrp_status lrp_records_write(FILE *file, const char *name,
                                  const struct lrp_record *const *records, size_t n_records,
                                  const char *const *meta, size_t n_meta, struct lrp_error *err);
/* Close; NULL allowed. Reports a late write error. */
enum lrp_status lrp_record_writer_close(struct lrp_record_writer *writer, struct lrp_error *err);
#endif
