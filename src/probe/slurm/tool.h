/* SPDX-License-Identifier: MIT */
/* Helper programs (sbatch, squeue, scancel): started without a shell, their output captured, and
 * waited for or not. */
#ifndef LRP_PROBE_TOOL_H
#define LRP_PROBE_TOOL_H

#include "text.h"

#include <stdbool.h>
#include <sys/types.h>

struct lrp_tool {
    char name[16];  /* argv[0] */
    pid_t pid;      /* 0 = none is running */
    int out, err;   /* what it has said; -1 = none */
    double started; /* monotonic seconds */
};
/* LRP_E_TOOL: there is no such program in PATH. LRP_E_IO. The child has a process group of its own,
 * so that Ctrl-C does not reach it, and an environment without the variables that filter what
 * squeue and scancel see. */
enum lrp_status lrp_tool_start(struct lrp_tool *tool, char *const *argv, struct lrp_error *err);
/* Without waiting. LRP_OK with *ended true: it succeeded, and out (an initialised text) has what it
 * printed. LRP_E_TOOL: it failed, with its own sentence, or took longer than seconds. After *ended
 * nothing is left of it. */
enum lrp_status lrp_tool_poll(struct lrp_tool *tool, double seconds, bool *ended,
                              struct lrp_text *out, struct lrp_error *err);
/* Starts it and waits. LRP_E_INTERRUPTED: *stop (NULL allowed) was set, and it had not ended a few
 * seconds later. */
enum lrp_status lrp_tool_run(char *const *argv, double seconds, const volatile int *stop,
                             struct lrp_text *out, struct lrp_error *err);
/* Ends it if it runs. */
void lrp_tool_close(struct lrp_tool *tool);
#endif
