/* SPDX-License-Identifier: MIT */
/* One answer from sweeps over different ranges. */
#include "answer.h"
#include "no_further.h"
#include "sweep_state.h"

#include <math.h>
#include <string.h>

static double longest_record(const struct lrp_session_result *result)
{
    size_t most = 0;
    for (size_t i = 0; i < result->n_records; i++) {
        const size_t rows = lrp_record_rows(result->records[i]);
        most = rows > most ? rows : most;
    }
    return (double)most;
}

/* From bounds that are not all of one set of sweeps. */
static void advise_anew(struct lrp_session *session)
{
    struct lrp_bounds_options how;
    lrp_rounds_bounds_options(session, &how);
    if (session->result->bounds.outcome == LRP_OUTCOME_OK) {
        lrp_bounds_recommend(&session->result->bounds, &how, longest_record(session->result));
    }
    lrp_bounds_keep_order(&session->result->bounds);
}

/* A range that was lowered for base_lr shows the rise at its end less well than the one before,
 * with fewer steps in each decade that matter: max_lr stays. */
static void keep_max_lr(struct lrp_rounds *rounds, const struct lrp_bounds *lower)
{
    struct lrp_sweep_state *state = rounds->state;
    struct lrp_bounds *bounds = &rounds->session->result->bounds;
    const double from = bounds->lr_low;
    state->settled = true;
    bounds->base_lr = lower->base_lr;
    bounds->lr_low = lower->lr_low;
    (void)lrp_bounds_drop_warnings(bounds, LRP_WARNING_NO_BASE_LR);
    lrp_bounds_warn(bounds,
                    "max_lr is that of sweeps from %.2g on, base_lr that of sweeps from %.2g on, "
                    "which do not show the rise",
                    from, bounds->lr_low);
    advise_anew(rounds->session);
}

/* Where higher rates, from fresh weights, get less far than the sweeps before them did, these keep
 * their answer, and max_lr lies between where their loss stops falling and those rates. */
bool lrp_sweep_keeps_result(struct lrp_rounds *rounds, const struct lrp_bounds *further,
                            const struct lrp_curve *curve)
{
    struct lrp_sweep_state *state = rounds->state;
    struct lrp_session_result *result = rounds->session->result;
    struct lrp_bounds *bounds = &result->bounds;
    double stops = 0;
    if (state->lowered && bounds->outcome == LRP_OUTCOME_OK &&
        (further->outcome == LRP_OUTCOME_DID_NOT_DIVERGE ||
         further->outcome == LRP_OUTCOME_TOO_NOISY)) {
        keep_max_lr(rounds, further);
        return true;
    }
    if (!(state->from > rounds->lr_min) || bounds->outcome != LRP_OUTCOME_DID_NOT_DIVERGE ||
        bounds->reason == LRP_REASON_MEMORISED || result->curve == NULL ||
        bounds->conditions.higher_is_better ||
        (further->outcome != LRP_OUTCOME_OK && further->outcome != LRP_OUTCOME_DID_NOT_DIVERGE) ||
        !lrp_get_no_further(result->curve, curve, &stops)) {
        return false;
    }
    state->settled = true;
    bounds->outcome = LRP_OUTCOME_OK;
    bounds->reason = LRP_REASON_NONE;
    bounds->interval_level = (double)NAN;
    /* above the one the loss falls no more, above the other fresh weights get less far */
    const double low = fmin(pow(10, stops), state->from);
    const double high = fmax(pow(10, stops), state->from);
    bounds->max_lr = (struct lrp_rate){sqrt(low * high), low, high};
    (void)lrp_bounds_drop_warnings(bounds, LRP_WARNING_NO_MAX_LR);
    lrp_bounds_warn(bounds,
                    "the loss does not rise up to %.2g, but from fresh weights sweeps over %.2g .. "
                    "%.2g get less far: max_lr lies below them, above where the loss stops falling",
                    bounds->lr_high, state->from, rounds->lr_max);
    advise_anew(rounds->session);
    rounds->lr_max = bounds->lr_high;
    state->from = rounds->lr_min;
    return true;
}

/* base_lr of the whole range, where the last sweeps were of its highest decades alone. */
void lrp_sweep_analysed(struct lrp_rounds *rounds)
{
    const struct lrp_sweep_state *state = rounds->state;
    struct lrp_session_result *result = rounds->session->result;
    struct lrp_bounds *bounds = &result->bounds;
    if (!(state->from > rounds->lr_min) || isnan(state->base.value) || result->interrupted ||
        bounds->reason == LRP_REASON_NO_EFFECT ||
        (bounds->outcome != LRP_OUTCOME_OK && bounds->outcome != LRP_OUTCOME_DID_NOT_DIVERGE)) {
        return;
    }
    bounds->base_lr = state->base;
    bounds->lr_low = rounds->lr_min;
    (void)lrp_bounds_drop_warnings(bounds, LRP_WARNING_NO_BASE_LR);
    lrp_bounds_warn(
        bounds,
        "base_lr is that of the sweeps from %.2g on, max_lr that of sweeps over %.2g .. "
        "%.2g, from fresh weights, too",
        rounds->lr_min, state->from, rounds->lr_max);
    advise_anew(rounds->session);
}
