/* SPDX-License-Identifier: MIT */
#include "curve.h"
#include "random.h"
#include "test_main.h"

#include <math.h>

/* Step at which the rule ends the run, n if it never does. */
static size_t stops_at(const double *loss, size_t n, double scale, double shift)
{
    struct lrp_divergence state;
    lrp_divergence_init(&state);
    for (size_t k = 0; k < n; k++) {
        if (lrp_divergence_feed(&state, scale * loss[k] + shift)) {
            return k;
        }
    }
    return n;
}

enum { N = 300 };
/* Flat at 2.3, falls to 0.4, from step `rise` on grows by 8 % a step. */
static void sweep_like(double *loss, size_t rise, double noise, uint64_t seed)
{
    struct lrp_random random;
    lrp_random_seed(&random, seed, 0);
    for (size_t k = 0; k < N; k++) {
        double clean = 0.4 + 1.9 / (1 + exp(((double)k - 110) / 12));
        if (k >= rise) {
            clean += 0.05 * (exp(0.08 * (double)(k - rise)) - 1);
        }
        loss[k] = clean + noise * lrp_random_normal(&random);
    }
}

START_TEST(divergence_is_seen_and_not_before_it_comes)
{
    double loss[N];
    for (uint64_t seed = 0; seed < 200; seed++) {
        sweep_like(loss, 200, 0.12, seed);
        size_t at = stops_at(loss, N, 1, 0);
        ck_assert_msg(at > 235 && at < 275, "seed %llu stops at %zu", (unsigned long long)seed, at);
    }
}
END_TEST

START_TEST(a_sweep_that_only_learns_is_left_alone)
{
    double loss[N];
    for (uint64_t seed = 0; seed < 500; seed++) {
        sweep_like(loss, N, 0.3, seed);
        ck_assert_uint_eq(stops_at(loss, N, 1, 0), N);
    }
}
END_TEST

START_TEST(scale_and_shift_change_nothing)
{
    double loss[N];
    sweep_like(loss, 200, 0.12, 7);
    size_t plain = stops_at(loss, N, 1, 0);
    ck_assert_uint_lt(plain, N);
    const double scales[] = {1e-12, 1e-3, 1000, 1e12};
    for (size_t i = 0; i < sizeof scales / sizeof scales[0]; i++) {
        ck_assert_uint_eq(stops_at(loss, N, scales[i], 0), plain);
        ck_assert_uint_eq(stops_at(loss, N, scales[i], -5 * scales[i]), plain);
        ck_assert_uint_eq(stops_at(loss, N, scales[i], -0.4 * scales[i]), plain); /* near zero */
    }
}
END_TEST

START_TEST(one_spike_is_no_divergence)
{
    double loss[N];
    sweep_like(loss, N, 0.1, 3);
    for (size_t k = 20; k < N; k += 25) {
        loss[k] = 1e6;
        loss[k + 1] = k % 2 == 0 ? (double)NAN : 1e9;
    }
    ck_assert_uint_eq(stops_at(loss, N, 1, 0), N);
}
END_TEST

START_TEST(non_finite_losses_end_it)
{
    double loss[N];
    sweep_like(loss, N, 0.1, 3);
    for (size_t k = 150; k < N; k++) {
        loss[k] = k % 2 == 0 ? (double)NAN : HUGE_VAL;
    }
    ck_assert_uint_eq(stops_at(loss, N, 1, 0), 152);
}
END_TEST

START_TEST(noise_free_and_constant_losses_go_on)
{
    double loss[N];
    sweep_like(loss, N, 0, 0);
    ck_assert_uint_eq(stops_at(loss, N, 1, 0), N);
    for (size_t k = 0; k < N; k++) {
        loss[k] = -0.1;
    }
    ck_assert_uint_eq(stops_at(loss, N, 1, 0), N);
    for (size_t k = 0; k < N; k++) { /* last bits of a float32 */
        loss[k] = (double)(2.302585f + (k % 3 == 0 ? 2.4e-7f : 0.0f));
    }
    ck_assert_uint_eq(stops_at(loss, N, 1, 0), N);
}
END_TEST

START_TEST(it_takes_a_rise_above_the_start_by_the_fall)
{
    double loss[N];
    const double ends[] = {2.9, 3.1}; /* from 2 down to 1; the limit is 3 */
    for (size_t e = 0; e < 2; e++) {
        for (size_t k = 0; k < N; k++) {
            loss[k] = k < 100 ? 2 : (k < 200 ? 1 : ends[e]);
        }
        size_t at = stops_at(loss, N, 1, 0);
        ck_assert(e == 0 ? at == N : at >= 200 && at < 210);
    }
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("divergence");
    TCase *tests = tcase_create("divergence");
    tcase_add_test(tests, divergence_is_seen_and_not_before_it_comes);
    tcase_add_test(tests, a_sweep_that_only_learns_is_left_alone);
    tcase_add_test(tests, scale_and_shift_change_nothing);
    tcase_add_test(tests, it_takes_a_rise_above_the_start_by_the_fall);
    tcase_add_test(tests, one_spike_is_no_divergence);
    tcase_add_test(tests, non_finite_losses_end_it);
    tcase_add_test(tests, noise_free_and_constant_losses_go_on);
    suite_add_tcase(suite, tests);
    return suite;
}
