/* SPDX-License-Identifier: MIT */
#include "autocorrelation.h"
#include "test_main.h"
#include "test_series.h"

#include <math.h>
#include <stdlib.h>

enum { MOST = 5000 };

START_TEST(one_lag_is_that_of_statsmodels)
{
    const size_t lags[] = {1, 2, 10, 49};
    const struct {
        size_t n;
        double a, r[4];
    } table[] = {
        {50,
         0.0,
         {-0.0128256807555139, -0.131277871253181, -0.132117742996106, -0.00905613191488605}},
        {500, 0.7, {0.682469477961587, 0.479156839577087, 0.0985394512217699, -0.0357104727922779}},
        {1000,
         -0.4,
         {-0.43239380548524, 0.183305840357396, 0.0409902097186573, 0.0127583084580657}}};
    double y[1000];
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        oracle_red(7, table[i].n, table[i].a, y);
        for (size_t k = 0; k < 4; k++) {
            double r = lrp_autocorrelation(y, table[i].n, lags[k]);
            ck_assert_close(r, table[i].r[k], 1e-10, 1e-12);
        }
    }
}
END_TEST

START_TEST(scale_and_offset_change_nothing)
{
    double y[300];
    double moved[300];
    const double scales[] = {1e-200, 1e-20, 1e6, 1e200};
    for (size_t s = 0; s < 4; s++) {
        oracle_red(5, 300, 0.5, y);
        for (size_t t = 0; t < 300; t++) {
            moved[t] = scales[s] * (y[t] + 3);
        }
        ck_assert_close(lrp_autocorrelation(moved, 300, 3), lrp_autocorrelation(y, 300, 3), 1e-9,
                        0);
    }
}
END_TEST

START_TEST(short_and_constant_series_do_no_harm)
{
    const double same[40] = {0};
    const double two[] = {1, -1};
    struct lrp_recurrence found = {9, 9, 9};
    ck_assert(isnan(lrp_autocorrelation(same, 40, 1)));
    ck_assert(isnan(lrp_autocorrelation(same, 0, 0)));
    ck_assert_close(lrp_autocorrelation(two, 2, 1), -0.5, 1e-15, 0);
    ck_assert_close(lrp_autocorrelation(two, 2, 2), 0, 0, 0);
    ck_assert_int_eq(lrp_find_recurrence(same, 40, &found, NULL), LRP_OK);
    ck_assert_uint_eq(found.period, 0);
    ck_assert(isnan(found.strength) && isnan(found.neighbours));
    found.period = 9;
    ck_assert_int_eq(lrp_find_recurrence(same, 0, &found, NULL), LRP_OK);
    ck_assert_uint_eq(found.period, 0);
}
END_TEST

/* n values that repeat after `period`, with so much of their variance in the pattern. */
static void repeat(struct lrp_random *random, size_t n, size_t period, double share, double *out)
{
    for (size_t t = 0; t < n; t++) {
        out[t] = t < period ? lrp_random_normal(random) : out[t - period];
    }
    for (size_t t = 0; t < n; t++) {
        out[t] = sqrt(share) * out[t] + sqrt(1 - share) * lrp_random_normal(random);
    }
}

static size_t period_of(const double *y, size_t n)
{
    struct lrp_recurrence found;
    ck_assert_int_eq(lrp_find_recurrence(y, n, &found, NULL), LRP_OK);
    return found.period;
}

START_TEST(data_in_the_same_order_each_epoch_are_found)
{
    const size_t periods[] = {83, 100, 391, 1000, MOST / 3};
    struct lrp_random random;
    lrp_random_seed(&random, 3, 0);
    double y[MOST];
    for (size_t i = 0; i < 5; i++) {
        unsigned hits = 0;
        for (unsigned k = 0; k < 20; k++) {
            repeat(&random, MOST, periods[i], 0.6, y);
            hits += period_of(y, MOST) == periods[i];
        }
        ck_assert_msg(hits >= 18, "period %zu: %u of 20", periods[i], hits);
    }
}
END_TEST

START_TEST(of_a_long_series_the_last_part_counts)
{
    enum { LONG = LRP_AUTOCORRELATION_MOST + 5000 };
    struct lrp_random random;
    lrp_random_seed(&random, 4, 0);
    double *y = calloc(LONG, sizeof *y);
    ck_assert_ptr_nonnull(y);
    repeat(&random, LONG, 2345, 0.5, y);
    for (size_t t = 0; t < 5000; t++) {
        y[t] = 1e9;
    }
    struct lrp_recurrence found;
    ck_assert_int_eq(lrp_find_recurrence(y, LONG, &found, NULL), LRP_OK);
    ck_assert_uint_eq(found.period, 2345);
    ck_assert_close(found.strength, 0.5, 0, 0.05);
    ck_assert(found.neighbours < 0.1);
    free(y);
}
END_TEST

enum innocent { RED, TREND, WAVE, WAVE_OF_FOUR, TWO_SPIKES, CAUCHY, INNOCENTS };

static void innocent_series(struct lrp_random *random, enum innocent kind, size_t n, double *y)
{
    const double two_pi = 6.28318530717958648;
    red_noise(random, n, kind == RED ? 1.8 * lrp_random_uniform(random) - 0.9 : 0, y);
    double amplitude = exp(2 * lrp_random_normal(random));
    double period = kind == WAVE ? exp(log(2) + log((double)n / 4) * lrp_random_uniform(random))
                                 : 3.5 + 1.2 * lrp_random_uniform(random);
    for (size_t t = 0; t < n; t++) {
        double place = (double)t / (double)n - 0.5;
        if (kind == TREND) {
            y[t] += 8 * amplitude * place * place;
        } else if (kind == WAVE || kind == WAVE_OF_FOUR) {
            y[t] += amplitude * sin(two_pi * (double)t / period);
        } else if (kind == CAUCHY) {
            y[t] = 1 / y[t];
        }
    }
    if (kind == TWO_SPIKES) {
        y[lrp_random_below(random, n)] += 50;
        y[lrp_random_below(random, n)] += 50;
    }
}

START_TEST(nothing_recurs_in_noise_trends_waves_and_spikes)
{
    struct lrp_random random;
    lrp_random_seed(&random, 8, 0);
    const size_t lengths[] = {30, 100, 1000};
    double y[1000];
    for (int kind = 0; kind < INNOCENTS; kind++) {
        for (size_t i = 0; i < 3; i++) {
            unsigned alarms = 0;
            for (unsigned k = 0; k < 200; k++) {
                innocent_series(&random, (enum innocent)kind, lengths[i], y);
                alarms += period_of(y, lengths[i]) != 0;
            }
            ck_assert_msg(alarms <= 1, "kind %d, n %zu: %u of 200", kind, lengths[i], alarms);
        }
    }
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("autocorrelation");
    TCase *tests = tcase_create("autocorrelation");
    tcase_add_test(tests, one_lag_is_that_of_statsmodels);
    tcase_add_test(tests, scale_and_offset_change_nothing);
    tcase_add_test(tests, short_and_constant_series_do_no_harm);
    tcase_add_test(tests, data_in_the_same_order_each_epoch_are_found);
    tcase_add_test(tests, of_a_long_series_the_last_part_counts);
    tcase_add_test(tests, nothing_recurs_in_noise_trends_waves_and_spikes);
    suite_add_tcase(suite, tests);
    return suite;
}
