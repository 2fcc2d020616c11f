/* SPDX-License-Identifier: MIT */
/* Tables in which a row is a finished run: its rate, and the metric that it ended with. */
#ifndef LRP_RANGE_FINISHED_RUNS_H
#define LRP_RANGE_FINISHED_RUNS_H

#include "curve_points.h"

/* Whether the record is such a table: it has no column step, epoch or time_s, and its rates are in
 * no order, or several rows have one rate and a column tells them apart (seed, run, trial, repeat,
 * fold), or there are fewer than ten rows, too few for a sweep, with rates a fifth or more apart.
 */
bool lrp_is_run_table(const struct lrp_record *record);
/* One run of one value a row with a rate above 0 and a measured metric, for
 * lrp_bounds_from_constant_runs; a value that is not finite is a run that diverged. sign as for
 * lrp_curve_points_collect. runs: room for all rows; *n_runs is increased. LRP_E_NOMEM only;
 * lrp_curve_points_fini each in every case. */
enum lrp_status lrp_run_table_collect(const struct lrp_record *record, const char *metric,
                                      double sign, struct lrp_curve_points *runs, size_t *n_runs,
                                      struct lrp_error *err);
#endif
