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

enum lrp_status lrp_probe_find_left(struct lrp_trainer_run *runs, size_t n_runs,
                                    const struct lrp_launch_options *launch,
                                    const volatile int *stop, struct lrp_error *err)
{
    const struct lrp_launch_set set = {
        .runs = runs, .n_runs = n_runs, .options = launch, .stop = stop};
    const struct lrp_launcher *launcher = lrp_launcher_of(launch);
    return launcher->find_left == NULL ? LRP_OK : launcher->find_left(&set, err);
}
