/* SPDX-License-Identifier: MIT */
/* What the commands that show a report share: where words, data and pictures go. */
#ifndef LRP_CLI_SHOW_OUTPUT_H
#define LRP_CLI_SHOW_OUTPUT_H

#include "options.h"
#include "plot.h"
#include "text.h"

#include <stdio.h>

/* The format that --plot names, whose values the option table knows. */
enum lrp_plot_format lrp_plot_wanted(const struct lrp_common_options *common);
/* Whether --plot asks for a picture on standard output. */
bool lrp_picture_wanted(const struct lrp_common_options *common);
/* Whether a picture of that format may go to standard output: LRP_E_ARG for a binary one to a
 * terminal. */
enum lrp_status lrp_check_picture(enum lrp_plot_format format, struct lrp_error *err);
/* LRP_EXIT_OK, or the error printed and its exit code. */
int lrp_show_status(enum lrp_status status, const struct lrp_error *err);
/* Prints where the report is and returns the exit code of status and err, which come from writing
 * it. A missing gnuplot is no error where no plot is wanted, and is printed only once: told = it
 * was before. */
int lrp_show_folder(FILE *talk, const struct lrp_common_options *common, const char *folder,
                    enum lrp_status status, const struct lrp_error *err, bool told);
#endif
