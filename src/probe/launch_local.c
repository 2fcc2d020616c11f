/* SPDX-License-Identifier: MIT */
/* Runs as child processes on this machine, each under a guard. */
#include "alloc.h"
#include "environment.h"
#include "launcher.h"
#include "supervisor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct local {
    struct lrp_trainer_run *runs;
    bool one_thread;
    struct lrp_guard *guards; /* one a run */
};

static void end(void *state)
{
    struct local *local = state;
    if (local != NULL) {
        free(local->guards);
        free(local);
    }
}

static enum lrp_status begin(const struct lrp_launch_set *set, void **state, struct lrp_error *err)
{
    struct local *local = lrp_calloc_array(1, sizeof *local);
    if (local == NULL) {
        return lrp_fail_memory(err, sizeof *local);
    }
    local->runs = set->runs;
    local->one_thread = set->jobs > 1 && set->n_runs > 1;
    local->guards = lrp_calloc_array(set->n_runs, sizeof *local->guards);
    if (local->guards == NULL) {
        end(local);
        return lrp_fail_memory(err, 0);
    }
    *state = local;
    return LRP_OK;
}

static enum lrp_status start(void *state, size_t index, struct lrp_launch_news *news,
                             struct lrp_error *err)
{
    struct local *local = state;
    const struct lrp_trainer_run *run = &local->runs[index];
    char *program = NULL;
    char **environment = NULL;
    struct lrp_error why;
    if (lrp_find_program(run->argv[0], &program, &why) != LRP_OK) {
        news->ended = true;
        (void)snprintf(news->failure, sizeof news->failure, "%.290s", why.message);
        return LRP_OK;
    }
    enum lrp_status status = lrp_environment_new(run, local->one_thread, &environment, err);
    if (status == LRP_OK) {
        union { /* execve takes char *const *, but changes nothing */
            const char *const *in;
            char *const *out;
        } argv = {.in = run->argv};
        const struct lrp_command_line command = {.program = program,
                                                 .argv = argv.out,
                                                 .environment = environment,
                                                 .out_path = run->out_path,
                                                 .err_path = run->err_path,
                                                 .lock = run->lock};
        status = lrp_guard_start(&command, &local->guards[index], err);
    }
    free(program);
    lrp_environment_free(environment);
    news->begun = status == LRP_OK;
    return status;
}

static int descriptor(const void *state, size_t index)
{
    const struct local *local = state;
    return local->guards[index].socket;
}

static void signal_run(void *state, size_t index, int signal_number)
{
    struct local *local = state;
    lrp_guard_signal(&local->guards[index], signal_number);
}

static const char *const left_clauses[] = {
    [LRP_LEFT_ENDED] = "left processes running, which were ended",
    [LRP_LEFT_ALIVE] = "left processes running that cannot be ended",
};

static void receive(void *state, size_t index, struct lrp_launch_news *news)
{
    struct local *local = state;
    struct lrp_guard *guard = &local->guards[index];
    if (!lrp_guard_receive(guard)) {
        return;
    }
    news->ended = true;
    news->wait_status = guard->wait_status;
    news->left = left_clauses[guard->left];
    news->beyond_us = guard->left == LRP_LEFT_ALIVE;
    if (guard->exec_error != 0) {
        char reason[128];
        (void)snprintf(news->failure, sizeof news->failure, "cannot start %.150s: %s",
                       local->runs[index].argv[0],
                       strerror_r(guard->exec_error, reason, sizeof reason));
    }
}

static void close_run(void *state, size_t index)
{
    struct local *local = state;
    lrp_guard_close(&local->guards[index]);
}

const struct lrp_launcher lrp_launcher_local = {
    .name = "local",
    .help = "child processes on this machine",
    .begin = begin,
    .start = start,
    .descriptor = descriptor,
    .signal = signal_run,
    .receive = receive,
    .close = close_run,
    .end = end,
};
