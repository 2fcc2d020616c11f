/* SPDX-License-Identifier: MIT */
#include "robust.h"

#include "number.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Quickselect over 2^21 values (the most rows a record keeps) takes some 25 rounds; more than this
 * is a bad case, which a sort ends. */
enum { ROUNDS_MOST = 64 };

enum { FEW = 256 };

/* Merges two sorted parts; the choice is arithmetic, since a branch would be foreseen every other
 * time only. */
static void merge(const double *left, size_t n_left, const double *right, size_t n_right,
                  double *out)
{
    const double *left_end = left + n_left;
    const double *right_end = right + n_right;
    while (left < left_end && right < right_end) {
        size_t from_right = *right < *left;
        *out = from_right != 0 ? *right : *left;
        right += from_right;
        left += 1 - from_right;
        out++;
    }
    memcpy(out, left, (size_t)(left_end - left) * sizeof *out);
    memcpy(out + (left_end - left), right, (size_t)(right_end - right) * sizeof *out);
}

/* Merges from below: for a few hundred values several times as fast as qsort, which calls a
 * function for each comparison. */
static void sort_few(double *values, size_t n)
{
    double other[FEW];
    double *from = values;
    double *to = other;
    for (size_t length = 1; length < n; length *= 2) {
        for (size_t begin = 0; begin < n; begin += 2 * length) {
            size_t middle = begin + length < n ? begin + length : n;
            size_t end = middle + length < n ? middle + length : n;
            merge(from + begin, middle - begin, from + middle, end - middle, to + begin);
        }
        double *kept = from;
        from = to;
        to = kept;
    }
    if (from != values) {
        memcpy(values, from, n * sizeof *values);
    }
}

void lrp_sort_doubles(double *values, size_t n)
{
    if (n <= FEW) {
        sort_few(values, n);
        return;
    }
    qsort(values, n, sizeof *values, lrp_compare_doubles);
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

static void swap(double *values, size_t i, size_t j)
{
    double kept = values[i];
    values[i] = values[j];
    values[j] = kept;
}

/* The median of the first, middle and last of values[low..high]. */
static double pivot_of(const double *values, size_t low, size_t high)
{
    double a = values[low];
    double b = values[low + (high - low) / 2];
    double c = values[high];
    if (a < b) {
        return b < c ? b : (a < c ? c : a);
    }
    return a < c ? a : (b < c ? c : b);
}

double lrp_select_in_place(double *values, size_t n, size_t rank)
{
    size_t low = 0;
    size_t high = n - 1;
    for (unsigned round = 0; low < high; round++) {
        if (round >= ROUNDS_MOST) {
            lrp_sort_doubles(values + low, high - low + 1);
            break;
        }
        double pivot = pivot_of(values, low, high);
        size_t i = low;
        size_t j = high;
        for (;;) {
            while (values[i] < pivot) {
                i++;
            }
            while (pivot < values[j]) {
                j--;
            }
            if (i >= j) {
                break;
            }
            swap(values, i, j); /* equal ones too: many equal values are then halved like others */
            i++;
            j--;
        }
        /* values[i] holds the pivot where both stopped at it; else j = i - 1 */
        if (i == j && rank == i) {
            break;
        }
        if (rank >= i) {
            low = i == j ? i + 1 : i;
        } else {
            high = i - 1;
        }
    }
    return values[rank];
}

double lrp_median_in_place(double *values, size_t n)
{
    if (n == 0) {
        return (double)NAN;
    }
    double upper = lrp_select_in_place(values, n, n / 2);
    if (n % 2 == 1) {
        return upper;
    }
    double lower = values[0];
    for (size_t i = 1; i < n / 2; i++) {
        lower = values[i] > lower ? values[i] : lower;
    }
    return 0.5 * lower + 0.5 * upper;
}

double lrp_median_of(const double *values, size_t n, double *scratch)
{
    memcpy(scratch, values, n * sizeof *scratch);
    return lrp_median_in_place(scratch, n);
}

double lrp_median_of_three(const double *values, size_t n, size_t i)
{
    double a = values[i > 0 ? i - 1 : i];
    double b = values[i];
    double c = values[i + 1 < n ? i + 1 : i];
    return fmax(fmin(a, b), fmin(fmax(a, b), c));
}

double lrp_sigma_of_deviations(double *deviations, size_t n)
{
    return LRP_MAD_TO_SIGMA * lrp_median_in_place(deviations, n);
}

double lrp_mad_in_place(double *values, size_t n)
{
    double centre = lrp_median_in_place(values, n);
    for (size_t i = 0; i < n; i++) {
        values[i] = fabs(values[i] - centre);
    }
    return lrp_median_in_place(values, n);
}

double lrp_mad_sigma_in_place(double *values, size_t n)
{
    return LRP_MAD_TO_SIGMA * lrp_mad_in_place(values, n);
}

double lrp_sigma_of_changes(double *changes, size_t n)
{
    const double change_to_sigma = 1.0484; /* LRP_MAD_TO_SIGMA / sqrt(2) */
    return change_to_sigma * lrp_median_in_place(changes, n);
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

/* t such that Student's distribution with `freedom` (1 or more) degrees of freedom has mass `level`
 * (0 < level < 1) within -t..t. Abramowitz and Stegun 26.7.3 and 26.7.4, inverted by bisection. */
static double student_t(double level, unsigned freedom)
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

double lrp_pooled_half_interval(const double *values, size_t n, double level, unsigned prior_weight,
                                double prior_deviation)
{
    if (n == 0 || n - 1 + prior_weight == 0) {
        return (double)NAN;
    }
    double mean = 0;
    double deviation = 0;
    lrp_mean_deviation(values, n, &mean, &deviation);
    unsigned freedom = (unsigned)(n - 1) + prior_weight;
    double squares = n > 1 ? (double)(n - 1) * deviation * deviation : 0;
    squares += prior_weight > 0 ? prior_weight * prior_deviation * prior_deviation : 0;
    return student_t(level, freedom) * sqrt(squares / freedom / (double)n);
}

double lrp_mean_half_interval(const double *values, size_t n, double level)
{
    return lrp_pooled_half_interval(values, n, level, 0, 0);
}
