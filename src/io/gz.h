/* SPDX-License-Identifier: MIT */
/* Byte streams from files, plain or gzip-compressed. The only files that see zlib: gz.c. */
#ifndef LRP_IO_GZ_H
#define LRP_IO_GZ_H

#include "status.h"

struct lrp_stream;

/* Open a file, plain or gzip (told by its content); "-" is standard input.
 * LRP_E_IO: missing, a directory, not readable. */
enum lrp_status lrp_stream_open(const char *path, struct lrp_stream **out, struct lrp_error *err);
/* Up to capacity bytes; *length 0 = end. LRP_E_FORMAT: broken or cut-off gzip data. LRP_E_IO. */
enum lrp_status lrp_stream_read(struct lrp_stream *stream, void *buffer, size_t capacity,
                                size_t *length, struct lrp_error *err);
void lrp_stream_close(struct lrp_stream *stream);
/* Opens a file, hands its bytes piece by piece to take and closes it. */
enum lrp_status lrp_stream_each(const char *path,
                                enum lrp_status (*take)(void *user, const void *bytes,
                                                        size_t length, struct lrp_error *err),
                                void *user, struct lrp_error *err);
/* The whole file in heap memory that the caller frees; LRP_E_LIMIT beyond maximum bytes. */
enum lrp_status lrp_read_whole(const char *path, size_t maximum, unsigned char **bytes,
                               size_t *length, struct lrp_error *err);
#endif
