/* SPDX-License-Identifier: MIT */
/* Numbers by tests/data/oracle/probability.py. */
#include "probability.h"
#include "random.h"
#include "test_main.h"

#include <math.h>

START_TEST(the_normal_distribution_is_that_of_scipy)
{
    const struct {
        double z, below, beyond;
    } table[] = {{-30, 4.906713927147908e-198, 9.8134278542958159e-198},
                 {-8.5, 9.4795348222032499e-18, 1.89590696444065e-17},
                 {-3, 0.0013498980316300933, 0.0026997960632601866},
                 {-0.1, 0.46017216272297101, 0.92034432544594202},
                 {0, 0.5, 1},
                 {1, 0.84134474606854293, 0.31731050786291415},
                 {6, 0.9999999990134123, 1.9731752900753892e-09}};
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        ck_assert_close(lrp_normal_cdf(table[i].z), table[i].below, 1e-12, 0);
        ck_assert_close(lrp_normal_two_sided(table[i].z), table[i].beyond, 1e-12, 0);
        ck_assert_close(lrp_normal_two_sided(-table[i].z), table[i].beyond, 1e-12, 0);
    }
    ck_assert(lrp_normal_cdf(-HUGE_VAL) == 0 && lrp_normal_cdf(HUGE_VAL) == 1);
    ck_assert(isnan(lrp_normal_cdf((double)NAN)));
}
END_TEST

START_TEST(its_quantiles_are_those_of_scipy)
{
    const struct {
        double p, z;
    } table[] = {{1e-300, -37.047096299361201},
                 {1e-20, -9.2623400897984087},
                 {1e-9, -5.9978070150076865},
                 {0.001, -3.0902323061678132},
                 {0.07, -1.4757910281791706},
                 {0.0751, -1.4388253927525403},
                 {0.3, -0.52440051270804089},
                 {0.5, 0},
                 {0.9, 1.2815515655446004},
                 {0.975, 1.959963984540054},
                 {0.999999, 4.7534243088170873},
                 {0, -HUGE_VAL},
                 {1, HUGE_VAL},
                 {-0.1, (double)NAN},
                 {1.1, (double)NAN},
                 {(double)NAN, (double)NAN}};
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        ck_assert_close(lrp_normal_quantile(table[i].p), table[i].z, 1e-14, 0);
    }
    for (double z = -8; z < 5; z += 0.01) {
        ck_assert_close(lrp_normal_quantile(lrp_normal_cdf(z)), z, 0, z < 0 ? 1e-13 : 1e-9);
    }
}
END_TEST

START_TEST(intervals_of_shares_are_wilsons)
{
    const struct {
        size_t successes, n;
        double level, low, high;
    } table[] = {{0, 10, 0.95, 0, 0.277532799862889},
                 {10, 10, 0.95, 0.722467200137111, 1},
                 {3, 10, 0.9, 0.126876583903198, 0.558300204130165},
                 {1, 1, 0.5, 0.687315255917417, 1},
                 {97, 1000, 0.99, 0.0754822382750043, 0.123830240637142},
                 {500000, 1000000, 0.95, 0.499020019890005, 0.500979980109995},
                 {0, 0, 0.95, 0, 1}};
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        double low, high;
        lrp_wilson_interval(table[i].successes, table[i].n, table[i].level, &low, &high);
        ck_assert_close(low, table[i].low, 1e-13, 0);
        ck_assert_close(high, table[i].high, 1e-13, 0);
    }
}
END_TEST

START_TEST(wilsons_interval_holds_the_share_as_often_as_it_says)
{
    struct lrp_random random;
    lrp_random_seed(&random, 3, 0);
    unsigned held = 0;
    for (unsigned i = 0; i < 4000; i++) {
        double share = lrp_random_uniform(&random);
        size_t successes = 0;
        for (unsigned k = 0; k < 40; k++) {
            successes += lrp_random_uniform(&random) < share;
        }
        double low, high;
        lrp_wilson_interval(successes, 40, 0.9, &low, &high);
        held += low <= share && share <= high;
    }
    ck_assert_close(held / 4000.0, 0.9, 0, 0.02);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("probability");
    TCase *tests = tcase_create("probability");
    tcase_add_test(tests, the_normal_distribution_is_that_of_scipy);
    tcase_add_test(tests, its_quantiles_are_those_of_scipy);
    tcase_add_test(tests, intervals_of_shares_are_wilsons);
    tcase_add_test(tests, wilsons_interval_holds_the_share_as_often_as_it_says);
    suite_add_tcase(suite, tests);
    return suite;
}
