/* SPDX-License-Identifier: MIT */
/* Sharpness: the largest eigenvalue of the Hessian of a loss, from its gradients alone. */
#ifndef LRP_TRAIN_SHARPNESS_H
#define LRP_TRAIN_SHARPNESS_H

#include "status.h"

#include <stddef.h>
#include <stdint.h>

struct lrp_surface { /* a loss, as far as it is needed */
    float *parameters;
    const float *gradients; /* n each */
    size_t n;
    /* Fills the gradients for the parameters as they are. */
    void (*evaluate)(void *user);
    void *user;
};
struct lrp_sharpness;
/* Room for four vectors of n. LRP_E_NOMEM. */
enum lrp_status lrp_sharpness_new(size_t n, struct lrp_sharpness **out, struct lrp_error *err);
void lrp_sharpness_free(struct lrp_sharpness *sharpness);
/* The largest eigenvalue at the surface's parameters, to about one per cent; these are changed
 * meanwhile, and are to the bit what they were when it returns. NaN where a gradient is not finite.
 *
 * Lanczos's method (Lanczos 1950) from a start of gradient and noise, as Cohen et al. 2021 and
 * Ghorbani et al. 2019 take it for networks: at most 20 products of the Hessian with a vector,
 * ended when the value changes by less than half a per cent. Each product is a central difference
 * of gradients, H v = (g(w + e v) - g(w - e v)) / 2 e with e = 0.002 (1 + |w|) for |v| = 1
 * (Pearlmutter 1994, eq. 1; the size for float32 as in Knoll and Keyes 2004): two evaluations. One
 * more is for the start. Gradient descent jumps across the valley to and fro where its rate is
 * above 2 / sharpness, with momentum m above (2 + 2 m) / sharpness (Cohen et al. 2021). */
double lrp_sharpness_measure(struct lrp_sharpness *sharpness, const struct lrp_surface *surface,
                             uint64_t seed);
#endif
