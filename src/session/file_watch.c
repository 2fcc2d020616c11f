/* SPDX-License-Identifier: MIT */
#include "file_watch.h"

#include "alloc.h"
#include "file_tree.h"
#include "files.h"

#include <stdlib.h>
#include <string.h>

enum { FILES_MOST = 20000 };

struct watched {
    char *path;
    off_t size;
    struct timespec time;
};
struct lrp_file_watch {
    char *folder;
    struct watched *files;
    size_t n, capacity;
};
struct watching {
    struct lrp_file_watch *watch;
    struct lrp_error *err;
    enum lrp_status status;
};

static bool note_file(void *user, const char *path, const struct stat *info)
{
    struct watching *watching = user;
    struct lrp_file_watch *watch = watching->watch;
    if (!S_ISREG(info->st_mode)) {
        return true;
    }
    watching->status = lrp_grow_array((void **)&watch->files, watch->n, &watch->capacity,
                                      sizeof *watch->files, FILES_MOST + 1, watching->err);
    char *copy = watching->status == LRP_OK ? lrp_strdup(path) : NULL;
    if (copy == NULL) {
        watching->status = lrp_fail_memory(watching->err, 0);
        return false;
    }
    watch->files[watch->n++] =
        (struct watched){.path = copy, .size = info->st_size, .time = info->st_mtim};
    return watch->n < FILES_MOST;
}

enum lrp_status lrp_file_watch_new(const char *folder, const char *skip,
                                   struct lrp_file_watch **watch, struct lrp_error *err)
{
    struct watching watching = {.err = err, .status = LRP_OK};
    *watch = lrp_calloc_array(1, sizeof **watch);
    LRP_TRY_MEMORY(*watch, err);
    (*watch)->folder = lrp_strdup(folder);
    LRP_TRY_MEMORY((*watch)->folder, err);
    watching.watch = *watch;
    (void)lrp_tree_walk(folder, skip, note_file,
                        &watching); /* what cannot be read is not watched */
    return watching.status;
}

static bool is_same(const struct watched *file, const struct stat *info)
{
    return S_ISREG(info->st_mode) && info->st_size == file->size &&
           info->st_mtim.tv_sec == file->time.tv_sec && info->st_mtim.tv_nsec == file->time.tv_nsec;
}

enum lrp_status lrp_file_watch_compare(const struct lrp_file_watch *watch, char **changed,
                                       struct lrp_error *err)
{
    *changed = NULL;
    for (size_t i = 0; i < watch->n; i++) {
        char *path = lrp_path_join(watch->folder, watch->files[i].path);
        struct stat info;
        LRP_TRY_MEMORY(path, err);
        if (lstat(path, &info) != 0 || !is_same(&watch->files[i], &info)) {
            *changed = path;
            return LRP_OK;
        }
        free(path);
    }
    return LRP_OK;
}

void lrp_file_watch_free(struct lrp_file_watch *watch)
{
    if (watch == NULL) {
        return;
    }
    for (size_t i = 0; i < watch->n; i++) {
        free(watch->files[i].path);
    }
    free(watch->files);
    free(watch->folder);
    free(watch);
}
