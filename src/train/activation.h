/* SPDX-License-Identifier: MIT */
/* Activations and losses on row-major blocks (batch x n), float32. */
#ifndef LRP_TRAIN_ACTIVATION_H
#define LRP_TRAIN_ACTIVATION_H

#include "network.h"

/* outputs = activation(sums + biases); biases NULL: none. outputs may be sums, and must be without
 * an activation; not for GELU, which leaves its slopes in sums for lrp_activation_gradient. */
void lrp_activate(enum lrp_activation activation, float *sums, const float *biases, float *outputs,
                  size_t batch, size_t n);
/* error *= derivative of the activation, over count values. */
void lrp_activation_gradient(enum lrp_activation activation, const float *sums,
                             const float *outputs, float *error, size_t count);
/* out[j] += sum over the rows of block[row][j]. */
void lrp_add_rows(const float *block, size_t batch, size_t n, float *out);
/* Mean softmax cross-entropy; error = its gradient by the outputs, (softmax - target) / rows. The
 * target is 1 - smoothing at the class and smoothing / n at each (Szegedy et al. 2016, section 7).
 * The largest output is subtracted first, so that no exponential overflows. correct: NULL or the
 * number of rows whose largest output is the right class. */
double lrp_cross_entropy(const float *outputs, const uint32_t *classes, size_t rows, size_t n,
                         double smoothing, float *error, size_t *correct);
/* Mean of (output - value)^2 over batch and outputs; error = 2 (output - value) / (batch n). */
double lrp_squared_error(const float *outputs, const float *values, size_t batch, size_t n,
                         float *error);
#endif
