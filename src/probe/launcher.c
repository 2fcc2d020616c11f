/* SPDX-License-Identifier: MIT */
#include "launcher.h"

#include <string.h>

const struct lrp_launcher *const lrp_launchers[] = {&lrp_launcher_local, &lrp_launcher_slurm, NULL};

const struct lrp_launcher *lrp_launcher_of(const struct lrp_launch_options *options)
{
    return options == NULL || options->launcher == NULL ? lrp_launchers[0] : options->launcher;
}

const struct lrp_launcher *lrp_launcher_find(const char *name)
{
    for (size_t i = 0; lrp_launchers[i] != NULL; i++) {
        if (strcmp(lrp_launchers[i]->name, name) == 0) {
            return lrp_launchers[i];
        }
    }
    return NULL;
}

double lrp_seconds_or(double given, double otherwise)
{
    return given > 0 ? given : otherwise;
}
