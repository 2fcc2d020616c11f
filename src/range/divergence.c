/* SPDX-License-Identifier: MIT */
#include "curve.h"

#include "robust.h"

#include <math.h>
#include <string.h>

enum { NONFINITE_LIMIT = 3 };
static const double NOISE_FACTOR = 20;
/* float32 losses: what is below some units in the last place is rounding, not a rise. */
static const double ROUNDING = 1e-6;

void lrp_divergence_init(struct lrp_divergence *state)
{
    memset(state, 0, sizeof *state);
    state->start = (double)NAN;
}

static void note_change(struct lrp_divergence *state, double loss)
{
    if (state->n_finite > 0) {
        state->changes[state->n_changes % LRP_DIVERGENCE_CHANGES] = fabs(loss - state->previous);
        state->n_changes++;
    }
}

static double noise(const struct lrp_divergence *state)
{
    size_t n = state->n_changes < LRP_DIVERGENCE_CHANGES ? state->n_changes
                                                         : (size_t)LRP_DIVERGENCE_CHANGES;
    double changes[LRP_DIVERGENCE_CHANGES];
    memcpy(changes, state->changes, n * sizeof *changes);
    return n == 0 ? 0 : lrp_sigma_of_changes(changes, n);
}

static bool has_risen(struct lrp_divergence *state)
{
    double sorted[LRP_DIVERGENCE_RECENT];
    double level = lrp_median_of(state->recent, LRP_DIVERGENCE_RECENT, sorted);
    if (level < state->best) {
        state->best = level;
        return false;
    }
    double margin = state->start - state->best;
    double sigma = noise(state);
    if (!(margin > NOISE_FACTOR * sigma)) {
        margin = NOISE_FACTOR * sigma;
    }
    if (!(margin > ROUNDING * state->greatest)) {
        margin = ROUNDING * state->greatest;
    }
    return level - state->start > margin;
}

bool lrp_divergence_feed(struct lrp_divergence *state, double loss)
{
    if (state->diverged) {
        return true;
    }
    if (!isfinite(loss)) {
        state->nonfinite_in_a_row++;
        state->diverged = state->nonfinite_in_a_row >= NONFINITE_LIMIT;
        return state->diverged;
    }
    state->nonfinite_in_a_row = 0;
    /* Changes during a rise are the rise itself and would hide it. */
    if (isnan(state->start) || loss <= state->start) {
        note_change(state, loss);
    }
    if (isnan(state->start) && fabs(loss) > state->greatest) {
        state->greatest = fabs(loss);
    }
    if (state->n_finite < LRP_DIVERGENCE_FIRST) {
        state->first[state->n_finite] = loss;
    }
    state->recent[state->n_finite % LRP_DIVERGENCE_RECENT] = loss;
    state->previous = loss;
    state->n_finite++;
    if (state->n_finite == LRP_DIVERGENCE_FIRST) {
        double sorted[LRP_DIVERGENCE_FIRST];
        state->start = lrp_median_of(state->first, LRP_DIVERGENCE_FIRST, sorted);
        state->best = state->start;
    }
    if (state->n_finite >= LRP_DIVERGENCE_FIRST) {
        state->diverged = has_risen(state);
    }
    return state->diverged;
}
