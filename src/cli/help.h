/* SPDX-License-Identifier: MIT */
/* Help, man pages and completions, all from the command and option tables. */
#ifndef LRP_CLI_HELP_H
#define LRP_CLI_HELP_H

#include "options.h"
#include "text.h"

/* What `lrprobe --help` prints. */
void lrp_help_program(struct lrp_text *out);
/* What `lrprobe COMMAND --help` prints, wrapped to 80 columns. */
void lrp_help_command(const struct lrp_command *command, struct lrp_text *out);
/* man page in section 1 (troff, man macros); command NULL: of the program. */
void lrp_man_page(const struct lrp_command *command, struct lrp_text *out);
/* Text for troff: what would be a command there is text. */
void lrp_troff_append(struct lrp_text *out, const char *text);
/* Completion for bash. */
void lrp_bash_completion(struct lrp_text *out);
#endif
