/* SPDX-License-Identifier: MIT */
/* Which files are meant by what stands on the command line: files as they are, folders walked. */
#ifndef LRP_SESSION_LOG_PATHS_H
#define LRP_SESSION_LOG_PATHS_H

#include "status.h"

#include <stdbool.h>

struct lrp_log_path {
    char *path;   /* owned */
    bool by_name; /* given as it is, not found in a folder */
    bool folder;  /* one run's folder of MLflow metrics */
};
struct lrp_log_paths {
    struct lrp_log_path *list;
    size_t n, capacity;
};
enum { LRP_LOG_PATHS_MOST = 1 << 20 };

/* Adds the file, or all regular files below the folder in the order of their names (run2 before
 * run10). A folder of MLflow metrics is one run. Hidden ones are left out; links are followed, and
 * one that leads back up ends there.
 * "-" and what is no folder is added as it is, whether it is there or not. LRP_E_IO: the folder
 * or one below it cannot be read; the rest is added all the same. LRP_E_LIMIT, LRP_E_NOMEM. */
enum lrp_status lrp_log_paths_add(struct lrp_log_paths *paths, const char *operand,
                                  struct lrp_error *err);
void lrp_log_paths_fini(struct lrp_log_paths *paths);
#endif
