/* SPDX-License-Identifier: MIT */
#include "vector_sums.h"

#include "optimizer_pass.h"

/* LANES sums side by side: vector code, and no waiting for the one before. They are in float over a
 * stretch, in which rounding is off by 64 * 2^-24 at most, and go into a double after it. A stretch
 * whose sum has left the range where floats are exact is added up again in double. */
enum { LANES = 16, STRETCH = 64 * LANES };
static const double least = 1e-25;
static const double most = 1e25;

static double exact(const float *a, const float *b, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        sum += (double)a[i] * (double)b[i];
    }
    return sum;
}

static double total(const float *lanes)
{
    double sum = 0;
    for (size_t j = 0; j < LANES; j++) {
        sum += (double)lanes[j];
    }
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
        for (size_t k = i; k < i + STRETCH; k += LANES) {
            for (size_t j = 0; j < LANES; j++) {
                lanes[j] += a[k + j] * a[k + j];
            }
        }
        double stretch = total(lanes);
        sum += stretch > least && stretch < most ? stretch : exact(a + i, a + i, STRETCH);
    }
    return sum + exact(a + i, a + i, n - i);
}

LRP_VECTOR_CLONES
static double dot(const float *a, const float *b, size_t n)
{
    /* products may cancel, and their float sum would not show how much was lost */
    double lanes[LANES] = {0};
    double sum = 0;
    size_t i = 0;
    for (; i + LANES <= n; i += LANES) {
        for (size_t j = 0; j < LANES; j++) {
            lanes[j] += (double)a[i + j] * (double)b[i + j];
        }
    }
    for (size_t j = 0; j < LANES; j++) {
        sum += lanes[j];
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
