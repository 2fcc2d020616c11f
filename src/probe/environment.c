/* SPDX-License-Identifier: MIT */
#include "environment.h"

#include "alloc.h"
#include "text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ENTRY_MOST = 1 << 24 };

static bool is_program(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISREG(info.st_mode) && access(path, X_OK) == 0;
}

enum lrp_status lrp_find_program(const char *name, char **path, struct lrp_error *err)
{
    if (strchr(name, '/') != NULL) {
        /* left to execve, whose reason is the better one */
        *path = lrp_strdup(name);
        return *path != NULL ? LRP_OK : lrp_fail_memory(err, 0);
    }
    const char *folders = getenv("PATH");
    folders = folders == NULL ? "/usr/local/bin:/usr/bin:/bin" : folders;
    while (*folders != '\0') {
        size_t length = strcspn(folders, ":");
        struct lrp_text text;
        lrp_text_init(&text, 1 << 16);
        lrp_text_append_bytes(&text, length > 0 ? folders : ".", length > 0 ? length : 1);
        lrp_text_append(&text, "/");
        lrp_text_append(&text, name);
        if (lrp_text_check(&text, err) == LRP_OK && is_program(text.bytes)) {
            *path = text.bytes; /* taken over */
            return LRP_OK;
        }
        lrp_text_fini(&text);
        folders += length + (folders[length] == ':' ? 1 : 0);
    }
    return lrp_fail(err, LRP_E_IO, 0, "cannot start %s: there is no such program in PATH", name);
}

static enum lrp_status add_entry(char ***environment, size_t *n, const char *name,
                                 const char *value, struct lrp_error *err)
{
    struct lrp_text text;
    lrp_text_init(&text, ENTRY_MOST);
    lrp_text_append(&text, name);
    if (value != NULL) {
        lrp_text_append(&text, "=");
        lrp_text_append(&text, value);
    }
    enum lrp_status status = lrp_text_check(&text, err);
    if (status == LRP_OK && text.length == 0) { /* an inherited entry that names nothing */
        return LRP_OK;
    }
    char **grown = status == LRP_OK ? realloc(*environment, (*n + 2) * sizeof *grown) : NULL;
    if (status == LRP_OK && grown == NULL) {
        status = lrp_fail_memory(err, 0);
    }
    if (status != LRP_OK) {
        lrp_text_fini(&text);
        return status;
    }
    grown[(*n)++] = text.bytes; /* taken over */
    grown[*n] = NULL;
    *environment = grown;
    return LRP_OK;
}

static size_t count(char *const *environment)
{
    size_t n = 0;
    while (environment != NULL && environment[n] != NULL) {
        n++;
    }
    return n;
}

enum lrp_status lrp_environment_set(char ***environment, const char *name, const char *value,
                                    struct lrp_error *err)
{
    size_t n = count(*environment);
    return add_entry(environment, &n, name, value, err);
}

/* Whether the inherited entry gives way: to the protocol's variables, or to one of the run's own.
 */
static bool gives_way(const char *entry, const char *const *own)
{
    static const char *const names[] = {
        "LRPROBE_PLAN=", "LRPROBE_REPORT=", "LRPROBE_SEED=", "LRPROBE_STEPS="};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strncmp(entry, names[i], strlen(names[i])) == 0) {
            return true;
        }
    }
    for (size_t i = 0; own != NULL && own[i] != NULL; i++) {
        if (strncmp(entry, own[i], strcspn(own[i], "=") + 1) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_set(const char *name, const char *const *own)
{
    size_t length = strlen(name);
    for (size_t i = 0; own != NULL && own[i] != NULL; i++) {
        if (strncmp(own[i], name, length) == 0 && own[i][length] == '=') {
            return true;
        }
    }
    return getenv(name) != NULL;
}

static enum lrp_status fill(const struct lrp_trainer_run *run, bool one_thread, char ***environment,
                            struct lrp_error *err)
{
    char seed[32];
    char steps[32];
    (void)snprintf(seed, sizeof seed, "%" PRIu64, run->seed);
    (void)snprintf(steps, sizeof steps, "%zu", run->steps);
    const char *const pairs[][2] = {
        {"LRPROBE_PLAN", run->plan_path},
        {"LRPROBE_REPORT", run->told_report != NULL ? run->told_report : run->report_path},
        {"LRPROBE_SEED", seed},
        {"LRPROBE_STEPS", steps},
    };
    static const char *const threads[] = {"OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"};
    size_t n = 0;
    for (size_t i = 0; environ[i] != NULL; i++) {
        if (!gives_way(environ[i], run->environment)) {
            LRP_TRY(add_entry(environment, &n, environ[i], NULL, err));
        }
    }
    for (size_t i = 0; run->environment != NULL && run->environment[i] != NULL; i++) {
        LRP_TRY(add_entry(environment, &n, run->environment[i], NULL, err));
    }
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        LRP_TRY(add_entry(environment, &n, pairs[i][0], pairs[i][1], err));
    }
    for (size_t i = 0; one_thread && i < sizeof threads / sizeof threads[0]; i++) {
        if (!is_set(threads[i], run->environment)) {
            LRP_TRY(add_entry(environment, &n, threads[i], "1", err));
        }
    }
    return LRP_OK;
}

enum lrp_status lrp_environment_new(const struct lrp_trainer_run *run, bool one_thread, char ***out,
                                    struct lrp_error *err)
{
    *out = NULL;
    enum lrp_status status = fill(run, one_thread, out, err);
    if (status != LRP_OK) {
        lrp_environment_free(*out);
        *out = NULL;
    }
    return status;
}

void lrp_environment_free(char **environment)
{
    for (size_t i = 0; environment != NULL && environment[i] != NULL; i++) {
        free(environment[i]);
    }
    free(environment);
}
