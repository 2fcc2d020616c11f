/* SPDX-License-Identifier: MIT */
/* The logs that bounds are to be found from: what people have, made ready for the analysis. */
#ifndef LRP_SESSION_BOUNDS_INPUT_H
#define LRP_SESSION_BOUNDS_INPUT_H

#include "log_read.h"

struct lrp_bounds_input {
    struct lrp_record **records;
    const char **sources; /* the file of each record, borrowed */
    size_t n, records_capacity, sources_capacity;
};
void lrp_bounds_input_fini(struct lrp_bounds_input *input);
/* One more file: each run in it becomes a record; one without rates is left out with a note, if
 * another has them. LRP_E_NODATA, LRP_E_FORMAT: none has rates, or they are logarithms, with the
 * columns that there are; else as lrp_log_read. */
enum lrp_status lrp_bounds_input_add(struct lrp_bounds_input *input, const char *path,
                                     const struct lrp_read_options *read, struct lrp_error *err);
/* After the last file; notes say what was done.
 * - Rates that stand in rows of their own are given to the rows between them: the one rate of a
 * run, and of a sweep what lies between its neighbours.
 * - Runs under schedules (warm-up, decay) with different peaks become runs at their peak rates.
 * - *metric: the column that decides, wanted (as the user spells it) in the name that all records
 *   have for it; NULL = left to the analysis. Borrowed from the records or static.
 * LRP_E_NODATA: there is no such column, with those that there are; LRP_E_FORMAT: a training with a
 * warm-up, no sweep. *source: the file that an error is about, NULL = none. */
enum lrp_status lrp_bounds_input_settle(struct lrp_bounds_input *input, const char *wanted,
                                        const char **metric, const char **source,
                                        struct lrp_error *err);
#endif
