/* SPDX-License-Identifier: MIT */
/* What a training can measure at each step besides the loss. Most of it is added up block by block
 * while parameters and gradients lie in the processor's cache for the update. */
#ifndef LRP_TRAIN_MEASURES_H
#define LRP_TRAIN_MEASURES_H

#include "status.h"

#include <stdbool.h>
#include <stddef.h>

enum lrp_measure {
    LRP_GRAD_NORM,
    LRP_UPDATE_NORM,
    LRP_WEIGHT_NORM,
    LRP_GRAD_COSINE,
    LRP_UPDATE_COSINE,
    LRP_CLIPPED,
    LRP_DEAD_FRACTION,
    LRP_SHARPNESS,
    LRP_MEASURES
};
struct lrp_measure_row {
    const char *name; /* of its column */
    const char *help;
    bool usual; /* costs next to nothing */
};
extern const struct lrp_measure_row lrp_measure_table[LRP_MEASURES];
struct lrp_measure_set {
    bool wanted[LRP_MEASURES];
};
/* "grad_norm,sharpness", and the words usual, all and none in place of a name. LRP_E_ARG names what
 * is unknown. */
enum lrp_status lrp_measures_parse(const char *text, struct lrp_measure_set *set,
                                   struct lrp_error *err);

struct lrp_measurements { /* of one step */
    double value[LRP_MEASURES];
    bool present[LRP_MEASURES]; /* not every one is measured at every step */
};

struct lrp_measures; /* the sums of a step, and what is kept from step to step */
/* For n parameters that are updated in blocks of at most `block`, measured at every every-th step
 * from the first on. *out is NULL where nothing of the set is measured at the updates. LRP_E_NOMEM.
 */
enum lrp_status lrp_measures_new(const struct lrp_measure_set *set, size_t n, size_t block,
                                 size_t every, struct lrp_measures **out, struct lrp_error *err);
void lrp_measures_free(struct lrp_measures *measures);
/* Before a step's first block. False: this step needs none of the calls but lrp_measures_end. */
bool lrp_measures_begin(struct lrp_measures *measures);
/* Around the update of parameters first .. first + n - 1. gradients are those before clipping. */
void lrp_measures_before(struct lrp_measures *measures, size_t first, const float *parameters,
                         const float *gradients, size_t n);
void lrp_measures_after(struct lrp_measures *measures, size_t first, const float *parameters,
                        size_t n);
/* After its last block: the norms and cosines. A cosine needs a step before, and lengths that are
 * not 0. */
void lrp_measures_end(struct lrp_measures *measures, struct lrp_measurements *out);
#endif
