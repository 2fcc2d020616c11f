/* SPDX-License-Identifier: MIT */
#include "commands.h"

#include <stddef.h>

const struct lrp_command *const lrp_commands[] = {
    &lrp_command_bounds,   &lrp_command_client,
    &lrp_command_convert,  &lrp_command_diagnose,
    &lrp_command_explain,  &lrp_command_list,
    &lrp_command_schedule, &lrp_command_sweep,
    &lrp_command_train,    NULL,
};
