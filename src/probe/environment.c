/* SPDX-License-Identifier: MIT */
#include "environment.h"

#include "alloc.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_program(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISREG(info.st_mode) && access(path, X_OK) == 0;
}

enum lrp_status lrp_find_program(const char *name, char **path, struct lrp_error *err)
{
    if (strchr(name, '/') != NULL) {
        *path = lrp_strdup(name); /* left to execve, whose reason is the better one */
        LRP_TRY_MEMORY(*path, err);
        return LRP_OK;
    }
    const char *folders = getenv("PATH");
    folders = folders == NULL ? "/usr/local/bin:/usr/bin:/bin" : folders;
    while (*folders != '\0') {
        int length = (int)strcspn(folders, ":");
        if (asprintf(path, "%.*s/%s", length, length > 0 ? folders : ".", name) < 0) {
            return lrp_fail_memory(err, 0);
        }
        if (is_program(*path)) {
            return LRP_OK;
        }
        free(*path);
        folders += length + (folders[length] == ':' ? 1 : 0);
    }
    *path = NULL;
    return lrp_fail(err, LRP_E_IO, 0, "cannot start %s: there is no such program in PATH", name);
}

/* entry: NAME or NAME=value. */
static bool is_set(char *const *environment, const char *entry)
{
    size_t length = strcspn(entry, "=");
    for (size_t i = 0; environment[i] != NULL; i++) {
        if (strncmp(environment[i], entry, length) == 0 && environment[i][length] == '=') {
            return true;
        }
    }
    return false;
}

/* The protocol's variables, then the run's own, then the inherited ones: the first of a name
 * counts.
 */
static enum lrp_status fill(const struct lrp_trainer_run *run, bool one_thread, char ***environment,
                            struct lrp_error *err)
{
    const char *report = run->told_report != NULL ? run->told_report : run->report_path;
    const char *const *const entries[] = {run->environment, (const char *const *)environ};
    static const char *const threads[] = {"OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"};
    LRP_TRY(lrp_string_list_add(environment, err, "LRPROBE_PLAN=%s", run->plan_path));
    LRP_TRY(lrp_string_list_add(environment, err, "LRPROBE_REPORT=%s", report));
    LRP_TRY(lrp_string_list_add(environment, err, "LRPROBE_SEED=%" PRIu64, run->seed));
    LRP_TRY(lrp_string_list_add(environment, err, "LRPROBE_STEPS=%zu", run->steps));
    if (run->files != NULL) {
        LRP_TRY(lrp_string_list_add(environment, err, "LRPROBE_FILES=%s", run->files));
    }
    for (size_t k = 0; k < sizeof entries / sizeof entries[0]; k++) {
        for (const char *const *entry = entries[k]; entry != NULL && *entry != NULL; entry++) {
            if (!is_set(*environment, *entry)) {
                LRP_TRY(lrp_string_list_add(environment, err, "%s", *entry));
            }
        }
    }
    for (size_t i = 0; one_thread && i < sizeof threads / sizeof threads[0]; i++) {
        if (!is_set(*environment, threads[i])) {
            LRP_TRY(lrp_string_list_add(environment, err, "%s=1", threads[i]));
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
        lrp_string_list_free(*out);
        *out = NULL;
    }
    return status;
}

struct lrp_command_line lrp_run_command(const struct lrp_trainer_run *run, const char *program,
                                        char *const *environment)
{
    return (struct lrp_command_line){.program = program,
                                     .argv = run->argv,
                                     .environment = environment,
                                     .out_path = run->out_path,
                                     .err_path = run->err_path,
                                     .view = run->view,
                                     .lock = run->lock};
}
