/* SPDX-License-Identifier: MIT */
#include "constant_marks.h"

#include "pool.h"

#include <math.h>

static const double ROUNDING = 1e-6;
static const double FALL_ERRORS = 4;
/* The difference of two ends is noise up to so many errors of one. */
static const double SAME_ERRORS = 2;

/* Part of the way from a good value to the next one at which level is crossed; 1 = not at all. */
static double share_of_way(double value, double next, double level)
{
    if (!(next > level)) {
        return 1;
    }
    return isfinite(next) ? fmin(fmax((level - value) / (next - value), 0), 1) : 0;
}

static size_t lowest(const double *values, size_t n)
{
    size_t at = 0;
    for (size_t i = 1; i < n; i++) {
        at = values[i] < values[at] ? i : at;
    }
    return at;
}

/* What the noise of single losses makes of peaks: those of the lowest rates, where nothing else
 * moves the loss, up to the calmest of them. Explosions grow with the rate, so a peak that a higher
 * rate does not reach is noise, unless the run ends high: losses with heavy tails have single
 * batches at several times their mean, and where the loss falls such a batch has a lower one. */
static double usual_peak(const struct lrp_rate_ends *ends, double rise)
{
    size_t few = ends->n / 4 > 2 ? ends->n / 4 : 2;
    size_t calmest = lowest(ends->peak, few < ends->n ? few : ends->n);
    double peak = fmax(ends->peak[calmest], ends->start);
    for (size_t i = 0; i < calmest; i++) {
        peak = ends->end[i] <= ends->start + rise ? fmax(peak, ends->peak[i]) : peak;
    }
    return peak;
}

/* Rates before the first one whose run rises above level on its way, or ends there. */
static size_t count_calm(const struct lrp_rate_ends *ends, double level)
{
    size_t calm = 0;
    while (calm < ends->n && ends->peak[calm] <= level && isfinite(ends->end[calm])) {
        calm++;
    }
    return calm;
}

static void find_base(const struct lrp_rate_ends *ends, struct lrp_constant_marks *marks)
{
    double level = ends->start - fmax(LRP_LEARNING_SHARE * marks->fall, SAME_ERRORS * ends->error);
    size_t first = marks->best;
    while (first > 0 && ends->end[first - 1] <= level) {
        first--;
    }
    marks->starts_below = first == 0;
    if (first == 0) {
        return;
    }
    marks->base_below = ends->x[first - 1];
    marks->base_above = ends->x[first];
    double way = share_of_way(ends->end[first], ends->end[first - 1], level);
    marks->base = marks->base_above - way * (marks->base_above - marks->base_below);
}

/* Mean of the rates first to last, weighted by how far their ends lie below level, and by the part
 * of the axis that each stands for. */
static double basin_of(const struct lrp_rate_ends *ends, size_t first, size_t last, double level)
{
    double sum = 0;
    double weights = 0;
    for (size_t i = first; i <= last; i++) {
        double left = ends->x[i > 0 ? i - 1 : i];
        double right = ends->x[i + 1 < ends->n ? i + 1 : i];
        double weight = (level - ends->end[i]) * (right - left);
        sum += weight * ends->x[i];
        weights += weight;
    }
    return weights > 0 ? sum / weights : ends->x[last];
}

static void find_max(const struct lrp_rate_ends *ends, size_t calm, double peak_level,
                     struct lrp_constant_marks *marks)
{
    double level =
        ends->end[marks->best] + fmax(LRP_LEARNING_SHARE * marks->fall, SAME_ERRORS * ends->error);
    size_t first = marks->best;
    size_t last = marks->best;
    while (first > 0 && ends->end[first - 1] <= level) {
        first--;
    }
    while (last + 1 < calm && ends->end[last + 1] <= level) {
        last++;
    }
    marks->reaches_end = last + 1 == ends->n;
    if (marks->reaches_end) {
        return;
    }
    double way = fmin(share_of_way(ends->end[last], ends->end[last + 1], level),
                      share_of_way(ends->peak[last], ends->peak[last + 1], peak_level));
    marks->edge_below = ends->x[last];
    marks->edge_above = ends->x[last + 1];
    marks->edge = marks->edge_below + way * (marks->edge_above - marks->edge_below);
    marks->basin = basin_of(ends, first, last, level);
    marks->max = 0.5 * (marks->basin + marks->edge);
    double risen = ends->end[marks->best] + LRP_RISEN_SHARE * marks->fall;
    marks->steep = last + 1 >= calm || ends->end[last + 1] > risen;
    for (size_t i = last + 1; i < ends->n && isnan(marks->diverged); i++) {
        if (i >= calm || ends->end[i] > risen) {
            marks->diverged = ends->x[i];
        }
    }
}

struct lrp_constant_marks lrp_find_constant_marks(const struct lrp_rate_ends *ends)
{
    const double nan = (double)NAN;
    struct lrp_constant_marks marks = {.fall = nan,
                                       .base = nan,
                                       .base_below = nan,
                                       .base_above = nan,
                                       .max = nan,
                                       .basin = nan,
                                       .edge = nan,
                                       .edge_below = nan,
                                       .edge_above = nan,
                                       .diverged = nan};
    double whole = fmax(ends->start - ends->end[lowest(ends->end, ends->n)], 0);
    double least = fmax(FALL_ERRORS * ends->error, ROUNDING * fabs(ends->start));
    double rise = fmax(LRP_RISEN_SHARE * whole, least);
    double peak_level = usual_peak(ends, rise) + rise;
    size_t calm = count_calm(ends, peak_level);
    if (calm == 0) {
        return marks;
    }
    marks.best = lowest(ends->end, calm);
    marks.fall = ends->start - ends->end[marks.best];
    marks.fell = marks.fall > least;
    if (marks.fell) {
        find_base(ends, &marks);
        find_max(ends, calm, peak_level, &marks);
    }
    return marks;
}
