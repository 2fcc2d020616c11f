/* SPDX-License-Identifier: MIT */
/* Why bounds cannot be given, or what limits them. */
#include "answer.h"
#include "rate_effect.h"
#include "robust.h"
#include "sweep_curves.h"
#include "test_main.h"

#include <math.h>
#include <string.h>

static double rising_score(double x)
{
    return -healthy_curve(x);
}

START_TEST(a_score_by_its_name_is_turned_over)
{
    struct sweep_curve curve = {rising_score, "val_dice", 1e-5, 10, 200, 0.02};
    struct lrp_bounds_options options;
    lrp_bounds_options_default(&options);
    options.metric = "val_dice";
    struct lrp_bounds bounds = sweep_bounds(&curve, 3, 1, &options);
    ck_assert_int_eq(bounds.outcome, LRP_OUTCOME_OK);
    ck_assert_int_eq(bounds.reason, LRP_REASON_NONE);
    ck_assert_int_eq(bounds.conditions.higher_is_better, 1);
    ck_assert_close(log10(bounds.base_lr.value), -2.94, 0, 0.2);
    ck_assert_close(log10(bounds.max_lr.value), -0.95, 0, 0.25);
}
END_TEST

START_TEST(a_metric_of_unknown_direction_is_a_question)
{
    struct sweep_curve curve = {rising_score, "quality", 1e-5, 10, 200, 0.02};
    struct lrp_bounds_options options;
    lrp_bounds_options_default(&options);
    options.metric = "quality";
    struct lrp_bounds bounds = sweep_bounds(&curve, 2, 1, &options);
    ck_assert_int_ne(bounds.outcome, LRP_OUTCOME_OK);
    ck_assert_int_eq(bounds.reason, LRP_REASON_DIRECTION_UNKNOWN);
    ck_assert(has_warning(&bounds, "quality") && has_warning(&bounds, "--direction higher"));
    ck_assert(isnan(bounds.base_lr.value) && isnan(bounds.max_lr.value));
    options.direction = 1;
    bounds = sweep_bounds(&curve, 2, 1, &options);
    ck_assert_int_eq(bounds.outcome, LRP_OUTCOME_OK);
    ck_assert_int_eq(bounds.conditions.higher_is_better, 1);
    curve.clean = healthy_curve;
    options.direction = -1;
    bounds = sweep_bounds(&curve, 2, 1, &options);
    ck_assert_int_eq(bounds.outcome, LRP_OUTCOME_OK);
    ck_assert_int_eq(bounds.conditions.higher_is_better, 0);
}
END_TEST

/* A given direction goes before the name. */
START_TEST(a_given_direction_decides)
{
    struct sweep_curve curve = {rising_score, "loss", 1e-5, 10, 200, 0.02};
    struct lrp_bounds_options options;
    lrp_bounds_options_default(&options);
    options.direction = 1;
    ck_assert_int_eq(sweep_bounds(&curve, 2, 1, &options).outcome, LRP_OUTCOME_OK);
}
END_TEST

/* A run whose loss falls with the step, by its own rate (factor 0) or by the one that is set. */
static struct lrp_record *run_of(double low, double high, size_t steps, double factor,
                                 uint64_t seed)
{
    static const char *const names[] = {"lr", "loss"};
    struct lrp_record *record = empty_record(names, 2);
    double done = 0;
    for (size_t k = 0; k < steps; k++) {
        double lr = low * pow(high / low, (double)k / 99.0);
        double wobble = 0.1 * sin((double)(seed * 1000 + k) * 12.9898);
        double row[2] = {lr, 0.5 + 2 * exp(-done) + wobble};
        ck_assert_int_eq(lrp_record_append_row(record, row, NULL, NULL), LRP_OK);
        done += factor > 0 ? fmin(factor * lr, 0.5) : 0.05;
    }
    return record;
}

static enum lrp_rate_effect effect_of(struct lrp_record *a, struct lrp_record *b)
{
    enum lrp_rate_effect effect = LRP_EFFECT_UNDECIDED;
    ck_assert_int_eq(lrp_compare_rate_effect(a, b, "loss", &effect, NULL), LRP_OK);
    lrp_record_free(a);
    lrp_record_free(b);
    return effect;
}

START_TEST(a_rate_without_effect_is_seen)
{
    const struct {
        double low[2], high[2];
        size_t steps[2];
        double factor;
        uint64_t seed[2];
        enum lrp_rate_effect effect;
    } rows[] = {
        {{1e-7, 1e-4}, {10, 4}, {100, 100}, 0, {1, 1}, LRP_EFFECT_NONE},
        {{1e-7, 1e-4}, {10, 4}, {100, 40}, 0, {1, 1}, LRP_EFFECT_NONE},
        {{1e-3, 1e-1}, {1e-3, 1e-1}, {100, 100}, 0, {1, 1}, LRP_EFFECT_NONE},
        /* it has one */
        {{1e-7, 1e-4}, {10, 4}, {100, 100}, 1, {1, 1}, LRP_EFFECT_SEEN},
        {{1e-3, 1e-1}, {1e-3, 1e-1}, {100, 100}, 1, {1, 1}, LRP_EFFECT_SEEN},
        /* other seeds; the same rates; rates near each other; too few steps */
        {{1e-7, 1e-4}, {10, 4}, {100, 100}, 0, {1, 2}, LRP_EFFECT_UNDECIDED},
        {{1e-4, 1e-4}, {4, 4}, {100, 100}, 0, {1, 1}, LRP_EFFECT_UNDECIDED},
        {{1e-4, 5e-4}, {4, 20}, {100, 100}, 0, {1, 1}, LRP_EFFECT_UNDECIDED},
        {{1e-7, 1e-4}, {10, 4}, {100, 12}, 0, {1, 1}, LRP_EFFECT_UNDECIDED},
        /* nothing is learnt at either rate */
        {{1e-12, 1e-10}, {1e-12, 1e-10}, {100, 100}, 1, {1, 1}, LRP_EFFECT_UNDECIDED},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        enum lrp_rate_effect effect =
            effect_of(run_of(rows[i].low[0], rows[i].high[0], rows[i].steps[0], rows[i].factor,
                             rows[i].seed[0]),
                      run_of(rows[i].low[1], rows[i].high[1], rows[i].steps[1], rows[i].factor,
                             rows[i].seed[1]));
        ck_assert_msg(effect == rows[i].effect, "row %zu: %d", i, (int)effect);
    }
}
END_TEST

START_TEST(a_rate_without_effect_gives_no_bounds)
{
    struct lrp_record *records[5];
    struct lrp_bounds bounds;
    for (size_t i = 0; i < 5; i++) { /* runs at one rate each */
        double lr = pow(10, -5 + (double)i);
        records[i] = run_of(lr, lr, 100, 0, 1);
    }
    ck_assert_int_eq(
        lrp_bounds_find((const struct lrp_record *const *)records, 5, NULL, &bounds, NULL), LRP_OK);
    ck_assert_int_ne(bounds.outcome, LRP_OUTCOME_OK);
    ck_assert_int_eq(bounds.reason, LRP_REASON_NO_EFFECT);
    ck_assert(has_warning(&bounds, "no effect"));
    ck_assert(isnan(bounds.base_lr.value) && isnan(bounds.max_lr.value));
    for (size_t i = 0; i < 5; i++) {
        lrp_record_free(records[i]);
    }
}
END_TEST

START_TEST(what_learns_nothing_and_then_explodes_is_no_learning)
{
    size_t right = 0;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        const struct sweep_curve curve = {flat_then_rising, NULL, 1e-6, 0.3, 150, 0.03};
        struct lrp_bounds bounds = sweep_bounds(&curve, 1 + seed % 3, 10 * seed, NULL);
        ck_assert_int_ne(bounds.outcome, LRP_OUTCOME_OK);
        ck_assert_int_ne(bounds.reason, LRP_REASON_RANGE_TOO_HIGH);
        if (bounds.reason == LRP_REASON_NO_LEARNING) { /* else its noise may hide a fall */
            ck_assert_int_eq(bounds.outcome, LRP_OUTCOME_FLAT);
            ck_assert_close(log10(bounds.evidence.diverged_lr), -2, 0, 0.4);
            ck_assert(has_warning(&bounds, "nothing is learnt from 1e-06 up to"));
            right++;
        }
    }
    ck_assert_msg(right >= 50, "%zu of 60", right);
}
END_TEST

START_TEST(what_rises_from_the_lowest_rate_on_is_too_high)
{
    for (uint64_t seed = 1; seed < 60; seed += 4) {
        const struct sweep_curve curve = {flat_then_rising, NULL, 0.016, 10, 150, 0.03};
        struct lrp_bounds bounds = sweep_bounds(&curve, 1 + seed % 3, seed, NULL);
        ck_assert_int_eq(bounds.outcome, LRP_OUTCOME_DIVERGED_AT_START);
        ck_assert_int_eq(bounds.reason, LRP_REASON_RANGE_TOO_HIGH);
    }
}
END_TEST

/* Down to a hundred-thousandth of its start, with noise that goes down with it. */
static struct lrp_record *memorising(double floor, double shift, uint64_t seed)
{
    static const char *const names[] = {"lr", "loss"};
    struct lrp_record *record = empty_record(names, 2);
    for (size_t k = 0; k < 200; k++) {
        double x = -5 + 7 * (double)k / 199;
        double wobble = 1 + 0.1 * sin((double)(seed * 1000 + k) * 12.9898);
        double row[2] = {pow(10, x), shift + floor + 2 / (1 + exp((x + 2) / 0.2)) * wobble};
        ck_assert_int_eq(lrp_record_append_row(record, row, NULL, NULL), LRP_OK);
    }
    return record;
}

START_TEST(a_loss_that_reaches_zero_is_memorised)
{
    const struct {
        double floor, shift;
        enum lrp_reason reason;
    } rows[] = {{1e-6, 0, LRP_REASON_MEMORISED},
                {0.02, 0, LRP_REASON_RANGE_TOO_LOW}, /* a loss that ends at a hundredth */
                {1e-6, 1, LRP_REASON_RANGE_TOO_LOW}, /* zero is not where this one ends */
                {1e-6, -1, LRP_REASON_RANGE_TOO_LOW}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct lrp_record *records[2];
        struct lrp_bounds bounds;
        for (size_t r = 0; r < 2; r++) {
            records[r] = memorising(rows[i].floor, rows[i].shift, r + 1);
        }
        ck_assert_int_eq(
            lrp_bounds_find((const struct lrp_record *const *)records, 2, NULL, &bounds, NULL),
            LRP_OK);
        ck_assert_int_eq(bounds.outcome, LRP_OUTCOME_DID_NOT_DIVERGE);
        ck_assert_msg(bounds.reason == rows[i].reason, "row %zu: %d", i, (int)bounds.reason);
        ck_assert(has_warning(&bounds, "has memorised") ==
                  (rows[i].reason == LRP_REASON_MEMORISED));
        ck_assert(!has_warning(&bounds, "higher rates"));
        lrp_record_free(records[0]);
        lrp_record_free(records[1]);
    }
}
END_TEST

START_TEST(every_outcome_has_a_reason)
{
    const struct {
        double low, high, noise;
        size_t steps;
        enum lrp_reason reason;
    } rows[] = {{1e-5, 10, 0.05, 200, LRP_REASON_NONE},
                {1e-5, 0.05, 0.05, 200, LRP_REASON_RANGE_TOO_LOW},
                {0.7, 100, 0.05, 200, LRP_REASON_RANGE_TOO_HIGH},
                {1e-8, 1e-5, 0.05, 200, LRP_REASON_RANGE_TOO_LOW},
                {1e-5, 10, 0.05, 6, LRP_REASON_FEW_STEPS}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct sweep_curve curve = {healthy_curve, NULL,          rows[i].low,
                                          rows[i].high,  rows[i].steps, rows[i].noise};
        struct lrp_bounds bounds = sweep_bounds(&curve, 2, 7, NULL);
        ck_assert_msg(bounds.reason == rows[i].reason, "row %zu: %d", i, (int)bounds.reason);
    }
}
END_TEST

START_TEST(logarithms_of_rates_are_refused)
{
    static const char *const names[] = {"lr", "loss"};
    struct lrp_record *record = empty_record(names, 2);
    struct lrp_bounds bounds;
    struct lrp_error err = {0};
    for (size_t k = 0; k < 140; k++) {
        double x = -6 + 0.05 * (double)k;
        double row[2] = {x, healthy_curve(x)};
        ck_assert_int_eq(lrp_record_append_row(record, row, NULL, NULL), LRP_OK);
    }
    ck_assert_int_eq(
        lrp_bounds_find((const struct lrp_record *const *)&record, 1, NULL, &bounds, &err),
        LRP_E_FORMAT);
    ck_assert(strstr(err.message, "logarithms") != NULL && strstr(err.message, "-6") != NULL);
    lrp_record_free(record);
}
END_TEST

START_TEST(nothing_reaches_beyond_a_rate_that_diverged)
{
    struct lrp_bounds bounds;
    lrp_bounds_clear(&bounds);
    bounds.base_lr = (struct lrp_rate){1e-3, 1e-4, 0.5};
    bounds.max_lr = (struct lrp_rate){0.2, 0.05, 0.9};
    bounds.suggested_lr = (struct lrp_rate){0.15, 0.05, 0.464};
    lrp_bounds_keep_order(&bounds); /* nothing diverged */
    ck_assert_close(bounds.max_lr.high, 0.9, 0, 0);
    ck_assert_close(bounds.base_lr.high, 0.2, 0, 0);
    bounds.evidence.diverged_lr = 0.4;
    lrp_bounds_keep_order(&bounds);
    ck_assert_close(bounds.max_lr.high, 0.4, 0, 0);
    ck_assert_close(bounds.suggested_lr.high, 0.4, 0, 0);
    bounds.suggested_lr = (struct lrp_rate){0.3, 0.25, 0.3};
    lrp_bounds_keep_order(&bounds);
    ck_assert_close(bounds.suggested_lr.value, 0.2, 0, 0);
    ck_assert_close(bounds.suggested_lr.low, 0.2, 0, 0);
    ck_assert_uint_eq(bounds.n_warnings, 0);
    bounds.base_lr = (struct lrp_rate){0.3, 0.2, 0.4};
    lrp_bounds_keep_order(&bounds);
    ck_assert(isnan(bounds.base_lr.value));
    ck_assert(has_warning(&bounds, "lies above max_lr"));
}
END_TEST

/* Runs at one rate each, three seeds; at the two highest rates none of them is finite. */
START_TEST(the_best_rate_of_a_set_stays_below_divergence)
{
    static const char *const names[] = {"lr", "loss"};
    enum { RATES = 9, SEEDS = 3 };
    struct lrp_record *records[RATES * SEEDS];
    struct lrp_bounds bounds;
    for (size_t i = 0; i < RATES * SEEDS; i++) {
        double lr = pow(10, -3 + (double)(i / SEEDS) / 3);
        records[i] = empty_record(names, 2);
        for (size_t k = 0; k < 60; k++) {
            double wobble = 0.02 * sin((double)(i * 1000 + k) * 12.9898);
            double loss = 0.1 + 2 * exp(-3 * lr * (double)k) + wobble;
            double row[2] = {lr, lr > 0.2 && k > 5 ? (double)NAN : loss};
            ck_assert_int_eq(lrp_record_append_row(records[i], row, NULL, NULL), LRP_OK);
        }
    }
    ck_assert_int_eq(lrp_bounds_find((const struct lrp_record *const *)records, RATES * SEEDS, NULL,
                                     &bounds, NULL),
                     LRP_OK);
    ck_assert_int_eq(bounds.outcome, LRP_OUTCOME_OK);
    ck_assert_close(log10(bounds.evidence.diverged_lr), -2.0 / 3, 0, 1e-6);
    ck_assert(bounds.suggested_lr.value < bounds.evidence.diverged_lr);
    ck_assert(bounds.suggested_lr.high < bounds.evidence.diverged_lr * 1.0001);
    ck_assert(bounds.suggested_lr.high <= bounds.max_lr.high);
    for (size_t i = 0; i < RATES * SEEDS; i++) {
        lrp_record_free(records[i]);
    }
}
END_TEST

START_TEST(a_prior_makes_an_interval_of_one_value)
{
    const double values[] = {1, 1.2};
    /* t at 0.9 with 1 and 2 degrees of freedom */
    ck_assert_close(lrp_pooled_half_interval(values, 1, 0.9, 1, 0.05), 6.313751514675 * 0.05, 1e-9,
                    0);
    ck_assert_close(lrp_pooled_half_interval(values, 2, 0.9, 1, 0.05),
                    2.919985580354 * sqrt((0.02 + 0.0025) / 2) / sqrt(2.0), 1e-9, 0);
    ck_assert_close(lrp_pooled_half_interval(values, 2, 0.9, 0, 0),
                    lrp_mean_half_interval(values, 2, 0.9), 1e-12, 0);
    ck_assert(isnan(lrp_pooled_half_interval(values, 1, 0.9, 0, 0)));
    ck_assert(isnan(lrp_pooled_half_interval(values, 0, 0.9, 1, 0.05)));
}
END_TEST

/* What one repeat answers, two do not refuse. */
START_TEST(two_repeats_answer_what_one_does)
{
    const struct sweep_curve curve = {healthy_curve, NULL, 1e-5, 10, 120, 0.2};
    size_t lost = 0;
    size_t answered = 0;
    for (uint64_t seed = 1; seed <= 200; seed++) {
        bool one = sweep_bounds(&curve, 1, 10 * seed, NULL).outcome == LRP_OUTCOME_OK;
        bool two = sweep_bounds(&curve, 2, 10 * seed, NULL).outcome == LRP_OUTCOME_OK;
        answered += one ? 1 : 0;
        lost += one && !two ? 1 : 0;
    }
    ck_assert_uint_ge(answered, 150);
    ck_assert_msg(lost <= 2, "%zu of %zu", lost, answered);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("reasons");
    TCase *tests = tcase_create("reasons");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, a_score_by_its_name_is_turned_over);
    tcase_add_test(tests, a_metric_of_unknown_direction_is_a_question);
    tcase_add_test(tests, a_given_direction_decides);
    tcase_add_test(tests, a_rate_without_effect_is_seen);
    tcase_add_test(tests, a_rate_without_effect_gives_no_bounds);
    tcase_add_test(tests, what_learns_nothing_and_then_explodes_is_no_learning);
    tcase_add_test(tests, what_rises_from_the_lowest_rate_on_is_too_high);
    tcase_add_test(tests, a_loss_that_reaches_zero_is_memorised);
    tcase_add_test(tests, every_outcome_has_a_reason);
    tcase_add_test(tests, logarithms_of_rates_are_refused);
    tcase_add_test(tests, nothing_reaches_beyond_a_rate_that_diverged);
    tcase_add_test(tests, the_best_rate_of_a_set_stays_below_divergence);
    tcase_add_test(tests, a_prior_makes_an_interval_of_one_value);
    tcase_add_test(tests, two_repeats_answer_what_one_does);
    suite_add_tcase(suite, tests);
    return suite;
}
