/* SPDX-License-Identifier: MIT */
/* From curves to an answer: outcomes at their limits, intervals, and what is recommended. Numbers
 * by hand. */
#include "answer.h"
#include "peers.h"
#include "record.h"
#include "sweep_curves.h"
#include "test_main.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MOST = 16 };
static struct lrp_record *records[MOST];
static size_t n_records;

static struct lrp_record *new_record(const char *metric)
{
    struct lrp_record *record = NULL;
    size_t column = 0;
    ck_assert_int_eq(lrp_record_new(0, &record, NULL), LRP_OK);
    ck_assert_int_eq(lrp_record_add_column(record, "lr", &column, NULL), LRP_OK);
    ck_assert_int_eq(lrp_record_add_column(record, metric, &column, NULL), LRP_OK);
    ck_assert_uint_lt(n_records, MOST);
    records[n_records] = record;
    n_records++;
    return record;
}

static void add_row(struct lrp_record *record, double lr, double value)
{
    const double row[2] = {lr, value};
    ck_assert_int_eq(lrp_record_append_row(record, row, NULL, NULL), LRP_OK);
}

/* The bounds of what was made, with n_records back at 0. */
static struct lrp_bounds judge(const struct lrp_bounds_options *options)
{
    struct lrp_bounds bounds;
    struct lrp_error err = {0};
    ck_assert_msg(lrp_bounds_find((const struct lrp_record *const *)records, n_records, options,
                                  &bounds, &err) == LRP_OK,
                  "%s", err.message);
    for (; n_records > 0; n_records--) {
        lrp_record_free(records[n_records - 1]);
    }
    return bounds;
}

/* From 10^-6 to 1 in so many steps: level 1, which falls by depth between 10^-4 and 10^-3 and is
 * back two decades later; every other value is shaken up or down. */
static struct lrp_record *add_valley(size_t steps, double depth, double shaken, double shift)
{
    struct lrp_record *record = new_record("loss");
    for (size_t k = 0; k < steps; k++) {
        double x = -6 + 6 * (double)k / (double)(steps - 1);
        double place = x - shift;
        double share = place < -4 ? 0 : (place < -3 ? place + 4 : fmax(1 - 0.5 * (place + 3), 0));
        add_row(record, pow(10, x), 1 - depth * share + (k % 2 == 0 ? shaken : -shaken));
    }
    return record;
}

START_TEST(the_fall_decides_between_flat_noisy_and_ok)
{
    /* 201 steps, 0.03 decades apart: 0.12 * 3.5449 / 0.03 = 14.18 of them are under the kernel. One
     * value's noise is 1.0484 * 0.2, so the error is 0.2097 / sqrt(14.18) = 0.0557. */
    const struct {
        double depth;
        enum lrp_outcome outcome;
    } cases[] = {{0.15, LRP_OUTCOME_FLAT}, /* less than 5 errors */
                 {0.4, LRP_OUTCOME_TOO_NOISY},
                 {0.9, LRP_OUTCOME_OK}}; /* a tenth of it is more than an error */
    for (size_t i = 0; i < 3; i++) {
        (void)add_valley(201, cases[i].depth, 0.1, 0);
        struct lrp_bounds bounds = judge(NULL);
        ck_assert_msg(bounds.outcome == cases[i].outcome, "depth %g: %s", cases[i].depth,
                      lrp_outcome_name(bounds.outcome));
        ck_assert_int_eq(isfinite(bounds.max_lr.value), cases[i].outcome == LRP_OUTCOME_OK);
    }
}
END_TEST

START_TEST(intervals_are_students_of_the_repeats)
{
    /* marks 0.1 decades apart; t at 0.9 with one degree of freedom more than the repeats alone
     * have, for the prior of 0.051 decades, 0.104 for base_lr */
    const struct {
        size_t n;
        double t, squares;
    } cases[] = {{2, 2.919985580354, 0.005}, {3, 2.353363434802, 0.02}, {5, 2.015048372669, 0.1}};
    for (size_t i = 0; i < 3; i++) {
        for (size_t r = 0; r < cases[i].n; r++) {
            (void)add_valley(601, 1, 0, 0.1 * (double)r);
        }
        struct lrp_bounds bounds = judge(NULL);
        ck_assert_int_eq(bounds.outcome, LRP_OUTCOME_OK);
        ck_assert_close(bounds.interval_level, 0.9, 0, 0);
        const double n = (double)cases[i].n;
        const double median = n > 2 ? 1.2533 : 1; /* of the pooled curve */
        const double half =
            median * cases[i].t * sqrt((cases[i].squares + 0.051 * 0.051) / n) / sqrt(n);
        const double base =
            median * cases[i].t * sqrt((cases[i].squares + 0.104 * 0.104) / n) / sqrt(n);
        ck_assert_close(log10(bounds.max_lr.high / bounds.max_lr.value), half, 0.02, 0);
        ck_assert_close(log10(bounds.max_lr.value / bounds.max_lr.low), half, 0.02, 0);
        /* and where half and twice the share of the fall are made */
        ck_assert_double_gt(log10(bounds.base_lr.value / bounds.base_lr.low), 0.98 * base);
        ck_assert_double_lt(log10(bounds.base_lr.high / bounds.base_lr.low), 2 * base + 0.5);
    }
    (void)add_valley(601, 1, 0, 0);
    ck_assert(isnan(judge(NULL).interval_level));
}
END_TEST

START_TEST(repeats_that_differ_by_a_factor_of_ten_are_too_noisy)
{
    for (size_t r = 0; r < 3; r++) { /* a half interval of 0.68 decades */
        (void)add_valley(601, 1, 0, 0.5 * (double)r);
    }
    struct lrp_bounds bounds = judge(NULL);
    ck_assert_int_eq(bounds.outcome, LRP_OUTCOME_TOO_NOISY);
    ck_assert_int_eq(bounds.reason, LRP_REASON_REPEATS_DIFFER);
    ck_assert(has_warning(&bounds, "3 repeats differ"));
    ck_assert(isnan(bounds.suggested_lr.value));
    ck_assert(isnan(bounds.base_lr.value) && isnan(bounds.max_lr.value));
    /* two are no evidence against what one of them would answer */
    (void)add_valley(601, 1, 0, 0);
    (void)add_valley(601, 1, 0, 0.7);
    bounds = judge(NULL);
    ck_assert_int_eq(bounds.outcome, LRP_OUTCOME_OK);
    ck_assert_int_eq(bounds.reason, LRP_REASON_REPEATS_DIFFER);
    ck_assert(isfinite(bounds.suggested_lr.value));
    lrp_bounds_clear(&bounds);
    ck_assert(!lrp_bounds_repeats_differ(&bounds, 0.49, 3));
    ck_assert(!lrp_bounds_repeats_differ(&bounds, (double)NAN, 3));
    ck_assert_uint_eq(bounds.n_warnings, 0);
    ck_assert(lrp_bounds_repeats_differ(&bounds, 0.51, 3));
}
END_TEST

START_TEST(a_repeat_alone_must_show_base_lr)
{
    /* 16 repeats see a fall of 3.4 errors of one, of which a single one may not be sure */
    for (size_t r = 0; r < 16; r++) {
        (void)add_valley(201, 3.4 * 0.0557, 0.1, 0);
    }
    struct lrp_bounds bounds = judge(NULL);
    ck_assert_int_eq(bounds.outcome, LRP_OUTCOME_OK);
    ck_assert(isfinite(bounds.base_lr.value) && isnan(bounds.base_lr.low));
}
END_TEST

START_TEST(few_steps_a_decade_are_warned_of)
{
    (void)add_valley(31, 1, 0, 0); /* 5 a decade */
    struct lrp_bounds bounds = judge(NULL);
    ck_assert(has_warning(&bounds, "only 5 steps a decade"));
    (void)add_valley(73, 1, 0, 0); /* 12 */
    bounds = judge(NULL);
    ck_assert(!has_warning(&bounds, "steps a decade"));
}
END_TEST

START_TEST(ten_points_make_a_sweep)
{
    (void)add_valley(9, 1, 0, 0);
    struct lrp_bounds bounds = judge(NULL);
    ck_assert_int_eq(bounds.outcome, LRP_OUTCOME_TOO_SHORT);
    ck_assert(has_warning(&bounds, "1 of 1 records are too short"));
    (void)add_valley(10, 1, 0, 0);
    ck_assert_int_ne(judge(NULL).outcome, LRP_OUTCOME_TOO_SHORT);
}
END_TEST

/* Sweeps that are not finite after 4 steps. */
static void add_dead(void)
{
    struct lrp_record *record = new_record("loss");
    for (size_t k = 0; k < 8; k++) {
        add_row(record, pow(10, -6 + 0.1 * (double)k), k < 4 ? 1 : (double)NAN);
    }
}

START_TEST(most_repeats_decide_whether_they_diverged_at_once)
{
    add_dead();
    (void)add_valley(201, 1, 0, 0);
    ck_assert_int_eq(judge(NULL).outcome, LRP_OUTCOME_OK);
    add_dead();
    add_dead();
    (void)add_valley(201, 1, 0, 0);
    struct lrp_bounds bounds = judge(NULL);
    ck_assert_int_eq(bounds.outcome, LRP_OUTCOME_DIVERGED_AT_START);
    ck_assert(has_warning(&bounds, "fewer than 10 steps, from 1e-06 on"));
}
END_TEST

/* Rises from the first rate on, or is level; most repeats decide. */
static void add_slope(double rise)
{
    struct lrp_record *record = new_record("loss");
    for (size_t k = 0; k < 201; k++) {
        double x = -6 + 6 * (double)k / 200;
        add_row(record, pow(10, x), 1 + rise * fmax(x + 3, 0) + (k % 2 == 0 ? 0.01 : -0.01));
    }
}

START_TEST(most_repeats_decide_between_flat_and_diverged)
{
    add_slope(1);
    add_slope(1);
    add_slope(0);
    struct lrp_bounds bounds = judge(NULL);
    ck_assert_int_eq(bounds.outcome, LRP_OUTCOME_FLAT);
    ck_assert_int_eq(bounds.reason, LRP_REASON_NO_LEARNING);
    ck_assert_close(log10(bounds.evidence.diverged_lr), -3, 0, 0.1);
    add_slope(1);
    add_slope(0);
    add_slope(0);
    bounds = judge(NULL);
    ck_assert_int_eq(bounds.outcome, LRP_OUTCOME_FLAT);
    ck_assert_int_eq(bounds.reason, LRP_REASON_RANGE_TOO_LOW);
}
END_TEST

START_TEST(what_comes_after_a_run_of_nan_is_another_training)
{
    (void)add_valley(201, 1, 0, 0);
    double max_lr = judge(NULL).max_lr.value;
    struct lrp_record *record = add_valley(201, 1, 0, 0);
    for (size_t k = 0; k < 3; k++) {
        add_row(record, 1.1, (double)NAN);
    }
    for (size_t k = 0; k < 40; k++) {
        add_row(record, 2 + 0.1 * (double)k, -5); /* lower than all before */
    }
    struct lrp_bounds bounds = judge(NULL);
    ck_assert_close(bounds.max_lr.value, max_lr, 1e-9, 0);
}
END_TEST

START_TEST(accuracies_are_turned_over_and_validation_decides)
{
    (void)add_valley(201, 1, 0, 0);
    double max_lr = judge(NULL).max_lr.value;
    struct lrp_record *record = NULL;
    size_t column = 0;
    ck_assert_int_eq(lrp_record_new(0, &record, NULL), LRP_OK);
    const char *const names[] = {"lr", "loss", "val_accuracy"};
    for (size_t i = 0; i < 3; i++) {
        ck_assert_int_eq(lrp_record_add_column(record, names[i], &column, NULL), LRP_OK);
    }
    struct lrp_record *valley = add_valley(201, 1, 0, 0);
    n_records = 0;
    for (size_t k = 0; k < 201; k++) {
        /* the loss never falls; the accuracy is high where the valley is deep */
        const double row[3] = {lrp_record_values(valley, 0)[k], 1,
                               1 - lrp_record_values(valley, 1)[k]};
        ck_assert_int_eq(lrp_record_append_row(record, row, NULL, NULL), LRP_OK);
    }
    lrp_record_free(valley);
    records[0] = record;
    n_records = 1;
    struct lrp_bounds bounds = judge(NULL);
    ck_assert_str_eq(bounds.metric, "val_accuracy");
    ck_assert_int_eq(bounds.outcome, LRP_OUTCOME_OK);
    ck_assert_close(bounds.max_lr.value, max_lr, 1e-9, 0);
}
END_TEST

START_TEST(a_rate_that_goes_up_and_down_is_no_sweep)
{
    struct lrp_record *record = new_record("step"); /* without it, a row may be a run */
    size_t column = 0;
    ck_assert_int_eq(lrp_record_add_column(record, "loss", &column, NULL), LRP_OK);
    for (size_t k = 0; k < 100; k++) {
        const double row[3] = {pow(10, -4 + 0.03 * (double)(k % 2 == 0 ? k : k - 1)) *
                                   (k % 2 == 0 ? 2 : 1),
                               (double)k, 1};
        ck_assert_int_eq(lrp_record_append_row(record, row, NULL, NULL), LRP_OK);
    }
    struct lrp_bounds bounds;
    ck_assert_int_eq(
        lrp_bounds_find((const struct lrp_record *const *)records, 1, NULL, &bounds, NULL),
        LRP_E_FORMAT);
    lrp_record_free(record);
    n_records = 0;
}
END_TEST

START_TEST(most_repeats_make_the_curve)
{
    /* two of three end before the loss has risen by a tenth: what one alone shows is not the answer
     */
    for (size_t r = 0; r < 3; r++) {
        (void)add_valley(201, 1, 0, 0);
    }
    ck_assert_int_eq(judge(NULL).outcome, LRP_OUTCOME_OK);
    (void)add_valley(201, 1, 0, 0);
    for (size_t r = 1; r < 3; r++) {
        struct lrp_record *whole = add_valley(201, 1, 0, 0);
        n_records--;
        struct lrp_record *record = new_record("loss");
        for (size_t k = 0; k < 104; k++) { /* to 10^-2.9 */
            add_row(record, lrp_record_values(whole, 0)[k], lrp_record_values(whole, 1)[k]);
        }
        lrp_record_free(whole);
    }
    ck_assert_int_eq(judge(NULL).outcome, LRP_OUTCOME_DID_NOT_DIVERGE);
}
END_TEST

/* ---- constant rates ------------------------------------------------------------------------ */

/* Runs at 10^-5, 10^-4, ...: level 1 for 10 steps, then the end. */
static void add_constant_runs(const double *ends, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct lrp_record *record = new_record("loss");
        for (size_t k = 0; k < 100; k++) {
            add_row(record, pow(10, -5 + (double)i), k < 10 ? 1 : ends[i]);
        }
    }
}

START_TEST(runs_at_three_rates_are_too_few)
{
    const double ends[] = {1, 0.5, 0, 3};
    add_constant_runs(ends, 3);
    struct lrp_bounds bounds = judge(NULL);
    ck_assert_int_eq(bounds.outcome, LRP_OUTCOME_TOO_SHORT);
    ck_assert(has_warning(&bounds, "3 different constant rates: bounds need 4"));
    add_constant_runs(ends, 4);
    ck_assert_int_eq(judge(NULL).outcome, LRP_OUTCOME_OK);
}
END_TEST

START_TEST(the_best_run_is_suggested_but_not_above_max_lr)
{
    const double sharp[] = {1, 1, 0.5, 0, 0.6, 5};
    struct lrp_bounds_options options;
    lrp_bounds_options_default(&options);
    add_constant_runs(sharp, 6);
    struct lrp_bounds bounds = judge(&options);
    ck_assert_close(log10(bounds.suggested_lr.value), -2, 0, 1e-9);
    options.steps_planned = 5000; /* 50 times the runs: a fifth of a decade down */
    add_constant_runs(sharp, 6);
    bounds = judge(&options);
    ck_assert_close(log10(bounds.suggested_lr.value), -2.2, 0, 1e-9);
    const double basin[] = {1, 0.02, 0.01, 0, 5, 5};
    options.steps_planned = 0;
    add_constant_runs(basin, 6);
    bounds = judge(&options);
    ck_assert(bounds.max_lr.value < 0.9 * 1e-2);
    ck_assert_close(bounds.suggested_lr.value, bounds.max_lr.value, 1e-9, 0);
}
END_TEST

START_TEST(runs_that_do_not_fall_are_flat_or_diverged)
{
    const double flat[] = {1, 1, 1, 1, 1};
    const double risen[] = {1, 1, 1.1, 2, 5};
    add_constant_runs(flat, 5);
    ck_assert_int_eq(judge(NULL).outcome, LRP_OUTCOME_FLAT);
    add_constant_runs(risen, 5);
    struct lrp_bounds bounds = judge(NULL);
    ck_assert_int_eq(bounds.outcome, LRP_OUTCOME_FLAT);
    ck_assert_int_eq(bounds.reason, LRP_REASON_NO_LEARNING);
    ck_assert(has_warning(&bounds, "lower ones would learn even less"));
}
END_TEST

START_TEST(repeats_that_agree_leave_the_distance_of_the_rates)
{
    const double ends[] = {1, 1, 0.5, 0, 0.6, 5};
    add_constant_runs(ends, 6);
    add_constant_runs(ends, 6);
    struct lrp_bounds bounds = judge(NULL);
    /* a decade between two rates as the width of a uniform distribution, 90 % of it */
    ck_assert_close(log10(bounds.base_lr.high / bounds.base_lr.value), 0.45, 0, 1e-9);
    ck_assert_close(log10(bounds.max_lr.value / bounds.max_lr.low), 0.225, 0, 1e-9);
}
END_TEST

START_TEST(the_rules_of_other_finders_on_a_valley)
{
    /* a straight fall to row 120 and a rise from there; float32, as the tools have it */
    double lr[200];
    double loss[200];
    double peers[LRP_PEERS];
    for (size_t k = 0; k < 200; k++) {
        lr[k] = pow(10, -6 + 6 * (double)k / 199);
        loss[k] = k < 120 ? 3 - 0.02 * (double)k : 0.6 + 0.05 * (double)(k - 119);
    }
    ck_assert_int_eq(lrp_peers_suggest(lr, loss, 200, 200, peers, NULL), LRP_OK);
    const double steep = peers[2];
    const double minimum = peers[3];
    /* the average lags behind: lowest after row 120, and a tenth of the rate there */
    ck_assert(minimum > 0.1 * lr[120] && minimum < 0.1 * lr[170]);
    ck_assert(steep > lr[20] && steep < lr[140]);
    ck_assert(peers[4] > lr[10] && peers[4] < lr[140]);
    ck_assert(peers[5] > lr[10] && peers[5] < lr[140]);
    for (size_t k = 0; k < 200; k++) {
        loss[k] = 3 - 0.01 * (double)k; /* lowest in the last row but the five that are left out */
    }
    ck_assert_int_eq(lrp_peers_suggest(lr, loss, 200, 200, peers, NULL), LRP_OK);
    ck_assert_close(peers[3], lr[194] / 10, 1e-6, 0);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("answer");
    TCase *tests = tcase_create("answer");
    tcase_add_test(tests, the_fall_decides_between_flat_noisy_and_ok);
    tcase_add_test(tests, intervals_are_students_of_the_repeats);
    tcase_add_test(tests, repeats_that_differ_by_a_factor_of_ten_are_too_noisy);
    tcase_add_test(tests, a_repeat_alone_must_show_base_lr);
    tcase_add_test(tests, few_steps_a_decade_are_warned_of);
    tcase_add_test(tests, ten_points_make_a_sweep);
    tcase_add_test(tests, most_repeats_decide_whether_they_diverged_at_once);
    tcase_add_test(tests, most_repeats_decide_between_flat_and_diverged);
    tcase_add_test(tests, what_comes_after_a_run_of_nan_is_another_training);
    tcase_add_test(tests, accuracies_are_turned_over_and_validation_decides);
    tcase_add_test(tests, a_rate_that_goes_up_and_down_is_no_sweep);
    tcase_add_test(tests, most_repeats_make_the_curve);
    tcase_add_test(tests, runs_at_three_rates_are_too_few);
    tcase_add_test(tests, the_best_run_is_suggested_but_not_above_max_lr);
    tcase_add_test(tests, runs_that_do_not_fall_are_flat_or_diverged);
    tcase_add_test(tests, repeats_that_agree_leave_the_distance_of_the_rates);
    tcase_add_test(tests, the_rules_of_other_finders_on_a_valley);
    suite_add_tcase(suite, tests);
    return suite;
}
