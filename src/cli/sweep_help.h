/* SPDX-License-Identifier: MIT */
/* What the help and the man page of sweep say. */
#ifndef LRP_CLI_SWEEP_HELP_H
#define LRP_CLI_SWEEP_HELP_H

extern const char lrp_sweep_description[];
extern const char lrp_sweep_examples[];
#endif
