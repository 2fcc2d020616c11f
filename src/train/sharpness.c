/* SPDX-License-Identifier: MIT */
#include "sharpness.h"

#include "alloc.h"
#include "random.h"
#include "vector_sums.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { PRODUCTS_MOST = 20, PRODUCTS_LEAST = 5, BISECTIONS = 60 };

struct lrp_sharpness {
    float *kept; /* the parameters */
    float *vector;
    float *before; /* the vector before */
    float *product;
    size_t n;
    /* Lanczos's tridiagonal matrix. */
    double diagonal[PRODUCTS_MOST];
    double beside[PRODUCTS_MOST]; /* beside[j] lies between j and j + 1 */
};

enum lrp_status lrp_sharpness_new(size_t n, struct lrp_sharpness **out, struct lrp_error *err)
{
    struct lrp_sharpness *sharpness = lrp_calloc_array(1, sizeof *sharpness);
    if (sharpness != NULL) {
        sharpness->n = n;
        sharpness->kept = lrp_calloc_aligned(n, sizeof(float));
        sharpness->vector = lrp_calloc_aligned(n, sizeof(float));
        sharpness->before = lrp_calloc_aligned(n, sizeof(float));
        sharpness->product = lrp_calloc_aligned(n, sizeof(float));
    }
    if (sharpness == NULL || sharpness->kept == NULL || sharpness->vector == NULL ||
        sharpness->before == NULL || sharpness->product == NULL) {
        lrp_sharpness_free(sharpness);
        return lrp_fail_memory(err, 4 * n * sizeof(float));
    }
    *out = sharpness;
    return LRP_OK;
}

void lrp_sharpness_free(struct lrp_sharpness *sharpness)
{
    if (sharpness != NULL) {
        free(sharpness->kept);
        free(sharpness->vector);
        free(sharpness->before);
        free(sharpness->product);
        free(sharpness);
    }
}

/* The parameters moved by distance along the vector. */
static void move(const struct lrp_sharpness *sharpness, float *parameters, double distance)
{
    const float by = (float)distance;
    for (size_t i = 0; i < sharpness->n; i++) {
        parameters[i] = sharpness->kept[i] + by * sharpness->vector[i];
    }
}

/* product = Hessian times vector, whose length is 1. */
static void multiply(struct lrp_sharpness *sharpness, const struct lrp_surface *surface,
                     double distance)
{
    move(sharpness, surface->parameters, distance);
    surface->evaluate(surface->user);
    memcpy(sharpness->product, surface->gradients, sharpness->n * sizeof(float));
    move(sharpness, surface->parameters, -distance);
    surface->evaluate(surface->user);
    const float divisor = (float)(2 * distance);
    for (size_t i = 0; i < sharpness->n; i++) {
        sharpness->product[i] = (sharpness->product[i] - surface->gradients[i]) / divisor;
    }
}

static void scale(float *vector, size_t n, double factor)
{
    for (size_t i = 0; i < n; i++) {
        vector[i] = (float)((double)vector[i] * factor);
    }
}

/* Gradient and noise, each of length 1, together; what the Hessian stretches most lies close to the
 * gradient. The length of the noise alone where there is no gradient. */
static void draw_start(struct lrp_sharpness *sharpness, const struct lrp_surface *surface,
                       uint64_t seed)
{
    struct lrp_random random;
    lrp_random_seed(&random, seed, 0);
    surface->evaluate(surface->user);
    double length = sqrt(lrp_sum_squares(surface->gradients, sharpness->n));
    const double by_gradient = length > 0 ? 1 / length : 0;
    const double by_noise = 1 / sqrt((double)sharpness->n);
    for (size_t i = 0; i < sharpness->n; i++) {
        sharpness->vector[i] = (float)(by_gradient * (double)surface->gradients[i] +
                                       by_noise * lrp_random_normal(&random));
    }
    scale(sharpness->vector, sharpness->n,
          1 / sqrt(lrp_sum_squares(sharpness->vector, sharpness->n)));
    memset(sharpness->before, 0, sharpness->n * sizeof(float));
}

/* How many eigenvalues of the leading m x m part lie below x: the negative terms of its Sturm
 * sequence (Golub and Van Loan, section 8.4). */
static size_t count_below(const struct lrp_sharpness *sharpness, size_t m, double x)
{
    size_t count = 0;
    double term = 1;
    for (size_t j = 0; j < m; j++) {
        double square = j > 0 ? sharpness->beside[j - 1] * sharpness->beside[j - 1] : 0;
        term = sharpness->diagonal[j] - x - (j > 0 ? square / term : 0);
        term = term == 0 ? 1e-300 : term;
        count += term < 0 ? 1 : 0;
    }
    return count;
}

/* The largest eigenvalue of the leading m x m part, by bisection between Gershgorin's bounds. */
static double largest_eigenvalue(const struct lrp_sharpness *sharpness, size_t m)
{
    double low = HUGE_VAL;
    double high = -HUGE_VAL;
    for (size_t j = 0; j < m; j++) {
        double radius =
            (j > 0 ? sharpness->beside[j - 1] : 0) + (j + 1 < m ? sharpness->beside[j] : 0);
        low = fmin(low, sharpness->diagonal[j] - radius);
        high = fmax(high, sharpness->diagonal[j] + radius);
    }
    for (int k = 0; k < BISECTIONS; k++) {
        double middle = 0.5 * (low + high);
        if (count_below(sharpness, m, middle) < m) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return 0.5 * (low + high);
}

/* One step of the recursion: product becomes the next vector, not yet of length 1. */
static void orthogonalise(struct lrp_sharpness *sharpness, size_t j)
{
    const float along = (float)sharpness->diagonal[j];
    const float back = j > 0 ? (float)sharpness->beside[j - 1] : 0.0f;
    for (size_t i = 0; i < sharpness->n; i++) {
        sharpness->product[i] -= along * sharpness->vector[i] + back * sharpness->before[i];
    }
}

static double lanczos(struct lrp_sharpness *sharpness, const struct lrp_surface *surface)
{
    double distance = 0.002 * (1 + sqrt(lrp_sum_squares(sharpness->kept, sharpness->n)));
    double value = (double)NAN;
    size_t most = sharpness->n < PRODUCTS_MOST ? sharpness->n : (size_t)PRODUCTS_MOST;
    for (size_t j = 0; j < most; j++) {
        multiply(sharpness, surface, distance);
        sharpness->diagonal[j] = lrp_dot(sharpness->vector, sharpness->product, sharpness->n);
        orthogonalise(sharpness, j);
        double length = sqrt(lrp_sum_squares(sharpness->product, sharpness->n));
        sharpness->beside[j] = length;
        if (!isfinite(length) || !isfinite(sharpness->diagonal[j])) {
            return (double)NAN;
        }
        double last = value;
        value = largest_eigenvalue(sharpness, j + 1);
        bool settled = j + 1 >= PRODUCTS_LEAST && fabs(value - last) < 0.005 * fabs(value);
        if (settled || !(length > 1e-6 * fabs(value))) {
            break;
        }
        float *free_block = sharpness->before;
        sharpness->before = sharpness->vector;
        sharpness->vector = sharpness->product;
        sharpness->product = free_block;
        scale(sharpness->vector, sharpness->n, 1 / length);
    }
    return value;
}

double lrp_sharpness_measure(struct lrp_sharpness *sharpness, const struct lrp_surface *surface,
                             uint64_t seed)
{
    memcpy(sharpness->kept, surface->parameters, sharpness->n * sizeof(float));
    draw_start(sharpness, surface, seed);
    double value = lanczos(sharpness, surface);
    memcpy(surface->parameters, sharpness->kept, sharpness->n * sizeof(float));
    return value;
}
