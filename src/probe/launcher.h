/* SPDX-License-Identifier: MIT */
/* Where the runs of a set are done: a table of launchers. The probe follows the reports, watches
 * the limits and explains why a run ended; a launcher starts the trainers, ends them and reports
 * how they ended. */
#ifndef LRP_PROBE_LAUNCHER_H
#define LRP_PROBE_LAUNCHER_H

#include "probe.h"

/* What is known of a run that was started. Zeroed before lrp_launcher.start. */
struct lrp_launch_news {
    bool begun;        /* the trainer is on its way: time limits count from here */
    bool ended;        /* it and its descendants are gone; one of the following says how */
    int wait_status;   /* as from waitpid, where failure is "" and lost is "" */
    const char *left;  /* "left processes running, ...", static; NULL = it did not */
    bool beyond_us;    /* what it left cannot be ended */
    char failure[300]; /* a whole sentence where the trainer could not be started, else "" */
    char lost[160];    /* "was cancelled (scancel)": how it ended without a wait status, else "" */
};

/* Runs that are done together. Set and runs stay where they are from begin to end. */
struct lrp_launch_set {
    struct lrp_trainer_run *runs;
    size_t n_runs;
    size_t jobs; /* at most so many at a time; 0 = no bound of ours */
    const struct lrp_launch_options *options;
    double grace_seconds;     /* between SIGTERM and SIGKILL */
    const volatile int *stop; /* NULL allowed: set when begin is not to take its time */
};

/* Runs are named by their index in the set. */
struct lrp_launcher {
    const char *name;
    const char *help; /* where it runs them, one phrase */
    /* begin hands all runs to a queue at once and creates their report files; those of runs that
     * were left (see lrp_probe_find_left) may have rows already. */
    bool whole_set;
    /* Sets left in the runs that have continued or ended without lrprobe since an earlier one left
     * them or died; forgets the others. NULL = there never are any. */
    enum lrp_status (*find_left)(const struct lrp_launch_set *set, struct lrp_error *err);
    /* Prepares for a set of runs. LRP_E_IO, LRP_E_NOMEM, LRP_E_TOOL, and
     * LRP_E_INTERRUPTED after *stop. */
    enum lrp_status (*begin)(const struct lrp_launch_set *set, void **state, struct lrp_error *err);
    /* Its report exists and is empty. A run that cannot be started for a reason of its own has
     * ended by its news; an error ends the set. */
    enum lrp_status (*start)(void *state, size_t index, struct lrp_launch_news *news,
                             struct lrp_error *err);
    /* A descriptor that becomes readable when there is news of a started run. NULL = none. */
    int (*descriptor)(const void *state, size_t index);
    /* SIGTERM or SIGKILL to a started run. */
    void (*signal)(void *state, size_t index, int signal_number);
    /* The news of a started run, without waiting. */
    void (*receive)(void *state, size_t index, struct lrp_launch_news *news);
    /* Ends a started run that has not ended yet, and forgets it. */
    void (*close)(void *state, size_t index);
    /* Lets all runs continue. The message of LRP_E_INTERRUPTED, which it returns, says how to pick
     * them up and how to end them. After it only signal, close and end may be called. NULL = its
     * runs cannot be left. */
    enum lrp_status (*leave)(void *state, struct lrp_error *err);
    void (*end)(void *state); /* after every started run was closed or left */
};

extern const struct lrp_launcher lrp_launcher_local;     /* child processes of lrprobe */
extern const struct lrp_launcher lrp_launcher_slurm;     /* tasks of Slurm job arrays */
extern const struct lrp_launcher *const lrp_launchers[]; /* NULL-terminated; the first is the
                                                            default */
/* NULL where there is none of that name. */
const struct lrp_launcher *lrp_launcher_find(const char *name);
/* The one that the options (NULL allowed) name, or the default one. */
const struct lrp_launcher *lrp_launcher_of(const struct lrp_launch_options *options);
/* The time given, or where it is 0 the other one. */
double lrp_seconds_or(double given, double otherwise);
#endif
