/* SPDX-License-Identifier: MIT */
/* Follows a run record while a trainer writes it. */
#ifndef LRP_PROBE_REPORT_READER_H
#define LRP_PROBE_REPORT_READER_H

#include "status.h"

#include <stdbool.h>

struct lrp_report_reader;

struct lrp_report_row {
    size_t number;         /* from 0 */
    double step, lr, loss; /* NaN where the row has none */
    bool measured;         /* it has a loss, which may be NaN */
};
/* Called for each complete row. Returns false when enough is known: the rows after this one are
 * passed over. */
typedef bool lrp_report_row_handler(void *user, const struct lrp_report_row *row);

/* A line at the end of a report that a loss source wrote: the trainer had ended, and this is all.
 * Such a report need not have a row for each planned step. */
#define LRP_REPORT_END "end: complete"

/* Creates the file empty and opens it; keep: as it is, and it must be there. LRP_E_IO. */
enum lrp_status lrp_report_reader_new(const char *path, bool keep, lrp_report_row_handler *on_row,
                                      void *user, struct lrp_report_reader **out,
                                      struct lrp_error *err);
/* Reads the complete lines that have been added, at most 4 MiB, without waiting. LRP_E_FORMAT where
 * they are not a run record (no columns lr and loss, text in place of a number, a row of another
 * length, a line of more than a megabyte), where the file is not the one that it was (see
 * report_file.h), or where the steps do not rise. A column step is not needed: rows count. Where
 * there is one, each cell that is filled has an integer from 0 on, larger than the one before;
 * numbers may be left out. The message continues "the trainer ", with the line; later calls repeat
 * it. LRP_E_IO. at_end: the trainer has ended; reads all of the rest, but for a half-written last
 * line. */
enum lrp_status lrp_report_reader_read(struct lrp_report_reader *reader, bool at_end,
                                       struct lrp_error *err);
/* After the trainer has ended: takes the rows off the file that came after enough was known. How
 * many there are is a matter of time, and what is on disk should depend on the seed alone. */
enum lrp_status lrp_report_reader_cut(struct lrp_report_reader *reader, struct lrp_error *err);
/* Whether the line LRP_REPORT_END was seen. */
bool lrp_report_reader_closed(const struct lrp_report_reader *reader);
/* Rows passed over. */
size_t lrp_report_reader_passed(const struct lrp_report_reader *reader);
void lrp_report_reader_free(struct lrp_report_reader *reader);
#endif
