/* SPDX-License-Identifier: MIT */
/* The marks on one curve of a sweep, in log10 rate. */
#ifndef LRP_RANGE_MARKS_H
#define LRP_RANGE_MARKS_H

#include <stdbool.h>
#include <stddef.h>

/* Standard errors of the curve that a fall has to have: less is noise. */
#define LRP_FALL_ERRORS 5

struct lrp_marks {                /* NaN where the curve does not show it */
    double base;                  /* where the first 5 % of the whole fall are made */
    double base_early, base_late; /* 2.5 % and 10 %, one error around the noise's level: how sharply
                                   it is seen where learning starts */
    double lowest;
    double steepest;
    double max;        /* middle of the basin: within 10 % of the fall above the lowest */
    double basin_left; /* its edges at 10 % */
    double basin_right;
    double diverged;    /* past the lowest place, risen by a quarter of the fall */
    double start_value; /* level before learning */
    double lowest_value;
    bool falls_at_once; /* it learns on its first points: before the range, unless it is noise */
    bool climbs_first;  /* it climbs before it falls, as smoothed records do */
};
/* x: n ascending log10 rates, y: the smoothed curve (NaN where there is none), slope: its
 * derivative. head: that many first points make the level before learning. error: standard error
 * of y; what is less than LRP_FALL_ERRORS of them is no fall. */
struct lrp_marks lrp_find_marks(const double *x, const double *y, size_t n, size_t head,
                                double error);
#endif
