/* SPDX-License-Identifier: MIT */
#include "random.h"
#include "robust.h"
#include "smooth.h"
#include "test_main.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

START_TEST(t_intervals_are_those_of_the_tables)
{
    /* by hand: mean 2 and deviation 1, so that half the interval is t(2) / sqrt(3) */
    const double three[] = {1, 2, 3};
    ck_assert_close(lrp_mean_half_interval(three, 3, 0.9), 2.919985580353725 / sqrt(3), 1e-9, 0);
    ck_assert_close(lrp_mean_half_interval(three, 2, 0.9), 6.313751514675043 / 2, 1e-9, 0);
    ck_assert(isnan(lrp_mean_half_interval(three, 1, 0.9)));
    ck_assert(isnan(lrp_mean_half_interval(three, 0, 0.9)));
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
        double values[31] = {0};
        const double n = table[i].freedom + 1;
        double mean = 0;
        double deviation = 0;
        values[0] = 1;
        lrp_mean_deviation(values, table[i].freedom + 1, &mean, &deviation);
        ck_assert_close(lrp_mean_half_interval(values, table[i].freedom + 1, table[i].level),
                        table[i].t * deviation / sqrt(n), 1e-9, 0);
    }
}
END_TEST

START_TEST(quantiles_are_type_seven)
{
    double values[] = {4, 1, 3, 2};
    lrp_sort_doubles(values, 4);
    ck_assert_close(lrp_quantile_sorted(values, 4, 0.5), 2.5, 0, 0);
    ck_assert_close(lrp_quantile_sorted(values, 4, 0.1), 1.3, 1e-15, 0);
    ck_assert_close(lrp_quantile_sorted(values, 4, 1), 4, 0, 0);
    ck_assert(isnan(lrp_quantile_sorted(values, 0, 0.5)));
    double mean, deviation;
    lrp_mean_deviation(values, 4, &mean, &deviation);
    ck_assert_close(mean, 2.5, 0, 0);
    ck_assert_close(deviation, sqrt(5.0 / 3.0), 1e-15, 0);
}
END_TEST

/* Values of one of several shapes: random, few different ones, sorted, sorted down, a roof, spikes
 * and infinities. */
static void fill_shape(struct lrp_random *random, unsigned shape, double *values, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const double place = (double)i;
        const double uniform = lrp_random_uniform(random);
        const double shapes[] = {uniform,
                                 floor(4 * uniform),
                                 place,
                                 -place,
                                 fmin(place, (double)n - place),
                                 uniform < 0.1 ? HUGE_VAL : (uniform > 0.9 ? -HUGE_VAL : uniform)};
        values[i] = shapes[shape];
    }
}

START_TEST(selection_finds_what_sorting_finds)
{
    enum { N = 257, SHAPES = 6 };
    struct lrp_random random;
    lrp_random_seed(&random, 2, 0);
    double values[N];
    double sorted[N];
    for (unsigned round = 0; round < 4000; round++) {
        size_t n = 1 + (size_t)lrp_random_below(&random, round % 2 == 0 ? 12 : N);
        fill_shape(&random, round % SHAPES, values, n);
        memcpy(sorted, values, n * sizeof *sorted);
        lrp_sort_doubles(sorted, n);
        size_t rank = (size_t)lrp_random_below(&random, n);
        ck_assert(lrp_select_in_place(values, n, rank) == sorted[rank]);
        for (size_t i = 0; i < n; i++) {
            ck_assert(i < rank ? values[i] <= values[rank] : values[i] >= values[rank]);
        }
        double middle = n % 2 == 1 ? sorted[n / 2] : 0.5 * sorted[n / 2 - 1] + 0.5 * sorted[n / 2];
        ck_assert_close(lrp_median_in_place(values, n), middle, 0, 0);
        lrp_sort_doubles(values, n); /* none lost, none made */
        ck_assert_mem_eq(values, sorted, n * sizeof *values);
    }
    ck_assert(isnan(lrp_median_in_place(values, 0)));
}
END_TEST

START_TEST(a_median_of_a_million_values_takes_no_minute)
{
    /* The order in which the median of three is the second smallest time after time: quickselect
     * alone would look at 10^11 values. */
    enum { N = 1 << 20 };
    double *values = calloc(N, sizeof *values);
    size_t *at = calloc(N, sizeof *at);
    ck_assert(values != NULL && at != NULL);
    for (size_t i = 0; i < N; i++) {
        at[i] = i;
    }
    double next = 1;
    for (size_t low = 0; low < N; low += 2) {
        size_t middle = low + (N - 1 - low) / 2;
        values[at[low]] = next;
        values[at[middle > low ? middle : low + 1]] = next + 1;
        next += 2;
        at[middle] = at[low + 1];
    }
    clock_t begin = clock();
    ck_assert_close(lrp_median_in_place(values, N), 0.5 * N + 0.5, 0, 0);
    ck_assert((double)(clock() - begin) / CLOCKS_PER_SEC < 8); /* 0.2 s; sanitizers take more */
    free(values);
    free(at);
}
END_TEST

START_TEST(the_deviation_is_told_by_the_middle_half)
{
    double values[] = {1, 2, 3, 4, 5, 6, 1e9};
    ck_assert_close(lrp_mad_sigma_in_place(values, 7), 2 * 1.4826, 1e-15, 0);
    double same[] = {2, 2, 2, 7};
    ck_assert_close(lrp_mad_sigma_in_place(same, 4), 0, 0, 0);
    ck_assert(isnan(lrp_mad_sigma_in_place(same, 0)));
    struct lrp_random random;
    lrp_random_seed(&random, 8, 0);
    double noise[5000];
    for (size_t i = 0; i < 5000; i++) {
        noise[i] = i % 5 == 0 && i < 500 ? 1e6 : -40 + 3 * lrp_random_normal(&random);
    }
    ck_assert_close(lrp_mad_sigma_in_place(noise, 5000), 3, 0.05, 0);
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
    tcase_add_test(tests, t_intervals_are_those_of_the_tables);
    tcase_add_test(tests, quantiles_are_type_seven);
    tcase_add_test(tests, selection_finds_what_sorting_finds);
    tcase_add_test(tests, a_median_of_a_million_values_takes_no_minute);
    tcase_add_test(tests, the_deviation_is_told_by_the_middle_half);
    tcase_add_test(tests, the_running_median_removes_spikes_and_keeps_slopes);
    tcase_add_test(tests, a_line_is_smoothed_into_itself);
    tcase_add_test(tests, smoothing_has_no_lag);
    tcase_add_test(tests, few_and_equal_points_do_no_harm);
    suite_add_tcase(suite, tests);
    return suite;
}
