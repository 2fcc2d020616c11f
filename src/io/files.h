/* SPDX-License-Identifier: MIT */
/* Small file-system helpers: files that appear only when whole, folders. */
#ifndef LRP_IO_FILES_H
#define LRP_IO_FILES_H

#include "status.h"

#include <stdio.h>

/* Write bytes to path by way of a temporary name in the same folder and a rename.
 * LRP_E_IO with the reason (disk full, not writable): nothing is left then. */
enum lrp_status lrp_write_whole(const char *path, const void *bytes, size_t length,
                                struct lrp_error *err);
/* mkdir -p. A folder that is there already is fine. */
enum lrp_status lrp_make_folder(const char *path, struct lrp_error *err);
/* "folder/name" in heap memory that the caller frees, NULL when memory is short. */
char *lrp_path_join(const char *folder, const char *name);
#endif
