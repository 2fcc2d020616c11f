/* SPDX-License-Identifier: MIT */
#include "random.h"

#include <math.h>

static uint64_t splitmix(uint64_t *state)
{
    *state += 0x9E3779B97F4A7C15u;
    uint64_t z = *state;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

void lrp_random_seed(struct lrp_random *random, uint64_t seed, uint64_t stream)
{
    uint64_t state = stream;
    state = seed ^ splitmix(&state); /* so that (seed, stream) and (stream, seed) differ */
    for (size_t i = 0; i < 4; i++) {
        random->state[i] = splitmix(&state);
    }
    random->spare = 0.0;
    random->has_spare = 0;
}

static uint64_t rotate(uint64_t x, int k)
{
    return (x << k) | (x >> (64 - k));
}

uint64_t lrp_random_bits(struct lrp_random *random)
{
    uint64_t *s = random->state;
    uint64_t result = rotate(s[0] + s[3], 23) + s[0];
    uint64_t t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate(s[3], 45);
    return result;
}

double lrp_random_uniform(struct lrp_random *random)
{
    return (double)(lrp_random_bits(random) >> 11) * 0x1.0p-53;
}

uint64_t lrp_random_below(struct lrp_random *random, uint64_t bound)
{
    __extension__ typedef unsigned __int128 wide;
    wide product = (wide)lrp_random_bits(random) * bound;
    uint64_t low = (uint64_t)product;
    if (low < bound) {
        uint64_t threshold = (0 - bound) % bound;
        while (low < threshold) {
            product = (wide)lrp_random_bits(random) * bound;
            low = (uint64_t)product;
        }
    }
    return (uint64_t)(product >> 64);
}

double lrp_random_normal(struct lrp_random *random)
{
    if (random->has_spare) {
        random->has_spare = 0;
        return random->spare;
    }
    double x = 0.0;
    double y = 0.0;
    double square = 0.0;
    do {
        x = 2.0 * lrp_random_uniform(random) - 1.0;
        y = 2.0 * lrp_random_uniform(random) - 1.0;
        square = x * x + y * y;
    } while (!(square < 1.0 && square > 0.0));
    double scale = sqrt(-2.0 * log(square) / square);
    random->spare = y * scale;
    random->has_spare = 1;
    return x * scale;
}

void lrp_random_shuffle(struct lrp_random *random, uint32_t *indices, size_t n)
{
    for (size_t i = n; i > 1; i--) {
        size_t j = (size_t)lrp_random_below(random, i);
        uint32_t kept = indices[i - 1];
        indices[i - 1] = indices[j];
        indices[j] = kept;
    }
}
