/* SPDX-License-Identifier: MIT */
#include "log_paths.h"

#include "alloc.h"
#include "mlflow.h"

#include <errno.h>
#include <fts.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static enum lrp_status add(struct lrp_log_paths *paths, const char *path, bool by_name, bool folder,
                           struct lrp_error *err)
{
    LRP_TRY(lrp_grow_array((void **)&paths->list, paths->n, &paths->capacity, sizeof *paths->list,
                           LRP_LOG_PATHS_MOST, err));
    char *copy = lrp_strdup(path);
    LRP_TRY_MEMORY(copy, err);
    paths->list[paths->n++] = (struct lrp_log_path){copy, by_name, folder};
    return LRP_OK;
}

/* fts wants pointers to pointers, as qsort does. */
static int by_name(const FTSENT **a, const FTSENT **b)
{
    return strverscmp((*a)->fts_name, (*b)->fts_name);
}

/* A folder that is only called as MLflow's are is walked like any other. */
static bool is_run_folder(const char *path)
{
    struct lrp_record *record = NULL;
    bool is =
        lrp_is_mlflow_folder(path) && lrp_read_mlflow_folder(path, NULL, &record, NULL) == LRP_OK;
    lrp_record_free(record);
    return is;
}

static bool is_hidden(const FTSENT *entry)
{
    return entry->fts_level > 0 && entry->fts_name[0] == '.';
}

static enum lrp_status take(struct lrp_log_paths *paths, FTS *tree, FTSENT *entry,
                            struct lrp_error *err)
{
    if (is_hidden(entry)) {
        (void)fts_set(tree, entry, FTS_SKIP);
        return LRP_OK;
    }
    switch (entry->fts_info) {
    case FTS_F:
        return add(paths, entry->fts_path, false, false, err);
    case FTS_D:
        if (!is_run_folder(entry->fts_path)) {
            return LRP_OK;
        }
        (void)fts_set(tree, entry, FTS_SKIP);
        return add(paths, entry->fts_path, false, true, err);
    case FTS_DNR:
    case FTS_ERR:
    case FTS_NS:
        return lrp_fail_errno(err, entry->fts_errno, "read", entry->fts_path);
    default: /* folders before and after, links that lead nowhere or back up, devices */
        return LRP_OK;
    }
}

static enum lrp_status walk(struct lrp_log_paths *paths, const char *folder, struct lrp_error *err)
{
    char *root = lrp_strdup(folder);
    char *const roots[] = {root, NULL};
    if (root == NULL) {
        return lrp_fail_memory(err, strlen(folder));
    }
    enum lrp_status status = LRP_OK;
    enum lrp_status worst = LRP_OK;
    FTS *tree = fts_open(roots, FTS_LOGICAL | FTS_NOCHDIR, by_name);
    if (tree == NULL) {
        status = lrp_fail_errno(err, errno, "read", folder);
    }
    while (status == LRP_OK) {
        errno = 0;
        FTSENT *entry = fts_read(tree);
        if (entry == NULL) {
            status = errno != 0 ? lrp_fail_errno(err, errno, "read", folder) : LRP_OK;
            break;
        }
        status = take(paths, tree, entry, err);
        if (status == LRP_E_IO) { /* what lies beside it is still read */
            worst = status;
            status = LRP_OK;
        }
    }
    if (tree != NULL) {
        (void)fts_close(tree);
    }
    free(root);
    return status != LRP_OK ? status : worst;
}

enum lrp_status lrp_log_paths_add(struct lrp_log_paths *paths, const char *operand,
                                  struct lrp_error *err)
{
    struct stat facts;
    if (strcmp(operand, "-") != 0 && stat(operand, &facts) == 0 && S_ISDIR(facts.st_mode)) {
        return is_run_folder(operand) ? add(paths, operand, true, true, err)
                                      : walk(paths, operand, err);
    }
    return add(paths, operand, true, false, err);
}

void lrp_log_paths_fini(struct lrp_log_paths *paths)
{
    for (size_t i = 0; i < paths->n; i++) {
        free(paths->list[i].path);
    }
    free(paths->list);
    memset(paths, 0, sizeof *paths);
}
