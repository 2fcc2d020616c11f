/* SPDX-License-Identifier: MIT */
/* What schedules look like as code. In a template $name is replaced by the word of that name that
 * code.c sets, or by the value of the schedule's key; a line that is a $name alone also by the
 * template of that name. A line "?name ..." is there only if the word is not empty, "!name ..."
 * only if it is. */
#ifndef LRP_SCHEDULES_CODE_TEMPLATES_H
#define LRP_SCHEDULES_CODE_TEMPLATES_H

#include <stddef.h>

/* The template of a name of so many bytes; NULL if there is none. */
const char *lrp_code_template(const char *name, size_t length);
#endif
