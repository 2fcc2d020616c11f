/* SPDX-License-Identifier: MIT */
#include "child_setup.h"

#include "alloc.h"
#include "client_files.h"
#include "files.h"
#include "launcher.h"
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char PYTHON[] = "python/";

static enum lrp_status write_file(const char *folder, const struct lrp_client_file *file,
                                  struct lrp_error *err)
{
    struct lrp_text path;
    lrp_text_init(&path, 1 << 16);
    lrp_text_printf(&path, "%s/client/%s", folder, file->name + strlen(PYTHON));
    enum lrp_status status = lrp_text_check(&path, err);
    if (status == LRP_OK) {
        char *slash = strrchr(path.bytes, '/');
        *slash = '\0';
        status = lrp_make_folder(path.bytes, err);
        *slash = '/';
    }
    if (status == LRP_OK) {
        status = lrp_write_whole(path.bytes, file->text, file->length, err);
    }
    lrp_text_fini(&path);
    return status;
}

enum lrp_status lrp_child_files_write(const char *folder, struct lrp_error *err)
{
    enum lrp_status status = LRP_OK;
    for (size_t i = 0; lrp_client_files[i].name != NULL && status == LRP_OK; i++) {
        if (strncmp(lrp_client_files[i].name, PYTHON, strlen(PYTHON)) == 0) {
            status = write_file(folder, &lrp_client_files[i], err);
        }
    }
    return status;
}

/* The client's folders in front of the user's own module path. */
static void module_path(const struct lrp_session_options *options, struct lrp_text *text)
{
    const char *inherited = getenv("PYTHONPATH");
    lrp_text_append(text, "PYTHONPATH=");
    if (options->hook != NULL) {
        lrp_text_printf(text, "%s/client/hook:", options->folder);
    }
    lrp_text_printf(text, "%s/client", options->folder);
    if (inherited != NULL && inherited[0] != '\0') {
        lrp_text_printf(text, ":%s", inherited);
    }
}

static enum lrp_status add(char **entries, size_t *n, const char *name, const char *value,
                           struct lrp_error *err)
{
    struct lrp_text text;
    lrp_text_init(&text, 1 << 20);
    lrp_text_printf(&text, "%s=%s", name, value);
    enum lrp_status status = lrp_text_check(&text, err);
    if (status == LRP_OK) {
        entries[(*n)++] = text.bytes; /* taken over */
    }
    return status;
}

enum lrp_status lrp_child_environment(const struct lrp_session_options *options, size_t processors,
                                      char ***out, struct lrp_error *err)
{
    enum { MOST = 8 };
    static const char *const threads[] = {"OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"};
    char **entries = lrp_calloc_array(MOST, sizeof *entries);
    if (entries == NULL) {
        return lrp_fail_memory(err, MOST * sizeof *entries);
    }
    size_t n = 0;
    struct lrp_text path;
    lrp_text_init(&path, 1 << 20);
    module_path(options, &path);
    enum lrp_status status = lrp_text_check(&path, err);
    if (status == LRP_OK) {
        entries[n++] = path.bytes; /* taken over */
    }
    if (status == LRP_OK && options->hook != NULL) {
        status = add(entries, &n, "LRPROBE_HOOK", options->hook, err);
    }
    if (status == LRP_OK && options->record != NULL) {
        status = add(entries, &n, "LRPROBE_RECORD", options->record, err);
    }
    if (status == LRP_OK && options->fresh) { /* losses that are printed are to be seen at once */
        status = add(entries, &n, "PYTHONUNBUFFERED", "1", err);
    }
    /* the machines of a cluster are not this one: there the job's script sees to it */
    const bool here = !lrp_launcher_of(&options->launch)->whole_set;
    char share[32];
    size_t each = options->jobs > 0 ? processors / options->jobs : processors;
    (void)snprintf(share, sizeof share, "%zu", each > 0 ? each : 1);
    for (size_t i = 0; i < 2 && status == LRP_OK && options->jobs > 1 && here; i++) {
        if (getenv(threads[i]) == NULL) {
            status = add(entries, &n, threads[i], share, err);
        }
    }
    if (status != LRP_OK) {
        lrp_child_environment_free(entries);
        return status;
    }
    *out = entries;
    return LRP_OK;
}

void lrp_child_environment_free(char **environment)
{
    for (size_t i = 0; environment != NULL && environment[i] != NULL; i++) {
        free(environment[i]);
    }
    free(environment);
}
