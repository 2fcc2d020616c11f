/* SPDX-License-Identifier: MIT */
#include "onset.h"

#include <math.h>

/* Sum of squares about a level up to block `knee` and, from there on, a line that starts at it; the
 * blocks are [begin, end). */
static double misfit(const double *loss, size_t begin, size_t knee, size_t end)
{
    double level = 0;
    double product = 0;
    double squares = 0;
    double sum = 0;
    for (size_t b = begin; b <= knee; b++) {
        level += loss[b] / (double)(knee - begin + 1);
    }
    for (size_t b = knee + 1; b < end; b++) {
        double away = (double)(b - knee);
        product += away * (loss[b] - level);
        squares += away * away;
    }
    double slope = squares > 0 ? product / squares : 0;
    for (size_t b = begin; b < end; b++) {
        double line = b > knee ? level + slope * (double)(b - knee) : level;
        sum += (loss[b] - line) * (loss[b] - line);
    }
    return sum;
}

double lrp_run_onset(const struct lrp_run *run)
{
    const struct lrp_blocks *blocks = &run->blocks;
    double rise = run->final - run->lowest;
    size_t low = 0;
    if (blocks->n == 0 || !(rise > 0)) {
        return run->n > 0 ? run->at[run->n - 1] : (double)NAN;
    }
    while (low + 1 < blocks->n && blocks->loss[low] > run->lowest) {
        low++;
    }
    size_t end = low + 1;
    while (end < blocks->n && blocks->loss[end - 1] < run->lowest + 0.6 * rise) {
        end++;
    }
    /* what comes before must be level: no more of the fall than the noise hides */
    size_t half = blocks->n / 2;
    double noise =
        fmin(lrp_noise_of(blocks->loss, half), lrp_noise_of(blocks->loss + half, blocks->n - half));
    double limit = run->lowest + 0.02 * rise + (isfinite(noise) ? 5 * noise : 0);
    size_t begin = low;
    while (begin > 0 && blocks->loss[begin - 1] < limit) {
        begin--;
    }
    size_t best = low;
    double least = HUGE_VAL;
    for (size_t knee = begin; knee + 1 < end; knee++) {
        double sum = misfit(blocks->loss, begin, knee, end);
        if (sum < least) {
            least = sum;
            best = knee;
        }
    }
    /* a block's last points may already rise */
    return best + 1 < blocks->n ? run->at[blocks->begin[best + 1]] : run->at[run->n - 1];
}
