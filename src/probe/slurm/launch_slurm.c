/* SPDX-License-Identifier: MIT */
/* Runs as one job array of Slurm: submission, and taking up what was submitted before. */
#include "alloc.h"
#include "clock.h"
#include "environment.h"
#include "files.h"
#include "slurm.h"
#include "string_list.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>

enum { SCRIPT_MOST = 1 << 26, FILES_BESIDE = 64 };

static void end(void *state)
{
    struct lrp_slurm *slurm = state;
    if (slurm == NULL) {
        return;
    }
    if (slurm->tasks != NULL) {
        lrp_slurm_cancel(slurm, true);
    }
    lrp_tool_close(&slurm->queue);
    lrp_tool_close(&slurm->cancel);
    free(slurm->tasks);
    free(slurm->folder);
    free(slurm);
}

/* The tasks with their names, and the folder. */
static enum lrp_status fill(struct lrp_slurm *slurm, const struct lrp_launch_set *set,
                            struct lrp_error *err)
{
    slurm->tasks = lrp_calloc_array(set->n_runs, sizeof *slurm->tasks);
    LRP_TRY_MEMORY(slurm->tasks, err);
    slurm->folder = lrp_path_join(set->options->folder, "jobs");
    LRP_TRY_MEMORY(slurm->folder, err);
    LRP_TRY(lrp_make_folder(slurm->folder, err));
    for (size_t i = 0; i < set->n_runs; i++) {
        LRP_TRY(lrp_slurm_name(&set->runs[i], &slurm->tasks[i], err));
    }
    return LRP_OK;
}

static enum lrp_status make(const struct lrp_launch_set *set, struct lrp_slurm **out,
                            struct lrp_error *err)
{
    const struct lrp_launch_pace *pace = &set->options->pace;
    struct lrp_slurm *slurm = lrp_calloc_array(1, sizeof *slurm);
    LRP_TRY_MEMORY(slurm, err);
    *slurm = (struct lrp_slurm){.set = set,
                                .pace = {.look = lrp_seconds_or(pace->look, 1),
                                         .ask = lrp_seconds_or(pace->ask, 5),
                                         .gone = lrp_seconds_or(pace->gone, 15),
                                         .trouble = lrp_seconds_or(pace->trouble, 600),
                                         .answer = lrp_seconds_or(pace->answer, 120)},
                                .begun = lrp_clock_seconds(),
                                .queue = {.out = -1, .err = -1},
                                .cancel = {.out = -1, .err = -1}};
    enum lrp_status status = fill(slurm, set, err);
    if (status != LRP_OK) {
        end(slurm);
        return status;
    }
    *out = slurm;
    return LRP_OK;
}

static enum lrp_status find_programs(struct lrp_error *err)
{
    static const char *const names[] = {"sbatch", "squeue", "scancel"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char *path = NULL;
        if (lrp_find_program(names[i], &path, err) != LRP_OK) {
            return lrp_fail(err, LRP_E_TOOL, 0,
                            "%s is not there: --launcher slurm needs Slurm's sbatch, squeue and "
                            "scancel in PATH",
                            names[i]);
        }
        free(path);
    }
    return LRP_OK;
}

/* The reports of all runs are open at the same time. */
static void allow_files(size_t n)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < n + FILES_BESIDE) {
        limit.rlim_cur = n + FILES_BESIDE < limit.rlim_max ? n + FILES_BESIDE : limit.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &limit); /* if it is too low, opening says so */
    }
}

static void make_token(char token[LRP_SLURM_TOKEN_SIZE])
{
    uint64_t bits = 0;
    if (getrandom(&bits, sizeof bits, 0) != (ssize_t)sizeof bits) {
        double t = lrp_clock_seconds(); /* no earlier submission had the same */
        memcpy(&bits, &t, sizeof bits);
    }
    (void)snprintf(token, LRP_SLURM_TOKEN_SIZE, "%016" PRIx64, bits);
}

static enum lrp_status empty_files(const char *const *paths, size_t n, struct lrp_error *err)
{
    for (size_t i = 0; i < n; i++) {
        LRP_TRY(lrp_write_whole(paths[i], "", 0, err));
    }
    return LRP_OK;
}

/* Gives all runs that no earlier lrprobe left to the submission of this token, *n of them, in the
 * order of its array. What an earlier submission may still find goes first (a task of it that
 * begins late then ends at once), and NAME.id is written before the submission is made. */
static enum lrp_status prepare(struct lrp_slurm *slurm, const char *token, size_t *n,
                               struct lrp_error *err)
{
    for (size_t i = 0; i < slurm->set->n_runs; i++) {
        const struct lrp_trainer_run *run = &slurm->set->runs[i];
        struct lrp_slurm_task *task = &slurm->tasks[i];
        const char *const files[] = {run->report_path, run->out_path, run->err_path};
        if (run->left && lrp_slurm_read_id(slurm, task)) {
            /* a loss source begins anew, and writes all of the report */
            LRP_TRY(empty_files(files, run->told_report != NULL ? 1 : 0, err));
            continue;
        }
        lrp_slurm_forget(slurm, task);
        (void)snprintf(task->token, sizeof task->token, "%s", token);
        task->index = (*n)++;
        LRP_TRY(empty_files(files, sizeof files / sizeof files[0], err));
        LRP_TRY(lrp_slurm_write_id(slurm, task, err));
    }
    return LRP_OK;
}

/* *path: beside the files of the submission's first run. */
static enum lrp_status write_script(const struct lrp_slurm *slurm, const char *token,
                                    struct lrp_text *path, struct lrp_error *err)
{
    const struct lrp_slurm_task *first = slurm->tasks;
    while (strcmp(first->token, token) != 0) {
        first++;
    }
    lrp_text_printf(path, "%s/%s.sh", slurm->folder, first->name);
    LRP_TRY(lrp_text_check(path, err));
    struct lrp_text text;
    lrp_text_init(&text, SCRIPT_MOST);
    enum lrp_status status = lrp_slurm_script_write(&text, slurm, token, err);
    if (status == LRP_OK) {
        status = lrp_write_whole(path->bytes, text.bytes, text.length, err);
    }
    lrp_text_fini(&text);
    return status;
}

/* --output=DIR/jobs/%A_%a.log; a % in the folder's name is not a pattern. */
static enum lrp_status add_output(const struct lrp_slurm *slurm, char ***argv,
                                  struct lrp_error *err)
{
    struct lrp_text folder;
    lrp_text_init(&folder, 1 << 14);
    for (const char *at = slurm->folder; *at != '\0'; at++) {
        lrp_text_append_bytes(&folder, at, 1);
        lrp_text_append(&folder, *at == '%' ? "%" : "");
    }
    enum lrp_status status = lrp_text_check(&folder, err);
    if (status == LRP_OK) {
        status = lrp_string_list_add(argv, err, "--output=%s/%%A_%%a.log", folder.bytes);
    }
    lrp_text_fini(&folder);
    return status;
}

static enum lrp_status sbatch_command(const struct lrp_slurm *slurm, const char *token, size_t n,
                                      const char *script_path, char ***argv, struct lrp_error *err)
{
    /* no requeue: a run begun twice would have two beginnings in its report */
    static const char *const words[] = {"sbatch", "--parsable", "--no-requeue"};
    const struct lrp_launch_options *options = slurm->set->options;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        LRP_TRY(lrp_string_list_add(argv, err, "%s", words[i]));
    }
    LRP_TRY(lrp_string_list_add(argv, err, "--job-name=lrprobe-%s", token));
    LRP_TRY(slurm->set->jobs > 0
                ? lrp_string_list_add(argv, err, "--array=0-%zu%%%zu", n - 1, slurm->set->jobs)
                : lrp_string_list_add(argv, err, "--array=0-%zu", n - 1));
    LRP_TRY(add_output(slurm, argv, err));
    if (options->partition != NULL) {
        LRP_TRY(lrp_string_list_add(argv, err, "--partition=%s", options->partition));
    }
    if (options->time_limit != NULL) {
        LRP_TRY(lrp_string_list_add(argv, err, "--time=%s", options->time_limit));
    }
    for (size_t i = 0; i < options->n_extra; i++) {
        LRP_TRY(lrp_string_list_add(argv, err, "%s", options->extra[i]));
    }
    return lrp_string_list_add(argv, err, "%s", script_path);
}

static enum lrp_status call_sbatch(const struct lrp_slurm *slurm, const char *token, size_t n,
                                   char job[LRP_SLURM_JOB_SIZE], struct lrp_error *err)
{
    char **argv = NULL;
    struct lrp_text path;
    struct lrp_text answer;
    lrp_text_init(&path, 1 << 14);
    lrp_text_init(&answer, 1 << 16);
    enum lrp_status status = write_script(slurm, token, &path, err);
    if (status == LRP_OK) {
        status = sbatch_command(slurm, token, n, path.bytes, &argv, err);
    }
    if (status == LRP_OK) {
        status = lrp_tool_run(argv, slurm->pace.answer, slurm->set->stop, &answer, err);
    }
    if (status == LRP_OK && !lrp_slurm_parse_job(lrp_text_string(&answer), job)) {
        status = lrp_fail(err, LRP_E_TOOL, 0, "sbatch has named no job");
    }
    lrp_text_fini(&answer);
    lrp_text_fini(&path);
    lrp_string_list_free(argv);
    return status;
}

/* Submits all runs that were not left by an earlier lrprobe. */
static enum lrp_status submit(struct lrp_slurm *slurm, struct lrp_error *err)
{
    char token[LRP_SLURM_TOKEN_SIZE];
    char job[LRP_SLURM_JOB_SIZE];
    size_t n = 0;
    make_token(token);
    enum lrp_status status = prepare(slurm, token, &n, err);
    if (status == LRP_OK && n > 0) {
        status = call_sbatch(slurm, token, n, job, err);
    }
    for (size_t i = 0; i < slurm->set->n_runs; i++) {
        struct lrp_slurm_task *task = &slurm->tasks[i];
        if (strcmp(task->token, token) != 0) {
            continue;
        }
        if (status == LRP_OK) {
            lrp_slurm_set_job(slurm, task, job);
            status = lrp_slurm_write_id(slurm, task, err);
        } else if (status != LRP_E_INTERRUPTED) { /* then the job may be there all the same */
            lrp_slurm_forget(slurm, task);
        }
    }
    return status;
}

static enum lrp_status begin(const struct lrp_launch_set *set, void **state, struct lrp_error *err)
{
    struct lrp_slurm *slurm = NULL;
    LRP_TRY(find_programs(err));
    LRP_TRY(make(set, &slurm, err));
    allow_files(set->n_runs);
    enum lrp_status status = submit(slurm, err);
    if (status != LRP_OK) {
        end(slurm);
        return status;
    }
    *state = slurm;
    return LRP_OK;
}

static enum lrp_status start(void *state, size_t index, struct lrp_launch_news *news,
                             struct lrp_error *err)
{
    (void)news;
    (void)err;
    struct lrp_slurm *slurm = state;
    slurm->tasks[index].open = true;
    return LRP_OK;
}

static void signal_run(void *state, size_t index, int signal_number)
{
    (void)signal_number; /* the script sees to SIGKILL, after its grace */
    struct lrp_slurm *slurm = state;
    slurm->tasks[index].cancel = true;
}

static void receive(void *state, size_t index, struct lrp_launch_news *news)
{
    struct lrp_slurm *slurm = state;
    const struct lrp_slurm_task *task = &slurm->tasks[index];
    double t = lrp_clock_seconds();
    if (t - slurm->looked >= slurm->pace.look) {
        slurm->looked = t;
        lrp_slurm_look(slurm);
        lrp_slurm_follow(slurm);
    }
    news->begun = task->begun;
    news->ended = task->ended;
    news->wait_status = task->wait_status;
    (void)snprintf(news->lost, sizeof news->lost, "%s", task->lost);
}

static void close_run(void *state, size_t index)
{
    struct lrp_slurm *slurm = state;
    struct lrp_slurm_task *task = &slurm->tasks[index];
    task->cancel = task->cancel || !task->ended;
    task->open = false;
    lrp_slurm_forget(slurm, task);
}

static enum lrp_status leave(void *state, struct lrp_error *err)
{
    const struct lrp_slurm *slurm = state;
    char jobs[120] = "";
    size_t length = 0;
    const char *last = "";
    for (size_t i = 0; i < slurm->set->n_runs; i++) {
        const struct lrp_slurm_task *task = &slurm->tasks[i];
        size_t room = sizeof jobs - length;
        if (task->token[0] == '\0' || task->ended || strcmp(task->job, last) == 0 ||
            strlen(task->job) + 2 > room) {
            continue;
        }
        length +=
            (size_t)snprintf(jobs + length, room, "%s%lu", length > 0 ? " " : "", task->job_number);
        last = task->job;
    }
    return lrp_fail(err, LRP_E_INTERRUPTED, 0,
                    "left; jobs %s go on; pick them up with lrprobe sweep --resume %.150s, or end "
                    "them with scancel %s",
                    jobs, slurm->set->options->folder, jobs);
}

/* Of the open tasks, which an earlier lrprobe submitted, those that are under way or have ended
 * with a status are left; the others are forgotten. */
static enum lrp_status ask_for_left(struct lrp_slurm *slurm, struct lrp_error *err)
{
    bool unclear = false;
    lrp_slurm_look(slurm);
    for (size_t i = 0; i < slurm->set->n_runs; i++) {
        unclear |= slurm->tasks[i].open && !slurm->tasks[i].ended;
    }
    if (unclear) {
        LRP_TRY(lrp_slurm_ask(slurm, err));
    }
    lrp_slurm_look(slurm); /* what has ended since the first look */
    for (size_t i = 0; i < slurm->set->n_runs; i++) {
        struct lrp_slurm_task *task = &slurm->tasks[i];
        /* one whose job was cancelled meanwhile is run again */
        bool left = task->open && (task->ended ? task->lost[0] == '\0' : task->seen);
        slurm->set->runs[i].left = left;
        if (left) {
            LRP_TRY(lrp_slurm_write_id(slurm, task, err)); /* its job may not have been known */
        } else if (task->open) {
            lrp_slurm_forget(slurm, task);
        }
        task->open = false;
    }
    return LRP_OK;
}

static enum lrp_status find_left(const struct lrp_launch_set *set, struct lrp_error *err)
{
    struct lrp_slurm *slurm = NULL;
    LRP_TRY(make(set, &slurm, err));
    bool any = false;
    for (size_t i = 0; i < set->n_runs; i++) {
        set->runs[i].left = false;
        slurm->tasks[i].open = lrp_slurm_read_id(slurm, &slurm->tasks[i]);
        any |= slurm->tasks[i].open;
    }
    enum lrp_status status = any ? ask_for_left(slurm, err) : LRP_OK;
    end(slurm);
    return status;
}

const struct lrp_launcher lrp_launcher_slurm = {
    .name = "slurm",
    .help = "one Slurm job array for each set of runs",
    .whole_set = true,
    .find_left = find_left,
    .begin = begin,
    .start = start,
    .signal = signal_run,
    .receive = receive,
    .close = close_run,
    .leave = leave,
    .end = end,
};
