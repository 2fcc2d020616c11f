/* SPDX-License-Identifier: MIT */
/* How the runs of a sweep that is resumed had ended, by its manifest. A trainer that ended by
 * itself has left a report that is shorter than its plan: the report alone looks like one that was
 * cut. */
#ifndef LRP_SESSION_OLD_ENDS_H
#define LRP_SESSION_OLD_ENDS_H

#include "folder.h"

struct lrp_json;
/* The manifest that lies in the session's folder, NULL where there is none that can be read. The
 * caller frees it. */
struct lrp_json *lrp_old_manifest(const struct lrp_session *session);
/* Whether a sweep of the session ended by itself before, with the same seed and plan, and what it
 * reported is still there and counts; then its end, its rows and its reason are those. manifest may
 * be NULL. item->last_loss and item->diverged are those of its report already. */
bool lrp_old_end_take(const struct lrp_json *manifest, size_t run, struct lrp_run_entry *item);
#endif
