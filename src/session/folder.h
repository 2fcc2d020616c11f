/* SPDX-License-Identifier: MIT */
/* The output folder of a session: plans, runs, logs, and the manifest sweep.json. */
#ifndef LRP_SESSION_FOLDER_H
#define LRP_SESSION_FOLDER_H

#include "session.h"

struct lrp_phase {    /* a scout, or one round of repeats: runs with one plan */
    const char *name; /* static */
    double lr_min, lr_max;
    size_t steps;
    size_t first_run, n_runs; /* in the session's runs */
    const char *outcome;      /* static, NULL = not analysed */
    bool any_diverged;
};
struct lrp_session_run { /* a run as the manifest keeps it */
    struct lrp_trainer_run run;
    struct lrp_divergence divergence;
    bool diverged;
    double last_loss;
    char *paths[4]; /* plan, report, out, err */
};
struct lrp_session {
    struct lrp_session_options options; /* defaults filled in */
    const struct lrp_session_handlers *handlers;
    struct lrp_session_result *result;
    struct lrp_phase *phases;
    size_t n_phases, phase_capacity;
    struct lrp_session_run *runs;
    size_t n_runs, run_capacity;
    size_t event_capacity;
    double steps_per_decade;
    struct lrp_session_progress progress;
    double phase_started; /* monotonic seconds */
};

/* Makes the folder and its parts. LRP_E_ARG: it holds a sweep already. LRP_E_IO. */
enum lrp_status lrp_folder_make(const struct lrp_session *session, struct lrp_error *err);
/* Writes plans/NNN.csv for a phase and sets the paths of its runs. */
enum lrp_status lrp_folder_prepare(struct lrp_session *session, size_t phase,
                                   struct lrp_error *err);
/* sweep.json anew, whole. */
enum lrp_status lrp_folder_write_manifest(const struct lrp_session *session, struct lrp_error *err);
/* Adds a sentence to the result's events. */
LRP_PRINTF(3, 4)
enum lrp_status lrp_session_event(struct lrp_session *session, struct lrp_error *err,
                                  const char *format, ...);
#endif
