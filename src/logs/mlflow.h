/* SPDX-License-Identifier: MIT */
/* Metrics as MLflow's file store keeps them: a file a metric, a line a value. */
#ifndef LRP_LOGS_MLFLOW_H
#define LRP_LOGS_MLFLOW_H

#include "formats.h"

/* "<timestamp> <value> <step>", blanks between them, more fields allowed; old files have no step.
 * The timestamp is in milliseconds since 1970, in old files in seconds. */
struct lrp_mlflow_point {
    double time_s;
    double value;
    int64_t step;
    bool has_step;
};
bool lrp_mlflow_parse(const char *line, size_t length, struct lrp_mlflow_point *out);

/* True for a folder with the metrics of a run (.../RUN/metrics), and for the run's folder. */
bool lrp_is_mlflow_folder(const char *path);
/* All metrics of such a folder as one record, merged by step; a metric in a sub-folder is called
 * "folder/name". options may be NULL. LRP_E_IO, LRP_E_NODATA: no metric in it; LRP_E_LIMIT: too
 * many files. Lines that are none of MLflow's are counted and noted. */
enum lrp_status lrp_record_read_mlflow_folder(const char *path,
                                              const struct lrp_read_options *options,
                                              struct lrp_record **out, struct lrp_error *err);
#endif
