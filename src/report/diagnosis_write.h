/* SPDX-License-Identifier: MIT */
/* The folder of a diagnosis report. */
#ifndef LRP_REPORT_DIAGNOSIS_WRITE_H
#define LRP_REPORT_DIAGNOSIS_WRITE_H

#include "run_table.h"

enum { LRP_RUN_PAGES_MOST = 200 };

/* report.md, report.html and plots/ into folder (made if missing). Everything that can be written
 * is, then the first error is returned: LRP_E_TOOL where gnuplot is missing, LRP_E_IO. */
enum lrp_status lrp_diagnosis_write(const struct lrp_diagnosis_report *report, const char *folder,
                                    struct lrp_error *err);
/* Of many runs: the page runs/NNN.html of one, which links to the overview. number counts from 1.
 * The same errors. */
enum lrp_status lrp_diagnosis_write_page(const struct lrp_diagnosis_report *report,
                                         const char *folder, size_t number, struct lrp_error *err);
/* The overview: report.html, report.md, runs.csv. The first n_pages rows have a page. */
enum lrp_status lrp_runs_write(const struct lrp_run_table *table, const char *folder,
                               const char *title, const char *command, size_t n_pages,
                               struct lrp_error *err);
#endif
