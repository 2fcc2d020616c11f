/* SPDX-License-Identifier: MIT */
/* Marks on what the runs of a set ended with, one value a constant rate. */
#ifndef LRP_RANGE_CONSTANT_MARKS_H
#define LRP_RANGE_CONSTANT_MARKS_H

#include <stdbool.h>
#include <stddef.h>

/* Low = good everywhere; inf = not finite any more. n rates, ascending. */
struct lrp_rate_ends {
    const double *x;    /* log10 rate */
    const double *end;  /* metric at the end of the run */
    const double *peak; /* highest value on the way */
    size_t n;
    double start; /* level before learning */
    double error; /* standard error of one end value */
};
/* log10 rates; NaN = not seen. */
struct lrp_constant_marks {
    size_t best;                   /* index of the lowest end below the first run that blew up */
    double fall;                   /* start - end[best]; NaN where even the lowest rate blows up */
    double base;                   /* where a twentieth of the fall is made */
    double base_below, base_above; /* the rates on both sides of it */
    double max;                    /* highest rate that is calm and ends nearly as well as best */
    double max_below, max_above;
    double diverged;   /* lowest tried rate above best that ends risen, or rose on the way */
    bool steep;        /* the rate behind max has diverged: anywhere between them it may begin */
    bool reaches_end;  /* the highest rate is one of the good ones */
    bool starts_below; /* the lowest rate makes a twentieth of the fall already */
    bool fell;         /* the fall is more than the error and than rounding */
};
/* A rate is calm while no run up to it rises above the start by a quarter of the fall on its way: a
 * loss that explodes and is brought down again within the run has passed the largest stable rate. A
 * run ends nearly as well as the best one if it makes all but a twentieth of its fall, the share
 * that marks base_lr from the other side. Both crossings are interpolated between the tried rates;
 * a neighbour that is not finite pulls the crossing to the good one. */
struct lrp_constant_marks lrp_find_constant_marks(const struct lrp_rate_ends *ends);
#endif
