/* SPDX-License-Identifier: MIT */
/* Follows a run record while a trainer writes it. */
#ifndef LRP_PROBE_REPORT_READER_H
#define LRP_PROBE_REPORT_READER_H

#include "status.h"

#include <stdbool.h>

struct lrp_report_reader;

/* Called for each whole row; what is not in the row is NaN. measured: it has a loss. Returns false
 * when enough is known: the rows after this one are passed over. */
typedef bool lrp_report_row(void *user, size_t row, double step, double lr, double loss,
                            bool measured);

/* Creates the file empty and opens it; keep: as it is, and it must be there. LRP_E_IO. */
enum lrp_status lrp_report_reader_new(const char *path, bool keep, lrp_report_row *on_row,
                                      void *user, struct lrp_report_reader **out,
                                      struct lrp_error *err);
/* Reads what has been added, whole lines only, 4 MiB at most; it does not wait. LRP_E_FORMAT where
 * it is no run record (no columns lr and loss, text where a number belongs, a row of another
 * length, a line of more than a megabyte), where the file is not the one that it was (see
 * report_file.h), or where the steps do not rise. A column step is not needed: rows count. Where
 * there is one, each cell that is filled has a whole number from 0 on, larger than the one before;
 * numbers may be left out. The message goes on after "the trainer ", with the line; it stays the
 * same in later calls. LRP_E_IO. */
enum lrp_status lrp_report_reader_read(struct lrp_report_reader *reader, struct lrp_error *err);
/* After the trainer has ended: reads the rest. A last line that is not whole is left out. Errors
 * as for read. */
enum lrp_status lrp_report_reader_end(struct lrp_report_reader *reader, struct lrp_error *err);
/* After the trainer has ended: takes the rows off the file that came after enough was known. How
 * many there are is a matter of time, and what is on disk should depend on the seed alone. */
enum lrp_status lrp_report_reader_cut(struct lrp_report_reader *reader, struct lrp_error *err);
/* Whether the line LRP_REPORT_END (see loss_source.h) was seen. */
bool lrp_report_reader_closed(const struct lrp_report_reader *reader);
/* Rows passed over. */
size_t lrp_report_reader_passed(const struct lrp_report_reader *reader);
void lrp_report_reader_free(struct lrp_report_reader *reader);
#endif
