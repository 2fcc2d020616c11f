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

/* A rename would put a file in the place of a device or a pipe. */
static bool is_replaceable(const char *path)
{
    struct stat there;
    return stat(path, &there) != 0 || S_ISREG(there.st_mode);
}

enum lrp_status lrp_whole_begin(struct lrp_whole_file *whole, const char *path,
                                struct lrp_error *err)
{
    if (!is_replaceable(path)) {
        return lrp_fail(err, LRP_E_IO, 0, "cannot write %s: it is there and is no ordinary file",
                        path);
    }
    *whole = (struct lrp_whole_file){
        .file = NULL, .path = lrp_strdup(path), .temporary = temporary_name(path), .reason = 0};
    enum lrp_status status = LRP_OK;
    if (whole->path == NULL || whole->temporary == NULL) {
        status = lrp_fail_memory(err, strlen(path));
    } else {
        whole->file = fopen(whole->temporary, "we");
        status = whole->file == NULL ? lrp_fail_errno(err, errno, "write", path) : LRP_OK;
    }
    if (status != LRP_OK) {
        free(whole->path);
        free(whole->temporary);
    }
    return status;
}

void lrp_whole_append(struct lrp_whole_file *whole, const void *bytes, size_t length)
{
    if (whole->reason == 0 && length > 0 && fwrite(bytes, 1, length, whole->file) != length) {
        whole->reason = errno;
    }
}

enum lrp_status lrp_whole_end(struct lrp_whole_file *whole, bool keep, struct lrp_error *err)
{
    enum lrp_status status = LRP_OK;
    if (fclose(whole->file) != 0 && whole->reason == 0) { /* a full disk often shows only here */
        whole->reason = errno;
    }
    if (keep && whole->reason == 0 && rename(whole->temporary, whole->path) != 0) {
        whole->reason = errno;
    }
    if (whole->reason != 0) {
        status = lrp_fail_errno(err, whole->reason, "write", whole->path);
    }
    if (!keep || whole->reason != 0) {
        (void)unlink(whole->temporary);
    }
    free(whole->path);
    free(whole->temporary);
    return status;
}

enum lrp_status lrp_write_whole(const char *path, const void *bytes, size_t length,
                                struct lrp_error *err)
{
    struct lrp_whole_file whole;
    enum lrp_status status = lrp_whole_begin(&whole, path, err);
    if (status == LRP_OK) {
        lrp_whole_append(&whole, bytes, length);
        status = lrp_whole_end(&whole, true, err);
    }
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
