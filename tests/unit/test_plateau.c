/* SPDX-License-Identifier: MIT */
/* The schedules that go by losses: the one by statistics on curves of which it is known whether
 * they fall (PyTorch's is compared with PyTorch in tests/integration). */
#include "random.h"
#include "schedule.h"
#include "test_main.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STEPS = 2000, SEEDS = 40, WINDOW = STEPS / 20, FALLS = 64 };

struct outcome {
    size_t n;
    size_t steps[FALLS]; /* the first steps with a lower rate */
    double last;
};

static struct outcome follow(const char *spec, const double *values, size_t n)
{
    struct outcome outcome = {0};
    struct lrp_schedule_run *run = NULL;
    struct lrp_error err = {0};
    double before = HUGE_VAL;
    ck_assert_msg(lrp_schedule_run_new(spec, NULL, n, 0, &run, &err) == LRP_OK, "%s", err.message);
    for (size_t k = 0; k <= n; k++) {
        double rate = lrp_schedule_run_at(run, k).lr;
        ck_assert_msg(rate > 0 && rate <= before, "the rate rises to %g at step %zu", rate, k);
        if (k > 0 && rate < before && outcome.n < FALLS) {
            outcome.steps[outcome.n++] = k;
        }
        before = rate;
        outcome.last = rate;
        if (k < n) {
            lrp_schedule_run_observe(run, k, values[k]);
        }
    }
    lrp_schedule_run_free(run);
    return outcome;
}

enum shape { STRAIGHT, EXPONENTIAL, FLAT };

/* Correlated noise (AR(1), 0.3) on a curve; the exponential one is flat from step 500 on, by then
 * it has fallen by all but a hundredth. */
static void make(enum shape shape, double noise, uint64_t seed, double *values)
{
    struct lrp_random random;
    double error = 0;
    lrp_random_seed(&random, seed, 0);
    for (size_t k = 0; k < STEPS; k++) {
        double t = (double)k;
        error = 0.3 * error + noise * lrp_random_normal(&random);
        values[k] = error + (shape == STRAIGHT      ? 2 - 0.5 * t / STEPS
                             : shape == EXPONENTIAL ? 0.3 + 2 * exp(-t / 110)
                                                    : 1);
    }
}

START_TEST(a_straight_fall_is_no_plateau)
{
    double values[STEPS];
    /* up to 4 times what a window falls by */
    static const double noises[] = {0, 0.02, 0.1};
    for (size_t i = 0; i < sizeof noises / sizeof noises[0]; i++) {
        size_t wrong = 0;
        for (uint64_t seed = 0; seed < SEEDS; seed++) {
            make(STRAIGHT, noises[i], seed, values);
            wrong += follow("plateau:lr=1", values, STEPS).n > 0 ? 1 : 0;
        }
        printf("# straight, noise %g: %zu of %d fall\n", noises[i], wrong, (int)SEEDS);
        ck_assert_uint_le(wrong, 2);
    }
}
END_TEST

START_TEST(a_plateau_is_found)
{
    double values[STEPS];
    static const double noises[] = {0, 0.02, 0.1, 0.3};
    for (size_t i = 0; i < sizeof noises / sizeof noises[0]; i++) {
        size_t first[SEEDS];
        size_t worst = 0;
        size_t early = STEPS;
        for (uint64_t seed = 0; seed < SEEDS; seed++) {
            make(EXPONENTIAL, noises[i], seed, values);
            struct outcome outcome = follow("plateau:lr=1", values, STEPS);
            ck_assert_uint_ge(outcome.n, 1);
            first[seed] = outcome.steps[0];
            worst = first[seed] > worst ? first[seed] : worst;
            early = first[seed] < early ? first[seed] : early;
        }
        printf("# exponential, noise %g: found at %zu to %zu\n", noises[i], early, worst);
        ck_assert_uint_ge(early, 200); /* two windows */
        ck_assert_uint_le(worst, 900);
    }
}
END_TEST

START_TEST(what_never_fell_is_flat_after_three_windows)
{
    double values[STEPS];
    for (uint64_t seed = 0; seed < 10; seed++) {
        make(FLAT, seed == 0 ? 0 : 0.2, seed, values);
        struct outcome outcome = follow("plateau:lr=1,factor=0.5,min_lr=0.1", values, STEPS);
        ck_assert_uint_ge(outcome.n, 4); /* 0.5, 0.25, 0.125, 0.1 */
        ck_assert_uint_le(outcome.n, 4);
        ck_assert_uint_ge(outcome.steps[0], 2 * WINDOW);
        ck_assert_uint_le(outcome.steps[0], 5 * WINDOW);
        ck_assert(outcome.last == 0.1);
    }
    for (size_t k = 0; k < STEPS; k++) { /* rising is no better */
        values[k] = (double)k;
    }
    ck_assert_uint_eq(follow("plateau:lr=1", values, STEPS).steps[0], 3 * WINDOW);
}
END_TEST

static void assert_same(const struct outcome *a, const struct outcome *b)
{
    ck_assert_uint_eq(a->n, b->n);
    ck_assert_mem_eq(a->steps, b->steps, sizeof a->steps);
    ck_assert(a->last == b->last);
}

START_TEST(unit_offset_and_sign_of_the_loss_do_not_matter)
{
    double values[STEPS];
    double other[STEPS];
    for (uint64_t seed = 0; seed < 10; seed++) {
        make(EXPONENTIAL, 0.1, seed, values);
        struct outcome plain = follow("plateau:lr=1", values, STEPS);
        static const double scales[][2] = {{1024, 0}, {1.0 / 4096, 0}, {1, -100}, {1e6, -5e6}};
        for (size_t i = 0; i < sizeof scales / sizeof scales[0]; i++) {
            for (size_t k = 0; k < STEPS; k++) {
                other[k] = values[k] * scales[i][0] + scales[i][1];
            }
            struct outcome scaled = follow("plateau:lr=1", other, STEPS);
            assert_same(&plain, &scaled);
        }
        for (size_t k = 0; k < STEPS; k++) {
            other[k] = -values[k];
        }
        struct outcome mirrored = follow("plateau:lr=1,metric=accuracy", other, STEPS);
        assert_same(&plain, &mirrored);
    }
}
END_TEST

START_TEST(spikes_and_what_is_not_finite_do_not_matter)
{
    double values[STEPS];
    for (uint64_t seed = 0; seed < 10; seed++) {
        struct lrp_random random;
        make(EXPONENTIAL, 0.05, seed, values);
        struct outcome plain = follow("plateau:lr=1", values, STEPS);
        lrp_random_seed(&random, seed, 1);
        for (size_t k = 0; k < STEPS; k++) {
            values[k] += lrp_random_uniform(&random) < 0.03 ? 1000 : 0;
        }
        struct outcome spiked = follow("plateau:lr=1", values, STEPS);
        ck_assert_uint_ge(spiked.n, 1);
        ck_assert_double_le(fabs((double)spiked.steps[0] - (double)plain.steps[0]), WINDOW);
        make(STRAIGHT, 0.02, seed, values);
        values[0] = 1e30; /* a blow-up at the start is no fall to be measured by */
        values[1] = (double)NAN;
        values[500] = HUGE_VAL;
        values[501] = -HUGE_VAL;
        ck_assert_uint_eq(follow("plateau:lr=1", values, STEPS).n, 0);
        for (size_t k = 0; k < STEPS; k++) {
            values[k] = (double)NAN;
        }
        ck_assert_uint_eq(follow("plateau:lr=1", values, STEPS).n, 0);
    }
}
END_TEST

START_TEST(long_windows_and_long_runs_keep_their_memory)
{
    enum { LONG = 300000 };
    struct lrp_random random;
    double *values = calloc(LONG, sizeof *values);
    ck_assert_ptr_nonnull(values);
    lrp_random_seed(&random, 5, 0);
    for (size_t k = 0; k < LONG; k++) { /* one long fall, then flat for the last third */
        values[k] = fmax(1 - (double)k / 200000, 0) + 0.1 * lrp_random_normal(&random);
    }
    struct outcome outcome = follow("plateau:lr=1,patience=4000", values, LONG);
    ck_assert_uint_ge(outcome.n, 1);
    ck_assert_uint_ge(outcome.steps[0], 200000);
    ck_assert_uint_le(outcome.steps[0], 230000);
    outcome = follow("plateau:lr=1", values, LONG); /* windows of 15,000 */
    ck_assert_uint_ge(outcome.n, 1);
    ck_assert_uint_ge(outcome.steps[0], 200000);
    ck_assert_uint_le(outcome.steps[0], 240000);
    free(values);
}
END_TEST

START_TEST(the_warm_up_does_not_count)
{
    double values[STEPS];
    struct lrp_schedule_run *run = NULL;
    struct lrp_error err = {0};
    for (size_t k = 0; k < STEPS; k++) {
        values[k] = 1;
    }
    ck_assert_int_eq(
        lrp_schedule_run_new("plateau:lr=1,patience=20,warmup=100", NULL, STEPS, 0, &run, &err),
        LRP_OK);
    ck_assert_str_eq(lrp_schedule_run_metric(run), "loss");
    for (size_t k = 0; k < 160; k++) {
        double want = k < 100 ? (double)(k + 1) / 101 : 1;
        ck_assert_close(lrp_schedule_run_at(run, k).lr, want, 1e-12, 0);
        lrp_schedule_run_observe(run, k, values[k]);
    }
    ck_assert_close(lrp_schedule_run_at(run, 160).lr, 0.1, 1e-12, 0); /* three windows of 20 */
    lrp_schedule_run_free(run);
    /* the others take no notice of losses, and say that they want none */
    ck_assert_int_eq(lrp_schedule_run_new("cosine:max_lr=1", NULL, 10, 0, &run, &err), LRP_OK);
    ck_assert_ptr_null(lrp_schedule_run_metric(run));
    lrp_schedule_run_observe(run, 0, 1e9);
    ck_assert_close(lrp_schedule_run_at(run, 5).lr, 0.5, 1e-12, 0);
    lrp_schedule_run_free(run);
    lrp_schedule_run_free(NULL);
    ck_assert_int_eq(lrp_schedule_run_new("cosin", NULL, 10, 0, &run, &err), LRP_E_ARG);
}
END_TEST

START_TEST(pytorchs_rule_counts_values)
{
    enum { N = 60 };
    double values[N];
    for (size_t k = 0; k < N; k++) {
        values[k] = k == 0 ? 1 : 1 - 1e-5; /* no better by the threshold */
    }
    struct outcome outcome = follow("plateau_torch:lr=1,patience=3", values, N);
    ck_assert_uint_eq(outcome.steps[0], 5); /* four that are no better */
    ck_assert_uint_eq(outcome.steps[1], 9);
    outcome = follow("plateau_torch:lr=1,patience=3,cooldown=2", values, N);
    ck_assert_uint_eq(outcome.steps[1], 11);
    outcome = follow("plateau_torch:lr=1,patience=3,every=2,factor=0.5,min_lr=0.5", values, N);
    ck_assert_uint_eq(outcome.steps[0], 10);
    ck_assert_uint_eq(outcome.n, 1);
    /* its mistake with negative losses: best (1 - threshold) is above best, all are better */
    for (size_t k = 0; k < N; k++) {
        values[k] = -1000 + 0.001 * (double)k;
    }
    ck_assert_uint_eq(follow("plateau_torch:lr=1,patience=3", values, N).n, 0);
    ck_assert_uint_ge(follow("plateau_torch:lr=1,patience=3,threshold_mode=abs", values, N).n, 1);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("plateau");
    TCase *tests = tcase_create("plateau");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, a_straight_fall_is_no_plateau);
    tcase_add_test(tests, a_plateau_is_found);
    tcase_add_test(tests, what_never_fell_is_flat_after_three_windows);
    tcase_add_test(tests, unit_offset_and_sign_of_the_loss_do_not_matter);
    tcase_add_test(tests, spikes_and_what_is_not_finite_do_not_matter);
    tcase_add_test(tests, long_windows_and_long_runs_keep_their_memory);
    tcase_add_test(tests, the_warm_up_does_not_count);
    tcase_add_test(tests, pytorchs_rule_counts_values);
    suite_add_tcase(suite, tests);
    return suite;
}
