/* SPDX-License-Identifier: MIT */
#include "slurm.h"

#include "alloc.h"
#include "files.h"
#include "number.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { OUTPUT_MOST = 64 << 20 }; /* of each of the two captured outputs */
static const char SAFE[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";

enum lrp_status lrp_slurm_name(const struct lrp_trainer_run *run, struct lrp_slurm_task *task,
                               struct lrp_error *err)
{
    const char *slash = strrchr(run->report_path, '/');
    const char *name = slash == NULL ? run->report_path : slash + 1;
    size_t length = strspn(name, SAFE);
    if (length == 0 || length >= sizeof task->name ||
        (name[length] != '\0' && name[length] != '.')) {
        return lrp_fail(err, LRP_E_ARG, 0, "a report file of the name '%.60s' names no run", name);
    }
    memcpy(task->name, name, length);
    task->name[length] = '\0';
    return LRP_OK;
}

/* folder/NAME.PART, NULL when memory is short. */
static char *path_of(const struct lrp_slurm *slurm, const struct lrp_slurm_task *task,
                     const char *part)
{
    char name[LRP_SLURM_NAME_SIZE + 16];
    (void)snprintf(name, sizeof name, "%s.%s", task->name, part);
    return lrp_path_join(slurm->folder, name);
}

/* The beginning of a small file as a string; false where there is none. path is freed. */
static bool read_small(char *path, char *buffer, size_t size)
{
    int fd = path == NULL ? -1 : open(path, O_RDONLY | O_CLOEXEC);
    free(path);
    if (fd < 0) {
        return false;
    }
    ssize_t n = pread(fd, buffer, size - 1, 0);
    close(fd);
    buffer[n > 0 ? n : 0] = '\0';
    return n > 0;
}

/* The first three words of NAME.PART; false where it has fewer. */
static bool read_words(const struct lrp_slurm *slurm, const struct lrp_slurm_task *task,
                       const char *part, char words[3][LRP_SLURM_JOB_SIZE])
{
    char text[256];
    bool there = read_small(path_of(slurm, task, part), text, sizeof text);
    const char *at = text;
    for (size_t i = 0; there && i < 3; i++) {
        size_t length = strcspn(at, " \n");
        there = length > 0 && length < LRP_SLURM_JOB_SIZE;
        if (there) {
            memcpy(words[i], at, length);
            words[i][length] = '\0';
            at += length + (at[length] == ' ' ? 1 : 0);
        }
    }
    return there;
}

/* SIZE_MAX where the word is not a number. */
static size_t number_of(const char *word, size_t length)
{
    int64_t value = 0;
    return lrp_parse_int64(word, length, 0, LRP_SLURM_NUMBER_MOST, &value) ? (size_t)value
                                                                           : SIZE_MAX;
}

void lrp_slurm_set_job(struct lrp_slurm *slurm, struct lrp_slurm_task *task, const char *job)
{
    size_t length = strcspn(job, ";");
    (void)snprintf(task->job, sizeof task->job, "%s", job);
    task->job_number = (unsigned long)number_of(job, length);
    if (job[length] == ';') {
        (void)snprintf(slurm->cluster, sizeof slurm->cluster, "%s", job + length + 1);
    }
}

enum lrp_status lrp_slurm_write_id(const struct lrp_slurm *slurm, const struct lrp_slurm_task *task,
                                   struct lrp_error *err)
{
    char text[LRP_SLURM_TOKEN_SIZE + LRP_SLURM_JOB_SIZE + 32];
    int length = snprintf(text, sizeof text, "%s %s %zu\n", task->token,
                          task->job[0] != '\0' ? task->job : "-", task->index);
    char *path = path_of(slurm, task, "id");
    enum lrp_status status =
        path == NULL ? lrp_fail_memory(err, 0) : lrp_write_whole(path, text, (size_t)length, err);
    free(path);
    return status;
}

bool lrp_slurm_read_id(struct lrp_slurm *slurm, struct lrp_slurm_task *task)
{
    char words[3][LRP_SLURM_JOB_SIZE];
    char job[LRP_SLURM_JOB_SIZE] = "";
    if (!read_words(slurm, task, "id", words) || strlen(words[0]) >= sizeof task->token ||
        number_of(words[2], strlen(words[2])) == SIZE_MAX ||
        (strcmp(words[1], "-") != 0 && !lrp_slurm_parse_job(words[1], job))) {
        return false;
    }
    (void)snprintf(task->token, sizeof task->token, "%.16s", words[0]);
    task->job[0] = '\0';
    if (job[0] != '\0') {
        lrp_slurm_set_job(slurm, task, job);
    }
    task->index = number_of(words[2], strlen(words[2]));
    return true;
}

/* The same of what the task's own submission has left; false for that of another. */
static bool read_own(const struct lrp_slurm *slurm, const struct lrp_slurm_task *task,
                     const char *part, char words[3][LRP_SLURM_JOB_SIZE])
{
    return task->token[0] != '\0' && read_words(slurm, task, part, words) &&
           strcmp(task->token, words[0]) == 0;
}

/* A shell reports a signal as 128 and its number. */
static int wait_status_of(size_t code)
{
    if (code > 128 && code < 128 + NSIG) {
        return (int)(code - 128);
    }
    return (int)(code & 255) << 8;
}

/* What Slurm wrote about the task's end, NULL = nothing. */
static const char *last_word(const struct lrp_slurm *slurm, const struct lrp_slurm_task *task)
{
    char text[4096] = "";
    char name[64];
    (void)snprintf(name, sizeof name, "%lu_%zu.log", task->job_number, task->index);
    bool there = read_small(lrp_path_join(slurm->folder, name), text, sizeof text);
    return there ? lrp_slurm_last_word(text) : NULL;
}

static void take_news(const struct lrp_slurm *slurm, struct lrp_slurm_task *task)
{
    char words[3][LRP_SLURM_JOB_SIZE];
    if (!task->begun) {
        task->begun = read_own(slurm, task, "started", words);
    }
    if (!read_own(slurm, task, "status", words)) {
        return;
    }
    task->begun = true;
    task->ended = true;
    task->wait_status = wait_status_of(number_of(words[1], strlen(words[1])));
    const char *said = NULL;
    if (strcmp(words[2], "requeued") == 0) {
        said = "was begun again by Slurm (requeued) in the middle of its run";
    } else if (!task->cancel && task->wait_status != 0) {
        /* The script says "stopped" where it has seen a signal before the trainer's end; both get
         * it at the same time. */
        said = last_word(slurm, task);
        bool stopped = said == NULL && strcmp(words[2], "stopped") == 0;
        said = stopped ? "was ended: its job was told to end" : said;
    }
    (void)snprintf(task->lost, sizeof task->lost, "%s", said == NULL ? "" : said);
}

/* Opening a file makes a network file system ask for what is new in it; the descriptor by which it
 * is read would show that minutes later. */
static void refresh(const char *path, off_t size_most)
{
    struct stat facts;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return;
    }
    if (fstat(fd, &facts) == 0 && S_ISREG(facts.st_mode) && facts.st_size > size_most) {
        (void)truncate(path, size_most);
    }
    close(fd);
}

void lrp_slurm_look(struct lrp_slurm *slurm)
{
    /* Read anew, the folder shows files of other machines; a name asked for before it was there may
     * stay unknown for a minute. */
    DIR *folder = opendir(slurm->folder);
    while (folder != NULL && readdir(folder) != NULL) {
    }
    if (folder != NULL) {
        (void)closedir(folder);
    }
    for (size_t i = 0; i < slurm->set->n_runs; i++) {
        struct lrp_slurm_task *task = &slurm->tasks[i];
        const struct lrp_trainer_run *run = &slurm->set->runs[i];
        if (task->ended || !task->open) {
            continue;
        }
        take_news(slurm, task);
        if (task->begun) {
            refresh(run->report_path, INT64_MAX);
            refresh(run->out_path, OUTPUT_MOST);
            refresh(run->err_path, OUTPUT_MOST);
        }
    }
}

void lrp_slurm_forget(const struct lrp_slurm *slurm, struct lrp_slurm_task *task)
{
    static const char *const parts[] = {"id", "started", "status"};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        char *path = path_of(slurm, task, parts[i]);
        if (path != NULL) {
            (void)unlink(path);
        }
        free(path);
    }
    task->token[0] = '\0';
}
