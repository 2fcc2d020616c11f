/* SPDX-License-Identifier: MIT */
/* The runs of a fresh session as a set: which of them count, and as what. */
#ifndef LRP_SESSION_FRESH_SET_H
#define LRP_SESSION_FRESH_SET_H

#include "folder.h"

struct lrp_fresh_set {
    struct lrp_record **records; /* by seed, then by rate */
    size_t n;
    size_t planned; /* runs that were wanted in the range */
    double crashed; /* lowest rate from which on the trainer fails and that is taken for divergence;
                       NaN = none */
    size_t example; /* a run that failed so */
    bool same_rates; /* the losses are the same whatever the rate */
    bool same_seeds; /* ... whatever the seed; the records are those of one seed then */
};
/* Takes all runs of the session whose rates lie within [low, high]. A trainer that fails without
 * having reported a loss that is no number has diverged too, if at this seed no higher rate goes
 * well and a lower one does: scripts end themselves so. Such a run counts as one whose first loss
 * is not a number. Other failed runs are left out. fini in every case. */
enum lrp_status lrp_fresh_set_collect(struct lrp_session *session, double low, double high,
                                      struct lrp_fresh_set *set, struct lrp_error *err);
void lrp_fresh_set_fini(struct lrp_fresh_set *set);
#endif
