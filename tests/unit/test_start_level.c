/* SPDX-License-Identifier: MIT */
/* The level before learning, that base_lr is a fall from. */
#include "random.h"
#include "record.h"
#include "test_main.h"

#include <lrprobe/lrprobe.h>
#include <math.h>

enum { MOST = 4 };
static struct lrp_record *records[MOST];
static size_t n_records;

/* Rates from 10^low to 1: a loss of 2 up to 10^-3, a fall of 1 in the decade above, and a rise from
 * 10^-1 on; with noise. */
static void add_sweep(double low, size_t steps, double noise, struct lrp_random *random)
{
    struct lrp_record *record = NULL;
    size_t column = 0;
    ck_assert_uint_lt(n_records, MOST);
    ck_assert_int_eq(lrp_record_new(0, &record, NULL), LRP_OK);
    ck_assert_int_eq(lrp_record_add_column(record, "lr", &column, NULL), LRP_OK);
    ck_assert_int_eq(lrp_record_add_column(record, "loss", &column, NULL), LRP_OK);
    for (size_t k = 0; k < steps; k++) {
        const double x = low - low * (double)k / (double)(steps - 1);
        const double fallen = fmin(fmax(x + 3, 0), 1) - 4 * fmax(x + 1, 0);
        const double row[2] = {pow(10, x), 2 - fallen + noise * lrp_random_normal(random)};
        ck_assert_int_eq(lrp_record_append_row(record, row, NULL, NULL), LRP_OK);
    }
    records[n_records++] = record;
}

/* The bounds of what was made, with n_records back at 0. */
static struct lrp_bounds judge(void)
{
    struct lrp_bounds bounds;
    struct lrp_error err = {0};
    ck_assert_msg(lrp_bounds_find((const struct lrp_record *const *)records, n_records, NULL,
                                  &bounds, &err) == LRP_OK,
                  "%s", err.message);
    for (; n_records > 0; n_records--) {
        lrp_record_free(records[n_records - 1]);
    }
    ck_assert_int_eq(bounds.outcome, LRP_OUTCOME_OK);
    return bounds;
}

START_TEST(noise_of_the_first_steps_is_no_start_of_learning)
{
    struct lrp_random random;
    size_t early = 0;
    lrp_random_seed(&random, 5, 0);
    for (size_t set = 0; set < 100; set++) { /* few steps: the level is known to 0.07 only */
        add_sweep(-4.5, 100, 0.15, &random);
        add_sweep(-4.5, 100, 0.15, &random);
        struct lrp_bounds bounds = judge();
        ck_assert_double_lt(bounds.base_lr.value, 6e-3); /* four fifths of the fall are made */
        early += bounds.base_lr.value < 0.7e-3 ? 1 : 0;  /* the smoother looks ahead by so much */
    }
    ck_assert_uint_le(early, 2);
}
END_TEST

START_TEST(sweeps_over_different_ranges_begin_where_most_of_them_do)
{
    struct lrp_random random;
    lrp_random_seed(&random, 6, 0);
    add_sweep(-6, 601, 0, &random);
    add_sweep(-6, 601, 0, &random);
    add_sweep(-5, 501, 0, &random);
    add_sweep(-5, 501, 0, &random);
    ck_assert_close(log10(judge().base_lr.value), -3, 0, 0.1);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("start_level");
    TCase *tests = tcase_create("start_level");
    tcase_add_test(tests, noise_of_the_first_steps_is_no_start_of_learning);
    tcase_add_test(tests, sweeps_over_different_ranges_begin_where_most_of_them_do);
    suite_add_tcase(suite, tests);
    return suite;
}
