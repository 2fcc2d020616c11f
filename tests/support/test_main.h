/* SPDX-License-Identifier: MIT */
#ifndef LRP_TESTS_TEST_MAIN_H
#define LRP_TESTS_TEST_MAIN_H
#define CK_FLOATING_DIG 17
#include <check.h>

/* Each test_<module>.c defines exactly one suite. */
Suite *make_suite(void);

/* 1 when |got - want| <= absolute + relative * |want|, or both are NaN; anything else that involves
 * a NaN is 0. */
int close_to(double got, double want, double relative, double absolute);
#define ck_assert_close(got, want, relative, absolute)                                             \
    ck_assert_msg(close_to((got), (want), (relative), (absolute)), "%s = %.17g, wanted %.17g",     \
                  #got, (double)(got), (double)(want))
/* The folder with the shared data (LRPROBE_DATA, else ../shared/data beside the checkout), NULL
 * where it is absent: the test then says so and returns. */
const char *shared_data(void);
/* The source tree's tests/data. */
const char *test_data(void);
#endif
