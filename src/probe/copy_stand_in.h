/* SPDX-License-Identifier: MIT */
/* The process that lrprobe has started for a run that is a copy of another process (copies.h). */
#ifndef LRP_PROBE_COPY_STAND_IN_H
#define LRP_PROBE_COPY_STAND_IN_H

#include <stddef.h>

/* In the process that is to be the trainer: becomes the stand-in and does not return, or returns
 * where there is no template that makes a copy. Only async-signal-safe functions are called. */
void lrp_copy_stand_in(int template_socket, const char *request, size_t length);
#endif
