/* SPDX-License-Identifier: MIT */
#include "fourier.h"
#include "spectrum.h"
#include "test_main.h"
#include "test_series.h"

#include <math.h>
#include <stdlib.h>

static const double TWO_PI = 6.28318530717958648;

static void add_wave(double *y, size_t n, double amplitude, double period, double phase)
{
    for (size_t t = 0; t < n; t++) {
        y[t] += amplitude * sin(TWO_PI * (double)t / period + phase);
    }
}

static struct lrp_spectral_peak peak_of(const double *y, size_t n)
{
    struct lrp_spectral_peak peak;
    ck_assert_int_eq(lrp_spectral_peak(y, n, &peak, NULL), LRP_OK);
    return peak;
}

START_TEST(the_transform_is_that_of_numpy)
{
    double y[90];
    double power[51];
    double back[100];
    oracle_red(7, 90, 0.5, y);
    ck_assert_int_eq(lrp_fourier_power(y, 90, 100, power, NULL), LRP_OK);
    ck_assert_close(power[0], 2.02268744415, 1e-5, 0);
    ck_assert_close(power[1], 16.9976990281, 1e-5, 0);
    ck_assert_close(power[17], 2.23639803912, 1e-5, 0);
    ck_assert_close(power[50], 1.37279618823, 1e-5, 0);
    ck_assert_int_eq(lrp_fourier_covariance(power, 100, back, 100, NULL), LRP_OK);
    double sum[2] = {0};
    for (size_t t = 0; t < 90; t++) {
        sum[0] += y[t] * y[t];
        sum[1] += t >= 5 ? y[t] * y[t - 5] : 0;
    }
    ck_assert_close(back[0], sum[0], 1e-5, 0);
    ck_assert_close(back[5], sum[1], 1e-5, 0);
    ck_assert_uint_eq(lrp_fourier_length(0), 2);
    ck_assert_uint_eq(lrp_fourier_length(97), 100);
    ck_assert_uint_eq(lrp_fourier_length_within(97), 96);
    ck_assert_uint_eq(lrp_fourier_length_within(1), 0);
}
END_TEST

START_TEST(a_line_in_red_noise_is_measured)
{
    double y[1000];
    oracle_red(9, 1000, 0.6, y);
    add_wave(y, 1000, 0.3, 12.5, 0);
    struct lrp_spectral_peak peak = peak_of(y, 1000);
    ck_assert_close(peak.period, 12.5, 2e-3, 0);
    ck_assert(peak.p < 1e-10);
    ck_assert_close(peak.background, 0.5903335370277395, 0, 0.03);
    ck_assert_close(peak.amplitude, 0.2907626115782292, 0.01, 0);
    ck_assert_close(peak.share, 0.23867899154692993, 0, 0.02);
    ck_assert_uint_eq(peak.n, 1000);
    ck_assert_uint_eq(peak.bins, 497);
}
END_TEST

START_TEST(scale_and_offset_change_only_the_amplitude)
{
    double y[500];
    double moved[500];
    const double scales[] = {1e-200, 1e-12, 1e8, 1e200};
    oracle_red(3, 500, 0.3, y);
    add_wave(y, 500, 0.2, 7.3, 1);
    struct lrp_spectral_peak peak = peak_of(y, 500);
    for (size_t s = 0; s < 4; s++) {
        for (size_t t = 0; t < 500; t++) {
            moved[t] = scales[s] * (y[t] - 5);
        }
        struct lrp_spectral_peak same = peak_of(moved, 500);
        ck_assert_close(same.period, peak.period, 1e-4, 0);
        ck_assert_close(same.ratio, peak.ratio, 1e-3, 0);
        ck_assert_close(same.share, peak.share, 1e-3, 0);
        ck_assert_close(same.amplitude, scales[s] * peak.amplitude, 1e-3, 0);
    }
}
END_TEST

/* Share of seeded series of red noise with p below the level. */
static double alarms(size_t n, double a, double level, unsigned series, double wave)
{
    struct lrp_random random;
    lrp_random_seed(&random, 21, n);
    double y[1000];
    unsigned count = 0;
    for (unsigned k = 0; k < series; k++) {
        red_noise(&random, n, a, y);
        double period = 2.5 + 8 * lrp_random_uniform(&random);
        add_wave(y, n, wave, period, TWO_PI * lrp_random_uniform(&random));
        struct lrp_spectral_peak peak = peak_of(y, n);
        count += peak.p < level && (wave <= 0 || fabs(peak.period / period - 1) < 0.03);
    }
    return (double)count / series;
}

START_TEST(red_noise_rarely_has_a_peak)
{
    const double coefficients[] = {-0.8, 0, 0.5, 0.9, 0.97};
    for (size_t i = 0; i < 5; i++) {
        /* Bonferroni over bins of which a taper makes neighbours alike: below the nominal size */
        ck_assert_msg(alarms(128, coefficients[i], 0.05, 400, 0) <= 0.05, "a %g", coefficients[i]);
        ck_assert_msg(alarms(1000, coefficients[i], 0.05, 200, 0) <= 0.065, "a %g",
                      coefficients[i]);
        ck_assert(alarms(1000, coefficients[i], 0.001, 200, 0) <= 0.005);
    }
    /* and not by never alarming */
    ck_assert(alarms(1000, 0, 0.5, 200, 0) > 0.15);
}
END_TEST

START_TEST(a_planted_wave_is_found)
{
    /* waves that make up 29 and 17 % of the variance */
    ck_assert(alarms(1000, 0, 0.001, 50, sqrt(0.8)) >= 0.98);
    ck_assert(alarms(1000, 0.9, 0.001, 50, sqrt(0.4)) >= 0.95);
    ck_assert(alarms(128, 0.9, 0.001, 50, sqrt(0.8)) >= 0.75);
}
END_TEST

START_TEST(a_zig_zag_is_a_peak_at_two_samples)
{
    struct lrp_random random;
    lrp_random_seed(&random, 5, 0);
    double y[200];
    red_noise(&random, 200, 0, y);
    for (size_t t = 0; t < 200; t++) {
        y[t] += t % 2 == 0 ? 0.8 : -0.8;
    }
    struct lrp_spectral_peak peak = peak_of(y, 200);
    ck_assert_close(peak.period, 2, 1e-12, 0);
    ck_assert_close(peak.amplitude, 0.8, 0.2, 0);
    ck_assert_close(peak.share, 0.64 / 1.64, 0, 0.1);
    ck_assert(peak.p < 1e-5);
}
END_TEST

START_TEST(drift_is_no_oscillation)
{
    struct lrp_random random;
    lrp_random_seed(&random, 6, 0);
    double y[400];
    for (unsigned k = 0; k < 50; k++) {
        red_noise(&random, 400, 0, y);
        add_wave(y, 400, 2, 200 + 400 * lrp_random_uniform(&random), 1);
        struct lrp_spectral_peak peak = peak_of(y, 400);
        ck_assert(peak.period <= 400 / 3.4);
        ck_assert_msg(peak.p > 1e-3, "p = %g at period %g", peak.p, peak.period);
    }
}
END_TEST

START_TEST(what_has_no_spectrum_is_refused)
{
    double y[100] = {0};
    struct lrp_spectral_peak peak = {.n = 77};
    struct lrp_error err;
    ck_assert_int_eq(lrp_spectral_peak(y, 31, &peak, &err), LRP_E_NODATA);
    ck_assert_str_eq(err.message, "31 points; a spectrum needs 32");
    ck_assert_int_eq(lrp_spectral_peak(y, 100, &peak, &err), LRP_E_NODATA);
    ck_assert_uint_eq(peak.n, 77);
    y[40] = 1; /* a single spike */
    peak = peak_of(y, 100);
    ck_assert(peak.p > 0.5);
    for (size_t t = 0; t < 100; t++) { /* a pure line: no noise at all */
        y[t] = t % 5 == 0;
    }
    peak = peak_of(y, 100);
    ck_assert(peak.p < 1e-3 && peak.share > 0.3);
}
END_TEST

START_TEST(of_a_long_series_the_last_part_counts)
{
    enum { LONG = LRP_SPECTRUM_MOST + 3000 };
    double *y = calloc(LONG, sizeof *y);
    ck_assert_ptr_nonnull(y);
    struct lrp_random random;
    lrp_random_seed(&random, 5, 0);
    red_noise(&random, LONG, 0.5, y);
    add_wave(y, 3000, 1000, 10, 0);
    add_wave(y + 3000, LRP_SPECTRUM_MOST, 0.2, 33.3, 0);
    struct lrp_spectral_peak peak = peak_of(y, LONG);
    ck_assert_uint_eq(peak.n, LRP_SPECTRUM_MOST);
    ck_assert_close(peak.period, 33.3, 1e-4, 0);
    ck_assert_close(peak.amplitude, 0.2, 0.05, 0);
    free(y);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("spectrum");
    TCase *tests = tcase_create("spectrum");
    tcase_set_timeout(tests, 30);
    tcase_add_test(tests, the_transform_is_that_of_numpy);
    tcase_add_test(tests, a_line_in_red_noise_is_measured);
    tcase_add_test(tests, scale_and_offset_change_only_the_amplitude);
    tcase_add_test(tests, red_noise_rarely_has_a_peak);
    tcase_add_test(tests, a_planted_wave_is_found);
    tcase_add_test(tests, a_zig_zag_is_a_peak_at_two_samples);
    tcase_add_test(tests, drift_is_no_oscillation);
    tcase_add_test(tests, what_has_no_spectrum_is_refused);
    tcase_add_test(tests, of_a_long_series_the_last_part_counts);
    suite_add_tcase(suite, tests);
    return suite;
}
