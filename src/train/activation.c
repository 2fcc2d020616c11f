/* SPDX-License-Identifier: MIT */
#include "activation.h"

#include "vector.h"

#include <math.h>
#include <string.h>

/* GELU (Hendrycks and Gimpel 2016): x times the normal distribution function, exact, by erf. The
 * sum x is replaced by the slope, since both need the same error function. */
static float gelu(float *sum)
{
    const float x = *sum;
    const float error = erff(x * 0.70710678f);
    const float density = 0.39894228f * expf(-0.5f * x * x);
    *sum = 0.5f * (1.0f + error) + x * density;
    return 0.5f * x * (1.0f + error);
}

static void add_biases(float *sums, const float *biases, size_t batch, size_t n)
{
    for (size_t row = 0; row < batch; row++) {
        float *at = sums + row * n;
        for (size_t j = 0; j < n; j++) {
            at[j] += biases[j];
        }
    }
}

/* One pass for the usual case: bias and ReLU together, straight through memory. */
LRP_VECTOR_CLONES
static void relu_with_bias(const float *sums, const float *biases, float *outputs, size_t batch,
                           size_t n)
{
    for (size_t row = 0; row < batch; row++) {
        const float *in = sums + row * n;
        float *out = outputs + row * n;
        for (size_t j = 0; j < n; j++) {
            float sum = in[j] + biases[j];
            /* written so that NaN passes through: it must reach the loss */
            out[j] = sum <= 0.0f ? 0.0f : sum;
        }
    }
}

void lrp_activate(enum lrp_activation activation, float *sums, const float *biases, float *outputs,
                  size_t batch, size_t n)
{
    if (activation == LRP_RELU && biases != NULL) {
        relu_with_bias(sums, biases, outputs, batch, n);
        return;
    }
    if (biases != NULL) {
        add_biases(sums, biases, batch, n);
    }
    switch (activation) {
    case LRP_RELU:
        for (size_t i = 0; i < batch * n; i++) {
            outputs[i] = sums[i] <= 0.0f ? 0.0f : sums[i];
        }
        break;
    case LRP_TANH:
        for (size_t i = 0; i < batch * n; i++) {
            outputs[i] = tanhf(sums[i]);
        }
        break;
    case LRP_GELU:
        for (size_t i = 0; i < batch * n; i++) {
            outputs[i] = gelu(&sums[i]);
        }
        break;
    case LRP_NO_ACTIVATION:
    default:
        break; /* outputs are the sums */
    }
}

/* Clones are static functions: clang gives others no name that a second file could link to. */
LRP_VECTOR_CLONES
static void multiply_slopes(enum lrp_activation activation, const float *restrict sums,
                            const float *restrict outputs, float *restrict error, size_t count)
{
    switch (activation) {
    case LRP_RELU:
        for (size_t i = 0; i < count; i++) {
            error[i] = outputs[i] > 0.0f ? error[i] : 0.0f;
        }
        break;
    case LRP_TANH:
        for (size_t i = 0; i < count; i++) {
            error[i] *= 1.0f - outputs[i] * outputs[i];
        }
        break;
    case LRP_GELU:
        for (size_t i = 0; i < count; i++) {
            error[i] *= sums[i]; /* slopes: see gelu */
        }
        break;
    case LRP_NO_ACTIVATION:
    default:
        break;
    }
}

void lrp_activation_gradient(enum lrp_activation activation, const float *sums,
                             const float *outputs, float *error, size_t count)
{
    multiply_slopes(activation, sums, outputs, error, count);
}

LRP_VECTOR_CLONES
static void add_rows(const float *restrict block, size_t batch, size_t n, float *restrict out)
{
    for (size_t row = 0; row < batch; row++) {
        const float *at = block + row * n;
        for (size_t j = 0; j < n; j++) {
            out[j] += at[j];
        }
    }
}

void lrp_add_rows(const float *block, size_t batch, size_t n, float *out)
{
    add_rows(block, batch, n, out);
}

double lrp_cross_entropy(const float *outputs, const uint32_t *classes, size_t rows, size_t n,
                         double smoothing, float *error, size_t *correct)
{
    double total = 0;
    size_t right = 0;
    const float share = 1.0f / (float)rows;
    const float spread = share * (float)(smoothing / (double)n);
    const float main_part = share * (float)(1 - smoothing);
    for (size_t row = 0; row < rows; row++) {
        const float *out = outputs + row * n;
        float *gradient = error + row * n;
        size_t largest = 0;
        for (size_t j = 1; j < n; j++) {
            largest = out[j] > out[largest] ? j : largest;
        }
        float sum = 0;
        for (size_t j = 0; j < n; j++) {
            gradient[j] = expf(out[j] - out[largest]);
            sum += gradient[j];
        }
        double wanted = (double)out[classes[row]];
        for (size_t j = 0; j < n; j++) {
            gradient[j] *= share / sum;
        }
        total += log((double)sum) - (wanted - (double)out[largest]);
        if (smoothing > 0) {
            double mean = 0;
            for (size_t j = 0; j < n; j++) {
                mean += (double)out[j] / (double)n;
                gradient[j] -= spread;
            }
            total += smoothing * (wanted - mean);
        }
        gradient[classes[row]] -= main_part;
        right += largest == classes[row] ? 1 : 0;
    }
    if (correct != NULL) {
        *correct = right;
    }
    return total / (double)rows;
}

double lrp_squared_error(const float *outputs, const float *values, size_t batch, size_t n,
                         float *error)
{
    double total = 0;
    const float share = 2.0f / (float)(batch * n);
    for (size_t i = 0; i < batch * n; i++) {
        float difference = outputs[i] - values[i];
        total += (double)difference * (double)difference;
        error[i] = share * difference;
    }
    return total / (double)(batch * n);
}
