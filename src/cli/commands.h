/* SPDX-License-Identifier: MIT */
/* Each command is one file, cmd_<name>.c, that defines one of these. */
#ifndef LRP_CLI_COMMANDS_H
#define LRP_CLI_COMMANDS_H

#include "options.h"

extern const struct lrp_command lrp_command_bounds;
extern const struct lrp_command lrp_command_client;
extern const struct lrp_command lrp_command_convert;
extern const struct lrp_command lrp_command_diagnose;
extern const struct lrp_command lrp_command_explain;
extern const struct lrp_command lrp_command_list;
extern const struct lrp_command lrp_command_schedule;
extern const struct lrp_command lrp_command_sweep;
extern const struct lrp_command lrp_command_train;
#endif
