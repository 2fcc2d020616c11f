/* SPDX-License-Identifier: MIT */
/* How other finders smooth and when they stop. Number types follow the tools: float32 decides
 * ties. */
#include "peers_internal.h"

#include <math.h>

static const double BETA = 0.98;

/* fastai: exponential average from 0 with bias correction, in float32, by torch.lerp, which for a
 * weight of 0.5 and more computes end - (end - start) * (1 - weight) with one rounding. Stops at
 * four times the best. */
size_t lrp_fastai_record(const double *loss, size_t n, float *recorded)
{
    const float beta = (float)BETA;
    const double weight = (double)(1.0f - beta);
    float average = 0;
    float best = INFINITY;
    for (size_t i = 0; i < n; i++) {
        float value = (float)loss[i];
        float difference = average - value;
        average = (float)((double)average - (double)difference * weight);
        float correction = (float)(1.0 - pow(BETA, (double)(i + 1)));
        float smooth = average / correction;
        recorded[i] = smooth;
        if (smooth < best) {
            best = smooth;
        }
        if (smooth > 4.0f * best) {
            return i + 1;
        }
    }
    return n;
}

/* Lightning: the same average in double, but corrected with one power too many (its step counter
 * is ahead), and a best value that starts from the first smoothed one. */
size_t lrp_lightning_record(const double *loss, size_t n, double *recorded)
{
    double average = 0;
    double best = 0;
    for (size_t i = 0; i < n; i++) {
        size_t step = i + 1;
        average = BETA * average + (1 - BETA) * loss[i];
        double smooth = average / (1 - pow(BETA, (double)(step + 1)));
        recorded[i] = smooth;
        int stop = step > 1 && smooth > 4.0 * best;
        if (smooth < best || step == 1) {
            best = smooth;
        }
        if (stop) {
            return i + 1;
        }
    }
    return n;
}

/* torch-lr-finder: an average that starts at the first raw loss, weight 0.05, and a stop at five
 * times the best. */
size_t lrp_torch_lr_finder_record(const double *loss, size_t n, double *recorded)
{
    double best = (double)NAN;
    for (size_t i = 0; i < n; i++) {
        double value = loss[i];
        if (i == 0) {
            best = value;
        } else {
            value = 0.05 * value + (1 - 0.05) * recorded[i - 1];
            if (value < best) {
                best = value;
            }
        }
        recorded[i] = value;
        if (value > 5.0 * best) {
            return i + 1;
        }
    }
    return n;
}
