/* SPDX-License-Identifier: MIT */
/* The files of a folder as they were: whether something has changed one of them. */
#ifndef LRP_SESSION_FILE_WATCH_H
#define LRP_SESSION_FILE_WATCH_H

#include "status.h"

struct lrp_file_watch;

/* Notes the size and time of each file below a folder, of the first 20,000 where there are more;
 * skip as in file_tree.h. LRP_E_NOMEM. */
enum lrp_status lrp_file_watch_new(const char *folder, const char *skip,
                                   struct lrp_file_watch **watch, struct lrp_error *err);
/* *changed: the path of the first file that has changed or is gone, in heap memory; NULL where none
 * has. */
enum lrp_status lrp_file_watch_compare(const struct lrp_file_watch *watch, char **changed,
                                       struct lrp_error *err);
void lrp_file_watch_free(struct lrp_file_watch *watch); /* NULL allowed */
#endif
