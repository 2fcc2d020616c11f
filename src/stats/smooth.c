/* SPDX-License-Identifier: MIT */
#include "smooth.h"

#include <math.h>

/* Beyond four deviations the kernel is below 4e-4 of its height. */
static const double REACH = 4;

/* First index with x[index] >= value. */
static size_t lower_bound(const double *x, size_t n, double value)
{
    size_t low = 0;
    size_t high = n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (x[middle] < value) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* Width of the gap between samples around the point. */
static double local_gap(const double *x, size_t n, double point)
{
    size_t right = lower_bound(x, n, point);
    if (right == 0) {
        right = 1;
    }
    if (right >= n) {
        right = n - 1;
    }
    return n > 1 ? x[right] - x[right - 1] : 0;
}

static double line_at(const double *x, const double *y, size_t begin, size_t end, double point,
                      double bandwidth)
{
    double sum_w = 0;
    double sum_x = 0;
    double sum_y = 0;
    for (size_t i = begin; i < end; i++) {
        double u = (x[i] - point) / bandwidth;
        double w = exp(-0.5 * u * u);
        sum_w += w;
        sum_x += w * (x[i] - point);
        sum_y += w * y[i];
    }
    double mean_x = sum_x / sum_w;
    double mean_y = sum_y / sum_w;
    double sum_xx = 0;
    double sum_xy = 0;
    for (size_t i = begin; i < end; i++) {
        double u = (x[i] - point) / bandwidth;
        double w = exp(-0.5 * u * u);
        double dx = x[i] - point - mean_x;
        sum_xx += w * dx * dx;
        sum_xy += w * dx * (y[i] - mean_y);
    }
    if (!(sum_xx > 1e-12 * bandwidth * bandwidth * sum_w)) {
        return mean_y; /* all at one place */
    }
    return mean_y - mean_x * (sum_xy / sum_xx);
}

void lrp_smooth_local_linear(const double *x, const double *y, size_t n, const double *grid,
                             size_t n_grid, double bandwidth, double *out)
{
    /* Grid points that are an end but for rounding count as inside. */
    const double slack = 1e-9 * (1 + (n > 0 ? fabs(x[n - 1]) : 0));
    for (size_t g = 0; g < n_grid; g++) {
        out[g] = (double)NAN;
        if (n == 0 || grid[g] < x[0] - slack || grid[g] > x[n - 1] + slack) {
            continue;
        }
        double width = bandwidth;
        double gap = 1.5 * local_gap(x, n, grid[g]);
        if (gap > width) {
            width = gap;
        }
        size_t begin = lower_bound(x, n, grid[g] - REACH * width);
        size_t end = lower_bound(x, n, grid[g] + REACH * width);
        out[g] = line_at(x, y, begin, end, grid[g], width);
    }
}
