/* SPDX-License-Identifier: MIT */
/* Runs as one job array of Slurm: submission, and taking up what was submitted before. */
#include "alloc.h"
#include "clock.h"
#include "environment.h"
#include "files.h"
#include "slurm.h"
#include "slurm_script.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>

enum { SCRIPT_MOST = 1 << 26, OPTIONS_OF_OURS = 8, FILES_BESIDE = 64 };

static void end(void *state)
{
    struct lrp_slurm *slurm = state;
    if (slurm == NULL) {
        return;
    }
    if (slurm->tasks != NULL) {
        (void)lrp_slurm_cancel(slurm, NULL);
    }
    lrp_tool_close(&slurm->queue);
    lrp_tool_close(&slurm->cancel);
    free(slurm->tasks);
    free(slurm->folder);
    free(slurm);
}

static double or_default(double given, double value)
{
    return given > 0 ? given : value;
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
    *slurm = (struct lrp_slurm){.runs = set->runs,
                                .n_runs = set->n_runs,
                                .options = set->options,
                                .pace = {.look = or_default(pace->look, 1),
                                         .ask = or_default(pace->ask, 5),
                                         .gone = or_default(pace->gone, 15),
                                         .trouble = or_default(pace->trouble, 600),
                                         .answer = or_default(pace->answer, 120)},
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

struct submission {
    struct lrp_slurm *slurm;
    const struct lrp_launch_set *set;
    size_t *which; /* the runs that are submitted, in the order of the array */
    size_t n;
    char token[LRP_SLURM_TOKEN_SIZE];
    struct lrp_text script_path;
    struct lrp_text output; /* option */
};

/* Empty reports and outputs, and word of the submission before it is made. */
static enum lrp_status prepare(struct submission *submission, struct lrp_error *err)
{
    struct lrp_slurm *slurm = submission->slurm;
    for (size_t i = 0; i < submission->n; i++) {
        struct lrp_slurm_task *task = &slurm->tasks[submission->which[i]];
        const struct lrp_trainer_run *run = &slurm->runs[submission->which[i]];
        const char *const files[] = {run->report_path, run->out_path, run->err_path};
        lrp_slurm_forget(slurm, task);
        (void)snprintf(task->token, sizeof task->token, "%s", submission->token);
        task->index = i;
        for (size_t k = 0; k < 3; k++) {
            LRP_TRY(lrp_write_whole(files[k], "", 0, err));
        }
        LRP_TRY(lrp_slurm_write_id(slurm, task, err));
    }
    return LRP_OK;
}

static enum lrp_status write_script(struct submission *submission, struct lrp_error *err)
{
    const struct lrp_slurm *slurm = submission->slurm;
    const char *first = slurm->tasks[submission->which[0]].name;
    lrp_text_printf(&submission->script_path, "%s/%s.sh", slurm->folder, first);
    LRP_TRY(lrp_text_check(&submission->script_path, err));
    const struct lrp_slurm_script script = {.token = submission->token,
                                            .folder = slurm->folder,
                                            .grace = (unsigned)ceil(submission->set->grace_seconds),
                                            .runs = slurm->runs,
                                            .tasks = slurm->tasks,
                                            .which = submission->which,
                                            .n_runs = submission->n};
    struct lrp_text text;
    lrp_text_init(&text, SCRIPT_MOST);
    enum lrp_status status = lrp_slurm_script_write(&text, &script, err);
    if (status == LRP_OK) {
        status = lrp_write_whole(submission->script_path.bytes, text.bytes, text.length, err);
    }
    lrp_text_fini(&text);
    return status;
}

/* --output=DIR/jobs/%A_%a.log; a % in the folder's name is no pattern. */
static void output_option(struct submission *submission)
{
    struct lrp_text *text = &submission->output;
    lrp_text_append(text, "--output=");
    for (const char *at = submission->slurm->folder; *at != '\0'; at++) {
        lrp_text_append_bytes(text, at, 1);
        lrp_text_append(text, *at == '%' ? "%" : "");
    }
    lrp_text_append(text, "/%A_%a.log");
}

static enum lrp_status call_sbatch(struct submission *submission, char job[LRP_SLURM_JOB_SIZE],
                                   struct lrp_error *err)
{
    const struct lrp_launch_options *options = submission->slurm->options;
    const char **argv = lrp_calloc_array(OPTIONS_OF_OURS + options->n_extra + 4, sizeof *argv);
    if (argv == NULL) {
        return lrp_fail_memory(err, 0);
    }
    char name[LRP_SLURM_TOKEN_SIZE + 32];
    char array[64];
    char partition[200];
    char time_limit[100];
    size_t jobs = submission->set->jobs;
    size_t n = 0;
    (void)snprintf(name, sizeof name, "--job-name=lrprobe-%s", submission->token);
    (void)snprintf(array, sizeof array, jobs > 0 ? "--array=0-%zu%%%zu" : "--array=0-%zu",
                   submission->n - 1, jobs);
    output_option(submission);
    argv[n++] = "sbatch";
    argv[n++] = "--parsable";
    argv[n++] = "--no-requeue"; /* a run begun twice would have two beginnings in its report */
    argv[n++] = name;
    argv[n++] = array;
    argv[n++] = lrp_text_string(&submission->output);
    if (options->partition != NULL) {
        (void)snprintf(partition, sizeof partition, "--partition=%s", options->partition);
        argv[n++] = partition;
    }
    if (options->time_limit != NULL) {
        (void)snprintf(time_limit, sizeof time_limit, "--time=%s", options->time_limit);
        argv[n++] = time_limit;
    }
    for (size_t i = 0; i < options->n_extra; i++) {
        argv[n++] = options->extra[i];
    }
    argv[n++] = submission->script_path.bytes;
    struct lrp_text answer;
    lrp_text_init(&answer, 1 << 16);
    enum lrp_status status =
        lrp_tool_run(argv, submission->slurm->pace.answer, submission->set->stop, &answer, err);
    if (status == LRP_OK && !lrp_slurm_parse_job(lrp_text_string(&answer), job)) {
        status = lrp_fail(err, LRP_E_TOOL, 0, "sbatch has named no job");
    }
    lrp_text_fini(&answer);
    free(argv);
    return status;
}

static enum lrp_status submit(struct submission *submission, struct lrp_error *err)
{
    struct lrp_slurm *slurm = submission->slurm;
    char job[LRP_SLURM_JOB_SIZE];
    make_token(submission->token);
    enum lrp_status status = prepare(submission, err);
    status = status == LRP_OK ? write_script(submission, err) : status;
    status = status == LRP_OK ? call_sbatch(submission, job, err) : status;
    for (size_t i = 0; i < submission->n; i++) {
        struct lrp_slurm_task *task = &slurm->tasks[submission->which[i]];
        if (status == LRP_OK) {
            lrp_slurm_set_job(slurm, task, job);
            status = lrp_slurm_write_id(slurm, task, err);
        } else if (status != LRP_E_INTERRUPTED) { /* then the job may be there all the same */
            lrp_slurm_forget(slurm, task);
        }
    }
    return status;
}

/* Submits all runs that were not left by an earlier lrprobe. */
static enum lrp_status submit_new(struct lrp_slurm *slurm, const struct lrp_launch_set *set,
                                  struct lrp_error *err)
{
    struct submission submission = {.slurm = slurm, .set = set};
    lrp_text_init(&submission.script_path, 1 << 14);
    lrp_text_init(&submission.output, 1 << 14);
    submission.which = lrp_calloc_array(set->n_runs, sizeof *submission.which);
    if (submission.which == NULL) {
        return lrp_fail_memory(err, 0);
    }
    enum lrp_status status = LRP_OK;
    for (size_t i = 0; i < set->n_runs && status == LRP_OK; i++) {
        const struct lrp_trainer_run *run = &set->runs[i];
        if (!run->left || !lrp_slurm_read_id(slurm, &slurm->tasks[i])) {
            submission.which[submission.n++] = i;
        } else if (run->told_report != NULL) { /* its source begins anew, and writes all of it */
            status = lrp_write_whole(run->report_path, "", 0, err);
        }
    }
    if (status == LRP_OK && submission.n > 0) {
        status = submit(&submission, err);
    }
    free(submission.which);
    lrp_text_fini(&submission.script_path);
    lrp_text_fini(&submission.output);
    return status;
}

static enum lrp_status begin(const struct lrp_launch_set *set, void **state, struct lrp_error *err)
{
    struct lrp_slurm *slurm = NULL;
    enum lrp_status status = find_programs(err);
    status = status == LRP_OK ? make(set, &slurm, err) : status;
    if (status != LRP_OK) {
        return status;
    }
    allow_files(set->n_runs);
    status = submit_new(slurm, set, err);
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

static int descriptor(const void *state, size_t index)
{
    (void)state;
    (void)index;
    return -1;
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
    for (size_t i = 0; i < slurm->n_runs; i++) {
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
                    jobs, slurm->options->folder, jobs);
}

/* Of the tasks that an earlier lrprobe has given away, those that are under way or have ended with
 * a status; the others are forgotten. */
static enum lrp_status ask_for_left(struct lrp_slurm *slurm, const struct lrp_launch_set *set,
                                    struct lrp_error *err)
{
    bool unclear = false;
    lrp_slurm_look(slurm);
    for (size_t i = 0; i < slurm->n_runs; i++) {
        unclear |= slurm->tasks[i].open && !slurm->tasks[i].ended;
    }
    enum lrp_status status = unclear ? lrp_slurm_ask(slurm, set->stop, err) : LRP_OK;
    if (status != LRP_OK) {
        return status;
    }
    lrp_slurm_look(slurm); /* what has ended since the first look */
    for (size_t i = 0; i < slurm->n_runs && status == LRP_OK; i++) {
        struct lrp_slurm_task *task = &slurm->tasks[i];
        /* one whose job was cancelled meanwhile is run again */
        bool whole = task->ended && task->lost[0] == '\0';
        set->runs[i].left = task->open && (whole || (!task->ended && task->seen));
        if (set->runs[i].left) {
            status = lrp_slurm_write_id(slurm, task, err); /* its job may not have been known */
        } else if (task->open) {
            lrp_slurm_forget(slurm, task);
        }
        task->open = false;
    }
    return status;
}

static enum lrp_status find_left(const struct lrp_launch_set *set, struct lrp_error *err)
{
    struct lrp_slurm *slurm = NULL;
    enum lrp_status status = make(set, &slurm, err);
    if (status != LRP_OK) {
        return status;
    }
    bool any = false;
    for (size_t i = 0; i < set->n_runs; i++) {
        set->runs[i].left = false;
        slurm->tasks[i].open = lrp_slurm_read_id(slurm, &slurm->tasks[i]);
        any |= slurm->tasks[i].open;
    }
    if (any) {
        status = ask_for_left(slurm, set, err);
    }
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
    .descriptor = descriptor,
    .signal = signal_run,
    .receive = receive,
    .close = close_run,
    .leave = leave,
    .end = end,
};
