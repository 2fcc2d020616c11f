/* SPDX-License-Identifier: MIT */
/* A run's folder of MLflow's file store. */
#ifndef LRP_LOGS_MLFLOW_H
#define LRP_LOGS_MLFLOW_H

#include "column_map.h"
#include "record.h"

/* True for a folder with the metrics of a run (.../RUN/metrics), and for the run's folder. */
bool lrp_is_mlflow_folder(const char *path);
/* All metrics of such a folder as one record, merged by step; a metric in a sub-folder is called
 * "folder/name". LRP_E_IO, LRP_E_NODATA: no metric in it; LRP_E_LIMIT: too many files. Lines that
 * are none of MLflow's are counted and noted. */
enum lrp_status lrp_read_mlflow_folder(const char *path, const struct lrp_log_hints *hints,
                                       struct lrp_record **out, struct lrp_error *err);
#endif
