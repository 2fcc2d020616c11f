/* SPDX-License-Identifier: MIT */
#include "trials.h"

#include "answer.h"
#include "marks.h"
#include "pool.h"

#include <math.h>

/* max_lr stands on places a tenth of the fall above the lowest one: of less than so many standard
 * errors of the curve, that tenth is within two and a half of them. */
static const double WEAK_FALL = 25;
/* From one rate to the next, and from the last one to where the loss rises far above its start. */
static const double STRIDE = 3.1623; /* half a decade */
static const double FAR_SHARE = 0.5; /* of the fall, above the start */
static const double HALF = 0.5;      /* one rate for a training, of max_lr */
enum { LEAST_RATES = 3, LOWER = 2, LEAST_STEPS = 20 };
static const double CERTAIN_ERRORS = 4;

/* The grid's last point at which the curve is not above level. */
static double last_below(const struct lrp_curve *curve, double level)
{
    for (size_t g = curve->n; g > 0; g--) {
        if (curve->median[g - 1] <= level) {
            return pow(10, curve->log10_lr[g - 1]);
        }
    }
    return 0;
}

bool lrp_trials_choose(const struct lrp_curve *curve, const struct lrp_bounds *bounds, bool raised,
                       struct lrp_trials *trials)
{
    const struct lrp_marks marks = lrp_find_marks(curve->log10_lr, curve->median, curve->n,
                                                  lrp_pool_head(curve), curve->error);
    struct lrp_trials chosen = {.own = raised ? LOWER : 0,
                                .fall = marks.start_value - marks.lowest_value};
    if (!(chosen.fall < WEAK_FALL * curve->error) || !(bounds->max_lr.value > 0)) {
        return false;
    }
    chosen.rises = last_below(curve, marks.start_value + FAR_SHARE * chosen.fall);
    const double own = HALF * bounds->max_lr.value;
    double lr = own * pow(STRIDE, -(double)chosen.own);
    while (chosen.n < LRP_TRIALS_MOST && (chosen.n <= chosen.own || lr <= chosen.rises / STRIDE)) {
        chosen.lr[chosen.n++] = lr;
        lr *= STRIDE;
    }
    if (chosen.n < LEAST_RATES) {
        return false;
    }
    *trials = chosen;
    return true;
}

/* By how much the losses of one end lower than those of the other, in the last quarter of the steps
 * that both have; NaN where that is too few. */
static double gain_over(const struct lrp_trial_losses *reference,
                        const struct lrp_trial_losses *other, double *error)
{
    const size_t n = other->n < reference->n ? other->n : reference->n;
    const size_t begin = n - n / 4;
    const double count = (double)(n - begin);
    double sum = 0;
    double squares = 0;
    if (n - begin < LEAST_STEPS) {
        return (double)NAN;
    }
    for (size_t i = begin; i < n; i++) {
        sum += reference->loss[i] - other->loss[i];
    }
    const double mean = sum / count;
    for (size_t i = begin; i < n; i++) {
        const double rest = reference->loss[i] - other->loss[i] - mean;
        squares += rest * rest;
    }
    *error = sqrt(squares / (count - 1) / count);
    return mean;
}

size_t lrp_trials_best(const struct lrp_trial_losses *losses, size_t n, size_t own, double fall)
{
    size_t reference = own;
    while (reference > 0 && losses[reference].failed) {
        reference--;
    }
    size_t best = reference;
    double most = 0;
    for (size_t i = 0; i < n && !losses[reference].failed; i++) {
        double error = 0;
        const double gain =
            losses[i].failed ? (double)NAN : gain_over(&losses[reference], &losses[i], &error);
        if (gain > LRP_RISEN_SHARE * fall && gain > CERTAIN_ERRORS * error && gain > most) {
            most = gain;
            best = i;
        }
    }
    return losses[reference].failed ? own : best;
}

void lrp_trials_apply(const struct lrp_trials *trials, size_t best, size_t steps,
                      const struct lrp_bounds_options *options, struct lrp_bounds *bounds)
{
    const double one = trials->lr[best];
    bounds->max_lr = (struct lrp_rate){one / HALF, one, one / HALF * STRIDE};
    bounds->interval_level = (double)NAN;
    bounds->evidence.diverged_lr = trials->rises;
    lrp_bounds_recommend(bounds, options, bounds->conditions.steps);
    lrp_bounds_keep_order(bounds);
    lrp_bounds_warn(bounds,
                    "the sweeps show little learning and no clear max_lr, so %zu trainings of %zu "
                    "steps at one rate each decided: from fresh weights %.2g gets further than "
                    "%.2g, and max_lr is twice that",
                    trials->n, steps, one, trials->lr[trials->own]);
}
