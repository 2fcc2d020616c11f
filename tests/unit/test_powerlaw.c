/* SPDX-License-Identifier: MIT */
#include "powerlaw.h"
#include "test_main.h"
#include "test_series.h"

#include <math.h>

enum { N = 100 };

static void positions(double *t, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        t[i] = (double)i + 1;
    }
}

/* The curve's value at t. */
static double value_at(const struct lrp_decay_fit *decay, double t)
{
    double shape = decay->shape == LRP_DECAY_POWER
                       ? pow((t + decay->t0) / (decay->first + decay->t0), -decay->b)
                       : exp(-(t - decay->first) / decay->tau);
    return decay->c + decay->height * shape;
}

START_TEST(fits_are_those_of_scipy)
{
    /* made with, then found: c, a, b, t0; deviation, r2, value at 200 */
    const struct {
        double made[5], c, a, b, t0, deviation, r2, at_200;
    } table[] = {{{1, 3, 0.5, 5, 0.02},
                  1.02165778,
                  3.204569902,
                  0.5295513775,
                  5.370571098,
                  0.005958395306,
                  0.9991415571,
                  1.21271434},
                 {{2, 40, 1.2, 10, 0.02},
                  2.005154578,
                  43.50456254,
                  1.223784796,
                  10.27018284,
                  0.005958141737,
                  0.999819496,
                  2.067665338},
                 {{0.5, 2, 0.3, 1, 0.01},
                  0.5109151177,
                  2.004772961,
                  0.3051347489,
                  1.038607461,
                  0.002985835646,
                  0.9998078206,
                  0.908339579}};
    double t[N];
    double y[N];
    struct lrp_decay_fit decay;
    positions(t, N);
    for (size_t k = 0; k < 3; k++) {
        const double *made = table[k].made;
        oracle_red(7, N, 0, y);
        for (size_t i = 0; i < N; i++) {
            y[i] = made[0] + made[1] * pow(t[i] + made[3], -made[2]) + made[4] * y[i];
        }
        ck_assert_int_eq(lrp_fit_decay(t, y, N, 0, &decay, NULL), LRP_OK);
        ck_assert_int_eq(decay.shape, LRP_DECAY_POWER);
        ck_assert_close(decay.c, table[k].c, 1e-5, 0);
        ck_assert_close(decay.a, table[k].a, 1e-5, 0);
        ck_assert_close(decay.b, table[k].b, 1e-5, 0);
        ck_assert_close(decay.t0, table[k].t0, 1e-5, 0);
        ck_assert(isnan(decay.tau));
        ck_assert_close(decay.deviation, table[k].deviation, 1e-8, 0);
        ck_assert_close(decay.r2, table[k].r2, 1e-9, 0);
        ck_assert_close(value_at(&decay, 200), table[k].at_200, 1e-7, 0);
    }
}
END_TEST

START_TEST(an_exponential_is_told_from_a_power_law)
{
    double t[N];
    double y[N];
    struct lrp_decay_fit decay;
    positions(t, N);
    oracle_red(7, N, 0, y);
    for (size_t i = 0; i < N; i++) {
        y[i] = 0.5 + 2 * exp(-t[i] / 15) + 0.03 * y[i];
    }
    ck_assert_int_eq(lrp_fit_decay(t, y, N, 0, &decay, NULL), LRP_OK);
    ck_assert_int_eq(decay.shape, LRP_DECAY_EXPONENTIAL);
    ck_assert_close(decay.c, 0.5003179299, 1e-6, 0);
    ck_assert_close(decay.a, 2.002492786, 1e-6, 0);
    ck_assert_close(decay.tau, 14.97596086, 1e-6, 0);
    ck_assert(isnan(decay.b) && isnan(decay.t0));
    ck_assert_close(decay.deviation, 0.008923907229, 1e-7, 0);
    ck_assert_close(value_at(&decay, 200), 0.5003211044, 1e-7, 0);
}
END_TEST

START_TEST(any_scale_will_do)
{
    double t[N];
    double y[N];
    double y_moved[N];
    double t_moved[N];
    struct lrp_decay_fit decay;
    struct lrp_decay_fit moved;
    struct lrp_decay_forecast forecast;
    struct lrp_decay_forecast moved_forecast;
    const double scales[] = {1e-30, 1e-6, 1e9, 1e30};
    positions(t, N);
    oracle_red(7, N, 0, y);
    for (size_t i = 0; i < N; i++) {
        y[i] = 1 + 3 / sqrt(t[i] + 5) + 0.05 * y[i];
    }
    ck_assert_int_eq(lrp_fit_decay(t, y, N, 0, &decay, NULL), LRP_OK);
    ck_assert_int_eq(lrp_forecast_decay(&decay, t, y, N, 0, 200, 50, 1, 0.9, &forecast, NULL),
                     LRP_OK);
    for (size_t k = 0; k < 4; k++) {
        for (size_t i = 0; i < N; i++) {
            y_moved[i] = scales[k] * (y[i] - 4); /* a negative loss too */
            t_moved[i] = 1000 * t[i];
        }
        double floor = -4 * scales[k];
        ck_assert_int_eq(lrp_fit_decay(t_moved, y_moved, N, floor, &moved, NULL), LRP_OK);
        ck_assert_close(moved.c, scales[k] * (decay.c - 4), 1e-4, 0);
        ck_assert_close(moved.b, decay.b, 1e-4, 0);
        ck_assert_close(moved.t0, 1000 * decay.t0, 1e-4, 0);
        ck_assert_close(moved.r2, decay.r2, 1e-9, 0);
        ck_assert_int_eq(lrp_forecast_decay(&moved, t_moved, y_moved, N, floor, 200000, 50, 1, 0.9,
                                            &moved_forecast, NULL),
                         LRP_OK);
        ck_assert_close(moved_forecast.gain, scales[k] * forecast.gain, 1e-4, 0);
        ck_assert_close(moved_forecast.gain_low, scales[k] * forecast.gain_low, 1e-2, 0);
    }
}
END_TEST

START_TEST(the_asymptote_keeps_to_its_bounds)
{
    double t[N];
    double y[N];
    struct lrp_decay_fit decay;
    positions(t, N);
    for (size_t i = 0; i < N; i++) {
        y[i] = 5 - 0.04 * t[i]; /* a straight line: as far down as it may */
    }
    const double floors[] = {0, 0.5, 50, -(double)INFINITY};
    const double lowest[] = {0, 0.5, 1, 1 - 10 * 3.96};
    for (size_t k = 0; k < 4; k++) {
        ck_assert_int_eq(lrp_fit_decay(t, y, N, floors[k], &decay, NULL), LRP_OK);
        ck_assert_msg(decay.c >= lowest[k] - 1e-9 && decay.c <= 1.4, "c = %g", decay.c);
        ck_assert(decay.height > 0);
    }
    ck_assert_close(value_at(&decay, 50), 3, 0.01, 0); /* without a floor: nearly the line */
}
END_TEST

START_TEST(what_does_not_fall_gets_a_flat_curve)
{
    struct lrp_random random;
    lrp_random_seed(&random, 2, 0);
    double t[N];
    double y[N];
    struct lrp_decay_fit decay;
    positions(t, N);
    for (unsigned k = 0; k < 20; k++) {
        red_noise(&random, N, 0, y);
        for (size_t i = 0; i < N; i++) {
            y[i] += 10 + (k % 2 == 0 ? 0.05 * t[i] : 0);
        }
        ck_assert_int_eq(lrp_fit_decay(t, y, N, 0, &decay, NULL), LRP_OK);
        ck_assert_msg(decay.r2 > -0.01 && decay.r2 < 0.3, "r2 = %g", decay.r2);
        ck_assert_close(value_at(&decay, 200), value_at(&decay, 100), 0, 0.6);
    }
}
END_TEST

/* How many of the series have a 90 % interval, of curve and gain over twice the run, that holds the
 * truth. */
static unsigned covered(size_t n, double c, double a, double b, double noise, double correlation)
{
    struct lrp_random random;
    lrp_random_seed(&random, 12, n);
    double t[N];
    double y[N];
    struct lrp_decay_fit decay;
    struct lrp_decay_forecast forecast;
    unsigned count = 0;
    for (unsigned k = 0; k < 50; k++) {
        red_noise(&random, n, correlation, y);
        for (size_t i = 0; i < n; i++) {
            t[i] = 100 * ((double)i + 0.5) / (double)n;
            y[i] = c + a * pow(t[i] + 3, -b) + noise * y[i];
        }
        ck_assert_int_eq(lrp_fit_decay(t, y, n, 0, &decay, NULL), LRP_OK);
        ck_assert_int_eq(lrp_forecast_decay(&decay, t, y, n, 0, 200, 100, k, 0.9, &forecast, NULL),
                         LRP_OK);
        double truth = c + a * pow(203, -b);
        double gain = c + a * pow(t[n - 1] + 3, -b) - truth;
        count += forecast.low <= truth && truth <= forecast.high && forecast.gain_low <= gain &&
                 gain <= forecast.gain_high;
        ck_assert(forecast.low < forecast.high);
    }
    return count;
}

START_TEST(intervals_hold_the_truth)
{
    ck_assert_uint_ge(covered(100, 1, 3, 0.5, 0.02, 0), 38);
    ck_assert_uint_ge(covered(100, 1, 3, 0.5, 0.05, 0.5), 33);
    ck_assert_uint_ge(covered(60, 0.5, 2, 1.5, 0.02, 0), 36); /* some pass for exponentials */
    ck_assert_uint_ge(covered(20, 0.2, 2, 0.5, 0.02, 0), 38);
}
END_TEST

START_TEST(intervals_narrow_with_the_noise_and_repeat_with_the_seed)
{
    double t[N];
    double y[2][N];
    struct lrp_decay_fit decay;
    struct lrp_decay_forecast forecast[3];
    positions(t, N);
    for (size_t k = 0; k < 2; k++) {
        oracle_red(7, N, 0, y[k]);
        for (size_t i = 0; i < N; i++) {
            y[k][i] = 1 + 3 / sqrt(t[i] + 5) + (k == 0 ? 0.01 : 0.1) * y[k][i];
        }
        ck_assert_int_eq(lrp_fit_decay(t, y[k], N, 0, &decay, NULL), LRP_OK);
        ck_assert_int_eq(
            lrp_forecast_decay(&decay, t, y[k], N, 0, 200, 200, 5, 0.9, &forecast[k], NULL),
            LRP_OK);
    }
    double narrow = forecast[0].high - forecast[0].low;
    double wide = forecast[1].high - forecast[1].low;
    ck_assert_msg(wide > 5 * narrow && wide < 20 * narrow, "%g and %g", narrow, wide);
    ck_assert_int_eq(
        lrp_forecast_decay(&decay, t, y[1], N, 0, 200, 200, 5, 0.9, &forecast[2], NULL), LRP_OK);
    ck_assert(forecast[2].low == forecast[1].low && forecast[2].gain_high == forecast[1].gain_high);
}
END_TEST

START_TEST(odd_positions_do_no_harm)
{
    double t[8] = {0, 1, 2, 3, 4, 5, 6, 7};
    double y[8] = {1000, 3, 2.5,  2.2,
                   2.1,  2, 1.95, 1.9}; /* a first point from before the training */
    struct lrp_decay_fit decay;
    struct lrp_decay_forecast forecast;
    ck_assert_int_eq(lrp_fit_decay(t, y, 8, 0, &decay, NULL), LRP_OK);
    ck_assert(decay.r2 > 0.99 && isfinite(value_at(&decay, 0)));
    ck_assert_int_eq(lrp_forecast_decay(&decay, t, y, 8, 0, 14, 20, 1, 0.9, &forecast, NULL),
                     LRP_OK);
    ck_assert(isfinite(forecast.low) && isfinite(forecast.high));
    for (size_t i = 0; i < 8; i++) {
        t[i] = 1e9 + (double)i; /* far from 0, close together */
        y[i] = 1 + exp(-(double)i);
    }
    ck_assert_int_eq(lrp_fit_decay(t, y, 8, 0, &decay, NULL), LRP_OK);
    ck_assert_int_eq(decay.shape, LRP_DECAY_EXPONENTIAL);
    ck_assert_close(decay.tau, 1, 1e-3, 0);
    ck_assert_close(decay.height, 1, 1e-3, 0);
    ck_assert_close(value_at(&decay, 2e9), 1, 1e-3, 0);
}
END_TEST

START_TEST(bad_input_is_refused)
{
    double t[LRP_DECAY_POINTS_MOST + 1];
    double y[LRP_DECAY_POINTS_MOST + 1];
    struct lrp_decay_fit decay = {.c = 77};
    struct lrp_decay_forecast forecast = {.value = 77};
    struct lrp_error err;
    positions(t, LRP_DECAY_POINTS_MOST + 1);
    for (size_t i = 0; i <= LRP_DECAY_POINTS_MOST; i++) {
        y[i] = 1 / t[i];
    }
    ck_assert_int_eq(lrp_fit_decay(t, y, 7, 0, &decay, &err), LRP_E_NODATA);
    ck_assert_str_eq(err.message, "7 points; a curve needs 8");
    ck_assert_int_eq(lrp_fit_decay(t, y, LRP_DECAY_POINTS_MOST + 1, 0, &decay, &err), LRP_E_LIMIT);
    const double same[8] = {0};
    ck_assert_int_eq(lrp_fit_decay(t, same, 8, 0, &decay, &err), LRP_E_NODATA);
    ck_assert_int_eq(lrp_fit_decay(same, y, 8, 0, &decay, &err), LRP_E_NODATA);
    ck_assert_close(decay.c, 77, 0, 0);
    ck_assert_int_eq(lrp_fit_decay(t, y, 50, 0, &decay, &err), LRP_OK);
    ck_assert_int_eq(lrp_forecast_decay(&decay, t, y, 50, 0, 99, 19, 1, 0.9, &forecast, &err),
                     LRP_E_ARG);
    ck_assert_int_eq(lrp_forecast_decay(&decay, t, y, 50, 0, 99, 20, 1, 1, &forecast, &err),
                     LRP_E_ARG);
    ck_assert_int_eq(lrp_forecast_decay(&decay, t, y, 50, 0, -1, 20, 1, 0.9, &forecast, &err),
                     LRP_E_ARG);
    ck_assert_close(forecast.value, 77, 0, 0);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("powerlaw");
    TCase *tests = tcase_create("powerlaw");
    tcase_set_timeout(tests, 30);
    tcase_add_test(tests, fits_are_those_of_scipy);
    tcase_add_test(tests, an_exponential_is_told_from_a_power_law);
    tcase_add_test(tests, any_scale_will_do);
    tcase_add_test(tests, the_asymptote_keeps_to_its_bounds);
    tcase_add_test(tests, what_does_not_fall_gets_a_flat_curve);
    tcase_add_test(tests, intervals_hold_the_truth);
    tcase_add_test(tests, intervals_narrow_with_the_noise_and_repeat_with_the_seed);
    tcase_add_test(tests, odd_positions_do_no_harm);
    tcase_add_test(tests, bad_input_is_refused);
    suite_add_tcase(suite, tests);
    return suite;
}
