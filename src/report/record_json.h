/* SPDX-License-Identifier: MIT */
/* Run records as JSON, "lrprobe.record/1". */
#ifndef LRP_REPORT_RECORD_JSON_H
#define LRP_REPORT_RECORD_JSON_H

#include "record.h"

/* A run and the file that it was read from, whose name is borrowed. */
struct lrp_converted_run {
    const char *source;
    struct lrp_record *record;
};
/* {"schema", "runs": [{"source", "format", "run", "rows", "names": {"loss": "train/loss"}, "notes",
 * "columns": {"step": [...], ...}, "nonfinite": [{"column", "row", "value"}]}]}. A cell that was
 * not measured is null, and so is a value that is not finite, which "nonfinite" then lists (row
 * from 0). Heap memory that the caller frees. LRP_E_NOMEM. */
enum lrp_status lrp_records_json(const struct lrp_converted_run *runs, size_t n, char **out,
                                 struct lrp_error *err);
#endif
