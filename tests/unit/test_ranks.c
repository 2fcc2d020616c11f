/* SPDX-License-Identifier: MIT */
/* Numbers by tests/data/oracle/ranks.py. */
#include "failing_malloc.h"
#include "random.h"
#include "ranks.h"
#include "test_main.h"

#include <math.h>

static const double X[] = {2.5, 1, 4, 4, 3.25, -7, 4, 1, 9, 0.5, 11, 2.75};
static const double Y[] = {1, 2, 3, 3, 0, -2, 5, 2.5, 7, 3, 6, 0.25};
static const double A[] = {1.5, 2.25, 3, 3, 0.5, 4, 2, 1, 3.5};
static const double B[] = {2.5, 3, 3.75, 5, 4, 6, 2.75, 3.25, 4.5, 5.5, 3};

START_TEST(equal_values_share_their_ranks)
{
    const double want[] = {5, 3.5, 9, 9, 7, 1, 9, 3.5, 11, 2, 12, 6};
    double ranks[12];
    double ties = 0;
    ck_assert_int_eq(lrp_ranks(X, 12, ranks, &ties, NULL), LRP_OK);
    for (size_t i = 0; i < 12; i++) {
        ck_assert_close(ranks[i], want[i], 0, 0);
    }
    ck_assert_close(ties, 30, 0, 0);
    ck_assert_int_eq(lrp_ranks(X, 0, ranks, &ties, NULL), LRP_OK);
    ck_assert_close(ties, 0, 0, 0);
}
END_TEST

START_TEST(spearman_is_that_of_scipy)
{
    double r = 0;
    ck_assert_int_eq(lrp_spearman(X, Y, 12, &r, NULL), LRP_OK);
    ck_assert_close(r, 0.699823484037928, 1e-14, 0);
    double bent[12];
    for (size_t i = 0; i < 12; i++) {
        bent[i] = -exp(X[i]);
    }
    ck_assert_int_eq(lrp_spearman(X, bent, 12, &r, NULL), LRP_OK);
    ck_assert_close(r, -1, 1e-15, 0);
    const double same[] = {2, 2, 2};
    ck_assert_int_eq(lrp_spearman(X, same, 3, &r, NULL), LRP_OK);
    ck_assert(isnan(r));
    ck_assert_int_eq(lrp_spearman(X, Y, 1, &r, NULL), LRP_OK);
    ck_assert(isnan(r));
}
END_TEST

START_TEST(mann_whitney_is_that_of_scipy)
{
    const struct {
        const double *a, *b;
        size_t n_a, n_b;
        double u, p, p_less;
    } table[] = {{A, B, 9, 11, 17.5, 0.0162553854712968, 0.0081276927356484},
                 {B, A, 11, 9, 81.5, 0.0162553854712968, 0.993420194183629},
                 {X, Y, 12, 12, 81.5, 0.602304094476656, 0.718701655288056},
                 {A, A, 9, 9, 40.5, 1, 0.517764426877962}};
    struct lrp_mann_whitney test;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        ck_assert_int_eq(
            lrp_mann_whitney(table[i].a, table[i].n_a, table[i].b, table[i].n_b, &test, NULL),
            LRP_OK);
        ck_assert_close(test.u, table[i].u, 0, 0);
        ck_assert_close(test.p, table[i].p, 1e-12, 0);
        ck_assert_close(test.p_less, table[i].p_less, 1e-12, 0);
        ck_assert_close(test.share, test.u / (double)(table[i].n_a * table[i].n_b), 1e-15, 0);
    }
    ck_assert_int_eq(lrp_mann_whitney(A, 9, B, 11, &test, NULL), LRP_OK);
    ck_assert(test.z < 0);
    const double same[] = {2, 2, 2};
    ck_assert_int_eq(lrp_mann_whitney(same, 3, same, 2, &test, NULL), LRP_OK);
    ck_assert(test.z == 0 && test.p == 1 && test.p_less == 1 && test.share == 0.5);
    struct lrp_error err;
    ck_assert_int_eq(lrp_mann_whitney(A, 0, B, 2, &test, &err), LRP_E_NODATA);
}
END_TEST

START_TEST(mann_whitney_calls_as_often_as_it_says_and_sees_a_shift)
{
    struct lrp_random random;
    lrp_random_seed(&random, 5, 0);
    unsigned called[2] = {0, 0};
    for (unsigned i = 0; i < 4000; i++) {
        double a[20];
        double b[30];
        for (size_t k = 0; k < 30; k++) {
            /* heavy tails, and rounded so that there are ties */
            double bent = lrp_random_normal(&random);
            b[k] = round(4 * bent * bent * bent) / 4;
        }
        for (size_t k = 0; k < 20; k++) {
            double bent = lrp_random_normal(&random) + (i % 2 == 1 ? 1.2 : 0);
            a[k] = round(4 * bent * bent * bent) / 4;
        }
        struct lrp_mann_whitney test;
        ck_assert_int_eq(lrp_mann_whitney(a, 20, b, 30, &test, NULL), LRP_OK);
        called[i % 2] += test.p < 0.05;
    }
    ck_assert_close(called[0] / 2000.0, 0.05, 0, 0.015);
    ck_assert(called[1] / 2000.0 > 0.9);
}
END_TEST

START_TEST(short_memory_is_an_error_and_changes_nothing)
{
    double out[12] = {7};
    struct lrp_mann_whitney test = {.u = 7};
    for (size_t k = 0; k < 3; k++) {
        fail_at = allocations + k; /* spearman has three blocks, mann_whitney two, the others one */
        ck_assert_int_eq(lrp_spearman(X, Y, 12, out, NULL), LRP_E_NOMEM);
        fail_at = allocations + k % 2;
        ck_assert_int_eq(lrp_mann_whitney(A, 9, B, 11, &test, NULL), LRP_E_NOMEM);
        fail_at = allocations;
        ck_assert_int_eq(lrp_ranks(X, 12, out, NULL, NULL), LRP_E_NOMEM);
        fail_at = SIZE_MAX;
        ck_assert(out[0] == 7 && test.u == 7);
    }
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("ranks");
    TCase *tests = tcase_create("ranks");
    tcase_add_test(tests, equal_values_share_their_ranks);
    tcase_add_test(tests, spearman_is_that_of_scipy);
    tcase_add_test(tests, mann_whitney_is_that_of_scipy);
    tcase_add_test(tests, mann_whitney_calls_as_often_as_it_says_and_sees_a_shift);
    tcase_add_test(tests, short_memory_is_an_error_and_changes_nothing);
    suite_add_tcase(suite, tests);
    return suite;
}
