/* SPDX-License-Identifier: MIT */
/* What the runs of a round give to analyse. */
#ifndef LRP_SESSION_EVIDENCE_H
#define LRP_SESSION_EVIDENCE_H

#include "record.h"

#include <stdbool.h>

struct lrp_evidence {
    struct lrp_record **records; /* owned; by seed, then by rate */
    size_t n;
    size_t *runs;    /* their numbers in the session, owned; NULL = not told */
    size_t planned;  /* runs that were wanted in the range */
    size_t diverged; /* runs that ended high */
    bool cut;        /* stopped before any run was complete: the records end on their way up */
    bool goes_on;    /* some sweep was not ended by its trainer, or ended high */
    size_t gives;    /* else the most steps that a trainer made before it ended by itself, its loss
                        not high; 0 = such an end was not seen */
    size_t ended;    /* ... and that run */
    size_t unlike;   /* runs that do not begin as the first one did: no repeats, left out */
    bool no_effect;  /* the losses are the same whatever the rates of a sweep are */
    bool same_seeds; /* the losses are the same whatever the seed */
    bool same_rates; /* runs at one rate: ... whatever the rate */
    double crashed;  /* ... the lowest rate from which on the trainer fails and that is taken for
                        divergence; NaN = none */
    size_t example;  /* a run that failed so */
};
void lrp_evidence_fini(struct lrp_evidence *evidence);
/* Whether two records have the same values in a column, NaN included; false where either has no
 * such column. */
bool lrp_same_column(const struct lrp_record *a, const struct lrp_record *b, const char *name);
/* Whether all of two or more sweeps have the same losses at the same rates: then the trainer
 * ignores the seed, and there is no interval from repeats. */
bool lrp_sweeps_are_same(struct lrp_record *const *records, size_t n);
#endif
