/* SPDX-License-Identifier: MIT */
/* Reads tables with a header row into records: our own run records and plans, and the tables of
 * other tools, whose reader brings the names of their columns.
 *
 * "# key: value" lines above the header become meta data. A column whose first cell is a word is
 * left out, with a note, unless it is the loss or the rate. A cell that is empty, NA, null, None or
 * the like is missing; "49.2%" and "tensor(0.5, ...)" are numbers, and so are "2,816.11" and "0,69"
 * (comma_cells.h). */
#ifndef LRP_SERIES_RECORD_READER_H
#define LRP_SERIES_RECORD_READER_H

#include "aliases.h"
#include "csv_rows.h"
#include "record.h"

/* Reads one of our own files: a run record that a trainer wrote by our protocol, or a plan; CSV
 * with commas, nothing is guessed. Names are translated by lrp_canonical_column. A last line that
 * was cut off is left out with a note. LRP_E_IO, LRP_E_NODATA: no row; LRP_E_FORMAT: a row that
 * does not fit the header; LRP_E_LIMIT. */
enum lrp_status lrp_run_record_read(const char *path, struct lrp_record **out,
                                    struct lrp_error *err);

/* How a column is to be called. */
struct lrp_column_label {
    char name[LRP_COLUMN_NAME_MOST + 1]; /* "" = to be left out */
    bool exact;                          /* the log spells it just so: it goes before aliases */
};
struct lrp_table_options {
    char delimiter; /* 0 = guessed from the header row */
    bool strict; /* a row that does not fit is an error; else up to a tenth of them are left out */
    /* Labels for the n columns of a header row; notes about them go to the record. */
    enum lrp_status (*label)(void *user, struct lrp_record *record,
                             const struct lrp_csv_field *fields, size_t n,
                             struct lrp_column_label *labels, struct lrp_error *err);
    void *user;
};

/* A push parser; of two columns with one label the second keeps its own name, or is left out. */
struct lrp_table_reader;
enum lrp_status lrp_table_reader_new(const struct lrp_table_options *options,
                                     struct lrp_table_reader **out, struct lrp_error *err);
enum lrp_status lrp_table_reader_feed(struct lrp_table_reader *reader, const void *bytes,
                                      size_t length, struct lrp_error *err);
/* End of input; on LRP_OK the record belongs to the caller. */
enum lrp_status lrp_table_reader_finish(struct lrp_table_reader *reader, struct lrp_record **out,
                                        struct lrp_error *err);
void lrp_table_reader_free(struct lrp_table_reader *reader);
#endif
