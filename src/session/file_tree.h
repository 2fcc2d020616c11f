/* SPDX-License-Identifier: MIT */
/* Whole folders: walked, copied, removed. */
#ifndef LRP_SESSION_FILE_TREE_H
#define LRP_SESSION_FILE_TREE_H

#include "status.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

/* Called for each entry below a folder with its path relative to it, a folder before what is in it.
 * False ends the walk. */
typedef bool lrp_tree_visit(void *user, const char *path, const struct stat *info);

/* Visits everything below a folder, links as such; skip: an absolute path that is left out with all
 * that is in it, NULL = none. False where a visit ended it or a folder could not be read. */
bool lrp_tree_walk(const char *folder, const char *skip, lrp_tree_visit *visit, void *user);
/* The entries of the folder alone. */
bool lrp_tree_list(const char *folder, lrp_tree_visit *visit, void *user);
/* Removes a file or a folder with all that is in it, without following links; what is not there is
 * fine. False where something could not be removed. */
bool lrp_tree_remove(const char *path);
/* Copies what is in a folder into one that is there and empty: files with their modes and times,
 * links as such, nothing else. LRP_E_IO. */
enum lrp_status lrp_tree_copy(const char *from, const char *skip, const char *to,
                              struct lrp_error *err);
#endif
