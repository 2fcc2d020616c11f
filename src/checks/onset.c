/* SPDX-License-Identifier: MIT */
#include "onset.h"

#include <math.h>

double lrp_run_onset(const struct lrp_run *run)
{
    const struct lrp_blocks *blocks = &run->blocks;
    double rise = run->final - run->lowest;
    size_t half = blocks->n / 2;
    size_t last = 0;
    if (blocks->n == 0 || !(rise > 0)) {
        return run->n > 0 ? run->at[run->n - 1] : (double)NAN;
    }
    /* where it rises fast the noise is often larger: the calmer half tells that of the low */
    double noise =
        fmin(lrp_noise_of(blocks->loss, half), lrp_noise_of(blocks->loss + half, blocks->n - half));
    double limit = run->lowest + 0.005 * rise + (isfinite(noise) ? 1.7 * noise : 0);
    for (size_t b = 0; b < blocks->n; b++) {
        last = blocks->loss[b] <= limit ? b : last;
    }
    /* the first value is no block: a run that blew up at once has its onset there */
    if (run->initial < run->lowest) {
        return run->at[0];
    }
    return last + 1 < blocks->n ? run->at[blocks->begin[last + 1]] : run->at[run->n - 1];
}
