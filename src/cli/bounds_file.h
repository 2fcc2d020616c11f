/* SPDX-License-Identifier: MIT */
#ifndef LRP_CLI_BOUNDS_FILE_H
#define LRP_CLI_BOUNDS_FILE_H

#include "status.h"

/* A bounds.json. LRP_E_IO, LRP_E_FORMAT, LRP_E_LIMIT. */
enum lrp_status lrp_read_bounds_file(const char *path, struct lrp_bounds *out,
                                     struct lrp_error *err);
/* Tells of a file that an option names and that could not be used, which is bad input, not a broken
 * system. Returns the exit code. */
int lrp_report_reference(struct lrp_error *err, const char *path);
#endif
