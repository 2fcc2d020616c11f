/* SPDX-License-Identifier: MIT */
#include "files.h"

#include "alloc.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

char *lrp_path_join(const char *folder, const char *name)
{
    size_t a = strlen(folder);
    size_t b = strlen(name);
    bool slash = a > 0 && folder[a - 1] != '/';
    char *path = lrp_calloc_array(a + b + 2, 1);
    if (path == NULL) {
        return NULL;
    }
    memcpy(path, folder, a);
    if (slash) {
        path[a] = '/';
    }
    memcpy(path + a + (slash ? 1 : 0), name, b);
    return path;
}

/* "path.<pid>.tmp", heap memory. */
static char *temporary_name(const char *path)
{
    char suffix[40];
    (void)snprintf(suffix, sizeof suffix, ".%ld.tmp", (long)getpid());
    size_t length = strlen(path) + strlen(suffix) + 1;
    char *name = lrp_calloc_array(length, 1);
    if (name != NULL) {
        (void)snprintf(name, length, "%s%s", path, suffix);
    }
    return name;
}

enum lrp_status lrp_write_whole(const char *path, const void *bytes, size_t length,
                                struct lrp_error *err)
{
    char *temporary = temporary_name(path);
    if (temporary == NULL) {
        return lrp_fail_memory(err, strlen(path));
    }
    FILE *file = fopen(temporary, "we");
    if (file == NULL) {
        enum lrp_status status = lrp_fail_errno(err, errno, "write", path);
        free(temporary);
        return status;
    }
    int reason = 0;
    if (length > 0 && fwrite(bytes, 1, length, file) != length) {
        reason = errno;
    }
    if (fclose(file) != 0 && reason == 0) { /* a full disk often shows only here */
        reason = errno;
    }
    if (reason == 0 && rename(temporary, path) != 0) {
        reason = errno;
    }
    enum lrp_status status = LRP_OK;
    if (reason != 0) {
        (void)unlink(temporary);
        status = lrp_fail_errno(err, reason, "write", path);
    }
    free(temporary);
    return status;
}

static enum lrp_status make_one(const char *path, const char *whole, struct lrp_error *err)
{
    if (mkdir(path, 0777) == 0) {
        return LRP_OK;
    }
    int reason = errno;
    struct stat facts;
    if (stat(path, &facts) == 0) {
        if (S_ISDIR(facts.st_mode)) {
            return LRP_OK;
        }
        reason = ENOTDIR;
    }
    return lrp_fail_errno(err, reason, "make the folder", whole);
}

enum lrp_status lrp_make_folder(const char *path, struct lrp_error *err)
{
    char *copy = lrp_strdup(path);
    if (copy == NULL) {
        return lrp_fail_memory(err, strlen(path));
    }
    enum lrp_status status = LRP_OK;
    for (char *at = copy + (copy[0] == '/' ? 1 : 0); status == LRP_OK && *at != '\0'; at++) {
        if (*at == '/' && at > copy) {
            *at = '\0';
            status = make_one(copy, path, err);
            *at = '/';
        }
    }
    if (status == LRP_OK) {
        status = make_one(copy, path, err);
    }
    free(copy);
    return status;
}
