/* SPDX-License-Identifier: MIT */
/* Runs as child processes on this machine, each under a guard. */
#include "alloc.h"
#include "copies.h"
#include "environment.h"
#include "launcher.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct local_run {
    const struct lrp_trainer_run *run;
    bool one_thread;
    struct lrp_guard guard;
};

static enum lrp_status begin(const struct lrp_launch_set *set, void **state, struct lrp_error *err)
{
    struct local_run *all = lrp_calloc_array(set->n_runs, sizeof *all);
    LRP_TRY_MEMORY(all, err);
    for (size_t i = 0; i < set->n_runs; i++) {
        all[i].run = &set->runs[i];
        all[i].one_thread = set->jobs > 1 && set->n_runs > 1;
    }
    *state = all;
    return LRP_OK;
}

static enum lrp_status start(void *state, size_t index, struct lrp_launch_news *news,
                             struct lrp_error *err)
{
    struct local_run *local = (struct local_run *)state + index;
    const struct lrp_trainer_run *run = local->run;
    char *program = NULL;
    char **environment = NULL;
    struct lrp_error why;
    if (lrp_find_program(run->argv[0], &program, &why) != LRP_OK) {
        news->ended = true;
        (void)snprintf(news->failure, sizeof news->failure, "%.290s", why.message);
        return LRP_OK;
    }
    char *request = NULL;
    size_t length = 0;
    enum lrp_status status = lrp_environment_new(run, local->one_thread, &environment, err);
    if (status == LRP_OK && run->copies > 0) {
        request = lrp_copy_request(environment, &length);
        status = request == NULL ? lrp_fail_memory(err, 0) : LRP_OK;
    }
    if (status == LRP_OK) {
        struct lrp_command_line command = lrp_run_command(run, program, environment);
        command.copies = run->copies;
        command.copy_request = request;
        command.copy_request_length = length;
        status = lrp_guard_start(&command, &local->guard, err);
    }
    free(request);
    free(program);
    lrp_string_list_free(environment);
    news->begun = status == LRP_OK;
    return status;
}

static int descriptor(const void *state, size_t index)
{
    return ((const struct local_run *)state + index)->guard.socket;
}

static void signal_run(void *state, size_t index, int signal_number)
{
    lrp_guard_signal(&((struct local_run *)state + index)->guard, signal_number);
}

static const char *const left_clauses[] = {
    [LRP_LEFT_ENDED] = "left processes running, which were ended",
    [LRP_LEFT_ALIVE] = "left processes running that cannot be ended",
};

static void receive(void *state, size_t index, struct lrp_launch_news *news)
{
    struct local_run *local = (struct local_run *)state + index;
    struct lrp_guard *guard = &local->guard;
    if (!lrp_guard_receive(guard)) {
        return;
    }
    news->ended = true;
    news->wait_status = guard->wait_status;
    news->left = left_clauses[guard->left];
    news->beyond_us = guard->left == LRP_LEFT_ALIVE;
    char reason[128];
    if (guard->view_error != 0) {
        (void)snprintf(news->failure, sizeof news->failure,
                       "cannot keep the trainer from your files: %s",
                       strerror_r(guard->view_error, reason, sizeof reason));
    } else if (guard->exec_error != 0) {
        (void)snprintf(news->failure, sizeof news->failure, "cannot start %.150s: %s",
                       local->run->argv[0], strerror_r(guard->exec_error, reason, sizeof reason));
    }
}

static void close_run(void *state, size_t index)
{
    lrp_guard_close(&((struct local_run *)state + index)->guard);
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
    .end = free,
};
