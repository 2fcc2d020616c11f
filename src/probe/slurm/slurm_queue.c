/* SPDX-License-Identifier: MIT */
#include "slurm.h"

#include "alloc.h"
#include "clock.h"
#include "text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* An old set is asked after less often, but never less often than this many times the pace. */
enum { SLOWEST = 6, AGE_SHARE = 20, ANSWER_MOST = 1 << 26 };
static const double CANCEL_AGAIN_SECONDS = 15;

struct words { /* of a command line, with room for what they are made of */
    const char **argv;
    char (*made)[LRP_SLURM_JOB_SIZE + 32];
    size_t n, n_made;
};

static bool make_words(struct words *words, size_t most)
{
    *words = (struct words){.argv = lrp_calloc_array(most + 1, sizeof *words->argv),
                            .made = lrp_calloc_array(most, sizeof *words->made)};
    return words->argv != NULL && words->made != NULL;
}

static void free_words(struct words *words)
{
    free(words->argv);
    free(words->made);
}

LRP_PRINTF(2, 3)
static void add_word(struct words *words, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *word = words->made[words->n_made++];
    (void)vsnprintf(word, sizeof words->made[0], format, arguments);
    va_end(arguments);
    words->argv[words->n++] = word;
}

static bool is_wanted(const struct lrp_slurm_task *task)
{
    return task->open && !task->ended && task->token[0] != '\0';
}

static bool any_is_wanted(const struct lrp_slurm *slurm)
{
    for (size_t i = 0; i < slurm->n_runs; i++) {
        if (is_wanted(&slurm->tasks[i])) {
            return true;
        }
    }
    return false;
}

static bool queue_words(const struct lrp_slurm *slurm, struct words *words)
{
    if (!make_words(words, 8)) {
        return false;
    }
    words->argv[words->n++] = "squeue";
    add_word(words, "--noheader");
    add_word(words, "--array");
    add_word(words, "--states=all");
    add_word(words, "--user=%lu", (unsigned long)getuid());
    add_word(words, "--format=%s", LRP_SLURM_QUEUE_FORMAT);
    if (slurm->cluster[0] != '\0') {
        add_word(words, "--clusters=%s", slurm->cluster);
    }
    return true;
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
    for (size_t i = 0; i < slurm->n_runs; i++) {
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
    for (size_t i = 0; i < slurm->n_runs; i++) {
        slurm->tasks[i].seen = false;
    }
    while (lrp_slurm_next_row(&text, &row)) {
        take_row(slurm, &row);
    }
    for (size_t i = 0; i < slurm->n_runs; i++) {
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
    struct words words;
    if (queue_words(slurm, &words) && lrp_tool_start(&slurm->queue, words.argv, &err) != LRP_OK) {
        slurm->asked = lrp_clock_seconds();
        queue_failed(slurm, &err);
    }
    free_words(&words);
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

enum lrp_status lrp_slurm_ask(struct lrp_slurm *slurm, const volatile int *stop,
                              struct lrp_error *err)
{
    struct words words;
    struct lrp_text text;
    lrp_text_init(&text, ANSWER_MOST);
    enum lrp_status status = LRP_OK;
    if (queue_words(slurm, &words)) {
        status = lrp_tool_run(words.argv, slurm->pace.answer, stop, &text, err);
    } else {
        status = lrp_fail_memory(err, 0);
    }
    if (status == LRP_OK) {
        take_answer(slurm, lrp_text_string(&text));
    }
    lrp_text_fini(&text);
    free_words(&words);
    return status;
}

/* scancel for all tasks that are to be ended and have not been told, or not lately; false where
 * there are none, or no memory. */
static bool cancel_words(struct lrp_slurm *slurm, struct words *words)
{
    double t = lrp_clock_seconds();
    bool any = false;
    if (!make_words(words, slurm->n_runs + 3)) {
        return false;
    }
    words->argv[words->n++] = "scancel";
    add_word(words, "--quiet");
    if (slurm->cluster[0] != '\0') {
        add_word(words, "--clusters=%s", slurm->cluster);
    }
    for (size_t i = 0; i < slurm->n_runs; i++) {
        struct lrp_slurm_task *task = &slurm->tasks[i];
        bool due = task->cancelled <= 0 || t - task->cancelled >= CANCEL_AGAIN_SECONDS;
        if (task->cancel && !task->ended && task->job[0] != '\0' && due) {
            task->cancelled = t;
            add_word(words, "%lu_%zu", task->job_number, task->index);
            any = true;
        }
    }
    return any;
}

static void follow_cancel(struct lrp_slurm *slurm)
{
    struct lrp_error err; /* what scancel cannot do now is tried again */
    if (slurm->cancel.pid != 0) {
        struct lrp_text text;
        bool ended = false;
        lrp_text_init(&text, ANSWER_MOST);
        (void)lrp_tool_poll(&slurm->cancel, slurm->pace.answer, &ended, &text, &err);
        lrp_text_fini(&text);
        return;
    }
    struct words words;
    if (cancel_words(slurm, &words)) {
        (void)lrp_tool_start(&slurm->cancel, words.argv, &err);
    }
    free_words(&words);
}

enum lrp_status lrp_slurm_cancel(struct lrp_slurm *slurm, struct lrp_error *err)
{
    struct words words;
    struct lrp_text text;
    enum lrp_status status = LRP_OK;
    lrp_text_init(&text, ANSWER_MOST);
    if (cancel_words(slurm, &words)) {
        status = lrp_tool_run(words.argv, slurm->pace.answer, NULL, &text, err);
    }
    lrp_text_fini(&text);
    free_words(&words);
    return status;
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
    follow_cancel(slurm);
    for (size_t i = 0; i < slurm->n_runs; i++) {
        if (is_wanted(&slurm->tasks[i])) {
            judge(slurm, &slurm->tasks[i]);
        }
    }
}
