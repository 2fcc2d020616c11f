/* SPDX-License-Identifier: MIT */
#ifndef LRP_BASE_SUGGEST_H
#define LRP_BASE_SUGGEST_H

#include <stddef.h>

/* The name that a mistyped word was meant to be: at most two edits away (one for words of up to
 * four letters), the nearest; NULL if there is none. */
const char *lrp_nearest_name(const char *given, const char *const *names, size_t n_names);
#endif
