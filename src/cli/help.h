/* SPDX-License-Identifier: MIT */
/* Help, man pages and completions, all from the command and option tables. */
#ifndef LRP_CLI_HELP_H
#define LRP_CLI_HELP_H

#include "options.h"
#include "text.h"

/* Each of these writes on a command, or where that is NULL on the program.
 * What --help prints, wrapped to 80 columns. */
void lrp_help(const struct lrp_command *command, struct lrp_text *out);
/* man page in section 1 (troff, man macros). */
void lrp_man_page(const struct lrp_command *command, struct lrp_text *out);
/* Completion for bash, the same for all commands. */
void lrp_bash_completion(const struct lrp_command *command, struct lrp_text *out);
/* Text for troff: what would be a command there is text. */
void lrp_troff_append(struct lrp_text *out, const char *text);
#endif
