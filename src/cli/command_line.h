/* SPDX-License-Identifier: MIT */
#ifndef LRP_CLI_COMMAND_LINE_H
#define LRP_CLI_COMMAND_LINE_H

#include "text.h"

/* The command line as it was typed, quoted for a shell, for reports; "" where it cannot be read.
 * out is begun here and the caller's to end. */
void lrp_command_line(struct lrp_text *out);
#endif
