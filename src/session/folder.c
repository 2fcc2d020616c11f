/* SPDX-License-Identifier: MIT */
#include "folder.h"

#include "alloc.h"
#include "file_tree.h"
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
    char sentence[600];
    LRP_TRY(lrp_grow_array((void **)&result->events, result->n_events, &session->event_capacity,
                           sizeof *result->events, 100000, err));
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    char *copy = lrp_strdup(sentence);
    LRP_TRY_MEMORY(copy, err);
    result->events[result->n_events++] = copy;
    return LRP_OK;
}

/* The first three are there from the beginning, the others where they are needed. */
static const char *const parts[] = {"plans", "runs", "logs", "client", "work", "broken", "files"};
enum { PARTS = sizeof parts / sizeof parts[0], FIRST_PARTS = 3 };

/* Which of the folder and its parts are new, so that they can be taken away again. */
static enum lrp_status note_what_is_new(struct lrp_session *session, struct lrp_error *err)
{
    const char *folder = session->options.folder;
    session->made_folder = access(folder, F_OK) != 0;
    session->made_parts = 0;
    for (unsigned i = 0; i < PARTS; i++) {
        char *path = lrp_path_join(folder, parts[i]);
        LRP_TRY_MEMORY(path, err);
        session->made_parts |= access(path, F_OK) != 0 ? 1U << i : 0;
        free(path);
    }
    return LRP_OK;
}

enum lrp_status lrp_folder_make(struct lrp_session *session, struct lrp_error *err)
{
    const char *folder = session->options.folder;
    char *manifest = lrp_path_join(folder, "sweep.json");
    if (manifest == NULL) {
        return lrp_fail_memory(err, 0);
    }
    bool taken = access(manifest, F_OK) == 0;
    free(manifest);
    if (taken && !session->options.resume) {
        return lrp_fail(err, LRP_E_ARG, 0,
                        "the folder %.150s holds a sweep already; name another one with -o, or "
                        "continue it with --resume",
                        folder);
    }
    LRP_TRY(note_what_is_new(session, err));
    LRP_TRY(lrp_make_folder(folder, err));
    for (size_t i = 0; i < FIRST_PARTS; i++) {
        char *path = lrp_path_join(folder, parts[i]);
        LRP_TRY_MEMORY(path, err);
        enum lrp_status status = lrp_make_folder(path, err);
        free(path);
        LRP_TRY(status);
    }
    return LRP_OK;
}

void lrp_folder_withdraw(const struct lrp_session *session)
{
    const char *folder = session->options.folder;
    if (session->made_folder) {
        (void)lrp_tree_remove(folder);
        return;
    }
    for (size_t i = 0; i < session->n_runs; i++) {
        const struct lrp_run_entry *item = &session->runs[i];
        const char *const own[] = {item->plan_path, item->report_path, item->out_path,
                                   item->err_path};
        for (size_t k = 0; k < sizeof own / sizeof own[0]; k++) {
            (void)(own[k] != NULL && remove(own[k]));
        }
    }
    for (unsigned i = 0; i < PARTS; i++) {
        char *path = lrp_path_join(folder, parts[i]);
        if (path != NULL && (session->made_parts & 1U << i) != 0) {
            (void)lrp_tree_remove(path);
        }
        free(path);
    }
    char *manifest = lrp_path_join(folder, "sweep.json");
    (void)(manifest != NULL && remove(manifest));
    free(manifest);
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
    struct lrp_run_entry *item = &session->runs[run];
    struct lrp_text text;
    LRP_TRY(lrp_run_rates(session, phase, run, &rates, err));
    lrp_text_init(&text, (size_t)1 << 30);
    lrp_text_append(&text, "step,lr\n");
    for (size_t k = 0; k < phase->steps; k++) {
        char number[LRP_NUMBER_SIZE];
        lrp_text_printf(&text, "%zu,%s\n", k, lrp_format_double(rates[k], number));
    }
    free(rates);
    enum lrp_status status = lrp_text_check(&text, err);
    item->same_plan = status == LRP_OK && holds(item->plan_path, text.bytes, text.length);
    if (status == LRP_OK && !item->same_plan) {
        status = lrp_write_whole(item->plan_path, text.bytes, text.length, err);
    }
    lrp_text_fini(&text);
    return status;
}

static enum lrp_status set_paths(struct lrp_session *session, size_t number, size_t plan,
                                 struct lrp_error *err)
{
    const char *folder = session->options.folder;
    struct lrp_run_entry *item = &session->runs[number];
    item->plan_path = numbered_path(folder, "plans", plan, "csv");
    item->report_path = numbered_path(folder, "runs", number, "csv");
    item->out_path = numbered_path(folder, "logs", number, "out");
    item->err_path = numbered_path(folder, "logs", number, "err");
    LRP_TRY_MEMORY(item->plan_path, err);
    LRP_TRY_MEMORY(item->report_path, err);
    LRP_TRY_MEMORY(item->out_path, err);
    LRP_TRY_MEMORY(item->err_path, err);
    item->run.plan_path = item->plan_path;
    item->run.report_path = item->report_path;
    item->run.out_path = item->out_path;
    item->run.err_path = item->err_path;
    return LRP_OK;
}

enum lrp_status lrp_folder_prepare(struct lrp_session *session, size_t index, struct lrp_error *err)
{
    const struct lrp_phase *phase = &session->phases[index];
    struct lrp_run_entry *items = &session->runs[phase->first_run];
    for (size_t i = 0; i < phase->n_runs; i++) {
        size_t number = phase->first_run + i;
        bool sweep = isnan(items[i].lr);
        LRP_TRY(set_paths(session, number, sweep ? index : number, err));
        if (sweep && i > 0) { /* sweeps share the plan of the first one */
            items[i].same_plan = items[0].same_plan;
        } else {
            LRP_TRY(write_plan(session, phase, number, err));
        }
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

/* folder/broken/NNN-K.extension, NULL when memory is short. */
static char *broken_path(const struct lrp_session *session, size_t run, unsigned k,
                         const char *extension)
{
    char name[64];
    (void)snprintf(name, sizeof name, "broken/%03zu-%u.%s", run, k, extension);
    return lrp_path_join(session->options.folder, name);
}

enum lrp_status lrp_folder_broken(const struct lrp_session *session, size_t run,
                                  const char *extension, unsigned *k, char **path,
                                  struct lrp_error *err)
{
    char *place = lrp_path_join(session->options.folder, "broken");
    LRP_TRY_MEMORY(place, err);
    enum lrp_status status = lrp_make_folder(place, err);
    free(place);
    LRP_TRY(status);
    for (*k = 1;; (*k)++) {
        *path = broken_path(session, run, *k, extension);
        LRP_TRY_MEMORY(*path, err);
        if (access(*path, F_OK) != 0) {
            return LRP_OK;
        }
        free(*path);
    }
}

enum lrp_status lrp_folder_set_aside(const struct lrp_session *session, size_t run, char *kept,
                                     size_t size, struct lrp_error *err)
{
    const struct lrp_run_entry *item = &session->runs[run];
    const struct {
        const char *from, *extension;
    } output[] = {{item->out_path, "out"}, {item->err_path, "err"}};
    char *path = NULL;
    unsigned k = 0;
    kept[0] = '\0';
    if (!has_bytes(item->report_path)) {
        return LRP_OK; /* it had not begun: its output, if any, is written over */
    }
    LRP_TRY(lrp_folder_broken(session, run, "csv", &k, &path, err));
    bool moved = rename(item->report_path, path) == 0;
    int reason = errno;
    free(path);
    if (!moved) {
        return lrp_fail_errno(err, reason, "move", item->report_path);
    }
    for (size_t i = 0; i < sizeof output / sizeof output[0]; i++) {
        path = broken_path(session, run, k, output[i].extension);
        LRP_TRY_MEMORY(path, err);
        (void)rename(output[i].from, path); /* the record is what counts */
        free(path);
    }
    (void)snprintf(kept, size, "broken/%03zu-%u.csv", run, k);
    return LRP_OK;
}
