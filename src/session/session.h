/* SPDX-License-Identifier: MIT */
/* The range-test session: scout, repeats, analysis, extension or narrowing. */
#ifndef LRP_SESSION_SESSION_H
#define LRP_SESSION_SESSION_H

#include "curve.h"
#include "plan.h"
#include "probe.h"

#include <stdbool.h>
#include <stdint.h>

/* Kinds of range test, rows of a table (rounds.h). */
struct lrp_strategy;
extern const struct lrp_strategy lrp_strategy_sweep; /* "inline": the rate rises within each run */
extern const struct lrp_strategy lrp_strategy_fresh; /* "fresh": one run per rate, each from new
                                                        weights */
/* NULL where there is none of that name. */
const struct lrp_strategy *lrp_strategy_find(const char *name);

/* Defaults; the option table of the command line shows the first three. With the study problems'
 * max_lr, runs of 100 steps at one rate do as well as 400, three runs at each rate halve the spread
 * of one, and three rates a decade are as good as eight. */
#define LRP_SWEEP_STEPS 200
/* One repeat was as good as five on five tasks; more are run while they disagree. */
#define LRP_SWEEP_REPEATS      2
#define LRP_SWEEP_REPEATS_MOST 5
#define LRP_SCOUT_STEPS        100
#define LRP_FRESH_STEPS        100
#define LRP_FRESH_REPEATS      3
/* How the user's files are kept from what trainers write. */
enum lrp_files_way {
    LRP_FILES_AUTO,    /* the first of the following that is possible */
    LRP_FILES_OVERLAY, /* private overlays over the folder of work, and what Python writes elsewhere
                          is redirected */
    LRP_FILES_REDIRECT, /* what Python writes is redirected */
    LRP_FILES_COPY,     /* each run works in a copy of the folder of work */
    LRP_FILES_IN_PLACE  /* nothing is kept; from auto, the sweep stops when a file has changed */
};
extern const char *const lrp_files_ways[];               /* their names, NULL-terminated */
enum lrp_files_way lrp_files_way_find(const char *name); /* AUTO where there is none of that name */
struct lrp_session_options {
    const char *const *argv;  /* the trainer, NULL-terminated */
    bool external;            /* argv is somebody else's program: it is given the clients */
    const char *hook;         /* of the Python client: "torch"; NULL = none */
    const char *record;       /* columns on request; NULL = none */
    const char *validate;     /* with the hook: function of the script, or "auto"; NULL = none */
    size_t val_every;         /* steps from one such validation to the next; 0 = the hook's */
    const char *folder;       /* output folder; made by the session */
    bool anew;                /* no run is a copy of another process (copied_runs.h) */
    enum lrp_files_way files; /* external trainers only */
    bool resume; /* it holds this sweep already: what is finished there is taken over */
    const struct lrp_strategy *strategy; /* NULL = lrp_strategy_sweep */
    size_t rates;                        /* of one repeat; 0 = three a decade */
    const char *loss_pattern; /* where the losses of runs at one rate are, beside the report: in
                                 what is printed, by a regular expression (loss_pattern.h) ... */
    const char *log;          /* ... or in a file, its name a template (template.h); NULL = neither
                                 was said */
    const char *format;       /* of that log, or of the output read as one; NULL = recognised */
    const char *const *maps;  /* n_maps times "NEW=OLD": its columns in our words */
    size_t n_maps;
    double around;         /* the rate that --around was given; 0 = none. For the manifest */
    double lr_min, lr_max; /* NaN = left to lrprobe; given ones are obeyed */
    size_t steps;          /* of a repeat, or of a run at one rate; 0 = the strategy's */
    size_t steps_most;     /* that any run may have: what the trainer gives; 0 = not known */
    size_t scout_steps;    /* 0 = LRP_SCOUT_STEPS, or steps_most where that is less */
    size_t repeats;        /* or runs at each rate; 0 = the strategy's */
    size_t repeats_most;   /* sweeps: while they disagree one more is run, up to so many in all; 0 =
                              the strategy's where repeats is left to it, else repeats */
    size_t jobs;           /* 0 = as many as there are cores, 1 for an external trainer; on a
                              cluster: no bound */
    enum lrp_sweep_shape shape;
    uint64_t seed;
    double steps_planned;   /* 0 = not given */
    double steps_per_epoch; /* 0 = not known */
    const char *command;    /* as typed, and the title of the report: for the manifest */
    const char *title;
    const char *const *facts; /* 2 * n_facts strings for the manifest */
    size_t n_facts;
    struct lrp_probe_limits limits;   /* launch is filled in by the session */
    struct lrp_launch_options launch; /* where runs are done; folder is filled in by the session */
    const volatile int *stop;
};
struct lrp_session_progress {
    const char *phase; /* "scout", "repeats" */
    double lr_min, lr_max;
    size_t n_runs, steps;
    size_t rows_done, rows_planned; /* over all runs of the phase */
    size_t queued;                  /* runs that wait where there is a queue */
    double lr, loss;                /* the latest row */
    double seconds, seconds_left;   /* left NaN = not known */
};
struct lrp_session_handlers {
    /* Before the first run: the sentence of the result. NULL = nobody listens, as the others. */
    void (*on_files)(void *user, const char *sentence);
    void (*on_phase)(void *user, const struct lrp_session_progress *progress);
    void (*on_tick)(void *user, const struct lrp_session_progress *progress);
    void (*on_phase_end)(void *user, const struct lrp_session_progress *progress,
                         const char *sentence);
    void *user;
};
enum { LRP_SESSION_OUTPUTS = 3 };
struct lrp_session_output { /* the last lines that a failed run printed, clean text */
    char title[40];         /* "run 003" */
    char *lines;
};
struct lrp_session_result {
    char files[440]; /* what of the user's is protected and what not, a sentence; "" = nothing is at
                        stake */
    struct lrp_bounds bounds;
    struct lrp_curve *curve;
    struct lrp_record **records; /* the repeats of the last round that were usable */
    size_t n_records;
    char **events; /* sentences: extensions, failed repeats, ... */
    size_t n_events;
    struct lrp_session_output outputs[LRP_SESSION_OUTPUTS]; /* of the first runs that failed */
    size_t n_outputs;
    bool interrupted;
    bool withdrawn; /* nothing was recorded, so the folder was taken away again */
};
/* Fills in what was left out: the strategy, steps, repeats. */
void lrp_session_fill_defaults(struct lrp_session_options *options);
/* LRP_OK with any outcome. LRP_E_CHILD: no repeat gave a usable record (the message says what the
 * trainer said). LRP_E_INTERRUPTED: stopped, and result holds what there is (bounds may be
 * too-short). Where a trainer never reported a step, or an option makes no sense, the folder is as
 * it was before. After any other error it holds the last round that was analysed, if there was one.
 * fini in every case. */
enum lrp_status lrp_session_run(const struct lrp_session_options *options,
                                const struct lrp_session_handlers *handlers,
                                struct lrp_session_result *result, struct lrp_error *err);
void lrp_session_result_fini(struct lrp_session_result *result);

/* A session as its folder's manifest tells it, to be continued. */
struct lrp_json;
struct lrp_saved_session {
    struct lrp_session_options options; /* resume is set; folder, stop and what a caller's
                                           machine decides are left to the caller */
    const char *folder_of_work;         /* where lrprobe was started; NULL = not known */
    /* what the strings are borrowed from */
    struct lrp_json *json;
    const char **argv;
    const char **facts;
    const char **extra; /* options of sbatch */
    const char **maps;
};
/* LRP_E_NODATA: there is no manifest there, or none that makes sense. fini after LRP_OK. */
enum lrp_status lrp_saved_session_read(const char *folder, struct lrp_saved_session *saved,
                                       struct lrp_error *err);
void lrp_saved_session_fini(struct lrp_saved_session *saved);
#endif
