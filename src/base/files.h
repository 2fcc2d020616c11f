/* SPDX-License-Identifier: MIT */
/* Small file-system helpers: files that appear only when whole, folders. */
#ifndef LRP_BASE_FILES_H
#define LRP_BASE_FILES_H

#include "status.h"

#include <stdbool.h>
#include <stdio.h>

/* Write bytes to path by way of a temporary name in the same folder and a rename.
 * LRP_E_IO with the reason (disk full, not writable, a device or a pipe stands there): nothing is
 * left then, and what was there stays. */
enum lrp_status lrp_write_whole(const char *path, const void *bytes, size_t length,
                                struct lrp_error *err);
/* The same piece by piece. Between begin and end the file has a temporary name. end gives it its
 * own, or with an error before it (here or where keep is false) leaves nothing. end is to be called
 * exactly once after a begin that gave LRP_OK. */
struct lrp_whole_file {
    FILE *file;
    char *path;
    char *temporary;
    int reason; /* errno of the first failure, 0 = none */
};
enum lrp_status lrp_whole_begin(struct lrp_whole_file *whole, const char *path,
                                struct lrp_error *err);
void lrp_whole_append(struct lrp_whole_file *whole, const void *bytes, size_t length);
enum lrp_status lrp_whole_end(struct lrp_whole_file *whole, bool keep, struct lrp_error *err);
/* mkdir -p. A folder that is there already is fine. */
enum lrp_status lrp_make_folder(const char *path, struct lrp_error *err);
/* "folder/name" in heap memory that the caller frees, NULL when memory is short. */
char *lrp_path_join(const char *folder, const char *name);
#endif
