/* SPDX-License-Identifier: MIT */
/* What a run is, by how its rate goes. */
#include "rate_course.h"
#include "test_main.h"

#include <math.h>

enum { MOST = 1000 };

static double lr[MOST];
static size_t n;

static void begin(void)
{
    n = 0;
}

static void add(double rate)
{
    ck_assert_uint_lt(n, MOST);
    lr[n] = rate;
    n++;
}

static void rise_by_factors(double low, double high, size_t rows)
{
    for (size_t k = 0; k < rows; k++) {
        add(low * pow(high / low, (double)k / (double)(rows - 1)));
    }
}

/* From 0, which is no rate, to high. */
static void rise_by_differences(double high, size_t rows)
{
    for (size_t k = 0; k <= rows; k++) {
        add(high * (double)k / (double)rows);
    }
}

static void hold(double rate, size_t rows)
{
    for (size_t k = 0; k < rows; k++) {
        add(rate);
    }
}

static void decay(double high, size_t rows)
{
    for (size_t k = 1; k <= rows; k++) {
        add(0.5 * high * (1 + cos(acos(-1) * (double)k / (double)(rows + 1))));
    }
}

static enum lrp_course_kind kind(void)
{
    return lrp_rate_course_of(lr, n).kind;
}

START_TEST(sweeps_rise_to_the_end)
{
    begin();
    rise_by_factors(1e-6, 10, 100);
    ck_assert_int_eq(kind(), LRP_COURSE_RISE);
    begin();
    rise_by_differences(0.1, 200);
    ck_assert_int_eq(kind(), LRP_COURSE_RISE);
    begin(); /* a staircase, its last step as long as the others, or cut */
    for (int k = 0; k < 6; k++) {
        hold(1e-5 * pow(10, k), 30);
    }
    ck_assert_int_eq(kind(), LRP_COURSE_RISE);
    begin(); /* clipped at the top for a third of it */
    rise_by_factors(1e-6, 1, 100);
    hold(1, 50);
    ck_assert_int_eq(kind(), LRP_COURSE_RISE);
    begin(); /* a value written twice, a step back after a restart */
    rise_by_factors(1e-6, 1e-2, 60);
    add(9e-3);
    rise_by_factors(1e-2, 1, 60);
    ck_assert_int_eq(kind(), LRP_COURSE_RISE);
    begin(); /* few rows at the top are no tail */
    rise_by_differences(0.1, 200);
    hold(0.1, 4);
    ck_assert_int_eq(kind(), LRP_COURSE_RISE);
}
END_TEST

/* A sweep of 200,000 steps that is stopped after 200: its rate has risen by a part in a hundred. */
START_TEST(the_first_rows_of_a_long_sweep_are_a_sweep)
{
    for (size_t rows = 40; rows <= 500; rows += 20) { /* fewer rise by less than 0.1 % */
        begin();
        rise_by_factors(1e-6, 1e-6 * pow(10, 3 * (double)rows / 200000), rows);
        ck_assert_int_eq(kind(), LRP_COURSE_RISE);
    }
}
END_TEST

START_TEST(a_warm_up_is_no_sweep)
{
    begin();
    rise_by_differences(1e-3, 50);
    hold(1e-3, 400);
    struct lrp_rate_course course = lrp_rate_course_of(lr, n);
    ck_assert_int_eq(course.kind, LRP_COURSE_WARM_UP);
    ck_assert_uint_eq(course.rise_begin, 1); /* row 0 has the rate 0 */
    ck_assert_uint_eq(course.rise_end, 50);
    ck_assert_close(course.peak, 1e-3, 1e-12, 0);
    ck_assert_close(course.low, 1e-3 / 50, 1e-12, 0);
    begin(); /* most of what there is is the warm-up */
    rise_by_differences(1e-3, 300);
    hold(1e-3, 30);
    ck_assert_int_eq(kind(), LRP_COURSE_WARM_UP);
    begin();
    rise_by_differences(3e-4, 20);
    decay(3e-4, 180);
    course = lrp_rate_course_of(lr, n);
    ck_assert_int_eq(course.kind, LRP_COURSE_WARM_UP);
    ck_assert(course.last < 0.1 * course.peak);
    begin(); /* the decay has hardly begun */
    rise_by_differences(3e-4, 100);
    for (int k = 1; k <= 30; k++) {
        add(3e-4 - 1e-6 * k);
    }
    ck_assert_int_eq(kind(), LRP_COURSE_WARM_UP);
    begin(); /* logged every tenth step: two rows of it */
    add(1e-4);
    add(2e-4);
    decay(2e-4, 40);
    ck_assert_int_eq(kind(), LRP_COURSE_WARM_UP);
    begin(); /* by factors, but nobody sweeps for a tenth of the time */
    rise_by_factors(1e-7, 1e-3, 40);
    hold(1e-3, 400);
    ck_assert_int_eq(kind(), LRP_COURSE_WARM_UP);
}
END_TEST

START_TEST(other_courses)
{
    begin();
    ck_assert_int_eq(kind(), LRP_COURSE_NONE);
    ck_assert(isnan(lrp_rate_course_of(lr, n).peak));
    add(0);
    add((double)NAN);
    add(-1);
    ck_assert_int_eq(kind(), LRP_COURSE_NONE);
    add(0.1);
    ck_assert_int_eq(kind(), LRP_COURSE_CONSTANT);
    hold(0.10001, 5);
    ck_assert_int_eq(kind(), LRP_COURSE_CONSTANT);
    begin();
    decay(0.1, 100);
    ck_assert_int_eq(kind(), LRP_COURSE_SCHEDULE);
    begin(); /* cycles */
    for (int k = 0; k < 4; k++) {
        rise_by_differences(0.1, 50);
        decay(0.1, 50);
    }
    ck_assert_int_eq(kind(), LRP_COURSE_SCHEDULE);
    begin(); /* a table of runs in any order */
    static const double rates[] = {0.1, 0.001, 0.03, 0.0003, 0.01, 0.003, 0.3, 0.0001};
    for (size_t k = 0; k < sizeof rates / sizeof rates[0]; k++) {
        add(rates[k]);
    }
    ck_assert_int_eq(kind(), LRP_COURSE_JUMPS);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("rate_course");
    TCase *tests = tcase_create("rate_course");
    tcase_add_test(tests, sweeps_rise_to_the_end);
    tcase_add_test(tests, the_first_rows_of_a_long_sweep_are_a_sweep);
    tcase_add_test(tests, a_warm_up_is_no_sweep);
    tcase_add_test(tests, other_courses);
    suite_add_tcase(suite, tests);
    return suite;
}
