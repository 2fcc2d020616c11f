/* SPDX-License-Identifier: MIT */
/* Loss curves of which it is known whether they are healthy, and what is wrong with them. */
#ifndef LRP_TESTS_CURVES_H
#define LRP_TESTS_CURVES_H

#include "record.h"

enum curve_fault {
    CURVE_DIVERGES,    /* falls, then grows beyond its first value */
    CURVE_CLIMBS,      /* falls, then rises by a good part of its fall */
    CURVE_STEPS_UP,    /* one step up that stays */
    CURVE_NAN,         /* falls, then is no number */
    CURVE_SPIKES,      /* many short spikes */
    CURVE_ZIGZAG,      /* up and down by turns */
    CURVE_PERIODIC,    /* a sinusoid on top */
    CURVE_SLOW,        /* still falling along a straight line or a long exponential */
    CURVE_FLAT,        /* never leaves its first value */
    CURVE_PLATEAU,     /* falls a little at once, then stands still */
    CURVE_NOISE_GROWS, /* noise grows many times over */
    CURVE_RATTLES,     /* falls at once, then noise and no progress */
    CURVE_FAULTS
};

struct curve {
    struct lrp_record *record; /* columns step, lr, loss */
    size_t n;
    double onset;   /* step at which the fault begins, NaN where it is there all along */
    char what[120]; /* in words, for messages */
};
/* Power laws and exponential decays down to a floor, five noise levels, some with a component that
 * recurs each epoch, drops of the learning rate, or warm restarts. */
void curve_healthy(uint64_t seed, struct curve *curve);
/* A healthy curve with constant rate and one fault. */
void curve_faulty(enum curve_fault fault, uint64_t seed, struct curve *curve);
const char *curve_fault_name(enum curve_fault fault);
void curve_free(struct curve *curve);
#endif
