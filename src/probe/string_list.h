/* SPDX-License-Identifier: MIT */
/* Lists of strings that end with NULL: environments, command lines, notes. The list and its strings
 * are heap memory; NULL is an empty list. */
#ifndef LRP_PROBE_STRING_LIST_H
#define LRP_PROBE_STRING_LIST_H

#include "status.h"

/* Adds a string, made as by printf, to the end of *list. LRP_E_NOMEM. */
enum lrp_status lrp_string_list_add(char ***list, struct lrp_error *err, const char *format, ...)
    LRP_PRINTF(3, 4);
void lrp_string_list_free(char **list);
#endif
