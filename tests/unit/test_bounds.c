/* SPDX-License-Identifier: MIT */
#include "answer.h"
#include "lrprobe/lrprobe.h"
#include "plan.h"
#include "random.h"
#include "record.h"
#include "test_main.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { REPEATS = 5 };

struct shape { /* a curve like those of real sweeps: level, fall, basin, rise */
    double lr_min, lr_max;
    size_t steps;
    double noise;
    double scale, shift;
    size_t nan_tail; /* so many NaN rows follow */
    size_t spikes;   /* so many of the first rows are 100 times too large */
};
static const struct shape plain = {1e-5, 10, 300, 0.08, 1, 0, 0, 0};

/* Falls about 10^-3, is lowest near 10^-1, rises from 10^-0.3 on. */
static double clean_loss(double lr)
{
    double x = log10(lr);
    return 0.3 + 2.0 / (1 + exp((x + 2.2) / 0.25)) + 0.05 * exp((x + 0.5) / 0.12);
}

static struct lrp_record *make_sweep(const struct shape *shape, uint64_t seed)
{
    struct lrp_record *record = NULL;
    struct lrp_random random;
    size_t column = 0;
    lrp_random_seed(&random, seed, 0);
    ck_assert_int_eq(lrp_record_new(0, &record, NULL), LRP_OK);
    ck_assert_int_eq(lrp_record_add_column(record, "lr", &column, NULL), LRP_OK);
    ck_assert_int_eq(lrp_record_add_column(record, "loss", &column, NULL), LRP_OK);
    for (size_t k = 0; k < shape->steps; k++) {
        double lr = shape->lr_min *
                    pow(shape->lr_max / shape->lr_min, (double)k / (double)(shape->steps - 1));
        double loss = fmin(clean_loss(lr), 1e6) + shape->noise * lrp_random_normal(&random);
        loss *= k < shape->spikes ? 100 : 1;
        double row[2] = {lr, shape->scale * loss + shape->shift};
        ck_assert_int_eq(lrp_record_append_row(record, row, NULL, NULL), LRP_OK);
    }
    for (size_t k = 0; k < shape->nan_tail; k++) {
        double row[2] = {shape->lr_max * pow(1.05, (double)(k + 1)), (double)NAN};
        ck_assert_int_eq(lrp_record_append_row(record, row, NULL, NULL), LRP_OK);
    }
    return record;
}

static struct lrp_bounds bounds_of(const struct shape *shape, size_t repeats, uint64_t seed)
{
    struct lrp_record *records[REPEATS] = {NULL};
    struct lrp_bounds bounds;
    struct lrp_error err = {0};
    for (size_t r = 0; r < repeats; r++) {
        records[r] = make_sweep(shape, seed + r);
    }
    ck_assert_msg(lrp_bounds_find((const struct lrp_record *const *)records, repeats, NULL, &bounds,
                                  &err) == LRP_OK,
                  "%s", err.message);
    for (size_t r = 0; r < repeats; r++) {
        lrp_record_free(records[r]);
    }
    return bounds;
}

START_TEST(bounds_lie_where_the_curve_says)
{
    struct lrp_bounds bounds = bounds_of(&plain, REPEATS, 1);
    ck_assert_int_eq(bounds.outcome, LRP_OUTCOME_OK);
    /* 5 % of the fall of the clean curve are made at 10^-2.94 */
    ck_assert_close(log10(bounds.base_lr.value), -2.94, 0, 0.15);
    ck_assert_close(log10(bounds.max_lr.value), -0.95, 0, 0.25);
    ck_assert(bounds.base_lr.low < bounds.base_lr.value);
    ck_assert(bounds.base_lr.value < bounds.base_lr.high);
    ck_assert(bounds.max_lr.low < bounds.max_lr.value && bounds.max_lr.value < bounds.max_lr.high);
    ck_assert(bounds.suggested_lr.value < bounds.max_lr.value);
    ck_assert(bounds.evidence.diverged_lr > bounds.max_lr.value);
    ck_assert_close(bounds.interval_level, 0.9, 0, 0);
    ck_assert_uint_eq(bounds.repeats, REPEATS);
}
END_TEST

static void same_bounds(const struct lrp_bounds *a, const struct lrp_bounds *b, double relative)
{
    ck_assert_int_eq(a->outcome, b->outcome);
    ck_assert_close(a->base_lr.value, b->base_lr.value, relative, 0);
    ck_assert_close(a->max_lr.value, b->max_lr.value, relative, 0);
    ck_assert_close(a->max_lr.low, b->max_lr.low, relative, 0);
    ck_assert_close(a->suggested_lr.value, b->suggested_lr.value, relative, 0);
}

START_TEST(scale_and_shift_of_the_loss_change_nothing)
{
    const double transforms[][2] = {{1000, 0}, {1, -5}, {1e-6, 0}, {1, -0.3}, {1000, -5}, {1, 100}};
    for (uint64_t seed = 1; seed < 200; seed += 20) {
        struct lrp_bounds reference = bounds_of(&plain, REPEATS, seed);
        for (size_t i = 0; i < sizeof transforms / sizeof transforms[0]; i++) {
            struct shape shape = plain;
            shape.scale = transforms[i][0];
            shape.shift = transforms[i][1];
            struct lrp_bounds moved = bounds_of(&shape, REPEATS, seed);
            same_bounds(&moved, &reference, 0.01);
        }
    }
}
END_TEST

START_TEST(density_of_sampling_changes_less_than_a_grid_step)
{
    struct shape sparse = plain;
    struct shape dense = plain;
    sparse.noise = dense.noise = 0;
    sparse.steps = 100;
    dense.steps = 400;
    const double grid_step = log10(plain.lr_max / plain.lr_min) / 99;
    struct lrp_bounds a = bounds_of(&sparse, 1, 1);
    struct lrp_bounds b = bounds_of(&dense, 1, 1);
    ck_assert_int_eq(a.outcome, LRP_OUTCOME_OK);
    ck_assert_close(log10(a.base_lr.value), log10(b.base_lr.value), 0, grid_step);
    ck_assert_close(log10(a.max_lr.value), log10(b.max_lr.value), 0, grid_step);
    ck_assert_close(log10(a.evidence.diverged_lr), log10(b.evidence.diverged_lr), 0, grid_step);
}
END_TEST

START_TEST(a_nan_tail_changes_nothing_before_it)
{
    struct shape tail = plain;
    tail.nan_tail = 40;
    for (uint64_t seed = 1; seed < 100; seed += 10) {
        struct lrp_bounds without = bounds_of(&plain, REPEATS, seed);
        struct lrp_bounds with = bounds_of(&tail, REPEATS, seed);
        same_bounds(&with, &without, 1e-9);
    }
}
END_TEST

START_TEST(spikes_in_the_first_steps_do_no_harm)
{
    enum { SEEDS = 30 };
    for (size_t spikes = 1; spikes <= 2; spikes++) {
        double moved = 0;
        for (uint64_t seed = 1; seed < 10 * SEEDS; seed += 10) {
            struct shape spiky = plain;
            spiky.lr_min = 2e-4; /* not far below the rates at which it learns */
            spiky.steps = 200;
            spiky.noise = 0.25;
            struct lrp_bounds reference = bounds_of(&spiky, REPEATS, seed);
            spiky.spikes = spikes;
            struct lrp_bounds bounds = bounds_of(&spiky, REPEATS, seed);
            ck_assert_int_eq(bounds.outcome, LRP_OUTCOME_OK);
            ck_assert_close(log10(bounds.max_lr.value), log10(reference.max_lr.value), 0, 0.04);
            ck_assert(isfinite(reference.base_lr.value) && isfinite(bounds.base_lr.value));
            moved += fabs(log10(bounds.base_lr.value / reference.base_lr.value)) / SEEDS;
        }
        ck_assert_msg(moved < 0.06, "base_lr moves by %g decades", moved);
    }
}
END_TEST

/* Rates that rise linearly from 1e-6 on jump over the decades in which the model starts to learn.
 */
START_TEST(base_lr_between_two_distant_steps_is_no_number_between)
{
    struct lrp_record *record = NULL;
    struct lrp_bounds bounds;
    struct lrp_error err = {0};
    size_t column = 0;
    ck_assert_int_eq(lrp_record_new(0, &record, NULL), LRP_OK);
    ck_assert_int_eq(lrp_record_add_column(record, "lr", &column, NULL), LRP_OK);
    ck_assert_int_eq(lrp_record_add_column(record, "loss", &column, NULL), LRP_OK);
    for (size_t k = 0; k < 200; k++) {
        double lr = 1e-6 + (1 - 1e-6) * (double)k / 199;
        double row[2] = {lr, clean_loss(lr)};
        ck_assert_int_eq(lrp_record_append_row(record, row, NULL, NULL), LRP_OK);
    }
    ck_assert_msg(lrp_bounds_find((const struct lrp_record *const *)&record, 1, NULL, &bounds,
                                  &err) == LRP_OK,
                  "%s", err.message);
    lrp_record_free(record);
    const double true_base = pow(10, -2.94);
    ck_assert(bounds.base_lr.low < true_base && true_base < bounds.base_lr.high);
    ck_assert_close(bounds.base_lr.value, bounds.base_lr.high, 1e-9, 0);
    ck_assert_double_lt(bounds.base_lr.value, 0.011);
    ck_assert_uint_gt(bounds.n_warnings, 0);
}
END_TEST

START_TEST(an_interval_within_one_sweep_has_a_width)
{
    struct shape short_one = plain;
    short_one.steps = 60;
    short_one.noise = 0.2;
    for (uint64_t seed = 1; seed < 20; seed++) {
        struct lrp_bounds bounds = bounds_of(&short_one, 1, seed);
        if (isfinite(bounds.base_lr.value)) {
            ck_assert_double_lt(bounds.base_lr.low, bounds.base_lr.value);
            ck_assert_double_gt(bounds.base_lr.high, bounds.base_lr.value);
        }
    }
}
END_TEST

START_TEST(what_noise_hides_is_not_given)
{
    size_t noisy = 0;
    for (uint64_t seed = 1; seed < 200; seed++) {
        struct shape shape = plain;
        shape.noise = 3;
        shape.steps = 100;
        struct lrp_bounds bounds = bounds_of(&shape, 2, seed);
        if (bounds.outcome == LRP_OUTCOME_TOO_NOISY) {
            ck_assert(isnan(bounds.max_lr.value) && isnan(bounds.max_lr.high));
            ck_assert(isnan(bounds.base_lr.value) && isnan(bounds.base_lr.low));
            noisy++;
        }
    }
    ck_assert_uint_gt(noisy, 0);
}
END_TEST

START_TEST(nan_after_a_few_steps_is_divergence)
{
    struct shape short_one = plain;
    short_one.steps = 3;
    short_one.nan_tail = 3;
    struct lrp_bounds bounds = bounds_of(&short_one, REPEATS, 1);
    ck_assert_int_eq(bounds.outcome, LRP_OUTCOME_DIVERGED_AT_START);
    ck_assert_uint_gt(bounds.n_warnings, 0);
    short_one.nan_tail = 0;
    bounds = bounds_of(&short_one, REPEATS, 1);
    ck_assert_int_eq(bounds.outcome, LRP_OUTCOME_TOO_SHORT);
}
END_TEST

static int compare_doubles(const void *left, const void *right)
{
    const double a = *(const double *)left;
    const double b = *(const double *)right;
    return (a > b) - (a < b);
}

START_TEST(range_tests_with_other_seeds_agree)
{
    enum { TESTS = 30 };
    struct shape noisy = plain;
    noisy.steps = 200;
    noisy.noise = 0.25;
    double max_lr[TESTS];
    size_t covered = 0;
    for (size_t t = 0; t < TESTS; t++) {
        struct lrp_bounds bounds = bounds_of(&noisy, REPEATS, 1000 + 10 * t);
        ck_assert_int_eq(bounds.outcome, LRP_OUTCOME_OK);
        max_lr[t] = log10(bounds.max_lr.value);
        covered += log10(bounds.max_lr.low) <= -0.87 && log10(bounds.max_lr.high) >= -1.0 ? 1 : 0;
    }
    qsort(max_lr, TESTS, sizeof max_lr[0], compare_doubles);
    double spread = max_lr[26] - max_lr[3];
    ck_assert_msg(spread <= 0.25, "10 to 90 %% spread of max_lr: %g decades", spread);
    ck_assert_uint_ge(covered, 20);
}
END_TEST

START_TEST(outcomes_are_told_apart)
{
    const struct {
        double low, high;
        double noise;
        enum lrp_outcome outcome;
    } cases[] = {{1e-5, 0.05, 0.08, LRP_OUTCOME_DID_NOT_DIVERGE},
                 {0.7, 100, 0.08, LRP_OUTCOME_DIVERGED_AT_START},
                 {1e-8, 1e-5, 0.08, LRP_OUTCOME_FLAT},
                 {1e-5, 10, 6, LRP_OUTCOME_TOO_NOISY}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct shape shape = plain;
        shape.lr_min = cases[i].low;
        shape.lr_max = cases[i].high;
        shape.noise = cases[i].noise;
        struct lrp_bounds bounds = bounds_of(&shape, REPEATS, 5);
        ck_assert_msg(bounds.outcome == cases[i].outcome, "case %zu: %s", i,
                      lrp_outcome_name(bounds.outcome));
        ck_assert(isnan(bounds.suggested_lr.value));
        ck_assert_uint_gt(bounds.n_warnings, 0);
    }
    struct shape tiny = plain;
    tiny.steps = 6;
    ck_assert_int_eq(bounds_of(&tiny, REPEATS, 5).outcome, LRP_OUTCOME_TOO_SHORT);
}
END_TEST

START_TEST(one_sweep_has_a_range_without_a_level)
{
    struct lrp_bounds bounds = bounds_of(&plain, 1, 3);
    ck_assert_int_eq(bounds.outcome, LRP_OUTCOME_OK);
    ck_assert(isnan(bounds.interval_level));
    ck_assert(bounds.max_lr.low < bounds.max_lr.value && bounds.max_lr.value < bounds.max_lr.high);
}
END_TEST

/* A run at one rate: exponential approach to the level that the curve gives it. */
static struct lrp_record *constant_run(double lr)
{
    struct lrp_record *record = NULL;
    size_t column = 0;
    ck_assert_int_eq(lrp_record_new(0, &record, NULL), LRP_OK);
    ck_assert_int_eq(lrp_record_add_column(record, "lr", &column, NULL), LRP_OK);
    ck_assert_int_eq(lrp_record_add_column(record, "loss", &column, NULL), LRP_OK);
    for (size_t k = 0; k < 100; k++) {
        double end = clean_loss(lr);
        double loss = lr > 3 && k > 20 ? (double)NAN : end + (2.3 - end) * exp(-(double)k / 10);
        double row[2] = {lr, loss};
        ck_assert_int_eq(lrp_record_append_row(record, row, NULL, NULL), LRP_OK);
    }
    return record;
}

START_TEST(runs_at_constant_rates_are_judged_together)
{
    enum { RATES = 13 };
    struct lrp_record *records[RATES];
    struct lrp_bounds bounds;
    for (size_t i = 0; i < RATES; i++) {
        records[i] = constant_run(pow(10, -5 + 0.5 * (double)i));
    }
    ck_assert_int_eq(
        lrp_bounds_find((const struct lrp_record *const *)records, RATES, NULL, &bounds, NULL),
        LRP_OK);
    ck_assert_int_eq(bounds.outcome, LRP_OUTCOME_OK);
    ck_assert_close(log10(bounds.suggested_lr.value), -1, 0, 0.01);
    ck_assert(bounds.max_lr.value >= 0.09 && bounds.max_lr.value <= 0.4);
    ck_assert(bounds.base_lr.value >= 3e-4 && bounds.base_lr.value <= 4e-3);
    for (size_t i = 0; i < RATES; i++) {
        lrp_record_free(records[i]);
    }
}
END_TEST

START_TEST(records_that_do_not_fit_are_refused)
{
    struct lrp_bounds bounds;
    struct lrp_error err = {0};
    struct lrp_record *mixed[2] = {make_sweep(&plain, 1), constant_run(0.1)};
    ck_assert_int_eq(lrp_bounds_find(NULL, 0, NULL, &bounds, &err), LRP_E_ARG);
    ck_assert_int_eq(
        lrp_bounds_find((const struct lrp_record *const *)mixed, 2, NULL, &bounds, &err),
        LRP_E_FORMAT);
    struct lrp_bounds_options options;
    lrp_bounds_options_default(&options);
    options.metric = "perplexity";
    ck_assert_int_eq(
        lrp_bounds_find((const struct lrp_record *const *)mixed, 1, &options, &bounds, &err),
        LRP_E_NODATA);
    ck_assert_ptr_nonnull(strstr(err.message, "perplexity"));
    lrp_record_free(mixed[0]);
    lrp_record_free(mixed[1]);
}
END_TEST

/* A grid that went on beyond the last rate had the height of a diverged loss there: every plot rose
 * straight up at its last point. */
START_TEST(the_curve_ends_with_the_sweep)
{
    static const double ends[] = {0.0001, 0.009, 0.01, 0.011, 0.013, 0.0199, 0.02};
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        struct lrp_record *records[3];
        struct lrp_bounds bounds;
        struct lrp_curve *curve = NULL;
        for (size_t r = 0; r < 3; r++) {
            size_t column = 0;
            ck_assert_int_eq(lrp_record_new(0, &records[r], NULL), LRP_OK);
            ck_assert_int_eq(lrp_record_add_column(records[r], "lr", &column, NULL), LRP_OK);
            ck_assert_int_eq(lrp_record_add_column(records[r], "loss", &column, NULL), LRP_OK);
            for (size_t k = 0; k < 200; k++) {
                double x = -6 + (6 + ends[i]) * (double)k / 199;
                double rise = x > -1 ? 0.4 * (x + 1) : 0;
                const double row[2] = {pow(10, x), 0.2 + 1 / (1 + exp((x + 3) / 0.2)) + rise};
                ck_assert_int_eq(lrp_record_append_row(records[r], row, NULL, NULL), LRP_OK);
            }
        }
        ck_assert_int_eq(
            lrp_bounds_find_curve((const void *)records, 3, NULL, &bounds, &curve, NULL), LRP_OK);
        const size_t last = curve->n - 1;
        ck_assert_close(curve->log10_lr[last], ends[i], 0, 1e-9);
        ck_assert(curve->log10_lr[last] - curve->log10_lr[last - 1] >= 0.0099);
        ck_assert_msg(fabs(curve->median[last] - curve->median[last - 1]) < 0.02,
                      "to %g: %g after %g", ends[i], curve->median[last], curve->median[last - 1]);
        ck_assert(fabs(curve->slope[last]) < 1);
        lrp_curve_free(curve);
        for (size_t r = 0; r < 3; r++) {
            lrp_record_free(records[r]);
        }
    }
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("bounds");
    TCase *tests = tcase_create("bounds");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, bounds_lie_where_the_curve_says);
    tcase_add_test(tests, scale_and_shift_of_the_loss_change_nothing);
    tcase_add_test(tests, density_of_sampling_changes_less_than_a_grid_step);
    tcase_add_test(tests, a_nan_tail_changes_nothing_before_it);
    tcase_add_test(tests, spikes_in_the_first_steps_do_no_harm);
    tcase_add_test(tests, base_lr_between_two_distant_steps_is_no_number_between);
    tcase_add_test(tests, an_interval_within_one_sweep_has_a_width);
    tcase_add_test(tests, what_noise_hides_is_not_given);
    tcase_add_test(tests, nan_after_a_few_steps_is_divergence);
    tcase_add_test(tests, range_tests_with_other_seeds_agree);
    tcase_add_test(tests, outcomes_are_told_apart);
    tcase_add_test(tests, one_sweep_has_a_range_without_a_level);
    tcase_add_test(tests, runs_at_constant_rates_are_judged_together);
    tcase_add_test(tests, records_that_do_not_fit_are_refused);
    tcase_add_test(tests, the_curve_ends_with_the_sweep);
    suite_add_tcase(suite, tests);
    return suite;
}
