/* SPDX-License-Identifier: MIT */
/* A process that sees folders of the user's through private overlays: what it and its descendants
 * write there goes to another place. Linux without root: by a user namespace of its own in which
 * every id stays what it is. */
#ifndef LRP_PROBE_PRIVATE_VIEW_H
#define LRP_PROBE_PRIVATE_VIEW_H

#include "status.h"

#include <stdbool.h>
#include <stddef.h>

struct lrp_cover {      /* one overlay; absolute paths without links */
    const char *folder; /* of the user's */
    const char *upper;  /* what is written goes here; empty at first, outside of all covers */
    const char *work;   /* overlayfs's own, empty, on the file system of upper */
};
struct lrp_private_view {
    const struct lrp_cover *covers; /* a folder before those below it */
    size_t n_covers;
    const char
        *kept; /* stays what it is though it lies in a cover: the output folder; NULL = none */
    const char *start; /* where the process starts, by its path: NULL = where it is. Without covers
                          a copy of the user's folder */
};
enum { LRP_COVERS_MAX = 16 };

/* Puts the calling process, which has one thread, into the view. Only async-signal-safe functions
 * are called. 0, or an errno: the process is then in no defined view and must end. */
int lrp_private_view_enter(const struct lrp_private_view *view);
/* Whether the calling process would need a user namespace: then only files of its own user and
 * group can be changed in an overlay. */
bool lrp_private_view_needs_namespace(void);
/* Whether the system allows the view: a process enters it and writes a file in the first cover,
 * which is then taken off its upper folder. LRP_E_IO with the reason. */
enum lrp_status lrp_private_view_check(const struct lrp_private_view *view, struct lrp_error *err);
#endif
