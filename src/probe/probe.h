/* SPDX-License-Identifier: MIT */
/* Runs trainers as child processes by the two-file protocol: LRPROBE_PLAN in, LRPROBE_REPORT out.
 * Each has its own process group, that also ends when lrprobe is killed; its output is captured. */
#ifndef LRP_PROBE_PROBE_H
#define LRP_PROBE_PROBE_H

#include "record.h"

#include <stdbool.h>
#include <stdint.h>

struct lrp_loss_source;
struct lrp_copies;
struct lrp_private_view;

enum lrp_run_end {                     /* why a run ended */
                   LRP_RUN_COMPLETE,   /* exit 0 after the last planned step */
                   LRP_RUN_ENOUGH,     /* on_row ended it: enough is known */
                   LRP_RUN_SHORT,      /* exit 0 before the last planned step */
                   LRP_RUN_FAILED,     /* exit status other than 0, or a signal, or never started */
                   LRP_RUN_BAD_REPORT, /* its report cannot be used; see report_reader.h */
                   LRP_RUN_TIMEOUT,    /* a time limit */
                   LRP_RUN_INTERRUPTED, /* all runs were stopped */
                   LRP_RUN_LEFT, /* it continues without lrprobe, or did when lrprobe ended */
                   LRP_RUN_NOT_STARTED
};

struct lrp_trainer_run { /* one run to do, and what came of it */
    /* to do; borrowed */
    const char *const *argv; /* NULL-terminated; argv[0] is looked up in PATH */
    const char *plan_path;
    const char *report_path;
    const char *out_path; /* captured standard output and error */
    const char *err_path;
    const char *const *environment; /* "NAME=value" beside the protocol's own, NULL-terminated; they
                                       take the place of inherited ones. NULL = none */
    const char *told_report; /* what LRPROBE_REPORT says where the report is written by a loss
                                source and not by the trainer; NULL = report_path */
    struct lrp_loss_source *source; /* see loss_source.h; NULL = the trainer reports */
    int copies; /* a socket of copies.h: the run is a copy of a process; 0 = it starts the command
                 */
    const char *files; /* the run's private folder for what Python would write over the user's
                          files: LRPROBE_FILES; NULL = none */
    const struct lrp_private_view *view; /* see private_view.h; NULL = it sees what all see */
    int lock; /* a descriptor that stays open until the trainer and all its descendants have ended,
                 whatever becomes of lrprobe; 0 = none */
    uint64_t seed;
    size_t steps;
    bool queued; /* under way, but not begun yet, where there is a queue */
    bool left;  /* an earlier lrprobe left it: it is taken up, not begun; see lrp_probe_find_left */
    void *user; /* for on_row */
    /* result */
    enum lrp_run_end end;
    size_t rows;     /* rows that the report holds */
    int wait_status; /* of the trainer, as from waitpid; -1 = not known */
    bool bad_log; /* it ended well, and its log holds no losses: what is wrong is how it is read */
    char reason[600]; /* one sentence when end is FAILED, SHORT, BAD_REPORT or TIMEOUT, or when it
                         left processes running, with the last line that it said (words.h) */
};

struct lrp_launcher;                     /* launcher.h */
struct lrp_launch_options {              /* where runs are done */
    const struct lrp_launcher *launcher; /* NULL = as child processes on this machine */
    /* for Slurm */
    const char *folder;       /* of the sweep, an absolute path that the nodes see */
    const char *partition;    /* NULL = the cluster's default, as the next */
    const char *time_limit;   /* of each run, in sbatch's words */
    const char *const *extra; /* further options of sbatch */
    size_t n_extra;
    struct lrp_launch_pace { /* seconds; 0 = the default */
        double look;         /* between looks at the shared folder: 1 */
        double ask;          /* between calls of squeue, at the least: 5 */
        double gone;         /* that squeue has not had a task that left no exit status: 15 */
        double trouble;      /* that squeue must have failed for: 600 */
        double answer;       /* until an answer of Slurm's programs: 120 */
        double leave;        /* for a second Ctrl-C: 2 */
    } pace;
};
#define LRP_PROBE_LIMIT_SECONDS 120
struct lrp_probe_limits {
    double start_seconds; /* until the first row; 0 = LRP_PROBE_LIMIT_SECONDS, as the next */
    double step_seconds;  /* between rows, validation included */
    double end_seconds;   /* after the last planned row, then it is ended as COMPLETE; 0 = 10 */
    double grace_seconds; /* between SIGTERM and SIGKILL; 0 = 2 */
    const struct lrp_launch_options *launch; /* NULL = as child processes on this machine */
};
struct lrp_probe_handlers {
    /* A row of run (parsed from its report): columns as in its header, NaN where it has no step or
     * lr. Not called for a row without a loss. Return false to end that run: enough is known.
     * Rows after that one are then taken off its report, so that it depends on the seed alone. */
    bool (*on_row)(void *user, struct lrp_trainer_run *run, size_t row, double step, double lr,
                   double loss);
    /* About ten times a second and after each end, for a progress bar. May be NULL. */
    void (*on_tick)(void *user, const struct lrp_trainer_run *runs, size_t n_runs);
    void *user;
};
/* Runs all of runs, at most jobs at a time (0, for a launcher with a queue: no bound). stop (NULL
 * allowed): set from a signal handler to end everything early, 1 = SIGTERM and its grace, 2 =
 * SIGKILL at once. Runs that can continue without lrprobe are left by the first stop (the message
 * says how to pick them up) and ended by a second one in the two seconds after it. With more than
 * one job BLAS and OpenMP are held to one thread a child, unless the user has set their number.
 * LRP_OK also when single runs failed (see their end); LRP_E_INTERRUPTED after *stop; LRP_E_IO
 * where the system gives no process or file; LRP_E_TOOL: the launcher's programs are missing, or
 * refuse. */
enum lrp_status lrp_probe_run(struct lrp_trainer_run *runs, size_t n_runs, size_t jobs,
                              const struct lrp_probe_limits *limits,
                              const struct lrp_probe_handlers *handlers, const volatile int *stop,
                              struct lrp_error *err);
/* Sets left in the runs that another lrprobe began and that have continued or ended without it:
 * give them to lrp_probe_run as they are, with their reports and plans untouched. LRP_E_TOOL,
 * LRP_E_INTERRUPTED as there. */
enum lrp_status lrp_probe_find_left(struct lrp_trainer_run *runs, size_t n_runs,
                                    const struct lrp_launch_options *launch,
                                    const volatile int *stop, struct lrp_error *err);
/* Reads the report of a run that another lrprobe began and that is over, as if it were written now.
 * True where it has all that was wanted: then end is LRP_RUN_COMPLETE or LRP_RUN_ENOUGH, rows is
 * set, and the report is cut as it would have been. Else end is LRP_RUN_NOT_STARTED: there is no
 * report, or one that is not complete or cannot be read; on_row may have been called. */
bool lrp_probe_take_up(struct lrp_trainer_run *run, const struct lrp_probe_handlers *handlers);
#endif
