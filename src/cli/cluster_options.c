/* SPDX-License-Identifier: MIT */
#include "cluster_options.h"

#include "launcher.h"

#include <string.h>

/* Options of sbatch that lrprobe sets itself, or that would have it wait or do something else. */
static const char *const reserved[] = {"--array", "--job-name",  "--parsable", "--wait",
                                       "--wrap",  "--test-only", "--output",   "--error"};
static const char reserved_letters[] = "aJWoe";

static bool is_reserved(const char *option)
{
    const size_t length = strcspn(option, "=");
    if (option[0] == '-' && option[1] != '-') {
        return strchr(reserved_letters, option[1]) != NULL;
    }
    for (size_t i = 0; i < sizeof reserved / sizeof reserved[0]; i++) {
        if (strlen(reserved[i]) == length && memcmp(reserved[i], option, length) == 0) {
            return true;
        }
    }
    return false;
}

static enum lrp_status check_option(const char *option, struct lrp_error *err)
{
    if (option[0] != '-' || option[1] == '\0' || strcmp(option, "--") == 0) {
        return lrp_fail(err, LRP_E_ARG, 0,
                        "--sbatch takes one whole option of sbatch, such as --sbatch=--mem=4G, but "
                        "'%.100s' is none",
                        option);
    }
    if (is_reserved(option)) {
        return lrp_fail(err, LRP_E_ARG, 0,
                        "--sbatch=%.100s: lrprobe gives sbatch that option "
                        "itself",
                        option);
    }
    return LRP_OK;
}

enum lrp_status lrp_cluster_launch(const struct lrp_cluster_options *options,
                                   struct lrp_launch_options *launch, struct lrp_error *err)
{
    const struct lrp_launcher *launcher = lrp_launcher_find(options->launcher);
    const char *alone = options->partition != NULL    ? "partition"
                        : options->time_limit != NULL ? "time-limit"
                        : options->sbatch.n > 0       ? "sbatch"
                                                      : NULL;
    if (launcher != &lrp_launcher_slurm && alone != NULL) {
        return lrp_fail(err, LRP_E_ARG, 0, "--%s is for --launcher slurm", alone);
    }
    for (size_t i = 0; i < options->sbatch.n; i++) {
        enum lrp_status status = check_option(options->sbatch.values[i], err);
        if (status != LRP_OK) {
            return status;
        }
    }
    *launch = (struct lrp_launch_options){.launcher = launcher,
                                          .partition = options->partition,
                                          .time_limit = options->time_limit,
                                          .extra = options->sbatch.values,
                                          .n_extra = options->sbatch.n};
    return LRP_OK;
}

#define AT(member) offsetof(struct lrp_cluster_options, member)
const struct lrp_option lrp_cluster_option_table[LRP_CLUSTER_OPTIONS] = {
    {.name = "launcher",
     .type = LRP_OPTION_CHOICE,
     .offset = AT(launcher),
     .argument = "NAME",
     .default_text = "local",
     .choices = "local|slurm",
     .help = "where runs are done: on this machine, or as one Slurm job array for each set of "
             "them; then -o, the trainer and its data must be on a file system that the nodes see"},
    {.name = "partition",
     .type = LRP_OPTION_STRING,
     .offset = AT(partition),
     .argument = "NAME",
     .help = "of the cluster, for sbatch"},
    {.name = "time-limit",
     .type = LRP_OPTION_STRING,
     .offset = AT(time_limit),
     .argument = "TIME",
     .help = "of each run's job, as sbatch --time has it: minutes, or hours:minutes:seconds"},
    {.name = "sbatch",
     .type = LRP_OPTION_LIST,
     .offset = AT(sbatch),
     .argument = "OPTION",
     .help = "one more option of sbatch, such as --sbatch=--gres=gpu:1"},
};
