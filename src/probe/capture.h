/* SPDX-License-Identifier: MIT */
/* Copies what a trainer prints from a pipe into a file of bounded size: the first part as it comes,
 * the last part at the end, and between them a line that says how much is missing. Only
 * async-signal-safe functions are called: this runs in a process that was forked, not executed. */
#ifndef LRP_PROBE_CAPTURE_H
#define LRP_PROBE_CAPTURE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum { LRP_CAPTURE_HEAD = 64 << 20, LRP_CAPTURE_TAIL = 64 << 10 };

struct lrp_capture {
    int pipe; /* read end, not blocking; -1 = at its end */
    int file;
    uint64_t head;               /* bytes of the first part */
    uint64_t behind;             /* bytes after it */
    char tail[LRP_CAPTURE_TAIL]; /* the last of them, as a ring */
};

/* Copies what has been printed, a megabyte at most, without waiting; closes the pipe at its end. */
void lrp_capture_copy(struct lrp_capture *capture);
/* After the last writer has ended: copies the rest, a bounded amount of it, and writes the end. */
void lrp_capture_finish(struct lrp_capture *capture);
#endif
