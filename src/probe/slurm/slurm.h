/* SPDX-License-Identifier: MIT */
/* Runs as tasks of Slurm job arrays, followed by files on a shared folder.
 *
 * In DIR/jobs, for the run NNN:
 * - NNN.id, "TOKEN JOB INDEX": the submission that the run was given to. JOB is "-" until sbatch
 * has named it; until then the job is known by its name, lrprobe-TOKEN. The file exists from before
 * the submission until lrprobe has taken in the end, so another lrprobe may take up what it names.
 * A task that finds another token ends at once.
 * - NNN.started and NNN.status: what the task reports, see lrp_slurm_script_write.
 * - NNN.sh: the script of the submission whose first run is NNN.
 * - JOB_INDEX.log: what Slurm itself reports about a task. */
#ifndef LRP_PROBE_SLURM_H
#define LRP_PROBE_SLURM_H

#include "launcher.h"
#include "slurm_text.h"
#include "tool.h"

enum { LRP_SLURM_TOKEN_SIZE = 17, LRP_SLURM_NAME_SIZE = 40 };

struct lrp_slurm_task {               /* a run as Slurm has it */
    char name[LRP_SLURM_NAME_SIZE];   /* NNN */
    char token[LRP_SLURM_TOKEN_SIZE]; /* "" = it was not submitted */
    char job[LRP_SLURM_JOB_SIZE];     /* "12" or "12;cluster"; "" = not known */
    unsigned long job_number;
    size_t index;
    bool open; /* started and not closed */
    bool begun, ended;
    int wait_status;
    char lost[160];   /* as in the news */
    bool cancel;      /* it is to be ended */
    double cancelled; /* when scancel was last started for it; 0 = never */
    bool seen;        /* under way by the last answer of squeue */
    double missing;   /* since when squeue has not; 0 = it has, or was not asked */
    const struct lrp_slurm_state *state; /* the last that squeue gave; NULL = none */
};
struct lrp_slurm {
    const struct lrp_launch_set *set;
    struct lrp_launch_pace pace;      /* the defaults filled in */
    struct lrp_slurm_task *tasks;     /* one a run */
    char *folder;                     /* DIR/jobs */
    char cluster[LRP_SLURM_JOB_SIZE]; /* "" = the default one */
    double begun;                     /* when the set was */
    double looked, asked;             /* when last; 0 = never */
    struct lrp_tool queue, cancel;
    double trouble;      /* since when squeue has failed, 0 = it works */
    char complaint[200]; /* its words */
};

/* ---- slurm_files.c ---- */
/* The task's name, from its run's report file. LRP_E_ARG: that has other characters in it than
 * letters, digits, - and _. */
enum lrp_status lrp_slurm_name(const struct lrp_trainer_run *run, struct lrp_slurm_task *task,
                               struct lrp_error *err);
/* Writes NAME.id. */
enum lrp_status lrp_slurm_write_id(const struct lrp_slurm *slurm, const struct lrp_slurm_task *task,
                                   struct lrp_error *err);
/* Reads NAME.id into the task; false where there is none. */
bool lrp_slurm_read_id(struct lrp_slurm *slurm, struct lrp_slurm_task *task);
/* Reads what the tasks have reported since the last look. */
void lrp_slurm_look(struct lrp_slurm *slurm);
/* Removes what the folder has of the task. */
void lrp_slurm_forget(const struct lrp_slurm *slurm, struct lrp_slurm_task *task);
/* Sets job, its number and the cluster. */
void lrp_slurm_set_job(struct lrp_slurm *slurm, struct lrp_slurm_task *task, const char *job);

/* ---- slurm_queue.c ---- */
/* Advances squeue and scancel without waiting, and applies their answers to each task. */
void lrp_slurm_follow(struct lrp_slurm *slurm);
/* One call of squeue, waited for: sets the tasks' state, and the job of those that are known by
 * their token only. LRP_E_TOOL, LRP_E_INTERRUPTED. */
enum lrp_status lrp_slurm_ask(struct lrp_slurm *slurm, struct lrp_error *err);
/* Ends the tasks whose end is wanted, with one call of scancel; what it cannot do now is tried
 * again in a later call. wait: until it has ended. */
void lrp_slurm_cancel(struct lrp_slurm *slurm, bool wait);

/* ---- slurm_script.c ---- */
/* The job script of the tasks that have this token (letters and digits): POSIX shell, one task of
 * the array for each run. A task ends at once unless NAME.id still has the token (the run may have
 * been taken from it meanwhile), leaves "TOKEN JOB_INDEX NODE" in NAME.started, runs the trainer,
 * and leaves "TOKEN STATUS HOW" in NAME.status, each by write-then-rename. STATUS is the shell's
 * $?; HOW is "ended", "stopped" (the job was told to end, by scancel, its time limit, ...) or
 * "requeued". LRP_E_ARG: a variable of a run cannot be set by a shell. */
enum lrp_status lrp_slurm_script_write(struct lrp_text *text, const struct lrp_slurm *slurm,
                                       const char *token, struct lrp_error *err);
#endif
