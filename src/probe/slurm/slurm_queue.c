/* SPDX-License-Identifier: MIT */
#include "slurm.h"

#include "clock.h"
#include "string_list.h"
#include "text.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* An old set is asked after less often, but never less often than this many times the pace. */
enum { SLOWEST = 6, AGE_SHARE = 20, ANSWER_MOST = 1 << 26 };
static const double CANCEL_AGAIN_SECONDS = 15;

static bool is_wanted(const struct lrp_slurm_task *task)
{
    return task->open && !task->ended && task->token[0] != '\0';
}

static bool any_is_wanted(const struct lrp_slurm *slurm)
{
    for (size_t i = 0; i < slurm->set->n_runs; i++) {
        if (is_wanted(&slurm->tasks[i])) {
            return true;
        }
    }
    return false;
}

static enum lrp_status add_cluster(const struct lrp_slurm *slurm, char ***argv,
                                   struct lrp_error *err)
{
    return slurm->cluster[0] == '\0'
               ? LRP_OK
               : lrp_string_list_add(argv, err, "--clusters=%s", slurm->cluster);
}

static enum lrp_status queue_command(const struct lrp_slurm *slurm, char ***argv,
                                     struct lrp_error *err)
{
    static const char *const words[] = {"squeue", "--noheader", "--array", "--states=all",
                                        ("--format=" LRP_SLURM_QUEUE_FORMAT)};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        LRP_TRY(lrp_string_list_add(argv, err, "%s", words[i]));
    }
    LRP_TRY(lrp_string_list_add(argv, err, "--user=%lu", (unsigned long)getuid()));
    return add_cluster(slurm, argv, err);
}

static bool is_named(const struct lrp_slurm_task *task, const struct lrp_slurm_row *row)
{
    char name[LRP_SLURM_TOKEN_SIZE + 16];
    int length = snprintf(name, sizeof name, "lrprobe-%s", task->token);
    return row->index == task->index && row->name_length == (size_t)length &&
           memcmp(row->name, name, (size_t)length) == 0;
}

static void take_row(struct lrp_slurm *slurm, const struct lrp_slurm_row *row)
{
    const struct lrp_slurm_state *state = lrp_slurm_state_find(row->state, row->state_length);
    for (size_t i = 0; i < slurm->set->n_runs; i++) {
        struct lrp_slurm_task *task = &slurm->tasks[i];
        if (task->token[0] == '\0') {
            continue;
        }
        if (task->job[0] == '\0' && is_named(task, row)) {
            char job[LRP_SLURM_JOB_SIZE];
            (void)snprintf(job, sizeof job, "%lu", row->job);
            lrp_slurm_set_job(slurm, task, job);
        }
        if (task->job[0] != '\0' && task->job_number == row->job && task->index == row->index) {
            task->state = state;
            task->seen = state == NULL || state->under_way;
        }
    }
}

static void take_answer(struct lrp_slurm *slurm, const char *text)
{
    struct lrp_slurm_row row;
    double t = lrp_clock_seconds();
    for (size_t i = 0; i < slurm->set->n_runs; i++) {
        slurm->tasks[i].seen = false;
    }
    while (lrp_slurm_next_row(&text, &row)) {
        take_row(slurm, &row);
    }
    for (size_t i = 0; i < slurm->set->n_runs; i++) {
        struct lrp_slurm_task *task = &slurm->tasks[i];
        double since = task->missing > 0 ? task->missing : t;
        task->missing = task->seen ? 0 : since;
    }
}

static void queue_failed(struct lrp_slurm *slurm, const struct lrp_error *err)
{
    slurm->trouble = slurm->trouble > 0 ? slurm->trouble : lrp_clock_seconds();
    (void)snprintf(slurm->complaint, sizeof slurm->complaint, "%.120s", err->message);
}

static void start_queue(struct lrp_slurm *slurm)
{
    struct lrp_error err;
    char **argv = NULL;
    if (queue_command(slurm, &argv, &err) == LRP_OK &&
        lrp_tool_start(&slurm->queue, argv, &err) != LRP_OK) {
        slurm->asked = lrp_clock_seconds();
        queue_failed(slurm, &err);
    }
    lrp_string_list_free(argv);
}

static void follow_queue(struct lrp_slurm *slurm)
{
    double t = lrp_clock_seconds();
    if (slurm->queue.pid == 0) {
        double pause = (t - slurm->begun) / AGE_SHARE;
        pause = pause > slurm->pace.ask ? pause : slurm->pace.ask;
        pause = pause < SLOWEST * slurm->pace.ask ? pause : SLOWEST * slurm->pace.ask;
        if (t - slurm->asked >= pause && any_is_wanted(slurm)) {
            start_queue(slurm);
        }
        return;
    }
    struct lrp_error err;
    struct lrp_text text;
    bool ended = false;
    lrp_text_init(&text, ANSWER_MOST);
    enum lrp_status status = lrp_tool_poll(&slurm->queue, slurm->pace.answer, &ended, &text, &err);
    if (ended) {
        slurm->asked = t;
    }
    if (ended && status == LRP_OK) {
        slurm->trouble = 0;
        take_answer(slurm, lrp_text_string(&text));
    } else if (ended) {
        queue_failed(slurm, &err);
    }
    lrp_text_fini(&text);
}

enum lrp_status lrp_slurm_ask(struct lrp_slurm *slurm, struct lrp_error *err)
{
    char **argv = NULL;
    struct lrp_text text;
    lrp_text_init(&text, ANSWER_MOST);
    enum lrp_status status = queue_command(slurm, &argv, err);
    if (status == LRP_OK) {
        status = lrp_tool_run(argv, slurm->pace.answer, slurm->set->stop, &text, err);
    }
    if (status == LRP_OK) {
        take_answer(slurm, lrp_text_string(&text));
    }
    lrp_text_fini(&text);
    lrp_string_list_free(argv);
    return status;
}

static bool is_to_cancel(const struct lrp_slurm_task *task, double t)
{
    bool due = task->cancelled <= 0 || t - task->cancelled >= CANCEL_AGAIN_SECONDS;
    return task->cancel && !task->ended && task->job[0] != '\0' && due;
}

/* scancel for all tasks that are to be ended and have not been told, or not lately. *any: there are
 * such. */
static enum lrp_status cancel_command(struct lrp_slurm *slurm, char ***argv, bool *any)
{
    double t = lrp_clock_seconds();
    LRP_TRY(lrp_string_list_add(argv, NULL, "scancel"));
    LRP_TRY(lrp_string_list_add(argv, NULL, "--quiet"));
    LRP_TRY(add_cluster(slurm, argv, NULL));
    for (size_t i = 0; i < slurm->set->n_runs; i++) {
        struct lrp_slurm_task *task = &slurm->tasks[i];
        if (is_to_cancel(task, t)) {
            LRP_TRY(lrp_string_list_add(argv, NULL, "%lu_%zu", task->job_number, task->index));
            task->cancelled = t;
            *any = true;
        }
    }
    return LRP_OK;
}

void lrp_slurm_cancel(struct lrp_slurm *slurm, bool wait)
{
    bool ended = false;
    bool any = false;
    char **argv = NULL;
    struct lrp_text text;
    lrp_text_init(&text, ANSWER_MOST);
    if (slurm->cancel.pid != 0 && !wait) {
        (void)lrp_tool_poll(&slurm->cancel, slurm->pace.answer, &ended, &text, NULL);
    } else if (cancel_command(slurm, &argv, &any) == LRP_OK && any) {
        (void)(wait ? lrp_tool_run(argv, slurm->pace.answer, NULL, &text, NULL)
                    : lrp_tool_start(&slurm->cancel, argv, NULL));
    }
    lrp_text_fini(&text);
    lrp_string_list_free(argv);
}

static void describe_loss(const struct lrp_slurm *slurm, struct lrp_slurm_task *task)
{
    const struct lrp_slurm_state *state = task->state;
    const char *name = state == NULL ? NULL : state->name;
    if (state != NULL && state->ended != NULL) {
        (void)snprintf(task->lost, sizeof task->lost, "%s", state->ended);
    } else if (task->begun) {
        (void)snprintf(task->lost, sizeof task->lost,
                       "was lost: its job is gone and has left no exit status%s%s",
                       name == NULL ? "" : ", Slurm says ", name == NULL ? "" : name);
    } else if (state != NULL) {
        (void)snprintf(task->lost, sizeof task->lost,
                       "did not begin (Slurm says %s; do the nodes see %.90s?)", name,
                       slurm->folder);
    } else {
        (void)snprintf(task->lost, sizeof task->lost,
                       "did not begin: its job is gone, or was cancelled");
    }
}

static void judge(struct lrp_slurm *slurm, struct lrp_slurm_task *task)
{
    double t = lrp_clock_seconds();
    double wait = task->cancel && !task->begun ? 0 : slurm->pace.gone;
    if (task->missing > 0 && t - task->missing >= wait) {
        task->ended = true;
        describe_loss(slurm, task);
    } else if (slurm->trouble > 0 && t - slurm->trouble >= slurm->pace.trouble &&
               (!task->begun || task->cancel)) {
        task->ended = true;
        (void)snprintf(task->lost, sizeof task->lost, "cannot be followed: %.120s",
                       slurm->complaint);
    }
}

void lrp_slurm_follow(struct lrp_slurm *slurm)
{
    follow_queue(slurm);
    lrp_slurm_cancel(slurm, false);
    for (size_t i = 0; i < slurm->set->n_runs; i++) {
        if (is_wanted(&slurm->tasks[i])) {
            judge(slurm, &slurm->tasks[i]);
        }
    }
}
