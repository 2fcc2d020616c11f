/* SPDX-License-Identifier: MIT */
#include "private_files.h"

#include "alloc.h"
#include "file_tree.h"
#include "file_watch.h"
#include "files.h"
#include "folder.h"
#include "launcher.h"
#include "private_covers.h"
#include "string_list.h"
#include "text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A copy for each run is made of so much at most. */
static const double COPY_MOST_BYTES = 64.0 * 1024 * 1024;
enum { COPY_MOST_FILES = 5000 };

struct lrp_private_files {
    enum lrp_files_way way; /* never auto */
    bool python;            /* runs get LRPROBE_FILES */
    char *work;             /* the folder of work, without links */
    char *inside;           /* OUT/files: the folders for Python, and the copies */
    struct lrp_covers covers;
    struct lrp_file_watch *watch;
};
struct lrp_run_files {
    char *python; /* LRPROBE_FILES */
    char *own;    /* all else of this run */
    struct lrp_covered_run covered;
};

const char *const lrp_files_ways[] = {
    [LRP_FILES_AUTO] = "auto", [LRP_FILES_OVERLAY] = "overlay",   [LRP_FILES_REDIRECT] = "redirect",
    [LRP_FILES_COPY] = "copy", [LRP_FILES_IN_PLACE] = "in-place", NULL};

enum lrp_files_way lrp_files_way_find(const char *name)
{
    size_t i = 0;
    while (lrp_files_ways[i] != NULL && (name == NULL || strcmp(lrp_files_ways[i], name) != 0)) {
        i++;
    }
    return lrp_files_ways[i] == NULL ? LRP_FILES_AUTO : (enum lrp_files_way)i;
}

/* ---- the ways -------------------------------------------------------------------------------- */

bool lrp_runs_python(const struct lrp_session_options *options)
{
    static const char *const programs[] = {"python",    "pypy",    "torchrun", "accelerate",
                                           "deepspeed", "ipython", "uv",       "poetry"};
    const char *slash = strrchr(options->argv[0], '/');
    const char *name = slash == NULL ? options->argv[0] : slash + 1;
    bool is = options->hook != NULL;
    for (size_t i = 0; i < sizeof programs / sizeof programs[0]; i++) {
        is |= strncmp(name, programs[i], strlen(programs[i])) == 0;
    }
    return is;
}

struct tree_size {
    double bytes;
    size_t n;
};

static bool measure(void *user, const char *path, const struct stat *info)
{
    (void)path;
    struct tree_size *size = user;
    size->n++;
    size->bytes += S_ISREG(info->st_mode) ? (double)info->st_size : 0;
    return size->n <= COPY_MOST_FILES && size->bytes <= COPY_MOST_BYTES;
}

static enum lrp_status set_up_copy(struct lrp_private_files *files, const char *out,
                                   struct lrp_error *err)
{
    struct tree_size size = {0};
    if (!lrp_tree_walk(files->work, out, measure, &size)) {
        return lrp_fail(
            err, LRP_E_IO, 0,
            "%.200s is no folder to be copied for each run: it holds more than 64 MiB or "
            "%d files, or cannot be read",
            files->work, COPY_MOST_FILES);
    }
    return LRP_OK;
}

/* Paths that lead out of a copy would lead somewhere else. */
static bool names_parent(const char *const *argv)
{
    for (; *argv != NULL; argv++) {
        if (strstr(*argv, "../") != NULL || strcmp(*argv, "..") == 0) {
            return true;
        }
    }
    return false;
}

/* The first of the ways that is possible. */
static enum lrp_status choose(struct lrp_private_files *files,
                              const struct lrp_session_options *options)
{
    struct lrp_error ignored;
    enum lrp_status status =
        lrp_covers_set_up(&files->covers, files->work, options->folder, files->inside, &ignored);
    files->way = LRP_FILES_OVERLAY;
    if (status != LRP_OK) {
        lrp_covers_fini(&files->covers);
    }
    if (status != LRP_OK && status != LRP_E_NOMEM && lrp_runs_python(options)) {
        files->way = LRP_FILES_REDIRECT;
        status = LRP_OK;
    }
    if (status != LRP_OK && status != LRP_E_NOMEM && !names_parent(options->argv)) {
        files->way = LRP_FILES_COPY;
        status = set_up_copy(files, options->folder, &ignored);
    }
    if (status != LRP_OK) {
        files->way = LRP_FILES_IN_PLACE;
    }
    return status == LRP_E_NOMEM ? status : LRP_OK;
}

static enum lrp_status decide(struct lrp_private_files *files,
                              const struct lrp_session_options *options, struct lrp_error *err)
{
    const bool elsewhere = lrp_launcher_of(&options->launch)->whole_set;
    files->way = options->files;
    if (elsewhere && files->way != LRP_FILES_AUTO && files->way != LRP_FILES_IN_PLACE) {
        return lrp_fail(
            err, LRP_E_ARG, 0,
            "--files %s is for runs on this machine: jobs of a cluster write their files "
            "as always",
            lrp_files_ways[files->way]);
    }
    switch (files->way) {
    case LRP_FILES_AUTO:
        if (elsewhere) {
            files->way = LRP_FILES_IN_PLACE;
            return LRP_OK;
        }
        return choose(files, options);
    case LRP_FILES_OVERLAY:
        return lrp_covers_set_up(&files->covers, files->work, options->folder, files->inside, err);
    case LRP_FILES_COPY:
        return set_up_copy(files, options->folder, err);
    case LRP_FILES_REDIRECT:
    case LRP_FILES_IN_PLACE:
        break;
    }
    return LRP_OK;
}

static void describe(const struct lrp_private_files *files,
                     const struct lrp_session_options *options, char *text, size_t size)
{
    const bool elsewhere = lrp_launcher_of(&options->launch)->whole_set;
    switch (files->way) {
    case LRP_FILES_OVERLAY:
        (void)snprintf(
            text, size,
            "what the trainer writes in %.200s%s, and what Python writes anywhere else, is "
            "kept apart for each run and thrown away; your files are not changed",
            files->work, files->covers.n > 1 ? " and behind its links" : "");
        break;
    case LRP_FILES_REDIRECT:
        (void)snprintf(
            text, size,
            "what Python writes is kept apart for each run and thrown away; your files "
            "are not changed by it, but other programs that it starts are not held back");
        break;
    case LRP_FILES_COPY:
        (void)snprintf(
            text, size,
            "each run works in a copy of %.200s that is thrown away; files elsewhere are "
            "not protected",
            files->work);
        break;
    case LRP_FILES_AUTO:
    case LRP_FILES_IN_PLACE:
        (void)snprintf(text, size, "the trainer writes its files as always%s",
                       elsewhere              ? ": on a cluster nothing is kept from it"
                       : files->watch != NULL ? "; the sweep stops when it changes one that was "
                                                "there before"
                                              : " (--files in-place)");
        break;
    }
}

static enum lrp_status add_variables(const struct lrp_private_files *files, const char *out,
                                     char ***environment, struct lrp_error *err)
{
    if (!files->python) {
        return LRP_OK;
    }
    struct lrp_text exempt;
    lrp_text_init(&exempt, 1 << 20);
    lrp_text_append(&exempt, out);
    for (size_t i = 0; i < files->covers.n && files->way == LRP_FILES_OVERLAY; i++) {
        lrp_text_printf(&exempt, "\n%s", files->covers.folders[i]);
    }
    enum lrp_status status = lrp_text_check(&exempt, err);
    if (status == LRP_OK) {
        status = lrp_string_list_add(environment, err, "LRPROBE_FILES_EXEMPT=%s", exempt.bytes);
    }
    lrp_text_fini(&exempt);
    LRP_TRY(status);
    return lrp_string_list_add(environment, err, "MLFLOW_TRACKING_URI=file://%s/mlruns",
                               files->inside);
}

/* Of a sweep that was killed. */
static void remove_remains(const struct lrp_private_files *files)
{
    char *note = lrp_path_join(files->inside, "elsewhere");
    FILE *file = note == NULL ? NULL : fopen(note, "re");
    char path[4096] = "";
    if (file != NULL) {
        const size_t n = fread(path, 1, sizeof path - 1, file);
        path[n] = '\0';
        (void)fclose(file);
    }
    const char *slash = strrchr(path, '/');
    if (slash != NULL && strncmp(slash + 1, LRP_PLACE_NAME, strlen(LRP_PLACE_NAME)) == 0) {
        (void)lrp_tree_remove(path);
    }
    free(note);
    (void)lrp_tree_remove(files->inside);
}

/* So that a sweep that is killed can be cleaned up after. */
static enum lrp_status note_place(const struct lrp_private_files *files, struct lrp_error *err)
{
    if (files->covers.place == NULL) {
        return LRP_OK;
    }
    char *note = lrp_path_join(files->inside, "elsewhere");
    LRP_TRY_MEMORY(note, err);
    enum lrp_status status =
        lrp_write_whole(note, files->covers.place, strlen(files->covers.place), err);
    free(note);
    return status;
}

static enum lrp_status set_up(struct lrp_private_files *files, const struct lrp_session *session,
                              char ***environment, struct lrp_error *err)
{
    const struct lrp_session_options *options = &session->options;
    files->work = realpath(".", NULL);
    files->inside = lrp_path_join(options->folder, "files");
    if (files->work == NULL || files->inside == NULL) {
        return lrp_fail_errno(err, errno, "use the folder", ".");
    }
    remove_remains(files);
    LRP_TRY(lrp_make_folder(files->inside, err));
    LRP_TRY(decide(files, options, err));
    LRP_TRY(note_place(files, err));
    const bool asked = options->files == LRP_FILES_IN_PLACE;
    const bool elsewhere = lrp_launcher_of(&options->launch)->whole_set;
    files->python = files->way != LRP_FILES_IN_PLACE;
    if (files->way != LRP_FILES_OVERLAY && !asked && !elsewhere) {
        LRP_TRY(lrp_file_watch_new(files->work, options->folder, &files->watch, err));
    }
    describe(files, options, session->result->files, sizeof session->result->files);
    return add_variables(files, options->folder, environment, err);
}

enum lrp_status lrp_private_files_new(struct lrp_session *session, char ***environment,
                                      struct lrp_private_files **files, struct lrp_error *err)
{
    *files = NULL;
    if (!session->options.external) {
        return LRP_OK;
    }
    *files = lrp_calloc_array(1, sizeof **files);
    LRP_TRY_MEMORY(*files, err);
    return set_up(*files, session, environment, err);
}

void lrp_private_files_free(struct lrp_private_files *files)
{
    if (files == NULL) {
        return;
    }
    lrp_covers_fini(&files->covers);
    if (files->inside != NULL) {
        (void)lrp_tree_remove(files->inside);
    }
    lrp_file_watch_free(files->watch);
    free(files->inside);
    free(files->work);
    free(files);
}

/* ---- runs ------------------------------------------------------------------------------------ */

static enum lrp_status make_run(const struct lrp_private_files *files, const char *out,
                                const char *name, struct lrp_run_files *own, struct lrp_error *err)
{
    char view[60];
    if (files->python) {
        own->python = lrp_path_join(files->inside, name);
        LRP_TRY_MEMORY(own->python, err);
        LRP_TRY(lrp_make_folder(own->python, err));
    }
    if (files->way == LRP_FILES_REDIRECT) {
        return LRP_OK;
    }
    (void)snprintf(view, sizeof view, "view-%s", name);
    own->own =
        lrp_path_join(files->way == LRP_FILES_OVERLAY ? files->covers.place : files->inside, view);
    LRP_TRY_MEMORY(own->own, err);
    LRP_TRY(lrp_make_folder(own->own, err));
    if (files->way == LRP_FILES_OVERLAY) {
        return lrp_covered_run_make(&files->covers, own->own, &own->covered, err);
    }
    own->covered.view.start = own->own;
    return lrp_tree_copy(files->work, out, own->own, err);
}

bool lrp_private_files_are_for_copies(const struct lrp_session *session)
{
    return session->files != NULL && session->files->way != LRP_FILES_COPY;
}

enum lrp_status lrp_private_files_lend(const struct lrp_session *session, const char *name,
                                       struct lrp_trainer_run *run, struct lrp_run_files **own,
                                       struct lrp_error *err)
{
    const struct lrp_private_files *files = session->files;
    *own = NULL;
    run->files = NULL;
    run->view = NULL;
    if (files == NULL || files->way == LRP_FILES_IN_PLACE) {
        return LRP_OK;
    }
    *own = lrp_calloc_array(1, sizeof **own);
    LRP_TRY_MEMORY(*own, err);
    LRP_TRY(make_run(files, session->options.folder, name, *own, err));
    run->files = (*own)->python;
    run->view = (*own)->covered.view.start != NULL ? &(*own)->covered.view : NULL;
    return LRP_OK;
}

void lrp_private_files_release(struct lrp_run_files *own)
{
    if (own == NULL) {
        return;
    }
    if (own->own != NULL) {
        (void)lrp_tree_remove(own->own);
    }
    if (own->python != NULL) {
        (void)lrp_tree_remove(own->python);
    }
    lrp_covered_run_fini(&own->covered);
    free(own->own);
    free(own->python);
    free(own);
}

enum lrp_status lrp_private_files_prepare(struct lrp_session *session, size_t run,
                                          struct lrp_error *err)
{
    struct lrp_run_entry *item = &session->runs[run];
    char name[40];
    (void)snprintf(name, sizeof name, "%03zu", run);
    return lrp_private_files_lend(session, name, &item->run, &item->files, err);
}

void lrp_private_files_end(struct lrp_session *session, size_t run)
{
    struct lrp_run_entry *item = &session->runs[run];
    lrp_private_files_release(item->files);
    item->files = NULL;
    item->run.files = NULL;
    item->run.view = NULL;
}

enum lrp_status lrp_private_files_verify(const struct lrp_session *session, struct lrp_error *err)
{
    char *changed = NULL;
    if (session->files == NULL || session->files->watch == NULL) {
        return LRP_OK;
    }
    LRP_TRY(lrp_file_watch_compare(session->files->watch, &changed, err));
    if (changed == NULL) {
        return LRP_OK;
    }
    enum lrp_status status = lrp_fail(
        err, LRP_E_CHILD, 0,
        "%.200s, which was there before, has changed while the trainer ran, and this system offers "
        "no way to keep the trainer from it; have it write to another folder during a sweep, or "
        "accept it by --files in-place",
        changed);
    free(changed);
    return status;
}

enum lrp_status lrp_private_files_find(const struct lrp_session *session, size_t run,
                                       const char *path, char **found, struct lrp_error *err)
{
    const struct lrp_private_files *files = session->files;
    const struct lrp_run_files *own = session->runs[run].files;
    char *absolute =
        path[0] == '/' || files == NULL ? lrp_strdup(path) : lrp_path_join(files->work, path);
    *found = absolute;
    LRP_TRY_MEMORY(absolute, err);
    if (files == NULL || own == NULL || lrp_path_lies_in(absolute, session->options.folder)) {
        return LRP_OK;
    }
    char *there = NULL;
    for (size_t i = own->covered.view.n_covers; i-- > 0 && there == NULL;) { /* the innermost */
        if (lrp_path_lies_in(absolute, own->covered.covers[i].folder)) {
            there = lrp_path_join(own->covered.covers[i].upper,
                                  absolute + strlen(own->covered.covers[i].folder) + 1);
        }
    }
    if (files->way == LRP_FILES_COPY && lrp_path_lies_in(absolute, files->work)) {
        there = lrp_path_join(own->own, absolute + strlen(files->work) + 1);
    } else if (files->way == LRP_FILES_REDIRECT &&
               asprintf(&there, "%s/tree%s", own->python, absolute) < 0) {
        there = NULL;
    }
    if (there != NULL) {
        free(absolute);
        *found = there;
    }
    return LRP_OK;
}
