/* SPDX-License-Identifier: MIT */
#include "options.h"

static const struct lrp_option common_options[] = {
    {.name = "output",
     .letter = 'o',
     .type = LRP_OPTION_STRING,
     .offset = offsetof(struct lrp_common_options, output),
     .argument = "DIR",
     .help = "folder for the report and its data"},
    {.name = "json",
     .type = LRP_OPTION_FLAG,
     .offset = offsetof(struct lrp_common_options, json),
     .help = "print the result as JSON; talk goes to standard error"},
    {.name = "quiet",
     .type = LRP_OPTION_FLAG,
     .offset = offsetof(struct lrp_common_options, quiet),
     .help = "print only the result"},
    {.name = "plot",
     .type = LRP_OPTION_CHOICE,
     .offset = offsetof(struct lrp_common_options, plot),
     .argument = "KIND",
     .default_text = "dumb",
     .choices = "dumb|svg|png|pdf|sixel|none",
     .help = "plot to print: in characters (dumb), as a picture alone (the words then go to "
             "standard error), or none"},
};
const struct lrp_option_group lrp_common_group = {
    "Output", common_options, sizeof common_options / sizeof common_options[0], 0};

const struct lrp_option_group *lrp_command_group(const struct lrp_command *command, size_t g)
{
    if (g < command->n_groups) {
        return &command->groups[g];
    }
    return g == command->n_groups ? &lrp_common_group : NULL;
}
