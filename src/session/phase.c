/* SPDX-License-Identifier: MIT */
#include "phase.h"

#include "alloc.h"
#include "clock.h"
#include "copied_runs.h"
#include "fresh_run.h"
#include "manifest.h"
#include "old_ends.h"
#include "private_files.h"
#include "rounds.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RUNS_MAX = 100000 };

static bool on_row(void *user, struct lrp_trainer_run *run, size_t row, double step, double lr,
                   double loss)
{
    (void)row;
    (void)step;
    struct lrp_session *session = user;
    struct lrp_run_entry *item = run->user;
    session->progress.lr = lr;
    session->progress.loss = loss;
    item->last_loss = loss;
    if (lrp_divergence_feed(&item->divergence, loss)) {
        item->diverged = true;
        return false;
    }
    return true;
}

static bool is_over(const struct lrp_trainer_run *run)
{
    /* NOT_STARTED is also what a run says that is under way */
    return run->end != LRP_RUN_NOT_STARTED;
}

static void measure(struct lrp_session *session, const struct lrp_trainer_run *runs, size_t n_runs)
{
    struct lrp_session_progress *progress = &session->progress;
    size_t done = session->taken_steps;
    size_t measured = 0;
    progress->queued = 0;
    for (size_t i = 0; i < n_runs; i++) {
        progress->queued += runs[i].queued && !is_over(&runs[i]) ? 1 : 0;
        bool whole = is_over(&runs[i]) && runs[i].end != LRP_RUN_INTERRUPTED;
        done += whole ? runs[i].steps : runs[i].rows;
        measured += runs[i].rows;
    }
    progress->rows_done = done;
    progress->seconds = lrp_clock_seconds() - session->phase_started;
    progress->seconds_left = (double)NAN;
    if (measured > 0 && progress->seconds > 0.5) {
        progress->seconds_left =
            progress->seconds * (double)(progress->rows_planned - done) / (double)measured;
    }
}

/* The manifest tells of each end at once: lrprobe may be killed at any moment. */
static void note_ends(struct lrp_session *session, const struct lrp_trainer_run *runs,
                      size_t n_runs)
{
    bool news = false;
    for (size_t i = 0; i < n_runs; i++) {
        struct lrp_run_entry *item = runs[i].user;
        if (is_over(&runs[i]) && !is_over(&item->run)) {
            item->run = runs[i];
            lrp_private_files_end(session, (size_t)(item - session->runs));
            news = true;
        }
    }
    if (news) { /* what stands in its way will stand in the way at the end, too, and is told then */
        (void)lrp_manifest_write(session, NULL);
    }
}

static void on_tick(void *user, const struct lrp_trainer_run *runs, size_t n_runs)
{
    struct lrp_session *session = user;
    note_ends(session, runs, n_runs);
    if (session->options.strategy->go_on != NULL) {
        const int wish = session->options.stop == NULL ? 0 : *session->options.stop;
        const int own = session->options.strategy->go_on(session, runs, n_runs) ? 0 : 1;
        session->halt = wish > own ? wish : own;
    }
    measure(session, runs, n_runs);
    if (session->handlers != NULL && session->handlers->on_tick != NULL) {
        session->handlers->on_tick(session->handlers->user, &session->progress);
    }
}

void lrp_phase_end(struct lrp_session *session, const char *sentence)
{
    if (session->handlers != NULL && session->handlers->on_phase_end != NULL) {
        session->handlers->on_phase_end(session->handlers->user, &session->progress, sentence);
    }
}

static void init_run(const struct lrp_session *session, struct lrp_run_entry *item, double lr,
                     uint64_t seed, size_t steps)
{
    *item = (struct lrp_run_entry){.run = {.argv = session->options.argv,
                                           .environment = (const char *const *)session->environment,
                                           .lock = session->lock > 0 ? session->lock : 0,
                                           .seed = seed,
                                           .steps = steps,
                                           .end = LRP_RUN_NOT_STARTED},
                                   .lr = lr,
                                   .last_loss = (double)NAN};
    lrp_divergence_init(&item->divergence);
}

/* Adds the phase and its runs to the session. */
static enum lrp_status add_phase(struct lrp_session *session, const struct lrp_phase *wanted,
                                 const struct lrp_planned_run *planned, struct lrp_error *err)
{
    LRP_TRY(lrp_grow_array((void **)&session->phases, session->n_phases, &session->phase_capacity,
                           sizeof *session->phases, RUNS_MAX, err));
    struct lrp_phase *phase = &session->phases[session->n_phases];
    *phase = *wanted;
    phase->first_run = session->n_runs;
    for (size_t i = 0; i < phase->n_runs; i++) {
        LRP_TRY(lrp_grow_array((void **)&session->runs, session->n_runs, &session->run_capacity,
                               sizeof *session->runs, RUNS_MAX, err));
        init_run(session, &session->runs[session->n_runs++], planned[i].lr, planned[i].seed,
                 phase->steps);
    }
    session->n_phases++;
    return LRP_OK;
}

static void begin_progress(struct lrp_session *session, const struct lrp_phase *phase)
{
    session->progress = (struct lrp_session_progress){.phase = phase->name,
                                                      .lr_min = phase->lr_min,
                                                      .lr_max = phase->lr_max,
                                                      .n_runs = phase->n_runs,
                                                      .steps = phase->steps,
                                                      .rows_planned = phase->n_runs * phase->steps,
                                                      .lr = (double)NAN,
                                                      .loss = (double)NAN,
                                                      .seconds_left = (double)NAN};
    session->phase_started = lrp_clock_seconds();
    if (session->handlers != NULL && session->handlers->on_phase != NULL) {
        session->handlers->on_phase(session->handlers->user, &session->progress);
    }
}

/* Finds the runs that an earlier session left going on. */
static enum lrp_status find_left(struct lrp_session *session, const struct lrp_phase *phase,
                                 struct lrp_error *err)
{
    struct lrp_trainer_run *runs = lrp_calloc_array(phase->n_runs, sizeof *runs);
    struct lrp_run_entry *items = &session->runs[phase->first_run];
    size_t n = 0;
    LRP_TRY_MEMORY(runs, err);
    for (size_t i = 0; i < phase->n_runs; i++) {
        if (items[i].same_plan) {
            runs[n++] = items[i].run;
        }
    }
    enum lrp_status status =
        lrp_probe_find_left(runs, n, &session->options.launch, session->options.stop, err);
    n = 0;
    for (size_t i = 0; i < phase->n_runs && status == LRP_OK; i++) {
        items[i].run.left = items[i].same_plan && runs[n++].left;
    }
    free(runs);
    return status;
}

/* Takes over what an earlier session finished of the phase and sets aside what it left broken. */
static enum lrp_status take_up(struct lrp_session *session, const struct lrp_phase *phase,
                               struct lrp_error *err)
{
    const struct lrp_probe_handlers handlers = {.on_row = on_row, .user = session};
    session->taken_steps = 0;
    for (size_t i = phase->first_run; i < phase->first_run + phase->n_runs; i++) {
        struct lrp_run_entry *item = &session->runs[i];
        item->run.user = item;
        if (item->run.left) {
            continue;
        }
        if (item->same_plan &&
            (lrp_probe_take_up(&item->run, &handlers) || lrp_old_end_take(session->old, i, item))) {
            session->taken_steps += phase->steps;
            continue;
        }
        char kept[64];
        lrp_divergence_init(&item->divergence);
        item->diverged = false;
        item->last_loss = (double)NAN;
        enum lrp_status status = lrp_folder_set_aside(session, i, kept, sizeof kept, err);
        if (status == LRP_OK && kept[0] != '\0') {
            status = lrp_session_event(session, err,
                                       "run %03zu (seed %llu) was not finished: what it had "
                                       "reported is kept in %s, and it was run again",
                                       i, (unsigned long long)item->run.seed, kept);
        }
        if (status != LRP_OK) {
            return status;
        }
    }
    return LRP_OK;
}

/* Gives each run that is still to be done its private folders, and where it has one rate its own
 * command. */
static enum lrp_status prepare_runs(struct lrp_session *session, const struct lrp_phase *phase,
                                    struct lrp_error *err)
{
    for (size_t i = phase->first_run; i < phase->first_run + phase->n_runs; i++) {
        if (is_over(&session->runs[i].run)) {
            continue;
        }
        LRP_TRY(lrp_private_files_prepare(session, i, err));
        if (session->options.strategy->one_rate) {
            LRP_TRY(lrp_fresh_run_prepare(session, i, err));
        }
    }
    return LRP_OK;
}

/* Runs them; those that failed as copies once more. */
static enum lrp_status run_probe(struct lrp_session *session, struct lrp_trainer_run *runs,
                                 size_t n, struct lrp_error *err)
{
    const struct lrp_session_options *options = &session->options;
    const struct lrp_probe_handlers handlers = {
        .on_row = on_row, .on_tick = on_tick, .user = session};
    const volatile int *stop = options->strategy->go_on != NULL ? &session->halt : options->stop;
    session->halt = 0;
    LRP_TRY(lrp_copied_runs_begin(session, runs, n, err));
    while (n > 0) {
        LRP_TRY(lrp_probe_run(runs, n, options->jobs, &options->limits, &handlers, stop, err));
        size_t again = 0;
        LRP_TRY(lrp_copied_runs_again(session, runs, n, &again, err));
        runs += n - again;
        n = again;
    }
    return LRP_OK;
}

static enum lrp_status run_trainers(struct lrp_session *session, const struct lrp_phase *phase,
                                    struct lrp_error *err)
{
    struct lrp_trainer_run *runs = lrp_calloc_array(phase->n_runs, sizeof *runs);
    struct lrp_run_entry *items = &session->runs[phase->first_run];
    size_t n = 0;
    LRP_TRY_MEMORY(runs, err);
    enum lrp_status status = prepare_runs(session, phase, err);
    for (size_t i = 0; i < phase->n_runs && status == LRP_OK; i++) {
        items[i].run.user = &items[i];
        if (!is_over(&items[i].run)) {
            runs[n++] = items[i].run;
        }
    }
    if (status == LRP_OK) {
        status = run_probe(session, runs, n, err);
        measure(session, runs, n);
        for (size_t i = 0; i < n; i++) {
            struct lrp_run_entry *item = runs[i].user;
            item->run = runs[i];
        }
    }
    if (status == LRP_OK) {
        status = lrp_private_files_verify(session, err);
    }
    for (size_t i = 0; i < phase->n_runs; i++) {
        lrp_fresh_run_fini(session, &items[i]);
        lrp_private_files_end(session, phase->first_run + i);
    }
    free(runs);
    return status;
}

enum lrp_status lrp_phase_train(struct lrp_session *session, const struct lrp_phase *wanted,
                                const struct lrp_planned_run *planned, struct lrp_error *err)
{
    LRP_TRY(add_phase(session, wanted, planned, err));
    const struct lrp_phase *phase = &session->phases[session->n_phases - 1];
    LRP_TRY(lrp_folder_prepare(session, session->n_phases - 1, err));
    if (session->options.resume) {
        LRP_TRY(find_left(session, phase, err));
        LRP_TRY(take_up(session, phase, err));
    }
    LRP_TRY(lrp_manifest_write(session, err));
    begin_progress(session, phase);
    struct lrp_error why;
    enum lrp_status status = run_trainers(session, phase, &why);
    if (status != LRP_OK) {
        (void)snprintf(session->stopped, sizeof session->stopped, "%s", why.message);
        status = lrp_fail(err, status, why.line, "%s", why.message);
    }
    session->result->interrupted =
        status == LRP_E_INTERRUPTED && session->options.stop != NULL && *session->options.stop != 0;
    return status;
}
