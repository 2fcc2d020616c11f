/* SPDX-License-Identifier: MIT */
/* The folders of the user's that private overlays go over, and where what is written goes to. */
#ifndef LRP_SESSION_PRIVATE_COVERS_H
#define LRP_SESSION_PRIVATE_COVERS_H

#include "private_view.h"

#define LRP_PLACE_NAME "lrprobe-files-" /* how a folder for what is written is called */
struct lrp_covers {                     /* zeroed at first */
    char *folders[LRP_COVERS_MAX]; /* the folder of work, file systems mounted below it, and what
                                      lies behind the links at its top */
    size_t n;
    const char *kept; /* the output folder where it lies in one of them; borrowed */
    char *place;      /* a new folder outside of them: where the overlays of all runs write */
};
struct lrp_covered_run { /* one run's; stays where it is once made */
    struct lrp_private_view view;
    struct lrp_cover covers[LRP_COVERS_MAX];
};

/* Whether path is folder, or lies in it. */
bool lrp_path_lies_in(const char *path, const char *folder);
/* Finds the folders and a place, and tries them out. work, out (the output folder): absolute paths
 * without links, borrowed; inside: the place that is tried first. LRP_E_IO with the reason why no
 * overlays can be had; LRP_E_LIMIT, LRP_E_NOMEM. fini in any case. */
enum lrp_status lrp_covers_set_up(struct lrp_covers *covers, const char *work, const char *out,
                                  const char *inside, struct lrp_error *err);
void lrp_covers_fini(struct lrp_covers *covers); /* removes the place */
/* The overlays of a run, which writes below the folder own. fini in any case. */
enum lrp_status lrp_covered_run_make(const struct lrp_covers *covers, const char *own,
                                     struct lrp_covered_run *run, struct lrp_error *err);
void lrp_covered_run_fini(struct lrp_covered_run *run);
#endif
