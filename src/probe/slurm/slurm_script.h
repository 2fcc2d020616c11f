/* SPDX-License-Identifier: MIT */
/* The job script of a set of runs: POSIX shell, one task of the array for each run. */
#ifndef LRP_PROBE_SLURM_SCRIPT_H
#define LRP_PROBE_SLURM_SCRIPT_H

#include "slurm.h"
#include "text.h"

struct lrp_slurm_script {
    const char *token;  /* of the submission: letters and digits */
    const char *folder; /* where the tasks leave word, a whole path */
    unsigned grace;     /* seconds between SIGTERM and SIGKILL */
    const struct lrp_trainer_run *runs;
    const struct lrp_slurm_task *tasks; /* with their names */
    const size_t *which;                /* run and task by the array's index */
    size_t n_runs;                      /* of the array */
};
/* A word of POSIX shell that stands for these bytes, whatever they are. It needs the variable cr,
 * since sbatch refuses scripts that have a carriage return before a newline. */
void lrp_shell_quote(struct lrp_text *text, const char *bytes);
/* What a task does: it ends at once unless NAME.id still has the token (the run may have been
 * taken from it meanwhile), leaves "TOKEN JOB_INDEX NODE" in NAME.started, runs the trainer, and
 * leaves "TOKEN STATUS HOW" in NAME.status, each by write-then-rename. STATUS is the shell's $?;
 * HOW is "ended", "stopped" (the job was told to end, by scancel, its time limit, ...) or
 * "requeued". LRP_E_ARG: a variable of a run cannot be set by a shell. */
enum lrp_status lrp_slurm_script_write(struct lrp_text *text, const struct lrp_slurm_script *script,
                                       struct lrp_error *err);
#endif
