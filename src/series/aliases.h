/* SPDX-License-Identifier: MIT */
/* What the columns of a run record are called, here and by other tools. */
#ifndef LRP_SERIES_ALIASES_H
#define LRP_SERIES_ALIASES_H

#include <stdbool.h>
#include <stddef.h>

enum { LRP_COLUMN_NAME_MOST = 200 };
/* The name of a column in our words: aliases of other tools become known names; others are kept as
 * they are, cut at LRP_COLUMN_NAME_MOST bytes. out has LRP_COLUMN_NAME_MOST + 1 bytes. */
void lrp_canonical_column(const char *name, size_t length, char *out);
/* Copies a name as it is, cut at LRP_COLUMN_NAME_MOST bytes, into a buffer of that kind. */
void lrp_copy_column_name(const char *name, size_t length, char *out);
/* One of lrp_column_table. */
bool lrp_is_known_column(const char *name);
#endif
