/* SPDX-License-Identifier: MIT */
#include "plan.h"
#include "test_main.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

START_TEST(ends_are_exact)
{
    const double ranges[][2] = {{1e-7, 10}, {1e-300, 1e300}, {0.1, 0.3}, {1e-8, 1.0000001e-8}};
    const size_t lengths[] = {2, 3, 100, 1001};
    for (size_t r = 0; r < sizeof ranges / sizeof ranges[0]; r++) {
        for (size_t n = 0; n < sizeof lengths / sizeof lengths[0]; n++) {
            for (int shape = 0; shape < 2; shape++) {
                double *rates = NULL;
                ck_assert_int_eq(lrp_plan_sweep((enum lrp_sweep_shape)shape, ranges[r][0],
                                                ranges[r][1], lengths[n], &rates, NULL),
                                 LRP_OK);
                ck_assert(rates[0] == ranges[r][0]);
                ck_assert(rates[lengths[n] - 1] == ranges[r][1]);
                for (size_t k = 1; k < lengths[n]; k++) {
                    ck_assert(rates[k] > rates[k - 1]);
                }
                free(rates);
            }
        }
    }
}
END_TEST

START_TEST(exponential_steps_have_one_ratio)
{
    const double lr_min = 1e-5;
    const double lr_max = 10;
    const size_t n = 200;
    const double ratio = pow(lr_max / lr_min, 1.0 / (double)(n - 1));
    double *rates = NULL;
    ck_assert_int_eq(lrp_plan_sweep(LRP_SWEEP_EXP, lr_min, lr_max, n, &rates, NULL), LRP_OK);
    for (size_t k = 1; k < n; k++) {
        ck_assert_close(rates[k] / rates[k - 1], ratio, 1e-12, 0);
    }
    free(rates);
}
END_TEST

START_TEST(linear_steps_have_one_difference)
{
    double *rates = NULL;
    ck_assert_int_eq(lrp_plan_sweep(LRP_SWEEP_LINEAR, 0.5, 5.4, 50, &rates, NULL), LRP_OK);
    for (size_t k = 1; k < 50; k++) {
        ck_assert_close(rates[k] - rates[k - 1], 0.1, 1e-12, 0);
    }
    free(rates);
}
END_TEST

START_TEST(nonsense_is_refused)
{
    const struct {
        double low, high;
        size_t steps;
    } bad[] = {{1, 1, 100},           {2, 1, 100},           {0, 1, 100},      {-1, 1, 100},
               {(double)NAN, 1, 100}, {1, (double)NAN, 100}, {1, HUGE_VAL, 9}, {1e-3, 1, 1},
               {1e-3, 1, 0},          {1e-3, 1, 100000000}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct lrp_error err = {0};
        double *rates = NULL;
        ck_assert_int_eq(
            lrp_plan_sweep(LRP_SWEEP_EXP, bad[i].low, bad[i].high, bad[i].steps, &rates, &err),
            LRP_E_ARG);
        ck_assert_ptr_null(rates);
        ck_assert_uint_gt(strlen(err.message), 10);
    }
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("plan");
    TCase *tests = tcase_create("plan");
    tcase_add_test(tests, ends_are_exact);
    tcase_add_test(tests, exponential_steps_have_one_ratio);
    tcase_add_test(tests, linear_steps_have_one_difference);
    tcase_add_test(tests, nonsense_is_refused);
    suite_add_tcase(suite, tests);
    return suite;
}
