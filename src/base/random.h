/* SPDX-License-Identifier: MIT */
/* Seeded random numbers: xoshiro256++ (Blackman and Vigna, "Scrambled linear pseudorandom number
 * generators", 2021), seeded by splitmix64. The same seed gives the same numbers everywhere. */
#ifndef LRP_BASE_RANDOM_H
#define LRP_BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

struct lrp_random {
    uint64_t state[4];
    double spare; /* second number of a pair of normals */
    int has_spare;
};

/* stream: independent sequences from one seed (weights, shuffling, noise, ...). */
void lrp_random_seed(struct lrp_random *random, uint64_t seed, uint64_t stream);
uint64_t lrp_random_bits(struct lrp_random *random);
/* Uniform in [0, 1), 53 bits. */
double lrp_random_uniform(struct lrp_random *random);
/* Uniform integer in [0, bound), without bias (Lemire 2019); bound > 0. */
uint64_t lrp_random_below(struct lrp_random *random, uint64_t bound);
/* Standard normal, polar method. */
double lrp_random_normal(struct lrp_random *random);
/* Fisher-Yates shuffle of n indices. */
void lrp_random_shuffle(struct lrp_random *random, uint32_t *indices, size_t n);
#endif
