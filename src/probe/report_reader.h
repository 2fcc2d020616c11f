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
/* Reads what has been added; whole lines only. LRP_E_FORMAT: it is no run record (no column loss,
 * text where a number belongs, a row of another length), with the line. */
enum lrp_status lrp_report_reader_read(struct lrp_report_reader *reader, struct lrp_error *err);
/* After the trainer has ended: takes the rows off the file that came after enough was known. How
 * many there are is a matter of time, and what is on disk should depend on the seed alone. */
enum lrp_status lrp_report_reader_cut(struct lrp_report_reader *reader, struct lrp_error *err);
/* Rows taken, the header and those passed over not counted. */
size_t lrp_report_reader_rows(const struct lrp_report_reader *reader);
/* Rows passed over. */
size_t lrp_report_reader_passed(const struct lrp_report_reader *reader);
void lrp_report_reader_free(struct lrp_report_reader *reader);
#endif
