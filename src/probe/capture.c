/* SPDX-License-Identifier: MIT */
#include "capture.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* One turn: a trainer that prints without end must not keep the guard from its other work. The
 * largest pipe that a user may have is a megabyte, so a few turns empty it. */
enum { TURN_MOST = 1 << 20, LAST_TURNS = 16 };

static void write_all(int fd, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t n = write(fd, bytes, length);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return; /* a full disk costs the log, not the run */
        }
        bytes += n;
        length -= (size_t)n;
    }
}

/* Into the ring, where the next byte goes to behind % LRP_CAPTURE_TAIL. */
static void remember(struct lrp_capture *capture, const char *bytes, size_t length)
{
    if (length > LRP_CAPTURE_TAIL) {
        capture->behind += length - LRP_CAPTURE_TAIL;
        bytes += length - LRP_CAPTURE_TAIL;
        length = LRP_CAPTURE_TAIL;
    }
    size_t at = (size_t)(capture->behind % LRP_CAPTURE_TAIL);
    size_t first = LRP_CAPTURE_TAIL - at < length ? LRP_CAPTURE_TAIL - at : length;
    memcpy(capture->tail + at, bytes, first);
    memcpy(capture->tail, bytes + first, length - first);
    capture->behind += length;
}

static void take(struct lrp_capture *capture, const char *bytes, size_t length)
{
    uint64_t room = LRP_CAPTURE_HEAD - capture->head;
    size_t head = length < room ? length : (size_t)room;
    write_all(capture->file, bytes, head);
    capture->head += head;
    if (length > head) {
        remember(capture, bytes + head, length - head);
    }
}

void lrp_capture_copy(struct lrp_capture *capture)
{
    char buffer[1 << 16];
    for (size_t turn = 0; capture->pipe >= 0 && turn < TURN_MOST;) {
        ssize_t n = read(capture->pipe, buffer, sizeof buffer);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0 && errno == EAGAIN) {
            return;
        }
        if (n <= 0) {
            close(capture->pipe);
            capture->pipe = -1;
            return;
        }
        take(capture, buffer, (size_t)n);
        turn += (size_t)n;
    }
}

/* "\n[lrprobe left out 123 bytes here]\n"; printf is not async-signal-safe. */
static void write_gap(int fd, uint64_t missing)
{
    static const char before[] = "\n[lrprobe left out ";
    static const char after[] = " bytes here]\n";
    char digits[20];
    size_t at = sizeof digits;
    do {
        at--;
        digits[at] = (char)('0' + missing % 10);
        missing /= 10;
    } while (missing > 0);
    write_all(fd, before, sizeof before - 1);
    write_all(fd, digits + at, sizeof digits - at);
    write_all(fd, after, sizeof after - 1);
}

void lrp_capture_finish(struct lrp_capture *capture)
{
    for (int turn = 0; turn < LAST_TURNS; turn++) {
        lrp_capture_copy(capture);
    }
    if (capture->behind <= LRP_CAPTURE_TAIL) {
        write_all(capture->file, capture->tail, (size_t)capture->behind);
        return;
    }
    write_gap(capture->file, capture->behind - LRP_CAPTURE_TAIL);
    size_t oldest = (size_t)(capture->behind % LRP_CAPTURE_TAIL);
    write_all(capture->file, capture->tail + oldest, LRP_CAPTURE_TAIL - oldest);
    write_all(capture->file, capture->tail, oldest);
}
