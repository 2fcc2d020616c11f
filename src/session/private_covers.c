/* SPDX-License-Identifier: MIT */
#include "private_covers.h"

#include "alloc.h"
#include "file_tree.h"
#include "files.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { OWNERS_MOST = 20000 };

bool lrp_path_lies_in(const char *path, const char *folder)
{
    const size_t length = strlen(folder);
    return strncmp(path, folder, length) == 0 && (path[length] == '\0' || path[length] == '/' ||
                                                  (length > 0 && folder[length - 1] == '/'));
}

static bool is_covered(const struct lrp_covers *covers, const char *path)
{
    for (size_t i = 0; i < covers->n; i++) {
        if (lrp_path_lies_in(path, covers->folders[i])) {
            return true;
        }
    }
    return false;
}

/* ---- what is covered ------------------------------------------------------------------------- */

static enum lrp_status add_folder(struct lrp_covers *covers, const char *path,
                                  struct lrp_error *err)
{
    if (covers->n == LRP_COVERS_MAX) {
        return lrp_fail(err, LRP_E_LIMIT, 0, "more than %d file systems lie in %.200s",
                        LRP_COVERS_MAX, covers->folders[0]);
    }
    char *copy = lrp_strdup(path);
    LRP_TRY_MEMORY(copy, err);
    covers->folders[covers->n++] = copy;
    return LRP_OK;
}

/* "\040" and the like in a path of /proc/self/mountinfo. */
static void decode(char *text)
{
    char *to = text;
    for (const char *at = text; *at != '\0'; at++) {
        if (at[0] == '\\' && strspn(at + 1, "01234567") >= 3) {
            *to++ = (char)((at[1] - '0') * 64 + (at[2] - '0') * 8 + (at[3] - '0'));
            at += 3;
        } else {
            *to++ = *at;
        }
    }
    *to = '\0';
}

/* File systems that are mounted below the folder of work: an overlay does not reach into them. */
static enum lrp_status add_mounts(struct lrp_covers *covers, const char *work,
                                  struct lrp_error *err)
{
    FILE *mounts = fopen("/proc/self/mountinfo", "re");
    char *line = NULL;
    size_t size = 0;
    enum lrp_status status = LRP_OK;
    while (mounts != NULL && status == LRP_OK && getline(&line, &size, mounts) > 0) {
        char path[4096];
        struct stat info;
        if (sscanf(line, "%*s %*s %*s %*s %4095s", path) != 1) {
            continue;
        }
        decode(path);
        if (lrp_path_lies_in(path, work) && strcmp(path, work) != 0 && stat(path, &info) == 0 &&
            S_ISDIR(info.st_mode)) {
            status = add_folder(covers, path, err);
        }
    }
    free(line);
    if (mounts != NULL) {
        (void)fclose(mounts);
    }
    return status;
}

struct link_search {
    struct lrp_covers *covers;
    const char *work;
    struct lrp_error *err;
    enum lrp_status status;
};

/* The folder of work holds links to where trainers write: what lies behind them is the user's, too.
 */
static bool add_link(void *user, const char *path, const struct stat *info)
{
    struct link_search *search = user;
    struct lrp_covers *covers = search->covers;
    if (!S_ISLNK(info->st_mode) || strchr(path, '/') != NULL) {
        return true;
    }
    char *from = lrp_path_join(search->work, path);
    char *to = from == NULL ? NULL : realpath(from, NULL);
    struct stat target;
    if (to != NULL && stat(to, &target) == 0) {
        char *slash = strrchr(to, '/');
        if (S_ISREG(target.st_mode) && slash != NULL && slash != to) {
            *slash = '\0';
        }
        const bool writable = access(to, W_OK) == 0 && strcmp(to, "/") != 0;
        if ((S_ISREG(target.st_mode) || S_ISDIR(target.st_mode)) && writable &&
            !is_covered(covers, to) && !lrp_path_lies_in(search->work, to)) {
            search->status = add_folder(covers, to, search->err);
        }
    }
    free(to);
    free(from);
    return search->status == LRP_OK;
}

static enum lrp_status find_folders(struct lrp_covers *covers, const char *work,
                                    struct lrp_error *err)
{
    struct link_search search = {.covers = covers, .work = work, .err = err, .status = LRP_OK};
    if (strcmp(work, "/") == 0) {
        return lrp_fail(err, LRP_E_IO, 0, "there can be no private overlay of /");
    }
    LRP_TRY(add_folder(covers, work, err));
    LRP_TRY(add_mounts(covers, work, err));
    (void)lrp_tree_list(work, add_link, &search);
    return search.status;
}

/* ---- where it is kept ------------------------------------------------------------------------ */

/* A folder outside of all covers; the system and the probe say whether it serves. */
static enum lrp_status make_place(struct lrp_covers *covers, const char *parent,
                                  struct lrp_error *err)
{
    char *real = parent == NULL ? NULL : realpath(parent, NULL);
    free(covers->place);
    covers->place = NULL;
    if (real == NULL || is_covered(covers, real)) {
        free(real);
        return lrp_fail(err, LRP_E_IO, 0, "there is no folder for private files outside of %.200s",
                        covers->folders[0]);
    }
    bool made = asprintf(&covers->place, "%s/%sXXXXXX", real, LRP_PLACE_NAME) > 0;
    free(real);
    if (!made) {
        covers->place = NULL;
        return lrp_fail_memory(err, 0);
    }
    if (mkdtemp(covers->place) == NULL) {
        const int number = errno;
        enum lrp_status status = lrp_fail_errno(err, number, "make the folder", covers->place);
        free(covers->place);
        covers->place = NULL;
        return status;
    }
    return LRP_OK;
}

static void remove_place(struct lrp_covers *covers)
{
    if (covers->place != NULL) {
        (void)lrp_tree_remove(covers->place);
        free(covers->place);
        covers->place = NULL;
    }
}

static enum lrp_status try_overlay(const struct lrp_covers *covers, struct lrp_error *err)
{
    struct lrp_covered_run *run = lrp_calloc_array(1, sizeof *run);
    LRP_TRY_MEMORY(run, err);
    char *own = lrp_path_join(covers->place, "try");
    enum lrp_status status =
        own == NULL ? lrp_fail_memory(err, 0) : lrp_covered_run_make(covers, own, run, err);
    if (status == LRP_OK) {
        status = lrp_private_view_check(&run->view, err);
    }
    if (own != NULL) {
        (void)lrp_tree_remove(own);
    }
    lrp_covered_run_fini(run);
    free(own);
    free(run);
    return status;
}

struct owner_search {
    const char *folder;
    size_t left;
    char path[400]; /* of the first that cannot be changed in an overlay; "" = none */
};

static bool has_other_owner(void *user, const char *path, const struct stat *info)
{
    struct owner_search *search = user;
    const bool own = info->st_uid == geteuid() && info->st_gid == getegid();
    if (!own && !S_ISLNK(info->st_mode)) {
        char *whole = lrp_path_join(search->folder, path);
        if (whole != NULL && access(whole, W_OK) == 0) {
            (void)snprintf(search->path, sizeof search->path, "%s", whole);
        }
        free(whole);
    }
    search->left--;
    return search->path[0] == '\0' && search->left > 0;
}

/* In a user namespace of one user the kernel refuses to change the files of others, those of
 * another group of the user's among them, in an overlay. */
static enum lrp_status check_owners(const struct lrp_covers *covers, const char *out,
                                    struct lrp_error *err)
{
    struct owner_search search = {.left = OWNERS_MOST};
    for (size_t i = 0; i < covers->n && lrp_private_view_needs_namespace(); i++) {
        search.folder = covers->folders[i];
        (void)lrp_tree_walk(search.folder, out, has_other_owner, &search);
    }
    return search.path[0] == '\0'
               ? LRP_OK
               : lrp_fail(err, LRP_E_IO, 0,
                          "%.300s belongs to another user or group, and cannot be changed in a "
                          "private overlay",
                          search.path);
}

enum lrp_status lrp_covers_set_up(struct lrp_covers *covers, const char *work, const char *out,
                                  const char *inside, struct lrp_error *err)
{
    const char *const parents[] = {inside, getenv("TMPDIR"), "/var/tmp", "/tmp", "/dev/shm"};
    LRP_TRY(find_folders(covers, work, err));
    LRP_TRY(check_owners(covers, out, err));
    covers->kept = is_covered(covers, out) ? out : NULL;
    enum lrp_status status = LRP_E_IO;
    for (size_t i = 0; i < sizeof parents / sizeof parents[0] && status != LRP_OK; i++) {
        struct lrp_error why;
        status = make_place(covers, parents[i], &why);
        if (status == LRP_OK) {
            status = try_overlay(covers, err); /* says more than that a folder is missing */
        } else if (i == 0) {
            *err = why;
        }
        if (status != LRP_OK) {
            remove_place(covers);
        }
    }
    return status;
}

enum lrp_status lrp_covered_run_make(const struct lrp_covers *covers, const char *own,
                                     struct lrp_covered_run *run, struct lrp_error *err)
{
    for (size_t i = 0; i < covers->n; i++) {
        struct lrp_cover *cover = &run->covers[i];
        char *upper = NULL;
        char *work = NULL;
        if (asprintf(&upper, "%s/%zu/upper", own, i) < 0 ||
            asprintf(&work, "%s/%zu/work", own, i) < 0) {
            return lrp_fail_memory(err, 0);
        }
        *cover = (struct lrp_cover){.folder = covers->folders[i], .upper = upper, .work = work};
        run->view.n_covers = i + 1;
        LRP_TRY(lrp_make_folder(upper, err));
        LRP_TRY(lrp_make_folder(work, err));
    }
    run->view.covers = run->covers;
    run->view.kept = covers->kept;
    run->view.start = covers->folders[0];
    return LRP_OK;
}

void lrp_covered_run_fini(struct lrp_covered_run *run)
{
    union { /* made here, read there */
        const char *in;
        char *out;
    } path;
    for (size_t i = 0; i < run->view.n_covers; i++) {
        path.in = run->covers[i].upper;
        free(path.out);
        path.in = run->covers[i].work;
        free(path.out);
    }
    *run = (struct lrp_covered_run){.view = {.n_covers = 0}};
}

void lrp_covers_fini(struct lrp_covers *covers)
{
    remove_place(covers);
    for (size_t i = 0; i < covers->n; i++) {
        free(covers->folders[i]);
    }
    covers->n = 0;
}
