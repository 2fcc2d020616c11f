/* SPDX-License-Identifier: MIT */
/* Tables in which a row is a finished run. */
#include "finished_runs.h"
#include "random.h"
#include "sweep_curves.h"
#include "test_main.h"

#include <math.h>
#include <string.h>

enum { SEEDS = 3, RATES = 13, ROWS = SEEDS * RATES };

/* What a run at that rate ends with. */
static double end_of(double x)
{
    return x > 0.3 ? (double)NAN : healthy_curve(x);
}

/* order: 0 by rate, 1 shuffled; columns lr, the metric, and seed where it has one. */
static struct lrp_record *table_of(size_t seeds, bool shuffled, const char *mark, double sign,
                                   const char *metric)
{
    const char *const names[] = {"lr", metric, mark};
    struct lrp_record *record = empty_record(names, mark != NULL ? 3 : 2);
    double rows[ROWS][3];
    size_t n = 0;
    struct lrp_random random;
    lrp_random_seed(&random, 5, 0);
    for (size_t i = 0; i < RATES; i++) {
        for (size_t k = 0; k < seeds; k++) {
            double x = -5 + 0.5 * (double)i;
            double end = end_of(x) + 0.01 * lrp_random_normal(&random);
            const double row[3] = {pow(10, x), sign * end, (double)k};
            memcpy(rows[n++], row, sizeof row);
        }
    }
    for (size_t i = n; shuffled && i > 1; i--) {
        double kept[3];
        size_t other = (size_t)(lrp_random_uniform(&random) * (double)i);
        memcpy(kept, rows[i - 1], sizeof kept);
        memcpy(rows[i - 1], rows[other], sizeof kept);
        memcpy(rows[other], kept, sizeof kept);
    }
    for (size_t i = 0; i < n; i++) {
        ck_assert_int_eq(lrp_record_append_row(record, rows[i], NULL, NULL), LRP_OK);
    }
    return record;
}

static struct lrp_bounds bounds_of(struct lrp_record *record, const char *metric)
{
    struct lrp_bounds_options options;
    struct lrp_bounds bounds;
    struct lrp_error err = {0};
    lrp_bounds_options_default(&options);
    options.metric = metric;
    ck_assert_msg(lrp_bounds_find((const struct lrp_record *const *)&record, 1, &options, &bounds,
                                  &err) == LRP_OK,
                  "%s", err.message);
    lrp_record_free(record);
    return bounds;
}

static void check_answer(const struct lrp_bounds *bounds)
{
    ck_assert_int_eq(bounds->outcome, LRP_OUTCOME_OK);
    ck_assert_close(log10(bounds->suggested_lr.value), -1, 0, 0.3);
    ck_assert(bounds->max_lr.value > 0.06 && bounds->max_lr.value < 0.5);
    ck_assert(bounds->base_lr.value > 5e-4 && bounds->base_lr.value < 4e-3);
    ck_assert(bounds->evidence.diverged_lr >= 0.3 && bounds->evidence.diverged_lr < 4);
    ck_assert(bounds->suggested_lr.high < bounds->evidence.diverged_lr);
    ck_assert(has_warning(bounds, "each row is taken for a finished run"));
}

START_TEST(rows_in_any_order_are_runs)
{
    struct lrp_bounds bounds = bounds_of(table_of(SEEDS, true, NULL, 1, "loss"), NULL);
    check_answer(&bounds);
    ck_assert_uint_eq(bounds.repeats, SEEDS);
    bounds = bounds_of(table_of(SEEDS, false, "Seed", 1, "loss"), NULL);
    check_answer(&bounds);
    bounds = bounds_of(table_of(1, true, NULL, 1, "loss"), NULL);
    check_answer(&bounds);
    bounds = bounds_of(table_of(SEEDS, true, "seed", -1, "episode_reward"), "episode_reward");
    check_answer(&bounds);
}
END_TEST

START_TEST(a_few_rates_give_an_answer)
{
    static const char *const names[] = {"lr", "val_loss"};
    const double rows[][2] = {{0.3, 4.5}, {0.1, 0.31}, {0.03, 0.29}, {0.01, 0.36}, {0.003, 0.6}};
    struct lrp_record *record = empty_record(names, 2);
    for (size_t i = 0; i < 5; i++) {
        ck_assert_int_eq(lrp_record_append_row(record, rows[i], NULL, NULL), LRP_OK);
    }
    struct lrp_bounds bounds = bounds_of(record, NULL);
    ck_assert_int_eq(bounds.outcome, LRP_OUTCOME_OK);
    ck_assert_str_eq(bounds.metric, "val_loss");
    ck_assert(bounds.suggested_lr.value >= 0.02 && bounds.suggested_lr.value <= 0.1);
    ck_assert(isnan(bounds.base_lr.value)); /* 0.003 learns; what lies below is not there */
    ck_assert(has_warning(&bounds, "does not show the level before learning"));
}
END_TEST

START_TEST(sweeps_and_logs_are_no_tables)
{
    static const char *const plain[] = {"lr", "loss"};
    static const char *const steps[] = {"lr", "loss", "step"};
    struct lrp_record *rising = empty_record(plain, 2);
    struct lrp_record *log = empty_record(steps, 3);
    struct lrp_record *decay = empty_record(plain, 2);
    struct lrp_record *constant = empty_record(plain, 2);
    for (size_t k = 0; k < 9; k++) { /* a short sweep is too short, no table */
        double row[3] = {pow(10, -4 + 0.5 * (double)k), 1, (double)k};
        ck_assert_int_eq(lrp_record_append_row(rising, row, NULL, NULL), LRP_OK);
        row[0] = k % 2 == 0 ? 0.1 : 0.001;
        ck_assert_int_eq(lrp_record_append_row(log, row, NULL, NULL), LRP_OK);
        row[0] = 0.1;
        ck_assert_int_eq(lrp_record_append_row(constant, row, NULL, NULL), LRP_OK);
    }
    for (size_t k = 0; k < 50; k++) {
        double row[2] = {0.1 * pow(0.5, (double)(k / 10)), 1};
        ck_assert_int_eq(lrp_record_append_row(decay, row, NULL, NULL), LRP_OK);
    }
    struct lrp_record *const all[] = {rising, log, decay, constant};
    for (size_t i = 0; i < 4; i++) {
        ck_assert_msg(!lrp_is_run_table(all[i]), "record %zu", i);
        lrp_record_free(all[i]);
    }
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("finished_runs");
    TCase *tests = tcase_create("finished_runs");
    tcase_add_test(tests, rows_in_any_order_are_runs);
    tcase_add_test(tests, a_few_rates_give_an_answer);
    tcase_add_test(tests, sweeps_and_logs_are_no_tables);
    suite_add_tcase(suite, tests);
    return suite;
}
