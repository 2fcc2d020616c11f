/* SPDX-License-Identifier: MIT */
/* Where the runs of a sweep are done. */
#ifndef LRP_CLI_CLUSTER_OPTIONS_H
#define LRP_CLI_CLUSTER_OPTIONS_H

#include "options.h"
#include "probe.h"

struct lrp_cluster_options {
    const char *launcher;
    const char *partition;
    const char *time_limit;
    struct lrp_option_list sbatch;
};
/* A constant, since the groups of sweep are const tables. */
enum { LRP_CLUSTER_OPTIONS = 4 };
extern const struct lrp_option lrp_cluster_option_table[LRP_CLUSTER_OPTIONS];

/* What the options ask for; it borrows from them. LRP_E_ARG: they do not go together, or sbatch is
 * to be told what lrprobe tells it. */
enum lrp_status lrp_cluster_launch(const struct lrp_cluster_options *options,
                                   struct lrp_launch_options *launch, struct lrp_error *err);
#endif
