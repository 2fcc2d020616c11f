/* SPDX-License-Identifier: MIT */
/* The runs at one rate each as a set: which of them count, and as what. */
#ifndef LRP_SESSION_FRESH_SET_H
#define LRP_SESSION_FRESH_SET_H

#include "evidence.h"
#include "folder.h"

/* Takes all runs of the session whose rates lie within [low, high]. A trainer that fails without
 * having reported a NaN loss has diverged too, if at this seed no higher rate goes well and a lower
 * one does: scripts end themselves so. Such a run counts as one whose first loss is NaN. Other
 * failed runs are left out. Where seeds make no difference the records are those of one seed. The
 * caller ends the evidence in every case. */
enum lrp_status lrp_fresh_set_collect(struct lrp_session *session, double low, double high,
                                      struct lrp_evidence *evidence, struct lrp_error *err);
#endif
