/* SPDX-License-Identifier: MIT */
/* What a trainer process is started with: its program's path and its environment. */
#ifndef LRP_PROBE_ENVIRONMENT_H
#define LRP_PROBE_ENVIRONMENT_H

#include "probe.h"
#include "string_list.h"
#include "supervisor.h"

/* The program's path by the rules of PATH, in heap memory. LRP_E_IO where there is none. */
enum lrp_status lrp_find_program(const char *name, char **path, struct lrp_error *err);
/* lrprobe's own environment with the protocol's variables for run. one_thread: BLAS and OpenMP are
 * held to one thread unless the user or the run has set their number. A string list. */
enum lrp_status lrp_environment_new(const struct lrp_trainer_run *run, bool one_thread, char ***out,
                                    struct lrp_error *err);
/* What starts the run, whether it is executed or a copy; borrows from all three. */
struct lrp_command_line lrp_run_command(const struct lrp_trainer_run *run, const char *program,
                                        char *const *environment);
#endif
