/* SPDX-License-Identifier: MIT */
/* Where sweeps leave max_lr open: short trainings at one rate each, and what they say. */
#ifndef LRP_RANGE_TRIALS_H
#define LRP_RANGE_TRIALS_H

#include "curve.h"

enum { LRP_TRIALS_MOST = 6 };
struct lrp_trials {
    double lr[LRP_TRIALS_MOST]; /* ascending, half a decade apart */
    size_t n;
    size_t own;   /* the one that the sweeps would have a training use */
    double fall;  /* of the curve */
    double rises; /* the rate at which the loss rises far above its start */
};
/* Whether the fall of the pooled curve hardly stands out of its noise while decades lie between
 * max_lr and the rate at which the loss rises far above its start. A network that begins to learn
 * slowly (batch normalisation, a plateau first) looks so, and in a sweep the noise of higher rates
 * looks like the end of what they can do, though trainings at them get further. bounds: of the
 * curve, with max_lr. raised: the sweeps begin within the decades that matter, since the range was
 * raised; lower rates are tried too, then, and no decades above are asked for. False: *trials is as
 * it was. */
bool lrp_trials_choose(const struct lrp_curve *curve, const struct lrp_bounds *bounds, bool raised,
                       struct lrp_trials *trials);

struct lrp_trial_losses {
    const double *loss; /* n values, in step order */
    size_t n;
    bool failed; /* it diverged, or has no losses */
};
/* The trial that gets furthest, by the losses of the last quarter: own unless another one ends
 * lower by a quarter of the fall and by four standard errors of the difference, step by step:
 * trials of one seed see the same batches, whose noise cancels out. Where own failed, the highest
 * one below it that did not is in its place. n: trials, losses in their order. */
size_t lrp_trials_best(const struct lrp_trial_losses *losses, size_t n, size_t own, double fall);
/* Puts max_lr and what is recommended by it to twice the rate of trial best, as one rate is half of
 * max_lr; it may lie from that rate to half a decade above. steps: of the trials. */
void lrp_trials_apply(const struct lrp_trials *trials, size_t best, size_t steps,
                      const struct lrp_bounds_options *options, struct lrp_bounds *bounds);
#endif
