/* SPDX-License-Identifier: MIT */
/* Numbers by tests/data/oracle/changepoint.py. */
#include "changepoint.h"
#include "test_main.h"
#include "test_series.h"

#include <math.h>

enum { N = 200 };

static void white(struct lrp_random *random, size_t n, double *y)
{
    for (size_t i = 0; i < n; i++) {
        y[i] = lrp_random_normal(random);
    }
}

static void lift(double *y, size_t begin, size_t n, double shift)
{
    for (size_t i = begin; i < n; i++) {
        y[i] += shift;
    }
}

START_TEST(a_cumulative_sum_by_hand)
{
    /*  z:            0  2  1  -3  1  1  2  3; slack 0.5
     *  upward sum:   0 1.5 2   0 .5  1 2.5 5 */
    const double y[] = {10, 14, 12, 4, 12, 12, 14, 16};
    struct lrp_cusum cusum;
    lrp_cusum(y, 8, 10, 2, 0.5, 2.4, LRP_CUSUM_UP, &cusum);
    ck_assert(cusum.alarmed && cusum.upward);
    ck_assert_uint_eq(cusum.alarm, 6);
    ck_assert_uint_eq(cusum.onset, 4);
    ck_assert_close(cusum.peak, 2.5, 1e-15, 0);
    lrp_cusum(y, 8, 10, 2, 0.5, 5, LRP_CUSUM_UP, &cusum);
    ck_assert(!cusum.alarmed);
    ck_assert_uint_eq(cusum.alarm, 8);
    ck_assert_close(cusum.peak, 5, 1e-15, 0);
    lrp_cusum(y, 8, 10, 2, 0.5, 2.2, LRP_CUSUM_DOWN, &cusum);
    ck_assert(cusum.alarmed && !cusum.upward);
    ck_assert_uint_eq(cusum.alarm, 3);
    ck_assert_uint_eq(cusum.onset, 3);
    lrp_cusum(y, 8, 10, 2, 0.5, 2.2, LRP_CUSUM_BOTH, &cusum);
    ck_assert(cusum.alarmed && !cusum.upward && cusum.alarm == 3);
    lrp_cusum(y, 8, 10, 0, 0.5, 2.2, LRP_CUSUM_BOTH, &cusum);
    ck_assert(!cusum.alarmed && cusum.alarm == 8);
}
END_TEST

START_TEST(false_alarms_are_as_rare_as_siegmund_says)
{
    enum { LONG = 40000 };
    static double y[LONG];
    struct lrp_random random;
    lrp_random_seed(&random, 3, 0);
    const double limits[] = {3, 4, 5};
    for (size_t k = 0; k < 3; k++) {
        double points = 0;
        double alarms = 0;
        for (int round = 0; round < 20; round++) {
            white(&random, LONG, y);
            for (size_t begin = 0; begin < LONG;) {
                struct lrp_cusum cusum;
                lrp_cusum(y + begin, LONG - begin, 0, 1, 0.5, limits[k], LRP_CUSUM_UP, &cusum);
                alarms += cusum.alarmed;
                points += (double)(cusum.alarmed ? cusum.alarm + 1 : LONG - begin);
                begin += cusum.alarm + 1;
            }
        }
        double b = limits[k] + 1.166;
        double want = (exp(b) - b - 1) / 0.5;
        ck_assert_close(points / alarms, want, 0.12, 0);
    }
}
END_TEST

START_TEST(a_shift_of_a_deviation_alarms_soon_and_its_onset_is_near)
{
    double y[N];
    struct lrp_random random;
    lrp_random_seed(&random, 4, 0);
    double delay = 0;
    double off = 0;
    int seen = 0;
    for (int k = 0; k < 200; k++) {
        white(&random, N, y);
        lift(y, 100, N, 1.5);
        struct lrp_cusum cusum;
        lrp_cusum(y, N, 0, 1, 0.5, 8, LRP_CUSUM_UP, &cusum);
        if (cusum.alarmed && cusum.alarm >= 100) {
            seen++;
            delay += (double)cusum.alarm - 100;
            off += fabs((double)cusum.onset - 100);
        }
    }
    ck_assert_int_ge(seen, 198);
    ck_assert(delay / seen < 10);
    ck_assert(off / seen < 4);
}
END_TEST

START_TEST(level_changes_are_the_best_of_all_partitions)
{
    const struct {
        uint64_t seed;
        size_t least;
        size_t at[3];
        double by[3];
        size_t n_want;
        size_t want[3];
        size_t split;
        double t, shift;
    } table[] = {
        {11, 3, {9}, {0.5}, 1, {5}, 5, 3.43627014310822, 0.510286001880702},
        {12, 3, {6, 13}, {0.8, -1.2}, 2, {8, 13}, 13, -4.0885071811023, -0.778151550396652},
        {13, 3, {0}, {0}, 0, {0}, 21, 1.62874010782954, 0.285354741893354},
        {14,
         4,
         {4, 12, 18},
         {1, 0.7, -2},
         3,
         {4, 12, 18},
         18,
         -4.24962972572383,
         -1.22456806786358}};
    for (size_t r = 0; r < sizeof table / sizeof table[0]; r++) {
        for (int scaled = 0; scaled < 2; scaled++) {
            double y[24];
            oracle_red(table[r].seed, 24, 0, y);
            for (size_t k = 0; k < 3 && table[r].by[k] != 0; k++) {
                lift(y, table[r].at[k], 24, table[r].by[k]);
            }
            for (size_t i = 0; i < 24; i++) {
                y[i] = scaled ? 1e4 + 1e-3 * y[i] : y[i];
            }
            size_t changes[8];
            size_t n = 99;
            ck_assert_int_eq(lrp_level_changes(y, 24, scaled ? 0.25e-3 : 0.25, 3, table[r].least,
                                               changes, &n, NULL),
                             LRP_OK);
            ck_assert_uint_eq(n, table[r].n_want);
            for (size_t k = 0; k < n; k++) {
                ck_assert_uint_eq(changes[k], table[r].want[k]);
            }
            struct lrp_split split;
            ck_assert_int_eq(lrp_best_split(y, 24, table[r].least, &split, NULL), LRP_OK);
            ck_assert_uint_eq(split.index, table[r].split);
            ck_assert_close(split.t, table[r].t, 1e-6, 0);
            ck_assert_close(split.shift, table[r].shift * (scaled ? 1e-3 : 1), 1e-6, 0);
        }
    }
}
END_TEST

START_TEST(noise_has_few_level_changes_and_planted_ones_are_found)
{
    double y[N];
    size_t changes[N];
    size_t n = 0;
    struct lrp_random random;
    lrp_random_seed(&random, 5, 0);
    int false_series = 0;
    int found = 0;
    for (int k = 0; k < 400; k++) {
        white(&random, 100, y);
        lrp_level_changes(y, 100, 1, 3, 5, changes, &n, NULL);
        false_series += n > 0;
        white(&random, N, y);
        lift(y, 60, N, 2);
        lift(y, 130, N, -3);
        ck_assert_int_eq(lrp_level_changes(y, N, 1, 3, 5, changes, &n, NULL), LRP_OK);
        found +=
            n == 2 && fabs((double)changes[0] - 60) <= 3 && fabs((double)changes[1] - 130) <= 3;
    }
    ck_assert_msg(false_series <= 8, "%d of 400 series of noise change", false_series);
    ck_assert_msg(found >= 360, "%d of 400 found", found);
}
END_TEST

START_TEST(the_best_split_alarms_as_rarely_as_it_says)
{
    double y[N];
    struct lrp_random random;
    lrp_random_seed(&random, 6, 0);
    const size_t lengths[] = {30, 100, 200};
    for (size_t k = 0; k < 3; k++) {
        int below_five = 0;
        int below_one = 0;
        for (int round = 0; round < 2000; round++) {
            struct lrp_split split;
            white(&random, lengths[k], y);
            ck_assert_int_eq(lrp_best_split(y, lengths[k], 5, &split, NULL), LRP_OK);
            below_five += split.p < 0.05;
            below_one += split.p < 0.01;
        }
        ck_assert_msg(below_five > 40 && below_five <= 120, "n %zu: %d", lengths[k], below_five);
        ck_assert_msg(below_one > 5 && below_one <= 32, "n %zu: %d", lengths[k], below_one);
    }
}
END_TEST

START_TEST(level_series_and_bad_requests)
{
    double y[20];
    size_t changes[20];
    size_t n = 7;
    struct lrp_split split;
    for (size_t i = 0; i < 20; i++) {
        y[i] = 4;
    }
    ck_assert_int_eq(lrp_level_changes(y, 20, 1, 3, 1, changes, &n, NULL), LRP_OK);
    ck_assert_uint_eq(n, 0);
    ck_assert_int_eq(lrp_best_split(y, 20, 5, &split, NULL), LRP_OK);
    ck_assert(split.p == 1 && split.t == 0 && split.shift == 0);
    lift(y, 12, 20, 1);
    ck_assert_int_eq(lrp_level_changes(y, 20, 0.01, 3, 1, changes, &n, NULL), LRP_OK);
    ck_assert(n == 1 && changes[0] == 12);
    ck_assert_int_eq(lrp_best_split(y, 20, 5, &split, NULL), LRP_OK);
    ck_assert(split.index == 12 && split.p < 1e-12 && isfinite(split.t));
    ck_assert_int_eq(lrp_level_changes(y, 9, 1, 3, 5, changes, &n, NULL), LRP_OK);
    ck_assert_uint_eq(n, 0);
    ck_assert_int_eq(lrp_level_changes(y, 0, 1, 3, 5, changes, &n, NULL), LRP_OK);
    ck_assert_int_eq(lrp_level_changes(y, 20, (double)NAN, 3, 5, changes, &n, NULL), LRP_E_ARG);
    ck_assert_int_eq(lrp_level_changes(y, 20, 1, 3, 0, changes, &n, NULL), LRP_E_ARG);
    ck_assert_int_eq(lrp_level_changes(y, LRP_CHANGES_MOST + 1, 1, 3, 5, changes, &n, NULL),
                     LRP_E_LIMIT);
    ck_assert_int_eq(lrp_best_split(y, 9, 5, &split, NULL), LRP_E_NODATA);
    ck_assert_int_eq(lrp_best_split(y, 3, 1, &split, NULL), LRP_E_NODATA);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("changepoint");
    TCase *tests = tcase_create("changepoint");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, a_cumulative_sum_by_hand);
    tcase_add_test(tests, false_alarms_are_as_rare_as_siegmund_says);
    tcase_add_test(tests, a_shift_of_a_deviation_alarms_soon_and_its_onset_is_near);
    tcase_add_test(tests, level_changes_are_the_best_of_all_partitions);
    tcase_add_test(tests, noise_has_few_level_changes_and_planted_ones_are_found);
    tcase_add_test(tests, the_best_split_alarms_as_rarely_as_it_says);
    tcase_add_test(tests, level_series_and_bad_requests);
    suite_add_tcase(suite, tests);
    return suite;
}
