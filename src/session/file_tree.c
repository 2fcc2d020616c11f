/* SPDX-License-Identifier: MIT */
#include "file_tree.h"

#include "alloc.h"
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BLOCK = 1 << 16 };

/* NULL where there is no such folder. */
static FTS *open_tree(const char *folder, char **name)
{
    *name = lrp_strdup(folder); /* fts takes char * */
    char *const roots[] = {*name, NULL};
    return *name == NULL ? NULL : fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
}

static bool walk(const char *folder, const char *skip, bool deep, lrp_tree_visit *visit, void *user)
{
    char *name = NULL;
    FTS *tree = open_tree(folder, &name);
    bool go_on = tree != NULL;
    FTSENT *entry = NULL;
    while (go_on && (entry = fts_read(tree)) != NULL) {
        if (entry->fts_info == FTS_DP || (entry->fts_level == 0 && entry->fts_info == FTS_D)) {
            continue;
        }
        if (skip != NULL && strcmp(entry->fts_path, skip) == 0) {
            (void)fts_set(tree, entry, FTS_SKIP);
            continue;
        }
        const bool bad =
            entry->fts_info == FTS_DNR || entry->fts_info == FTS_ERR || entry->fts_info == FTS_NS;
        const char *path = entry->fts_path + strlen(folder);
        if (!deep && entry->fts_info == FTS_D) {
            (void)fts_set(tree, entry, FTS_SKIP);
        }
        go_on = !bad && visit(user, path + strspn(path, "/"), entry->fts_statp);
    }
    if (tree != NULL) {
        (void)fts_close(tree);
    }
    free(name);
    return go_on;
}

bool lrp_tree_walk(const char *folder, const char *skip, lrp_tree_visit *visit, void *user)
{
    return walk(folder, skip, true, visit, user);
}

bool lrp_tree_list(const char *folder, lrp_tree_visit *visit, void *user)
{
    return walk(folder, NULL, false, visit, user);
}

bool lrp_tree_remove(const char *path)
{
    char *name = NULL;
    FTS *tree = open_tree(path, &name);
    FTSENT *entry = NULL;
    while (tree != NULL && (entry = fts_read(tree)) != NULL) {
        if (entry->fts_info == FTS_D) {
            (void)chmod(entry->fts_accpath, S_IRWXU); /* it is read after this */
        } else if (entry->fts_info != FTS_NS) {
            (void)remove(entry->fts_accpath);
        }
    }
    if (tree != NULL) {
        (void)fts_close(tree);
    }
    free(name);
    struct stat info;
    return lstat(path, &info) != 0 && errno == ENOENT;
}

/* ---- copy ---------------------------------------------------------------------------------- */

struct copying {
    const char *from;
    const char *to;
    struct lrp_error *err;
    enum lrp_status status;
};

static bool copy_bytes(int in, int out)
{
    char block[BLOCK];
    ssize_t n = 0;
    while ((n = read(in, block, sizeof block)) > 0) {
        if (write(out, block, (size_t)n) != n) {
            return false;
        }
    }
    return n == 0;
}

static bool copy_file(const char *source, const char *target, const struct stat *info)
{
    const struct timespec times[] = {info->st_atim, info->st_mtim};
    const int in = open(source, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    const int out = in < 0 ? -1 : open(target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool copied = out >= 0 && copy_bytes(in, out) &&
                  fchmod(out, (info->st_mode & 0777) | S_IWUSR) == 0 && futimens(out, times) == 0;
    const int number = errno;
    if (out >= 0) {
        copied = close(out) == 0 && copied;
    }
    if (in >= 0) {
        close(in);
    }
    errno = number;
    return copied;
}

static bool copy_link(const char *source, const char *target)
{
    char path[PATH_MAX];
    const ssize_t length = readlink(source, path, sizeof path - 1);
    if (length < 0) {
        return false;
    }
    path[length] = '\0';
    return symlink(path, target) == 0;
}

static bool copy_entry(void *user, const char *path, const struct stat *info)
{
    struct copying *copying = user;
    char *source = lrp_path_join(copying->from, path);
    char *target = lrp_path_join(copying->to, path);
    bool copied = source != NULL && target != NULL;
    if (copied && S_ISDIR(info->st_mode)) {
        copied = mkdir(target, (info->st_mode & 0777) | S_IRWXU) == 0;
    } else if (copied && S_ISLNK(info->st_mode)) {
        copied = copy_link(source, target);
    } else if (copied && S_ISREG(info->st_mode)) {
        copied = copy_file(source, target, info);
    }
    if (!copied) {
        copying->status = lrp_fail_errno(copying->err, errno, "copy", path);
    }
    free(source);
    free(target);
    return copied;
}

enum lrp_status lrp_tree_copy(const char *from, const char *skip, const char *to,
                              struct lrp_error *err)
{
    struct copying copying = {.from = from, .to = to, .err = err, .status = LRP_OK};
    if (!lrp_tree_walk(from, skip, copy_entry, &copying) && copying.status == LRP_OK) {
        return lrp_fail(err, LRP_E_IO, 0, "cannot read all of %.200s", from);
    }
    return copying.status;
}
