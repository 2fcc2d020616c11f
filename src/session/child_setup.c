/* SPDX-License-Identifier: MIT */
#include "child_setup.h"

#include "client_files.h"
#include "files.h"
#include "launcher.h"
#include "rounds.h"
#include "string_list.h"
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
static enum lrp_status set_module_path(const struct lrp_session_options *options,
                                       char ***environment, struct lrp_error *err)
{
    const char *inherited = getenv("PYTHONPATH");
    struct lrp_text path;
    lrp_text_init(&path, 1 << 20);
    /* sitecustomize.py keeps Python from the user's files, too */
    if (options->hook != NULL || !lrp_launcher_of(&options->launch)->whole_set) {
        lrp_text_printf(&path, "%s/client/hook:", options->folder);
    }
    lrp_text_printf(&path, "%s/client", options->folder);
    if (inherited != NULL && inherited[0] != '\0') {
        lrp_text_printf(&path, ":%s", inherited);
    }
    enum lrp_status status = lrp_text_check(&path, err);
    if (status == LRP_OK) {
        status = lrp_string_list_add(environment, err, "PYTHONPATH=%s", path.bytes);
    }
    lrp_text_fini(&path);
    return status;
}

/* Threads of a trainer. A user's own number stands. */
static enum lrp_status set_threads(const struct lrp_session_options *options, size_t processors,
                                   char ***environment, struct lrp_error *err)
{
    static const char *const names[] = {"OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"};
    size_t n_names = sizeof names / sizeof names[0];
    size_t share = 1;
    if (!options->external) {
        /* results depend on the number of BLAS threads, and so would the same seed's records */
        n_names = 1;
    } else if (options->jobs < 2 || lrp_launcher_of(&options->launch)->whole_set) {
        return LRP_OK; /* the machines of a cluster are not this one: its job script sees to it */
    } else if (processors > options->jobs) {
        share = processors / options->jobs;
    }
    for (size_t i = 0; i < n_names; i++) {
        if (getenv(names[i]) == NULL) {
            LRP_TRY(lrp_string_list_add(environment, err, "%s=%zu", names[i], share));
        }
    }
    return LRP_OK;
}

/* A sweep makes no runs in the user's accounts with experiment trackers. What the user has set
 * stands. */
static enum lrp_status set_trackers(char ***environment, struct lrp_error *err)
{
    static const char *const settings[][2] = {
        {"WANDB_MODE", "disabled"}, {"NEPTUNE_MODE", "offline"}, {"SWANLAB_MODE", "disabled"}};
    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++) {
        if (getenv(settings[i][0]) == NULL) {
            LRP_TRY(lrp_string_list_add(environment, err, "%s=%s", settings[i][0], settings[i][1]));
        }
    }
    return LRP_OK;
}

static enum lrp_status set_variables(const struct lrp_session_options *options, size_t processors,
                                     char ***environment, struct lrp_error *err)
{
    if (options->external) {
        LRP_TRY(set_module_path(options, environment, err));
        LRP_TRY(set_trackers(environment, err));
    }
    if (options->hook != NULL) {
        LRP_TRY(lrp_string_list_add(environment, err, "LRPROBE_HOOK=%s", options->hook));
    }
    if (options->record != NULL) {
        LRP_TRY(lrp_string_list_add(environment, err, "LRPROBE_RECORD=%s", options->record));
    }
    if (options->validate != NULL) {
        LRP_TRY(lrp_string_list_add(environment, err, "LRPROBE_VALIDATE=%s", options->validate));
    }
    if (options->validate != NULL && options->val_every > 0) {
        LRP_TRY(lrp_string_list_add(environment, err, "LRPROBE_VALIDATE_EVERY=%zu",
                                    options->val_every));
    }
    /* losses that are printed are to be seen at once */
    if (options->external && options->strategy->one_rate) {
        LRP_TRY(lrp_string_list_add(environment, err, "PYTHONUNBUFFERED=1"));
    }
    return set_threads(options, processors, environment, err);
}

enum lrp_status lrp_child_environment(const struct lrp_session_options *options, size_t processors,
                                      char ***out, struct lrp_error *err)
{
    *out = NULL;
    enum lrp_status status = set_variables(options, processors, out, err);
    if (status != LRP_OK) {
        lrp_string_list_free(*out);
        *out = NULL;
    }
    return status;
}
