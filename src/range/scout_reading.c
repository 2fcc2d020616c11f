/* SPDX-License-Identifier: MIT */
#include "scout_reading.h"

#include "alloc.h"
#include "robust.h"

#include <math.h>
#include <stdlib.h>

enum { WINDOW = 5, FIRST = 10, SMALLEST = 16, RISEN_LEVELS = 2 };
static const double FALL_SHARE = 0.1; /* of the whole fall: the model has started to learn */
static const double RISE_SHARE = 0.25;
static const double NOISE_FACTOR = 3;
/* Changes from loss to loss, the usual size, that a rise for good lies above the start. */
static const double RISE_NOISES = 6;
/* A scout passes each decade several times faster than a repeat does, so it sees learning later. */
static const double MARGIN_BELOW = 10;
static const double MARGIN_ABOVE = 2;
static const double SMALLEST_SPAN = 1000;
static const double SCOUT_LOW = 1e-7;
static const double SCOUT_HIGH = 10;

void lrp_scout_ends(double lr_min, double lr_max, double *low, double *high)
{
    *low = isnan(lr_min) ? SCOUT_LOW : lr_min;
    *high = isnan(lr_max) ? SCOUT_HIGH : lr_max;
    if (*low >= *high && isnan(lr_min)) { /* a given end beyond the usual range */
        *low = *high / 1e6;
    } else if (*low >= *high && isnan(lr_max)) {
        *high = *low * 1e6;
    }
}

/* The upper median of n <= 10 values in which NaN counts as a very large loss. */
static double median(const double *values, size_t n)
{
    double sorted[FIRST];
    for (size_t i = 0; i < n; i++) {
        sorted[i] = isnan(values[i]) ? HUGE_VAL : values[i];
    }
    return lrp_select_in_place(sorted, n, n / 2);
}

static void smooth(const double *loss, size_t n, double *out)
{
    for (size_t i = 0; i < n; i++) {
        size_t half = WINDOW / 2;
        half = i < half ? i : half;
        half = n - 1 - i < half ? n - 1 - i : half;
        out[i] = median(loss + i - half, 2 * half + 1);
    }
}

double lrp_round_rate(double rate, bool up)
{
    double unit = pow(10, floor(log10(rate)));
    double digits = rate / unit;
    /* a rate that is round already stays, whatever the last bits of the division are */
    double whole = up ? ceil(digits - 1e-9) : floor(digits + 1e-9);
    double exponent = log10(unit);
    return exponent < 0 ? whole / pow(10, -exponent) : whole * unit;
}

/* A scout that passes the rates where the model learns in a few steps sees the rise alone. */
static void find_rise(const double *lr, const double *level, size_t n, double high,
                      struct lrp_scout *scout)
{
    size_t first = n;
    while (first > 0 && !(level[first - 1] <= high)) {
        first--;
    }
    if (n - first >= RISEN_LEVELS && first > 0) {
        scout->diverges = lr[first];
    }
}

static void find_marks(const double *lr, const double *level, size_t n, double noise,
                       struct lrp_scout *scout)
{
    double start = median(level, FIRST);
    size_t lowest = 0;
    for (size_t i = 1; i < n; i++) {
        if (level[i] < level[lowest]) {
            lowest = i;
        }
    }
    double fall = start - level[lowest];
    if (!(fall > NOISE_FACTOR * noise) || lowest == 0) {
        find_rise(lr, level, n, start + RISE_NOISES * noise, scout);
        return;
    }
    size_t first = lowest;
    while (first > 0 && level[first - 1] < start - FALL_SHARE * fall) {
        first--;
    }
    scout->starts = lr[first];
    /* a fall of a few widths of the noise is lost and found again from one level to the next */
    const double rise = fmax(RISE_SHARE * fall, NOISE_FACTOR * noise);
    for (size_t i = lowest; i < n; i++) {
        if (!(level[i] <= level[lowest] + rise)) {
            scout->diverges = lr[i];
            return;
        }
    }
}

static void choose_range(const double *lr, size_t n, struct lrp_scout *scout)
{
    double low = lr[0];
    double high = lr[n - 1];
    if (!isnan(scout->diverges)) {
        high = MARGIN_ABOVE * scout->diverges;
    }
    if (!isnan(scout->starts)) {
        low = scout->starts / MARGIN_BELOW;
    } else if (!isnan(scout->diverges)) {
        low = scout->diverges / (MARGIN_BELOW * SMALLEST_SPAN);
    }
    low = low < high / SMALLEST_SPAN ? low : high / SMALLEST_SPAN;
    scout->lr_min = lrp_round_rate(low, false);
    scout->lr_max = lrp_round_rate(high, true);
}

/* The usual change from loss to loss in the lower half of the decades, where most of it is noise.
 * Ten of them are too few: their median is off by a factor of 1.5 as often as not. */
static double usual_change(const double *loss, size_t n, double *scratch)
{
    const size_t most = n / 2 > FIRST ? n / 2 : (size_t)FIRST;
    size_t count = 0;
    for (size_t i = 0; i < most; i++) {
        const double change = fabs(loss[i + 1] - loss[i]);
        if (isfinite(change)) {
            scratch[count] = change;
            count++;
        }
    }
    return lrp_median_in_place(scratch, count);
}

bool lrp_scout_choose(const double *lr, const double *loss, size_t n, bool ended_early,
                      struct lrp_scout *scout)
{
    *scout = (struct lrp_scout){.starts = (double)NAN, .diverges = (double)NAN};
    if (n >= SMALLEST) {
        double *level = lrp_calloc_array(2 * n, sizeof *level);
        if (level == NULL) {
            return false;
        }
        smooth(loss, n, level);
        find_marks(lr, level, n, usual_change(loss, n, level + n), scout);
        free(level);
    }
    if (isnan(scout->diverges) && ended_early) {
        scout->diverges = lr[n - 1];
    }
    choose_range(lr, n, scout);
    return true;
}
