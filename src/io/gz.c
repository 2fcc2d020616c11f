/* SPDX-License-Identifier: MIT */
#include "gz.h"

#include "alloc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
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

enum lrp_status lrp_stream_each(const char *path,
                                enum lrp_status (*take)(void *user, const void *bytes,
                                                        size_t length, struct lrp_error *err),
                                void *user, struct lrp_error *err)
{
    unsigned char chunk[CHUNK];
    struct lrp_stream *stream = NULL;
    size_t length = 1;
    enum lrp_status status = lrp_stream_open(path, &stream, err);
    while (status == LRP_OK && length > 0) {
        status = lrp_stream_read(stream, chunk, sizeof chunk, &length, err);
        if (status == LRP_OK && length > 0) {
            status = take(user, chunk, length, err);
        }
    }
    lrp_stream_close(stream);
    return status;
}

/* A file that is being collected. */
struct whole_bytes {
    unsigned char *bytes;
    size_t length, capacity, maximum;
};

static enum lrp_status collect(void *user, const void *bytes, size_t length, struct lrp_error *err)
{
    struct whole_bytes *whole = user;
    if (length > whole->maximum - whole->length) {
        return lrp_fail(err, LRP_E_LIMIT, 0, "more than %zu bytes, the limit here", whole->maximum);
    }
    while (whole->capacity - whole->length < length) {
        LRP_TRY(lrp_grow_array((void **)&whole->bytes, whole->capacity, &whole->capacity, 1,
                               SIZE_MAX / 2, err));
    }
    memcpy(whole->bytes + whole->length, bytes, length);
    whole->length += length;
    return LRP_OK;
}

enum lrp_status lrp_read_whole(const char *path, size_t maximum, unsigned char **bytes,
                               size_t *length, struct lrp_error *err)
{
    struct whole_bytes whole = {lrp_calloc_array(CHUNK, 1), 0, CHUNK, maximum};
    LRP_TRY_MEMORY(whole.bytes, err);
    enum lrp_status status = lrp_stream_each(path, collect, &whole, err);
    if (status != LRP_OK) {
        free(whole.bytes);
        return status;
    }
    *bytes = whole.bytes;
    *length = whole.length;
    return LRP_OK;
}
