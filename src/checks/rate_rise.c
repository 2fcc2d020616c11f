/* SPDX-License-Identifier: MIT */
#include "rate_rise.h"

#include <math.h>

enum { POINTS_LEAST = 20, STAIRS_LEAST = 10 };
static const double RATIO_LEAST = 3;
static const double STAIRS_RATIO = 100;
/* Of the whole fall: a loss that ends so far above its lowest has been driven up. Noise of single
 * batches at the end of a warm-up is less than that where anything was learnt. Not fitted. */
static const double DRIVEN_UP = 0.25;

static bool rises(const double *rate, size_t n, bool *stairs)
{
    size_t up = 0;
    for (size_t i = 1; i < n; i++) {
        if (!(rate[i] >= rate[i - 1])) {
            return false;
        }
        up += rate[i] > rate[i - 1] ? 1 : 0;
    }
    if (n < POINTS_LEAST || !(rate[0] >= 0) || !(rate[n - 1] >= RATIO_LEAST * rate[0])) {
        return false;
    }
    *stairs = 10 * up < 9 * (n - 1);
    return !*stairs || (up >= STAIRS_LEAST && rate[n - 1] >= STAIRS_RATIO * rate[0]);
}

/* How far values are from the straight line through their ends, as a share of their range. */
static double bend(const double *values, size_t n, double (*scale)(double))
{
    double first = scale(values[0]);
    double range = scale(values[n - 1]) - first;
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        sum += fabs((scale(values[i]) - first) / range - (double)i / (double)(n - 1));
    }
    return sum / (double)n;
}

static double as_it_is(double value)
{
    return value;
}

/* Whether the last tenth stands well above the lowest tenth. */
static bool is_driven_up(const double *loss, size_t n)
{
    size_t width = n / 10 > 0 ? n / 10 : 1;
    double lowest = HUGE_VAL;
    double last = 0;
    for (size_t begin = 0; begin + width <= n; begin += width) {
        double sum = 0;
        for (size_t i = 0; i < width; i++) {
            sum += loss[begin + i];
        }
        lowest = fmin(lowest, sum / (double)width);
    }
    for (size_t i = n - width; i < n; i++) {
        last += loss[i] / (double)width;
    }
    return last - lowest > DRIVEN_UP * (loss[0] - lowest) || !isfinite(last);
}

enum lrp_rate_rise lrp_rate_rise_of(const double *rate, const double *loss, size_t n)
{
    bool stairs = false;
    if (!rises(rate, n, &stairs)) {
        return LRP_RISE_NONE;
    }
    bool factors = rate[0] > 0 && bend(rate, n, log) < bend(rate, n, as_it_is);
    if (stairs && !factors) {
        return LRP_RISE_NONE; /* a warm-up that is printed with few digits */
    }
    return factors || is_driven_up(loss, n) ? LRP_RISE_SWEEP : LRP_RISE_WARM_UP;
}
