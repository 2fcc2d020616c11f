/* SPDX-License-Identifier: MIT */
/* What ends a command early: Ctrl-C, a batch system, a terminal that closes. */
#ifndef LRP_CLI_SIGNALS_H
#define LRP_CLI_SIGNALS_H

#include <stdbool.h>

/* Has handler called for SIGINT, SIGTERM and SIGHUP. What nohup or a background shell ignores stays
 * ignored. restart: system calls that a signal interrupts, such as the reading of a log, continue
 * afterwards. */
void lrp_catch_signals(void (*handler)(int number), bool restart);
#endif
