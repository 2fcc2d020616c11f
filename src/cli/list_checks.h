/* SPDX-License-Identifier: MIT */
/* The checklist for people and programs, all from the table of checks. */
#ifndef LRP_CLI_LIST_CHECKS_H
#define LRP_CLI_LIST_CHECKS_H

#include "text.h"

/* A check in a few lines: id, title, what it needs, its first sentence, its parameters. */
void lrp_list_checks_words(struct lrp_text *out);
/* An array of objects with everything that the table says, heap text the caller frees. */
enum lrp_status lrp_list_checks_json(char **text, struct lrp_error *err);
/* A section of the man page (troff), an entry for each check. */
void lrp_list_checks_man(struct lrp_text *out);
#endif
