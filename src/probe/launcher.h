/* SPDX-License-Identifier: MIT */
/* Where the runs of a set are done: a table of launchers. The probe follows the reports, watches
 * the limits and says why a run ended; a launcher starts the trainers, ends them and tells how they
 * ended. */
#ifndef LRP_PROBE_LAUNCHER_H
#define LRP_PROBE_LAUNCHER_H

#include "probe.h"

/* What is known of a run that was started. Zeroed before lrp_launcher.start. */
struct lrp_launch_news {
    bool begun;        /* the trainer is on its way: time limits count from here */
    bool ended;        /* it and its descendants are gone; one of the following says how */
    int wait_status;   /* as from waitpid, where failure is "" and lost is "" */
    const char *left;  /* "left processes running, ...", static; NULL = it did not */
    char failure[300]; /* a whole sentence where the trainer could not be started, else "" */
    char lost[160];    /* "was cancelled (scancel)": how it ended without a wait status, else "" */
};

/* Runs are named by their index in the set. */
struct lrp_launcher {
    const char *name;
    const char *help; /* where it runs them, one phrase */
    /* All runs of the set are started at once, since whoever runs them has a queue of their own. */
    bool whole_set;
    /* Prepares for a set of runs, which stays where it is until end. jobs: at most so many at a
     * time. LRP_E_IO, LRP_E_NOMEM, LRP_E_TOOL. */
    enum lrp_status (*begin)(struct lrp_trainer_run *runs, size_t n_runs, size_t jobs, void **state,
                             struct lrp_error *err);
    /* Its report is there, empty. A run that cannot be started for a reason of its own has ended by
     * its news; an error is one of the whole. */
    enum lrp_status (*start)(void *state, size_t index, struct lrp_launch_news *news,
                             struct lrp_error *err);
    /* A descriptor that becomes readable when there are news of a started run, -1 = none. */
    int (*descriptor)(const void *state, size_t index);
    /* SIGTERM or SIGKILL to a started run. */
    void (*signal)(void *state, size_t index, int signal_number);
    /* What has become of a started run, without waiting. */
    void (*receive)(void *state, size_t index, struct lrp_launch_news *news);
    /* Ends a started run that has not ended yet, and forgets it. */
    void (*close)(void *state, size_t index);
    void (*end)(void *state); /* after every started run was closed; NULL is accepted */
};

extern const struct lrp_launcher lrp_launcher_local; /* child processes of lrprobe */
#endif
