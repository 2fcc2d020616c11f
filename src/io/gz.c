/* SPDX-License-Identifier: MIT */
#include "gz.h"

#include "alloc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

enum { CHUNK = 1 << 16 };

struct lrp_stream {
    gzFile file;
    char *path;
};

enum lrp_status lrp_stream_open(const char *path, struct lrp_stream **out, struct lrp_error *err)
{
    bool standard_input = strcmp(path, "-") == 0;
    int descriptor = standard_input ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) {
        return lrp_fail_errno(err, errno, "read", standard_input ? "standard input" : path);
    }
    struct stat facts;
    int reason = fstat(descriptor, &facts) != 0 ? errno : 0;
    if (reason == 0 && S_ISDIR(facts.st_mode)) {
        reason = EISDIR; /* open() takes a folder; only read() would tell */
    }
    if (reason != 0) {
        (void)close(descriptor);
        return lrp_fail_errno(err, reason, "read", path);
    }
    struct lrp_stream *stream = lrp_calloc_array(1, sizeof *stream);
    char *copy = lrp_strdup(standard_input ? "standard input" : path);
    gzFile file = stream != NULL && copy != NULL ? gzdopen(descriptor, "rb") : NULL;
    if (file == NULL) {
        (void)close(descriptor);
        free(stream);
        free(copy);
        return lrp_fail_memory(err, CHUNK);
    }
    (void)gzbuffer(file, CHUNK);
    stream->file = file;
    stream->path = copy;
    *out = stream;
    return LRP_OK;
}

enum lrp_status lrp_stream_read(struct lrp_stream *stream, void *buffer, size_t capacity,
                                size_t *length, struct lrp_error *err)
{
    unsigned wanted = capacity > CHUNK ? (unsigned)CHUNK : (unsigned)capacity;
    errno = 0;
    int got = gzread(stream->file, buffer, wanted);
    int reason = errno;
    int code = Z_OK;
    const char *message = gzerror(stream->file, &code);
    if (code == Z_BUF_ERROR) { /* the data end before the end mark */
        return lrp_fail(err, LRP_E_FORMAT, 0, "the gzip data are cut off");
    }
    if (got < 0 && code == Z_ERRNO) {
        return lrp_fail_errno(err, reason, "read", stream->path);
    }
    if (got < 0) {
        return lrp_fail(err, LRP_E_FORMAT, 0, "the gzip data are broken: %.60s", message);
    }
    *length = (size_t)got;
    return LRP_OK;
}

void lrp_stream_close(struct lrp_stream *stream)
{
    if (stream == NULL) {
        return;
    }
    (void)gzclose_r(stream->file);
    free(stream->path);
    free(stream);
}

enum lrp_status lrp_read_whole(const char *path, size_t maximum, unsigned char **bytes,
                               size_t *length, struct lrp_error *err)
{
    struct lrp_stream *stream = NULL;
    enum lrp_status status = lrp_stream_open(path, &stream, err);
    if (status != LRP_OK) {
        return status;
    }
    unsigned char *whole = NULL;
    size_t used = 0;
    size_t room = 0;
    for (;;) {
        if (room - used < CHUNK) {
            size_t wanted = room == 0 ? 4 * (size_t)CHUNK : 2 * room;
            unsigned char *bigger = lrp_realloc_array(whole, wanted, 1);
            if (bigger == NULL) {
                status = lrp_fail_memory(err, wanted);
                break;
            }
            whole = bigger;
            room = wanted;
        }
        size_t got = 0;
        status = lrp_stream_read(stream, whole + used, room - used, &got, err);
        used += got;
        if (status == LRP_OK && used > maximum) {
            status = lrp_fail(err, LRP_E_LIMIT, 0, "more than %zu bytes, the limit here", maximum);
        }
        if (status != LRP_OK || got == 0) {
            break;
        }
    }
    lrp_stream_close(stream);
    if (status != LRP_OK) {
        free(whole);
        return status;
    }
    *bytes = whole;
    *length = used;
    return LRP_OK;
}
