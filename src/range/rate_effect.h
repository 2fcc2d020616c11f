/* SPDX-License-Identifier: MIT */
/* Whether the rate that was set does anything to the losses. */
#ifndef LRP_RANGE_RATE_EFFECT_H
#define LRP_RANGE_RATE_EFFECT_H

#include "status.h"

enum lrp_rate_effect {
    LRP_EFFECT_UNDECIDED, /* other seeds, too few steps, rates alike, or nothing is learnt */
    LRP_EFFECT_SEEN,      /* the runs begin alike and part */
    LRP_EFFECT_NONE       /* the same losses at other rates, while the model learns */
};
/* Compares two runs step by step, column metric against metric (row k of one with row k of the
 * other). They must be of one seed, or of a trainer that ignores the seed: runs whose first values
 * differ are undecided. NONE needs: rates that differ by a factor of 10 somewhere in the first
 * half, 95 % of the values after the rates have parted the same to rounding, and a change of the
 * metric over these steps that is more than its noise, since nothing learnt looks the same at every
 * rate. LRP_E_NOMEM only. */
enum lrp_status lrp_compare_rate_effect(const struct lrp_record *first,
                                        const struct lrp_record *second, const char *metric,
                                        enum lrp_rate_effect *effect, struct lrp_error *err);
/* The same for a set of records: NONE where some pair with the first one has none, and no pair
 * shows one. */
enum lrp_status lrp_common_rate_effect(const struct lrp_record *const *records, size_t n_records,
                                       const char *metric, enum lrp_rate_effect *effect,
                                       struct lrp_error *err);
#endif
