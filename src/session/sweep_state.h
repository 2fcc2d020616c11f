/* SPDX-License-Identifier: MIT */
/* What the range test by sweeps knows between two rounds, and how the answers of sweeps over
 * different ranges are joined. */
#ifndef LRP_SESSION_SWEEP_STATE_H
#define LRP_SESSION_SWEEP_STATE_H

#include "rounds.h"

struct lrp_sweep_state {
    size_t steps;         /* of the next round */
    size_t repeats;       /* ... and how many in all */
    double from;          /* the lowest rate that it sweeps: above that of the range where only the
                             highest decades are missing */
    struct lrp_rate base; /* then: what the sweeps of the whole range found */
    size_t lengthened;    /* times that the steps were doubled */
    size_t extended;      /* times that the highest rate was raised */
    bool shortened;       /* the steps were cut, since the data were memorised */
    bool lowered;         /* the next round sweeps from a lower rate, for base_lr alone */
    bool settled;         /* a round that showed less than the one before it ended the search */
};

/* See keeps_result and analysed of struct lrp_strategy. */
bool lrp_sweep_keeps_result(struct lrp_rounds *rounds, const struct lrp_bounds *further,
                            const struct lrp_curve *curve);
void lrp_sweep_analysed(struct lrp_rounds *rounds);
#endif
