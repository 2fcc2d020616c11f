/* SPDX-License-Identifier: MIT */
#include "options.h"

#define LRP_OPTIONS_OF struct lrp_common_options
static const struct lrp_option common_options[] = {
    LRP_STRING("output", output, "DIR", NULL,
               "folder for the report and its data; of convert, the file", .letter = 'o'),
    LRP_FLAG("json", json, "print the result as JSON; talk goes to standard error"),
    LRP_FLAG("quiet", quiet, "print only the result"),
    LRP_CHOICE("plot", plot, "KIND", "dumb|svg|png|pdf|sixel|none", "dumb",
               "plot to print: in characters (dumb), as a picture alone (the words then go to "
               "standard error), or none"),
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
