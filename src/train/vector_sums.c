/* SPDX-License-Identifier: MIT */
#include "vector_sums.h"

#include "optimizer_pass.h"

#include <stdbool.h>

/* LANES sums side by side: vector code, and no waiting for the one before. They are in float over a
 * stretch, in which rounding is off by 64 * 2^-24 at most, and go into a double after it. A stretch
 * whose sum has left the range where floats are exact is added up again in double. */
enum { LANES = 16, STRETCH = 64 * LANES };
static const float least = 1e-25f;
static const float most = 1e25f;

static double exact(const float *a, const float *b, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        sum += (double)a[i] * (double)b[i];
    }
    return sum;
}

static double total(const float *lanes, const float *squares, bool *good)
{
    double sum = 0;
    float size = 0;
    for (size_t j = 0; j < LANES; j++) {
        sum += (double)lanes[j];
        size += squares[j];
    }
    *good = size > least && size < most;
    return sum;
}

/* The clones are local: clang 14 cannot link to those of another file. */
LRP_VECTOR_CLONES
static double sum_squares(const float *a, size_t n)
{
    double sum = 0;
    size_t i = 0;
    for (; i + STRETCH <= n; i += STRETCH) {
        float lanes[LANES] = {0};
        bool good = false;
        for (size_t k = i; k < i + STRETCH; k += LANES) {
            for (size_t j = 0; j < LANES; j++) {
                lanes[j] += a[k + j] * a[k + j];
            }
        }
        double stretch = total(lanes, lanes, &good);
        sum += good ? stretch : exact(a + i, a + i, STRETCH);
    }
    return sum + exact(a + i, a + i, n - i);
}

LRP_VECTOR_CLONES
static double dot(const float *a, const float *b, size_t n)
{
    double sum = 0;
    size_t i = 0;
    for (; i + STRETCH <= n; i += STRETCH) {
        float lanes[LANES] = {0};
        float sizes[LANES] = {0}; /* products may cancel: their own sum does not tell */
        bool good = false;
        for (size_t k = i; k < i + STRETCH; k += LANES) {
            for (size_t j = 0; j < LANES; j++) {
                float product = a[k + j] * b[k + j];
                lanes[j] += product;
                sizes[j] += product < 0.0f ? -product : product;
            }
        }
        double stretch = total(lanes, sizes, &good);
        sum += good ? stretch : exact(a + i, b + i, STRETCH);
    }
    return sum + exact(a + i, b + i, n - i);
}

double lrp_sum_squares(const float *a, size_t n)
{
    return sum_squares(a, n);
}

double lrp_dot(const float *a, const float *b, size_t n)
{
    return dot(a, b, n);
}
