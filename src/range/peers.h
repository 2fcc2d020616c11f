/* SPDX-License-Identifier: MIT */
/* What other LR finders would suggest for a sweep: their rules restated, for comparison. */
#ifndef LRP_RANGE_PEERS_H
#define LRP_RANGE_PEERS_H

#include "status.h"

/* Raw mini-batch losses of one sweep in order; planned_steps as the tool would know it. Each tool's
 * own smoothing and stop rule come first. suggestions has LRP_PEERS entries in the order of
 * lrp_peer_name(); NaN where the tool would give none. LRP_E_NOMEM only. */
enum lrp_status lrp_peers_suggest(const double *lr, const double *loss, size_t n,
                                  size_t planned_steps, double *suggestions, struct lrp_error *err);
#endif
