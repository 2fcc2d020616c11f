/* SPDX-License-Identifier: MIT */
/* What sweep and bounds tell about a range test: words, JSON or a picture, and the report folder.
 */
#ifndef LRP_CLI_SHOW_RANGE_H
#define LRP_CLI_SHOW_RANGE_H

#include "options.h"
#include "range_report.h"

/* Prints the range test as --json, --plot and --quiet ask, and writes the report into folder (NULL:
 * none). Where standard output carries data (JSON, or the picture of --plot svg|png|pdf|sixel), the
 * words go to standard error, and --quiet leaves them out. Everything that can be told is told,
 * then the worst exit code is returned, the outcome's own included. */
int lrp_show_range(const struct lrp_range_report *report, const struct lrp_common_options *common,
                   const char *folder);
#endif
