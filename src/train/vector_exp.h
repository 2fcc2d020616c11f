/* SPDX-License-Identifier: MIT */
/* The exponential function where a loop over it must become vector code: the C library's is a call
 * for each value. */
#ifndef LRP_TRAIN_VECTOR_EXP_H
#define LRP_TRAIN_VECTOR_EXP_H

#include <stdint.h>
#include <string.h>

/* exp(-x) for x >= 0, off by 2e-7 of itself at most; above 87 it stays at exp(-87) = 1.6e-38, for
 * NaN too. -x = n log 2 + r with |r| <= log 2 / 2 and r in two parts (Cody and Waite 1980), a
 * polynomial of degree 6 for exp(r) (Taylor's, off by 1.2e-7), and n put into the exponent. */
static inline float lrp_exp_minus(float x)
{
    const float rounder = 12582912.0f; /* 1.5 * 2^23: a sum with it has n in its last bits */
    const uint32_t rounder_bits = 0x4b400000U;
    const uint32_t most = 0x42ae0000U; /* 87 */
    uint32_t bits = 0;
    float bounded = 0;
    /* the bits of floats that are not negative have their order; comparing floats would be a
     * branch: it may raise an exception */
    memcpy(&bits, &x, sizeof bits);
    bits = bits < most ? bits : most;
    memcpy(&bounded, &bits, sizeof bounded);
    bounded = -bounded;
    float sum = bounded * 1.44269504f + rounder;
    float n = sum - rounder;
    float r = bounded - n * 0.693359375f + n * 2.12194440e-4f;
    float value = 1.0f / 720;
    float power = 0;
    value = value * r + 1.0f / 120;
    value = value * r + 1.0f / 24;
    value = value * r + 1.0f / 6;
    value = value * r + 0.5f;
    value = value * r + 1.0f;
    value = value * r + 1.0f;
    memcpy(&bits, &sum, sizeof bits);
    bits = (bits - rounder_bits + 127U) << 23;
    memcpy(&power, &bits, sizeof power);
    return value * power;
}
#endif
