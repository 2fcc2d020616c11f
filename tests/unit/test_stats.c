/* SPDX-License-Identifier: MIT */
#include "random.h"
#include "robust.h"
#include "smooth.h"
#include "test_main.h"

#include <math.h>

START_TEST(t_quantiles_are_those_of_the_tables)
{
    /* two-sided, from scipy.stats.t.ppf((1 + level) / 2, freedom) */
    const struct {
        double level;
        unsigned freedom;
        double t;
    } table[] = {{0.90, 1, 6.313751514675043}, {0.90, 4, 2.131846786326649},
                 {0.90, 9, 1.833112932656237}, {0.95, 2, 4.302652729749464},
                 {0.95, 7, 2.364624251592785}, {0.99, 30, 2.749995653567231},
                 {0.50, 3, 0.764892328404345}};
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        ck_assert_close(lrp_student_t(table[i].level, table[i].freedom), table[i].t, 1e-9, 0);
    }
}
END_TEST

START_TEST(quantiles_are_type_seven)
{
    double values[] = {4, 1, 3, 2};
    ck_assert_close(lrp_median_in_place(values, 4), 2.5, 0, 0);
    ck_assert_close(lrp_quantile_sorted(values, 4, 0.1), 1.3, 1e-15, 0);
    ck_assert_close(lrp_quantile_sorted(values, 4, 1), 4, 0, 0);
    ck_assert(isnan(lrp_quantile_sorted(values, 0, 0.5)));
    double mean, deviation;
    lrp_mean_deviation(values, 4, &mean, &deviation);
    ck_assert_close(mean, 2.5, 0, 0);
    ck_assert_close(deviation, sqrt(5.0 / 3.0), 1e-15, 0);
}
END_TEST

START_TEST(the_running_median_removes_spikes_and_keeps_slopes)
{
    double values[] = {0, 1, 2, 99, 4, 5, -50, 7, 8, 9};
    double out[10];
    lrp_running_median(values, 10, 2, out);
    ck_assert_close(out[3], 4, 0, 0);
    ck_assert_close(out[0], 2, 0, 0);
    double slope[50];
    double same[50];
    for (size_t i = 0; i < 50; i++) {
        slope[i] = exp(0.1 * (double)i);
    }
    lrp_running_median(slope, 50, 2, same);
    ck_assert(same[0] == slope[2] && same[1] == slope[2]);
    for (size_t i = 2; i < 50; i++) {
        ck_assert(same[i] == slope[i]);
    }
}
END_TEST

START_TEST(a_line_is_smoothed_into_itself)
{
    struct lrp_random random;
    lrp_random_seed(&random, 11, 0);
    double x[60];
    double y[60];
    double grid[41];
    double out[41];
    double at = -3;
    for (size_t i = 0; i < 60; i++) {
        at += 0.001 + 0.2 * lrp_random_uniform(&random);
        x[i] = at;
        y[i] = 3 - 2 * at;
    }
    for (size_t g = 0; g < 41; g++) {
        grid[g] = x[0] - 0.1 + (x[59] - x[0] + 0.2) * (double)g / 40;
    }
    lrp_smooth_local_linear(x, y, 60, grid, 41, 0.12, out);
    ck_assert(isnan(out[0]) && isnan(out[40]));
    for (size_t g = 1; g < 40; g++) {
        ck_assert_close(out[g], 3 - 2 * grid[g], 0, 1e-9);
    }
}
END_TEST

START_TEST(smoothing_has_no_lag)
{
    /* The half-height of a symmetric step stays where it is. */
    enum { N = 400 };
    double x[N];
    double y[N];
    double out[N];
    for (size_t i = 0; i < N; i++) {
        x[i] = -4 + 4.0 * (double)i / (N - 1);
        y[i] = 1 / (1 + exp((x[i] + 2) / 0.1));
    }
    lrp_smooth_local_linear(x, y, N, x, N, 0.12, out);
    for (size_t i = 1; i < N; i++) {
        if (out[i - 1] > 0.5 && out[i] <= 0.5) {
            ck_assert_close(x[i], -2, 0, 0.011);
            return;
        }
    }
    ck_abort_msg("the step is not there");
}
END_TEST

START_TEST(few_and_equal_points_do_no_harm)
{
    const double x[] = {1, 1, 1};
    const double y[] = {2, 4, 6};
    const double grid[] = {1};
    double out[1];
    lrp_smooth_local_linear(x, y, 3, grid, 1, 0.1, out);
    ck_assert_close(out[0], 4, 1e-12, 0);
    lrp_smooth_local_linear(x, y, 1, grid, 1, 0.1, out);
    ck_assert_close(out[0], 2, 1e-12, 0);
    lrp_smooth_local_linear(x, y, 0, grid, 1, 0.1, out);
    ck_assert(isnan(out[0]));
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("stats");
    TCase *tests = tcase_create("stats");
    tcase_add_test(tests, t_quantiles_are_those_of_the_tables);
    tcase_add_test(tests, quantiles_are_type_seven);
    tcase_add_test(tests, the_running_median_removes_spikes_and_keeps_slopes);
    tcase_add_test(tests, a_line_is_smoothed_into_itself);
    tcase_add_test(tests, smoothing_has_no_lag);
    tcase_add_test(tests, few_and_equal_points_do_no_harm);
    suite_add_tcase(suite, tests);
    return suite;
}
