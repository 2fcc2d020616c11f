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
    double max;                    /* halfway between basin and edge */
    double basin;                  /* where the loss stops falling: middle of the low ends */
    double edge;                   /* where it rises again, or the runs blow up on their way */
    double edge_below, edge_above; /* the rates on both sides of it */
    double diverged; /* lowest tried rate above best that ends risen, or rose on the way */
    bool steep;      /* the rate behind the edge has diverged: the edge may be anywhere before it */
    bool reaches_end;  /* the highest rate is one of the good ones: no edge, no max */
    bool starts_below; /* the lowest rate makes a twentieth of the fall already */
    bool fell;         /* the fall is more than the error and than rounding */
};
/* Ends count as low that make all but a twentieth of the best fall, the share that marks base from
 * the other side; basin is their mean, weighted by how low they are. The edge is where they end, or
 * where runs are no longer calm: where they rise above the start by a quarter of the fall on their
 * way, since a loss that explodes and is brought down again within the run has passed the largest
 * stable rate. Crossings are interpolated between the tried rates; a neighbour that is not finite
 * pulls the crossing to the good one.
 *
 * Smith's max_lr is where the loss stops falling, turns ragged, or rises; the last two are the
 * edge. The lowest end alone wanders in a flat basin, and the edge alone lies higher than what
 * sweeps of the same tasks give (by 0.13 decades, mean of 15 tasks). Halfway between is as sweeps
 * have it
 * (-0.02), so that what is recommended for sweeps holds here too, and it is the steadiest choice
 * (0.09 decades over seeds and grids). */
struct lrp_constant_marks lrp_find_constant_marks(const struct lrp_rate_ends *ends);
#endif
