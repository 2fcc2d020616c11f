/* SPDX-License-Identifier: MIT */
#include "phases.h"

#include "alloc.h"
#include "run.h"

#include <stdlib.h>
#include <string.h>

double lrp_explained_by_phases(const double *values, size_t n, size_t period, double *scratch)
{
    double before = 0;
    double after = 0;
    memcpy(scratch, values, n * sizeof *scratch);
    if (lrp_remove_phase(scratch, n, period, NULL) != LRP_OK) {
        return 0;
    }
    for (size_t i = 0; i < n; i++) {
        before += values[i] * values[i];
        after += scratch[i] * scratch[i];
    }
    return 1 - after / before * (double)n / (double)(n - period);
}

bool lrp_repeats_odd(const double *values, size_t n)
{
    double *centred = lrp_calloc_array(n, sizeof *centred);
    double *scratch = lrp_calloc_array(n, sizeof *scratch);
    double mean = 0;
    bool repeats = false;
    for (size_t i = 0; centred != NULL && scratch != NULL && i < n; i++) {
        mean += values[i] / (double)n;
    }
    for (size_t i = 0; centred != NULL && scratch != NULL && i < n; i++) {
        centred[i] = values[i] - mean;
    }
    for (size_t period = 3; period <= 15 && 5 * period <= n && !repeats; period += 2) {
        repeats = centred != NULL && scratch != NULL &&
                  lrp_explained_by_phases(centred, n, period, scratch) > 0.5;
    }
    free(centred);
    free(scratch);
    return repeats;
}
