/* SPDX-License-Identifier: MIT */
/* Whether higher rates, from fresh weights, get further than the sweeps before them. */
#include "no_further.h"
#include "test_main.h"

#include <math.h>

enum { N = 501 };
static double rates[2][N];
static double losses[2][N];
static struct lrp_curve first = {.n = N, .log10_lr = rates[0], .median = losses[0]};
static struct lrp_curve higher = {.n = N, .log10_lr = rates[1], .median = losses[1]};

/* Level 1, from 10^-4 on a fall of one half a decade down to lowest; 10^-5 to 10^0 and 10^-1 to
 * 10^4, the second one begins to fall at 10^0. */
static void make(double lowest, double other)
{
    for (size_t i = 0; i < N; i++) {
        rates[0][i] = -5 + 0.01 * (double)i;
        losses[0][i] = fmin(1, fmax(lowest, 1 - 0.5 * (rates[0][i] + 4)));
        rates[1][i] = rates[0][i] + 4;
        losses[1][i] = fmin(1, fmax(other, 1 - 0.5 * rates[1][i]));
    }
}

START_TEST(less_far_is_no_further)
{
    double stops = 0;
    make(0, 0.06);
    ck_assert(lrp_get_no_further(&first, &higher, &stops));
    ck_assert_close(stops, -2.2, 0, 0.011); /* 0.1 is reached 1.8 decades behind 10^-4 */
    make(0, 0.04);                          /* a twentieth of the fall is no difference */
    ck_assert(!lrp_get_no_further(&first, &higher, &stops));
    make(0.2, 0.1); /* further */
    ck_assert(!lrp_get_no_further(&first, &higher, &stops));
}
END_TEST

START_TEST(a_loss_that_still_falls_wants_higher_rates)
{
    double stops = 0;
    make(0, 0.5);
    for (size_t i = 0; i < N; i++) { /* over all of its decades, so in the last one by a fifth */
        losses[0][i] = -0.2 * rates[0][i];
    }
    ck_assert(!lrp_get_no_further(&first, &higher, &stops));
}
END_TEST

START_TEST(without_values_nothing_is_said)
{
    double stops = 0;
    make(0, 0.5);
    for (size_t i = 0; i < N; i++) {
        losses[1][i] = (double)NAN;
    }
    ck_assert(!lrp_get_no_further(&first, &higher, &stops));
    make(1, 1); /* no fall */
    ck_assert(!lrp_get_no_further(&first, &higher, &stops));
    make(0, 0.5);
    for (size_t i = 0; i < 50; i++) { /* ends are often empty */
        losses[0][i] = losses[0][N - 1 - i] = (double)NAN;
    }
    ck_assert(lrp_get_no_further(&first, &higher, &stops));
    ck_assert_close(stops, -2.2, 0, 0.011);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("no_further");
    TCase *tests = tcase_create("no_further");
    tcase_add_test(tests, less_far_is_no_further);
    tcase_add_test(tests, a_loss_that_still_falls_wants_higher_rates);
    tcase_add_test(tests, without_values_nothing_is_said);
    suite_add_tcase(suite, tests);
    return suite;
}
