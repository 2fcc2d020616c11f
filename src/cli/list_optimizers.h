/* SPDX-License-Identifier: MIT */
/* The optimizers for people and programs, all from their tables. */
#ifndef LRP_CLI_LIST_OPTIMIZERS_H
#define LRP_CLI_LIST_OPTIMIZERS_H

#include "text.h"

/* An optimizer in a few lines: name, help, usual rate, options with their defaults; then what the
 * options mean. */
void lrp_list_optimizers_words(struct lrp_text *out);
/* An array of objects with everything that the tables say, heap text the caller frees. */
enum lrp_status lrp_list_optimizers_json(char **text, struct lrp_error *err);
#endif
