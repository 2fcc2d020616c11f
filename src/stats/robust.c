/* SPDX-License-Identifier: MIT */
#include "robust.h"

#include <math.h>
#include <stdlib.h>

static int compare_doubles(const void *left, const void *right)
{
    const double a = *(const double *)left;
    const double b = *(const double *)right;
    return (a > b) - (a < b);
}

void lrp_sort_doubles(double *values, size_t n)
{
    qsort(values, n, sizeof *values, compare_doubles);
}

double lrp_quantile_sorted(const double *sorted, size_t n, double share)
{
    if (n == 0) {
        return (double)NAN;
    }
    double position = share * (double)(n - 1);
    size_t below = (size_t)position;
    if (below + 1 >= n) {
        return sorted[n - 1];
    }
    double part = position - (double)below;
    return (1 - part) * sorted[below] + part * sorted[below + 1];
}

double lrp_median_in_place(double *values, size_t n)
{
    lrp_sort_doubles(values, n);
    return lrp_quantile_sorted(values, n, 0.5);
}

void lrp_running_median(const double *values, size_t n, size_t half, double *out)
{
    double window[17];
    if (half > 8) {
        half = 8;
    }
    for (size_t i = 0; i < n; i++) {
        size_t centre = i < half && n > half ? half : i;
        size_t reach = centre < half ? centre : half;
        if (n - 1 - centre < reach) {
            reach = n - 1 - centre;
        }
        size_t count = 2 * reach + 1;
        for (size_t k = 0; k < count; k++) {
            window[k] = values[centre - reach + k];
        }
        out[i] = lrp_median_in_place(window, count);
    }
}

void lrp_mean_deviation(const double *values, size_t n, double *mean, double *deviation)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        sum += values[i];
    }
    *mean = n > 0 ? sum / (double)n : (double)NAN;
    double squares = 0;
    for (size_t i = 0; i < n; i++) {
        squares += (values[i] - *mean) * (values[i] - *mean);
    }
    *deviation = n > 1 ? sqrt(squares / (double)(n - 1)) : (double)NAN;
}

/* Mass of Student's distribution within -t..t: A(t | freedom). */
static double student_mass(double t, unsigned freedom)
{
    const double half_pi = 1.57079632679489661923;
    double theta = atan(t / sqrt((double)freedom));
    double sine = sin(theta);
    double cosine = cos(theta);
    double term = freedom % 2 == 1 ? cosine : 1;
    double sum = 0;
    unsigned first = freedom % 2 == 1 ? 3 : 2;
    for (unsigned k = first; k <= freedom; k += 2) {
        sum += term;
        term *= cosine * cosine * (double)(k - 1) / (double)k;
    }
    if (freedom % 2 == 1) {
        return (theta + sine * sum) / half_pi;
    }
    return sine * sum;
}

double lrp_student_t(double level, unsigned freedom)
{
    double low = 0;
    double high = 1;
    while (student_mass(high, freedom) < level && high < 1e12) {
        high *= 2;
    }
    for (int i = 0; i < 200 && high - low > 1e-13 * high; i++) {
        double middle = 0.5 * (low + high);
        if (student_mass(middle, freedom) < level) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return 0.5 * (low + high);
}
