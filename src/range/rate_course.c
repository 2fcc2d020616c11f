/* SPDX-License-Identifier: MIT */
#include "rate_course.h"

#include <math.h>
#include <stdbool.h>

enum {
    TURNS_MOST = 2,
    TAIL_LEAST = 5,
    TAIL_SHARE = 20,
    HOLDS = 3,
    TURNS_SHARE = 5,
    FALLS_SHARE = 20
};
/* Rates that differ by less than this share are one rate. */
static const double SAME = 1e-3;
/* Of a rise that is smaller than that (the first rows of a long sweep), this share of it. */
static const double SAME_OF_RISE = 0.02;
static const double DECADE = 10;

static bool is_usable(double lr)
{
    return lr > 0 && isfinite(lr);
}

/* What is counted along the usable rates. */
struct walk {
    size_t n;       /* usable rates */
    size_t rising;  /* of them before the first one at the peak */
    size_t longest; /* rows for which a rate before the peak was held */
    size_t falls, falls_rising;
    size_t turns; /* changes of direction */
};

static struct walk walk_along(const double *lr, size_t n, const struct lrp_rate_course *course)
{
    struct walk walk = {0};
    double before = (double)NAN;
    int direction = 0;
    size_t held = 0;
    for (size_t row = 0; row < n; row++) {
        if (!is_usable(lr[row])) {
            continue;
        }
        int now = lr[row] > before * (1 + 1e-9) ? 1 : lr[row] < before * (1 - 1e-9) ? -1 : 0;
        walk.turns += now != 0 && direction != 0 && now != direction ? 1 : 0;
        direction = now != 0 ? now : direction;
        walk.falls += now < 0 ? 1 : 0;
        held = now == 0 ? held + 1 : 1;
        if (row < course->rise_end) {
            walk.rising++;
            walk.falls_rising += now < 0 ? 1 : 0;
            walk.longest = held > walk.longest ? held : walk.longest;
        }
        before = lr[row];
        walk.n++;
    }
    return walk;
}

/* Whether the rise goes by equal factors rather than by equal differences, over a decade or more:
 * at its middle it is nearer to the geometric mean of its ends. */
static bool rises_by_factors(const double *lr, const struct lrp_rate_course *course)
{
    size_t middle = course->rise_begin + (course->rise_end - course->rise_begin) / 2;
    while (middle > course->rise_begin && !is_usable(lr[middle])) {
        middle--;
    }
    double by_factors = fabs(log(lr[middle] / sqrt(course->first * course->peak)));
    double by_differences = fabs(log(lr[middle] / (0.5 * (course->first + course->peak))));
    return course->peak > DECADE * course->first && by_factors < by_differences;
}

static bool is_warm_up(const double *lr, const struct walk *walk,
                       const struct lrp_rate_course *course)
{
    size_t tail = walk->n - walk->rising;
    return walk->rising > 0 && walk->falls_rising * FALLS_SHARE <= walk->rising &&
           walk->turns <= TURNS_MOST + 2 * walk->falls_rising && tail >= TAIL_LEAST &&
           tail * TAIL_SHARE >= walk->n && tail > HOLDS * walk->longest &&
           (tail > HOLDS * walk->rising || !rises_by_factors(lr, course));
}

struct lrp_rate_course lrp_rate_course_of(const double *lr, size_t n)
{
    const double nan = (double)NAN;
    struct lrp_rate_course course = {LRP_COURSE_NONE, nan, nan, nan, nan, 0, 0};
    for (size_t row = 0; row < n; row++) {
        if (is_usable(lr[row])) {
            course.rise_begin = isnan(course.first) ? row : course.rise_begin;
            course.first = isnan(course.first) ? lr[row] : course.first;
            course.last = lr[row];
            course.low = fmin(course.low, lr[row]);
            course.peak = fmax(course.peak, lr[row]);
        }
    }
    if (isnan(course.first)) {
        return course;
    }
    const double near = fmin(SAME, SAME_OF_RISE * log(course.peak / course.first));
    while (!(is_usable(lr[course.rise_end]) && lr[course.rise_end] >= course.peak * (1 - near))) {
        course.rise_end++;
    }
    const struct walk walk = walk_along(lr, n, &course);
    if (course.peak <= course.low * (1 + SAME)) {
        course.kind = LRP_COURSE_CONSTANT;
    } else if (is_warm_up(lr, &walk, &course)) {
        course.kind = LRP_COURSE_WARM_UP;
    } else if (course.last > course.first && course.last >= 0.5 * course.peak &&
               walk.falls * FALLS_SHARE <= walk.n) {
        /* a few steps back (a restart, a value written twice) do not make it another thing */
        course.kind = LRP_COURSE_RISE;
    } else {
        course.kind = walk.turns <= 1 || walk.turns * TURNS_SHARE <= walk.n ? LRP_COURSE_SCHEDULE
                                                                            : LRP_COURSE_JUMPS;
    }
    return course;
}
