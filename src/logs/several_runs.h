/* SPDX-License-Identifier: MIT */
/* Several runs beside each other in one table, as W&B exports them: "RUN - metric". */
#ifndef LRP_LOGS_SEVERAL_RUNS_H
#define LRP_LOGS_SEVERAL_RUNS_H

#include "record.h"

/* The runs in a log. */
struct lrp_log_runs {
    struct lrp_record **list;
    size_t n;
};
void lrp_log_runs_fini(struct lrp_log_runs *runs);
/* One more at the end, which then belongs to runs; freed on failure: LRP_E_NOMEM, LRP_E_LIMIT. */
enum lrp_status lrp_log_runs_add(struct lrp_log_runs *runs, struct lrp_record *record,
                                 struct lrp_error *err);

/* Length of RUN in a name "RUN - metric"; 0 where it has none. The metric is what is behind the
 * last " - ". */
size_t lrp_run_name_length(const char *name, size_t length);
/* A record whose columns are those of two runs or more becomes one record a run, in the order of
 * their first columns: columns without RUN are in each, rows in which a run has nothing are left
 * out of it; meta data "run" is its name. Any other record becomes the only one. Takes the record
 * over, also on failure. LRP_E_NOMEM; LRP_E_LIMIT: rows had to be merged. */
enum lrp_status lrp_split_runs(struct lrp_record *record, struct lrp_log_runs *out,
                               struct lrp_error *err);
/* Leaves the one that --run names: by its name, its value in the column repeat, its number from 1
 * on, or "last"; "all" leaves all. LRP_E_NODATA: there is none, with the names that there are. */
enum lrp_status lrp_choose_run(struct lrp_log_runs *runs, const char *wanted,
                               struct lrp_error *err);
#endif
