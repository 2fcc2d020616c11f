/* SPDX-License-Identifier: MIT */
/* Windows that move against the same windows sorted each time. */
#include "outliers.h"
#include "random.h"
#include "robust.h"
#include "rolling.h"
#include "test_main.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 3000, LONG_SERIES = 30000 };
static double window_copy[MOST];

static double median_of(const double *values, size_t n)
{
    memcpy(window_copy, values, n * sizeof *values);
    lrp_sort_doubles(window_copy, n);
    return n % 2 == 1 ? window_copy[n / 2]
                      : 0.5 * window_copy[n / 2 - 1] + 0.5 * window_copy[n / 2];
}

static double mad_of(const double *values, size_t n)
{
    double middle = median_of(values, n);
    double deviations[MOST];
    for (size_t i = 0; i < n; i++) {
        deviations[i] = fabs(values[i] - middle);
    }
    return median_of(deviations, n);
}

/* kind 0: normal; 1: a few different values; 2: falls with spikes; 3: all the same. */
static void fill(double *y, size_t n, int kind, uint64_t seed)
{
    struct lrp_random random;
    lrp_random_seed(&random, seed, 0);
    for (size_t i = 0; i < n; i++) {
        double z = lrp_random_normal(&random);
        y[i] = kind == 0   ? z
               : kind == 1 ? floor(2 * z)
               : kind == 2 ? 5 / (1 + 0.1 * (double)i) + (z > 2 ? 1e6 : 0) - (z < -2 ? 1e6 : 0)
                           : 4;
    }
}

START_TEST(causal_windows_are_those_sorted_each_time)
{
    static double y[MOST];
    static double median[MOST];
    static double mad[MOST];
    const size_t windows[] = {1, 2, 3, 7, 64, 129, 1000, LRP_ROLLING_MOST};
    for (size_t w = 0; w < sizeof windows / sizeof windows[0]; w++) {
        for (int kind = 0; kind < 4; kind++) {
            const size_t n = windows[w] > 200 ? 1500 : 400;
            const size_t least = windows[w] < 5 ? 1 : 5;
            fill(y, n, kind, 10 * w + (size_t)kind);
            ck_assert_int_eq(lrp_rolling_median(y, n, windows[w], least, median, mad, NULL),
                             LRP_OK);
            for (size_t i = 0; i < n; i++) {
                size_t count = i < windows[w] ? i : windows[w];
                if (count < least) {
                    ck_assert(isnan(median[i]) && isnan(mad[i]));
                    continue;
                }
                ck_assert_close(median[i], median_of(y + i - count, count), 0, 0);
                ck_assert_close(mad[i], mad_of(y + i - count, count), 1e-15, 0);
            }
        }
    }
}
END_TEST

/* Against all windows: what stands out of the rolling median, told point by point. */
static void assert_outliers(const double *y, size_t n, size_t window, size_t least, double limit)
{
    static double median[LONG_SERIES];
    static double mad[LONG_SERIES];
    struct lrp_outlier *found = NULL;
    size_t n_found = 0;
    size_t next = 0;
    ck_assert_int_eq(lrp_rolling_median(y, n, window, least, median, mad, NULL), LRP_OK);
    ck_assert_int_eq(
        lrp_rolling_outliers(y, n, window, least, limit, 0.003, &found, &n_found, NULL), LRP_OK);
    for (size_t i = 0; i < n; i++) {
        double deviation = fmax(1.4826 * mad[i], 0.003);
        if (!((y[i] - median[i]) / deviation > limit)) {
            continue;
        }
        ck_assert_uint_lt(next, n_found);
        ck_assert_uint_eq(found[next].index, i);
        ck_assert_close(found[next].median, median[i], 0, 0);
        ck_assert_close(found[next].deviation, deviation, 1e-15, 0);
        next++;
    }
    ck_assert_uint_eq(next, n_found);
    free(found);
}

START_TEST(outliers_are_those_of_the_rolling_median)
{
    static double y[LONG_SERIES];
    const size_t windows[] = {5, 64, 128, 1000};
    const double limits[] = {0, 1, 3, 7};
    for (size_t w = 0; w < sizeof windows / sizeof windows[0]; w++) {
        for (int kind = 0; kind < 5; kind++) {
            struct lrp_random random;
            fill(y, LONG_SERIES, kind % 4, 31 * w + (size_t)kind);
            lrp_random_seed(&random, w, 9);
            for (size_t i = 0; kind == 4 && i < LONG_SERIES; i++) {
                /* calm, then loud, then calm; a spike now and then, and jumps of the level */
                y[i] = (i / 6000 % 2 == 0 ? 0.01 : 1) * lrp_random_normal(&random) +
                       (double)(i / 5000) + (lrp_random_below(&random, 400) == 0 ? 2 : 0);
            }
            for (size_t l = 0; l < sizeof limits / sizeof limits[0]; l++) {
                assert_outliers(y, LONG_SERIES, windows[w], windows[w] / 8 + 1, limits[l]);
                assert_outliers(y, LONG_SERIES / 3 + 1, windows[w], 1, limits[l]);
            }
        }
    }
    struct lrp_outlier *found = NULL;
    size_t n_found = 0;
    ck_assert_int_eq(lrp_rolling_outliers(y, 10, 0, 1, 7, 0, &found, &n_found, NULL), LRP_E_ARG);
}
END_TEST

START_TEST(sorting_few_values_and_many)
{
    static double y[MOST];
    for (size_t n = 0; n <= 600; n += n < 20 ? 1 : 59) {
        for (int kind = 0; kind < 4; kind++) {
            double sum = 0;
            double sorted_sum = 0;
            fill(y, n, kind, n);
            for (size_t i = 0; i < n; i++) {
                sum += floor(16 * y[i]); /* whole numbers: the sum has no order */
            }
            lrp_sort_doubles(y, n);
            for (size_t i = 0; i < n; i++) {
                sorted_sum += floor(16 * y[i]);
                ck_assert(i == 0 || y[i - 1] <= y[i]);
            }
            ck_assert_close(sorted_sum, sum, 0, 0);
        }
    }
}
END_TEST

START_TEST(the_point_itself_does_not_count)
{
    double y[50];
    double median[50];
    double mad[50];
    for (size_t i = 0; i < 50; i++) {
        y[i] = i == 30 ? 1e9 : (double)(i % 5);
    }
    ck_assert_int_eq(lrp_rolling_median(y, 50, 20, 5, median, mad, NULL), LRP_OK);
    ck_assert_close(median[30], 2, 0, 0);
    ck_assert_close(mad[30], 1, 0, 0);
    ck_assert(median[31] < 4 && mad[31] < 3);
}
END_TEST

START_TEST(infinite_values_are_values)
{
    double y[40];
    double median[40];
    double mad[40];
    for (size_t i = 0; i < 40; i++) {
        y[i] = i < 20 ? (double)i : HUGE_VAL;
    }
    ck_assert_int_eq(lrp_rolling_median(y, 40, 10, 1, median, mad, NULL), LRP_OK);
    ck_assert_close(median[22], 16.5, 0, 0); /* of 12 .. 19, inf, inf */
    ck_assert_close(mad[22], 2.5, 0, 0);
    ck_assert(median[35] == HUGE_VAL && isnan(mad[35]));
}
END_TEST

START_TEST(windows_have_bounds)
{
    struct lrp_error err;
    double y = 1;
    ck_assert_int_eq(lrp_rolling_median(&y, 1, 0, 1, &y, &y, &err), LRP_E_ARG);
    ck_assert_int_eq(lrp_rolling_median(&y, 1, LRP_ROLLING_MOST + 1, 1, &y, &y, &err), LRP_E_ARG);
    ck_assert(y == 1);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("rolling");
    TCase *tests = tcase_create("rolling");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, causal_windows_are_those_sorted_each_time);
    tcase_add_test(tests, outliers_are_those_of_the_rolling_median);
    tcase_add_test(tests, sorting_few_values_and_many);
    tcase_add_test(tests, the_point_itself_does_not_count);
    tcase_add_test(tests, infinite_values_are_values);
    tcase_add_test(tests, windows_have_bounds);
    suite_add_tcase(suite, tests);
    return suite;
}
