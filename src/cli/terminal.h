/* SPDX-License-Identifier: MIT */
#ifndef LRP_CLI_TERMINAL_H
#define LRP_CLI_TERMINAL_H

#include <stdbool.h>
#include <stdio.h>

/* Width of the terminal that out is, 0 if it is none. */
unsigned lrp_terminal_columns(FILE *out);
/* Whether colours may be used on out: a terminal, and NO_COLOR is not set (https://no-color.org).
 */
bool lrp_terminal_color(FILE *out);
#endif
