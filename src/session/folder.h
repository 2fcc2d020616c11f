/* SPDX-License-Identifier: MIT */
/* The output folder of a session: plans, runs, logs, and the manifest sweep.json. */
#ifndef LRP_SESSION_FOLDER_H
#define LRP_SESSION_FOLDER_H

#include "log_read.h"
#include "session.h"

struct lrp_json;
struct lrp_phase {    /* a scout, or one round: runs with one plan, or with one rate each */
    const char *name; /* static */
    double lr_min, lr_max;
    size_t steps;
    size_t first_run, n_runs; /* in the session's runs */
    const char *outcome;      /* static, NULL = not analysed */
    bool any_diverged, most_diverged;
};
struct lrp_run_entry { /* a run as the manifest keeps it */
    struct lrp_trainer_run run;
    struct lrp_divergence divergence;
    bool diverged;
    bool same_plan; /* its plan was in the folder already, to the last byte */
    double last_loss;
    char *plan_path, *report_path, *out_path, *err_path; /* owned */
    /* of a run at one rate, see fresh_run.h */
    double lr;                   /* NaN = a sweep */
    char **words;                /* its command where it is its own */
    char *work;                  /* its own folder */
    struct lrp_run_files *files; /* see private_files.h; NULL = none */
    char *told_report;           /* where its trainer may report unheard */
};
struct lrp_session {
    struct lrp_session_options options;    /* defaults filled in */
    struct lrp_line_pattern *loss_pattern; /* NULL = none */
    struct lrp_column_maps maps;           /* of logs */
    struct lrp_read_options read;          /* how logs are read */
    struct lrp_copied_runs *copied;  /* NULL = no run has started yet, or none can be a copy */
    struct lrp_private_files *files; /* NULL = the built-in trainer */
    char **environment;  /* what the trainers are given, NULL-terminated; NULL = nothing */
    int lock;            /* on the folder; -1 = none */
    bool made_folder;    /* it was not there before */
    unsigned made_parts; /* bit k: the same of its k-th part, see folder.c */
    const struct lrp_session_handlers *handlers;
    struct lrp_session_result *result;
    struct lrp_phase *phases;
    size_t n_phases, phase_capacity;
    struct lrp_run_entry *runs;
    size_t n_runs, run_capacity;
    size_t event_capacity;
    double steps_per_decade;
    size_t budget; /* steps that a run may have: options.steps_most, or what the trainer turned out
                      to give; 0 = not known */
    struct lrp_json *old; /* the manifest of the sweep that is resumed; NULL = none */
    bool unlike;          /* some run did not begin as the first one */
    struct lrp_session_progress progress;
    size_t taken_steps;   /* of the phase's runs that an earlier session had finished */
    double phase_started; /* monotonic seconds */
    char **warnings;      /* that runs have left in their reports; NULL-terminated, or NULL */
    char stopped[400];    /* why the last phase was stopped: how to pick up jobs that were left */
    volatile int halt;    /* what stops the runs where the strategy has go_on: options.stop, or its
                             word */
};

/* Makes the folder and its parts. LRP_E_ARG: it holds a sweep already and this is no resumption.
 * LRP_E_IO. */
enum lrp_status lrp_folder_make(struct lrp_session *session, struct lrp_error *err);
/* Takes away what the session has made of the folder, and the folder itself where it was not there
 * before: for a sweep that recorded nothing. What is not the session's stays. */
void lrp_folder_withdraw(const struct lrp_session *session);
/* Holds the folder against another lrprobe until the descriptor in *lock is closed, by the end of
 * the process, too, and by that of the guards that keep it open: trainers of an lrprobe that was
 * killed may live for a moment. Waits for ten seconds. LRP_E_ARG: another one is at work there. */
enum lrp_status lrp_folder_lock(const char *folder, int *lock, struct lrp_error *err);
/* Sets the paths of a phase's runs and writes their plans: one, plans/NNN.csv by the number of the
 * phase, for sweeps, which share it; one a run, by the run's number, for runs at one rate. */
enum lrp_status lrp_folder_prepare(struct lrp_session *session, size_t phase,
                                   struct lrp_error *err);
/* The planned rate of each step of a phase's run, in heap memory. */
enum lrp_status lrp_run_rates(const struct lrp_session *session, const struct lrp_phase *phase,
                              size_t run, double **rates, struct lrp_error *err);
/* *path, in heap memory: broken/NNN-K.extension with the first K for which it is not there yet; the
 * folder broken is made. LRP_E_IO, LRP_E_NOMEM. */
enum lrp_status lrp_folder_broken(const struct lrp_session *session, size_t run,
                                  const char *extension, unsigned *k, char **path,
                                  struct lrp_error *err);
/* Moves what a broken run left (record and captured output) to broken/NNN-K.*; *kept: the record's
 * new name inside the folder, empty where it had none worth keeping. */
enum lrp_status lrp_folder_set_aside(const struct lrp_session *session, size_t run, char *kept,
                                     size_t size, struct lrp_error *err);
/* Adds a sentence to the result's events. */
LRP_PRINTF(3, 4)
enum lrp_status lrp_session_event(struct lrp_session *session, struct lrp_error *err,
                                  const char *format, ...);
#endif
