/* SPDX-License-Identifier: MIT */
#include "report_file.h"

#include "alloc.h"
#include "clock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const double LOOK_SECONDS = 0.5;
static const double LASTING_SECONDS = 1;
/* The end of what was read is compared each time: it changes when the file is written anew. */
enum { CHUNK = 16384, KEPT_MOST = 64 };

enum file_problem { NONE, REMOVED, REPLACED, SHORTENED, WRITTEN_OVER, NUL_BYTES };
static const char *const sentences[] = {
    [REMOVED] = "has no report any more: the file was removed",
    [REPLACED] = "has another file in the place of its report; rows are to be added to the file "
                 "that is there",
    [SHORTENED] = "shortened its report after rows of it had been read",
    [WRITTEN_OVER] = "wrote over rows of its report that had been read",
};

struct lrp_report_file {
    int fd;
    char *path;
    off_t offset; /* bytes read */
    size_t kept;  /* of them, the last ones, at the start of buffer */
    char buffer[KEPT_MOST + CHUNK];
    enum file_problem content; /* as the last read saw it */
    enum file_problem fault;   /* as the last look saw it */
    double fault_since, looked;
};

static enum lrp_status open_report(struct lrp_report_file *file, const char *path, bool keep,
                                   struct lrp_error *err)
{
    file->fd = -1;
    file->looked = lrp_clock_seconds();
    file->path = lrp_strdup(path);
    LRP_TRY_MEMORY(file->path, err);
    file->fd = open(path, O_RDWR | O_CLOEXEC | (keep ? 0 : O_CREAT | O_TRUNC), 0666);
    return file->fd < 0 ? lrp_fail_errno(err, errno, "write", path) : LRP_OK;
}

enum lrp_status lrp_report_file_new(const char *path, bool keep, struct lrp_report_file **out,
                                    struct lrp_error *err)
{
    struct lrp_report_file *file = lrp_calloc_array(1, sizeof *file);
    LRP_TRY_MEMORY(file, err);
    enum lrp_status status = open_report(file, path, keep, err);
    if (status != LRP_OK) {
        lrp_report_file_free(file);
        return status;
    }
    *out = file;
    return LRP_OK;
}

/* What is wrong with n bytes that were read from where the kept ones begin; *fresh: how many after
 * them can be taken. */
static enum file_problem examine(const struct lrp_report_file *file, const char *bytes, size_t n,
                                 size_t *fresh)
{
    *fresh = 0;
    if (n < file->kept) {
        return SHORTENED;
    }
    if (memcmp(bytes, file->buffer, file->kept) != 0) {
        return WRITTEN_OVER;
    }
    const char *new_bytes = bytes + file->kept;
    size_t length = n - file->kept;
    const char *nul = length > 0 ? memchr(new_bytes, '\0', length) : NULL;
    *fresh = nul == NULL ? length : (size_t)(nul - new_bytes);
    return length > 0 && *fresh == 0 ? NUL_BYTES : NONE;
}

enum lrp_status lrp_report_file_read(struct lrp_report_file *file, const char **bytes, size_t *n,
                                     struct lrp_error *err)
{
    char chunk[KEPT_MOST + CHUNK];
    ssize_t got;
    do {
        got = pread(file->fd, chunk, file->kept + CHUNK, file->offset - (off_t)file->kept);
    } while (got < 0 && errno == EINTR);
    *n = 0;
    if (got < 0 && errno == ESTALE) { /* removed on another machine */
        file->content = REMOVED;
        return LRP_OK;
    }
    if (got < 0) {
        return lrp_fail_errno(err, errno, "read", file->path);
    }
    size_t fresh = 0;
    file->content = examine(file, chunk, (size_t)got, &fresh);
    if (fresh == 0) {
        return LRP_OK;
    }
    size_t length = file->kept + fresh;
    size_t keep = length < KEPT_MOST ? length : KEPT_MOST;
    memcpy(file->buffer + KEPT_MOST, chunk + file->kept, fresh);
    memcpy(file->buffer, chunk + length - keep, keep);
    file->kept = keep;
    file->offset += (off_t)fresh;
    *bytes = file->buffer + KEPT_MOST;
    *n = fresh;
    return LRP_OK;
}

/* Takes the file that now has the name: nothing was written to the one that had it, so the trainer
 * may as well have created its own. */
static enum file_problem follow(struct lrp_report_file *file)
{
    int fd = open(file->path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        return REPLACED;
    }
    close(file->fd);
    file->fd = fd;
    return NONE;
}

static enum file_problem look(struct lrp_report_file *file)
{
    struct stat named;
    struct stat held;
    /* a FIFO in its place must not keep us waiting */
    int fd = open(file->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        return errno == ENOENT || errno == ESTALE ? REMOVED : file->content;
    }
    bool known = fstat(fd, &named) == 0;
    close(fd);
    if (!known || fstat(file->fd, &held) != 0) {
        return REMOVED;
    }
    if (named.st_dev == held.st_dev && named.st_ino == held.st_ino) {
        return file->content;
    }
    bool unused = file->offset == 0 && held.st_size == 0 && S_ISREG(named.st_mode);
    return unused ? follow(file) : REPLACED;
}

enum lrp_status lrp_report_file_check(struct lrp_report_file *file, bool at_end, size_t line,
                                      struct lrp_error *err)
{
    double t = lrp_clock_seconds();
    if (!at_end && t - file->looked < LOOK_SECONDS) {
        return LRP_OK;
    }
    enum file_problem fault = look(file);
    file->looked = t;
    if (fault != file->fault) {
        file->fault = fault;
        file->fault_since = t;
    }
    if (fault == NONE || (!at_end && t - file->fault_since < LASTING_SECONDS)) {
        return LRP_OK;
    }
    if (fault == NUL_BYTES) {
        return lrp_fail(err, LRP_E_FORMAT, line,
                        "wrote a bad report: line %zu holds NUL bytes, which no text does", line);
    }
    return lrp_fail(err, LRP_E_FORMAT, 0, "%s", sentences[fault]);
}

/* Length of the first n lines of the file, -1 where it has fewer. */
static off_t length_of_lines(int fd, size_t n)
{
    char buffer[CHUNK];
    off_t at = 0;
    for (;;) {
        ssize_t length = pread(fd, buffer, sizeof buffer, at);
        if (length < 0 && errno == EINTR) {
            continue;
        }
        if (length <= 0) {
            return -1;
        }
        for (ssize_t i = 0; i < length; i++) {
            if (buffer[i] == '\n' && --n == 0) {
                return at + i + 1;
            }
        }
        at += length;
    }
}

enum lrp_status lrp_report_file_cut(struct lrp_report_file *file, size_t n, struct lrp_error *err)
{
    off_t length = length_of_lines(file->fd, n);
    struct stat info;
    bool longer = fstat(file->fd, &info) != 0 || info.st_size > length;
    if (length >= 0 && longer && ftruncate(file->fd, length) != 0) {
        return lrp_fail_errno(err, errno, "shorten", file->path);
    }
    return LRP_OK;
}

void lrp_report_file_free(struct lrp_report_file *file)
{
    if (file == NULL) {
        return;
    }
    if (file->fd >= 0) {
        close(file->fd);
    }
    free(file->path);
    free(file);
}
