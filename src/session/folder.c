/* SPDX-License-Identifier: MIT */
#include "folder.h"

#include "alloc.h"
#include "files.h"
#include "number.h"
#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum lrp_status lrp_session_event(struct lrp_session *session, struct lrp_error *err,
                                  const char *format, ...)
{
    struct lrp_session_result *result = session->result;
    enum lrp_status status =
        lrp_grow_array((void **)&result->events, result->n_events, &session->event_capacity,
                       sizeof *result->events, 100000, err);
    if (status != LRP_OK) {
        return status;
    }
    char sentence[600];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    char *copy = lrp_strdup(sentence);
    if (copy == NULL) {
        return lrp_fail_memory(err, 0);
    }
    result->events[result->n_events++] = copy;
    return LRP_OK;
}

enum lrp_status lrp_folder_make(const struct lrp_session *session, struct lrp_error *err)
{
    static const char *const parts[] = {"plans", "runs", "logs"};
    const char *folder = session->options.folder;
    char *manifest = lrp_path_join(folder, "sweep.json");
    if (manifest == NULL) {
        return lrp_fail_memory(err, 0);
    }
    bool taken = access(manifest, F_OK) == 0;
    free(manifest);
    if (taken && !session->options.resume) {
        return lrp_fail(err, LRP_E_ARG, 0,
                        "the folder %.150s holds a sweep already; name another one with -o, or go "
                        "on with it by --resume",
                        folder);
    }
    enum lrp_status status = lrp_make_folder(folder, err);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0] && status == LRP_OK; i++) {
        char *path = lrp_path_join(folder, parts[i]);
        status = path == NULL ? lrp_fail_memory(err, 0) : lrp_make_folder(path, err);
        free(path);
    }
    return status;
}

/* folder/part/NNN.extension, NULL when memory is short. */
static char *numbered_path(const char *folder, const char *part, size_t number,
                           const char *extension)
{
    char name[64];
    (void)snprintf(name, sizeof name, "%s/%03zu.%s", part, number, extension);
    return lrp_path_join(folder, name);
}

/* Whether a file holds just these bytes. */
static bool holds(const char *path, const char *bytes, size_t length)
{
    FILE *file = fopen(path, "re");
    char buffer[4096];
    size_t at = 0;
    size_t n = 0;
    if (file == NULL) {
        return false;
    }
    bool same = true;
    while (same && (n = fread(buffer, 1, sizeof buffer, file)) > 0) {
        same = n <= length - at && memcmp(bytes + at, buffer, n) == 0;
        at += n;
    }
    same = same && ferror(file) == 0 && at == length;
    (void)fclose(file);
    return same;
}

enum lrp_status lrp_run_rates(const struct lrp_session *session, const struct lrp_phase *phase,
                              size_t run, double **rates, struct lrp_error *err)
{
    const double lr = session->runs[run].lr;
    if (!isnan(lr)) {
        *rates = lrp_calloc_array(phase->steps, sizeof **rates);
        for (size_t k = 0; *rates != NULL && k < phase->steps; k++) {
            (*rates)[k] = lr;
        }
        return *rates != NULL ? LRP_OK : lrp_fail_memory(err, phase->steps * sizeof **rates);
    }
    /* the scout looks for decades: in a linear plan all but the last one pass in a few steps */
    enum lrp_sweep_shape shape =
        strcmp(phase->name, "scout") == 0 ? LRP_SWEEP_EXP : session->options.shape;
    return lrp_plan_sweep(shape, phase->lr_min, phase->lr_max, phase->steps, rates, err);
}

static enum lrp_status write_plan(struct lrp_session *session, const struct lrp_phase *phase,
                                  size_t run, struct lrp_error *err)
{
    double *rates = NULL;
    struct lrp_session_run *item = &session->runs[run];
    const char *path = item->paths[0];
    enum lrp_status status = lrp_run_rates(session, phase, run, &rates, err);
    if (status != LRP_OK) {
        return status;
    }
    struct lrp_text text;
    lrp_text_init(&text, (size_t)1 << 30);
    lrp_text_append(&text, "step,lr\n");
    for (size_t k = 0; k < phase->steps; k++) {
        char number[LRP_NUMBER_SIZE];
        lrp_text_printf(&text, "%zu,%s\n", k, lrp_format_double(rates[k], number));
    }
    status = lrp_text_check(&text, err);
    if (status == LRP_OK) {
        item->same_plan = holds(path, text.bytes, text.length);
        status = item->same_plan ? LRP_OK : lrp_write_whole(path, text.bytes, text.length, err);
    }
    lrp_text_fini(&text);
    free(rates);
    return status;
}

enum lrp_status lrp_folder_prepare(struct lrp_session *session, size_t index, struct lrp_error *err)
{
    const struct lrp_phase *phase = &session->phases[index];
    const char *folder = session->options.folder;
    for (size_t i = 0; i < phase->n_runs; i++) {
        size_t number = phase->first_run + i;
        struct lrp_session_run *item = &session->runs[number];
        item->paths[0] = numbered_path(folder, "plans", isnan(item->lr) ? index : number, "csv");
        item->paths[1] = numbered_path(folder, "runs", number, "csv");
        item->paths[2] = numbered_path(folder, "logs", number, "out");
        item->paths[3] = numbered_path(folder, "logs", number, "err");
        for (size_t k = 0; k < 4; k++) {
            if (item->paths[k] == NULL) {
                return lrp_fail_memory(err, 0);
            }
        }
        item->run.plan_path = item->paths[0];
        item->run.report_path = item->paths[1];
        item->run.out_path = item->paths[2];
        item->run.err_path = item->paths[3];
        bool shared = isnan(item->lr) && i > 0;
        enum lrp_status status = shared ? LRP_OK : write_plan(session, phase, number, err);
        if (status != LRP_OK) {
            return status;
        }
        item->same_plan = shared ? session->runs[phase->first_run].same_plan : item->same_plan;
    }
    return LRP_OK;
}

enum lrp_status lrp_folder_lock(const char *folder, int *lock, struct lrp_error *err)
{
    enum { TRIES = 200 };
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return lrp_fail_errno(err, errno, "use the folder", folder);
    }
    int held = flock(fd, LOCK_EX | LOCK_NB);
    for (unsigned n = 0; held != 0 && errno == EWOULDBLOCK && n < TRIES; n++) {
        (void)nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
        held = flock(fd, LOCK_EX | LOCK_NB);
    }
    /* some network folders know no locks: then nobody is kept out */
    if (held != 0 && errno == EWOULDBLOCK) {
        close(fd);
        return lrp_fail(err, LRP_E_ARG, 0, "another lrprobe is at work in the folder %.200s",
                        folder);
    }
    *lock = fd;
    return LRP_OK;
}

static bool has_bytes(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && info.st_size > 0;
}

enum lrp_status lrp_folder_set_aside(const struct lrp_session *session, size_t run, char *kept,
                                     size_t size, struct lrp_error *err)
{
    static const char *const extensions[] = {"csv", "out", "err"}; /* as in paths, from 1 on */
    const char *folder = session->options.folder;
    char name[64];
    kept[0] = '\0';
    if (!has_bytes(session->runs[run].paths[1])) {
        return LRP_OK; /* it had not begun: its output, if any, is written over */
    }
    char *place = lrp_path_join(folder, "broken");
    enum lrp_status status = place == NULL ? lrp_fail_memory(err, 0) : lrp_make_folder(place, err);
    free(place);
    unsigned number = 1;
    for (bool free_name = false; status == LRP_OK && !free_name; number += free_name ? 0 : 1) {
        (void)snprintf(name, sizeof name, "broken/%03zu-%u.csv", run, number);
        char *path = lrp_path_join(folder, name);
        if (path == NULL) {
            return lrp_fail_memory(err, 0);
        }
        free_name = access(path, F_OK) != 0;
        free(path);
    }
    for (size_t k = 0; status == LRP_OK && k < 3; k++) {
        (void)snprintf(name, sizeof name, "broken/%03zu-%u.%s", run, number, extensions[k]);
        char *path = lrp_path_join(folder, name);
        if (path == NULL) {
            return lrp_fail_memory(err, 0);
        }
        if (rename(session->runs[run].paths[1 + k], path) != 0 && k == 0) {
            status = lrp_fail_errno(err, errno, "move", session->runs[run].paths[1]);
        }
        free(path);
    }
    if (status == LRP_OK) {
        (void)snprintf(kept, size, "broken/%03zu-%u.csv", run, number);
    }
    return status;
}
