/* SPDX-License-Identifier: MIT */
/* The table of schedules for people and programs. */
#ifndef LRP_CLI_LIST_SCHEDULES_H
#define LRP_CLI_LIST_SCHEDULES_H

#include "text.h"

/* A schedule in a few lines: name, what it does, where it comes from, its keys. */
void lrp_list_schedules_words(struct lrp_text *out);
/* An array of objects with everything that the table says, heap text the caller frees. */
enum lrp_status lrp_list_schedules_json(char **text, struct lrp_error *err);
/* A section of the man page (troff), an entry for each schedule. */
void lrp_list_schedules_man(struct lrp_text *out);
#endif
