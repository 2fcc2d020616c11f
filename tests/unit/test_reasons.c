/* SPDX-License-Identifier: MIT */
/* Why bounds cannot be given, or what limits them. */
#include "rate_effect.h"
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
        {{1e-7, 1e-4}, {10, 4}, {100, 9}, 0, {1, 1}, LRP_EFFECT_UNDECIDED},
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
    suite_add_tcase(suite, tests);
    return suite;
}
