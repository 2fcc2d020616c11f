/* SPDX-License-Identifier: MIT */
/* When short trainings are to decide on max_lr, at which rates, and what they say. */
#include "answer.h"
#include "pool.h"
#include "test_main.h"
#include "trials.h"

#include <math.h>
#include <string.h>

enum { N = 401, STEPS = 80 };
static const double error = 0.02;

/* From 10^-4 to 1: level 1, a fall by depth between 10^-3.5 and 10^-3, back at the start a decade
 * later, level to 10^-0.5, then far above. */
static struct lrp_curve *make_curve(double depth)
{
    struct lrp_curve *curve = NULL;
    ck_assert_int_eq(lrp_curve_new(N, 1, &curve, NULL), LRP_OK);
    curve->error = error;
    for (size_t i = 0; i < N; i++) {
        const double x = -4 + 0.01 * (double)i;
        const double down = fmin(fmax((x + 3.5) / 0.5, 0), 1);
        const double up = fmin(fmax(x + 3, 0), 1) + 20 * fmax(x + 0.5, 0);
        curve->log10_lr[i] = x;
        curve->median[i] = 1 - depth * (down - up);
    }
    return curve;
}

static struct lrp_bounds bounds_at(double max_lr)
{
    struct lrp_bounds bounds;
    lrp_bounds_clear(&bounds);
    bounds.outcome = LRP_OUTCOME_OK;
    bounds.max_lr = (struct lrp_rate){max_lr, max_lr / 1.5, max_lr * 1.5};
    bounds.base_lr = (struct lrp_rate){5e-4, 4e-4, 6e-4};
    bounds.conditions.steps = 200;
    return bounds;
}

START_TEST(a_weak_fall_decades_below_the_rise_asks_for_trials)
{
    struct lrp_curve *curve = make_curve(24 * error);
    struct lrp_bounds bounds = bounds_at(2e-3);
    struct lrp_trials trials;
    ck_assert(lrp_trials_choose(curve, &bounds, false, &trials));
    ck_assert_uint_eq(trials.n, 5); /* 10^-3 .. 10^-1, and 10^-0.5 is too near to the rise */
    ck_assert_uint_eq(trials.own, 0);
    ck_assert_close(trials.lr[0], 1e-3, 1e-9, 0);
    ck_assert_close(trials.lr[4], 1e-1, 1e-3, 0);
    ck_assert_close(trials.fall, 24 * error, 0, 0.01);
    ck_assert_close(log10(trials.rises), -0.475, 0, 0.02); /* half of the fall above the start */
    /* the rise is near */
    bounds = bounds_at(0.05);
    ck_assert(!lrp_trials_choose(curve, &bounds, false, &trials));
    /* ... but lower rates were left out */
    ck_assert(lrp_trials_choose(curve, &bounds, true, &trials));
    ck_assert_uint_eq(trials.own, 2);
    ck_assert_close(trials.lr[2], 0.025, 1e-9, 0);
    ck_assert_uint_eq(trials.n, 4);
    bounds = bounds_at((double)NAN);
    ck_assert(!lrp_trials_choose(curve, &bounds, true, &trials));
    lrp_curve_free(curve);
    /* seen well */
    curve = make_curve(27 * error);
    bounds = bounds_at(2e-3);
    ck_assert(!lrp_trials_choose(curve, &bounds, false, &trials));
    lrp_curve_free(curve);
}
END_TEST

static double loss[4][STEPS];
static struct lrp_trial_losses losses[4];

/* Trials that end at these levels; the noise of their batches is the same, beside a tenth of it. */
static void make_losses(const double *end, double noise)
{
    for (size_t i = 0; i < 4; i++) {
        for (size_t k = 0; k < STEPS; k++) {
            const double batch = sin(7.0 * (double)(k * k)) * noise;
            const double own = cos(11.0 * (double)(k * k * (i + 1))) * noise / 10;
            loss[i][k] = (k < STEPS / 2 ? 1 : end[i]) + batch + own;
        }
        losses[i] = (struct lrp_trial_losses){.loss = loss[i], .n = STEPS};
    }
}

START_TEST(another_trial_must_be_better_for_certain)
{
    const double ends[4] = {0.9, 0.8, 0.5, 0.7};
    make_losses(ends, 0.5);
    ck_assert_uint_eq(lrp_trials_best(losses, 4, 0, 1), 2);
    ck_assert_uint_eq(lrp_trials_best(losses, 4, 3, 0.7), 2); /* lower ones, too */
    ck_assert_uint_eq(lrp_trials_best(losses, 4, 0, 1.7), 0); /* less than a quarter of the fall */
    make_losses(ends, 10);                                    /* hidden by the noise */
    ck_assert_uint_eq(lrp_trials_best(losses, 4, 0, 1), 0);
    make_losses(ends, 0.5);
    losses[2].failed = true;
    ck_assert_uint_eq(lrp_trials_best(losses, 4, 0, 0.7), 3);
    losses[3].n = STEPS / 2 + 5; /* ended by itself, with more of the start in its last quarter */
    ck_assert_uint_eq(lrp_trials_best(losses, 4, 0, 0.7), 0);
}
END_TEST

START_TEST(a_trial_that_failed_is_no_measure)
{
    const double ends[4] = {0.9, 0.8, 0.5, 0.7};
    make_losses(ends, 0.1);
    losses[2].failed = losses[3].failed = true;
    ck_assert_uint_eq(lrp_trials_best(losses, 4, 3, 1), 1);
    losses[0].failed = losses[1].failed = true;
    ck_assert_uint_eq(lrp_trials_best(losses, 4, 3, 1), 3);
}
END_TEST

START_TEST(max_lr_is_twice_the_best_rate)
{
    const struct lrp_trials trials = {
        .lr = {1e-3, 3e-3, 1e-2}, .n = 3, .own = 0, .fall = 0.1, .rises = 0.3};
    struct lrp_bounds_options options;
    lrp_bounds_options_default(&options);
    options.steps_planned = 600;
    struct lrp_bounds bounds = bounds_at(2e-3);
    bounds.evidence.diverged_lr = 4e-3;
    lrp_trials_apply(&trials, 2, 400, &options, &bounds);
    ck_assert_close(bounds.max_lr.value, 0.02, 1e-9, 0);
    ck_assert_close(bounds.max_lr.low, 0.01, 1e-9, 0);
    ck_assert_close(bounds.max_lr.high, 0.0632, 1e-3, 0);
    ck_assert_close(bounds.suggested_lr.value, 0.01, 1e-9, 0);
    ck_assert_close(bounds.one_cycle.max_lr, 0.02, 1e-9, 0);
    ck_assert_close(bounds.evidence.diverged_lr, 0.3, 1e-9, 0);
    ck_assert_close(bounds.base_lr.value, 5e-4, 1e-9, 0);
    ck_assert(isnan(bounds.interval_level));
    ck_assert_ptr_nonnull(strstr(bounds.warnings[0], "3 trainings of 400 steps"));
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("trials");
    TCase *tests = tcase_create("trials");
    tcase_add_test(tests, a_weak_fall_decades_below_the_rise_asks_for_trials);
    tcase_add_test(tests, another_trial_must_be_better_for_certain);
    tcase_add_test(tests, a_trial_that_failed_is_no_measure);
    tcase_add_test(tests, max_lr_is_twice_the_best_rate);
    suite_add_tcase(suite, tests);
    return suite;
}
