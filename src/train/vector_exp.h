/* SPDX-License-Identifier: MIT */
/* The exponential function where a loop over it must become vector code: the C library's is a call
 * for each value. */
#ifndef LRP_TRAIN_VECTOR_EXP_H
#define LRP_TRAIN_VECTOR_EXP_H

#include <stdint.h>
#include <string.h>

/* exp(x) for x <= 0, off by 1.5e-7 of itself at most; below -87 it stays at exp(-87) = 1.6e-38. NaN
 * gives NaN. x = n log 2 + r with |r| <= log 2 / 2 and r in two parts (Cody and Waite 1980), a
 * polynomial of degree 6 for exp(r) (Taylor's, off by 1.2e-7), and n put into the exponent. */
static inline float lrp_exp_negative(float x)
{
    const float rounder = 12582912.0f; /* 1.5 * 2^23: adding it rounds to a whole number */
    float bounded = x < -87.0f ? -87.0f : x;
    float n = bounded * 1.44269504f + rounder - rounder;
    float r = bounded - n * 0.693359375f + n * 2.12194440e-4f;
    float value = 1.0f / 720;
    value = value * r + 1.0f / 120;
    value = value * r + 1.0f / 24;
    value = value * r + 1.0f / 6;
    value = value * r + 0.5f;
    value = value * r + 1.0f;
    value = value * r + 1.0f;
    /* NaN is no whole number: its place is taken by 0, and it is in value already */
    int32_t exponent = (int32_t)(n == n ? n : 0.0f);
    uint32_t bits = (uint32_t)(exponent + 127) << 23;
    float power = 0;
    memcpy(&power, &bits, sizeof power);
    return value * power;
}
#endif
