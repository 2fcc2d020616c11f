/* SPDX-License-Identifier: MIT */
/* Numbers by tests/data/oracle/trend.py. */
#include "failing_malloc.h"
#include "test_main.h"
#include "test_series.h"
#include "trend.h"

#include <math.h>
#include <string.h>

enum { MOST = LRP_TREND_POINTS_MOST };

/* The oracle's series: red noise on a line, rounded so that there are ties. */
static const struct {
    uint64_t seed;
    size_t n;
    double a, slope, rounding;
} CASES[] = {{1, 12, 0.0, 0.0, 0},       {2, 50, 0.5, -0.02, 0},  {3, 100, 0.7, 0.004, 0},
             {4, 80, 0.3, -0.001, 0.25}, {5, 200, 0.9, 0.0, 0.1}, {6, 60, -0.6, 0.01, 0}};
enum { N_CASES = sizeof CASES / sizeof CASES[0] };

static void make_case(size_t index, double *even, double *uneven, double *y)
{
    oracle_red(CASES[index].seed, CASES[index].n, CASES[index].a, y);
    for (size_t i = 0; i < CASES[index].n; i++) {
        even[i] = (double)i;
        uneven[i] = floor(pow((double)i, 1.5) / 3);
        y[i] += CASES[index].slope * (double)i;
        if (CASES[index].rounding > 0) {
            y[i] = rint(y[i] / CASES[index].rounding) * CASES[index].rounding;
        }
    }
}

START_TEST(theil_sen_is_that_of_scipy)
{
    const struct lrp_theil_sen want[N_CASES][2][2] = {
        {{{-0.0170058333314955, -0.0625168095342815, 0.0273471898399293, -0.070329203736037},
          {-0.0170058333314955, -0.103728861082345, 0.0983949131332338, -0.070329203736037}},
         {{-0.0125482140241989, -0.0456384049418072, 0.0206638085655868, -0.0887392028234899},
          {-0.0125482140241989, -0.0905708957463503, 0.0807592862984166, -0.0887392028234899}}},
        {{{-0.0314283032411558, -0.0385918816480202, -0.024388429318538, 0.185061135728046},
          {-0.0314283032411558, -0.0440923306442907, -0.0192133388492139, 0.185061135728046}},
         {{-0.0128313705260716, -0.0161063819375062, -0.0101257156015367, 0.00503634858431669},
          {-0.0128313705260716, -0.0178589817552261, -0.00827910456012836, 0.00503634858431669}}},
        {{{0.0058196194936688, 0.00365056171787355, 0.0079456582313039, -0.197504448191306},
          {0.0058196194936688, 0.00228414347487761, 0.00916894581041156, -0.197504448191306}},
         {{0.00166258170360434, 0.00104745120517488, 0.0023471969747959, -0.120497145931861},
          {0.00166258170360434, 0.000678706684736027, 0.00271833893515525, -0.120497145931861}}},
        {{{0, 0, 0, 0}, {0, 0, 0.005, 0}}, {{0, 0, 0, 0}, {0, 0, 0.00161290322580645, 0}}},
        {{{0.00185185185185185, 0, 0.00348837209302325, -0.17962962962963},
          {0.00185185185185185, 0, 0.00431034482758621, -0.17962962962963}},
         {{0.00036697247706422, 0, 0.000684931506849315, -0.132293577981651},
          {0.00036697247706422, 0, 0.000851788756388416, -0.132293577981651}}},
        {{{0.010443992840811, 0.00538189997395368, 0.0156695521393223, 0.0595664039727926},
          {0.010443992840811, 0.00214874964959782, 0.0188563866964092, 0.0595664039727926}},
         {{0.00394704589417691, 0.00194353898287548, 0.00598776713971601, 0.127973476257739},
          {0.00394704589417691, 0.000831466773181963, 0.00716669022078404, 0.127973476257739}}}};
    const double levels[] = {0.9, 0.99};
    double x[2][MOST];
    double y[MOST];
    for (size_t c = 0; c < N_CASES; c++) {
        make_case(c, x[0], x[1], y);
        for (size_t k = 0; k < 4; k++) {
            const struct lrp_theil_sen *right = &want[c][k / 2][k % 2];
            struct lrp_theil_sen line;
            ck_assert_int_eq(lrp_theil_sen(x[k / 2], y, CASES[c].n, levels[k % 2], 1, &line, NULL),
                             LRP_OK);
            ck_assert_close(line.slope, right->slope, 1e-12, 1e-15);
            ck_assert_close(line.low, right->low, 1e-12, 1e-15);
            ck_assert_close(line.high, right->high, 1e-12, 1e-15);
            ck_assert_close(line.intercept, right->intercept, 1e-12, 1e-14);
        }
    }
}
END_TEST

START_TEST(mann_kendall_is_that_of_hamed_and_rao)
{
    const struct {
        double s, variance, ratio[2], z[2], p[2]; /* all lags, 3 lags */
    } want[N_CASES] = {{-16,
                        212.666666666667,
                        {1, 1},
                        {-1.02858822198561, -1.02858822198561},
                        {0.303673214899419, 0.303673214899419}},
                       {-639,
                        14291.6666666667,
                        {2.14174116667075, 2.953981272509},
                        {-3.64666398041578, -3.10509842343894},
                        {0.000265666964758351, 0.00190215717801147}},
                       {1368,
                        112750,
                        {1.46871443444901, 2.70345771849912},
                        {3.35924405877236, 2.47599890593298},
                        {0.000781560100503109, 0.0132863985348661}},
                       {325,
                        54274.3333333333,
                        {1, 1},
                        {1.39074581391356, 1.39074581391356},
                        {0.164302519680051, 0.164302519680051}},
                       {2016,
                        892807.333333333,
                        {13.6439112302003, 5.59809146569439},
                        {0.577333466982976, 0.901314133040901},
                        {0.563714209827123, 0.367421321457745}},
                       /* Here the estimates are -0.08 and -0.002: the plain test */
                       {502,
                        24583.3333333333,
                        {1, 1},
                        {3.195341948757836, 3.195341948757836},
                        {0.0013966525617239215, 0.0013966525617239215}}};
    double x[2][MOST];
    double y[MOST];
    for (size_t c = 0; c < N_CASES; c++) {
        make_case(c, x[0], x[1], y);
        for (size_t k = 0; k < 2; k++) {
            struct lrp_mann_kendall test;
            ck_assert_int_eq(
                lrp_mann_kendall(y, CASES[c].n, k == 0 ? 0 : LRP_TREND_LAGS, &test, NULL), LRP_OK);
            ck_assert_close(test.s, want[c].s, 0, 0);
            ck_assert_close(test.variance, want[c].variance, 1e-12, 0);
            ck_assert_close(test.variance_ratio, want[c].ratio[k], 1e-11, 0);
            ck_assert_close(test.z, want[c].z[k], 1e-10, 0);
            ck_assert_close(test.p, want[c].p[k], 1e-10, 0);
        }
    }
}
END_TEST

START_TEST(scale_offset_and_direction_change_what_they_should)
{
    struct lrp_random random;
    lrp_random_seed(&random, 4, 0);
    double x[80];
    double y[80];
    double moved[80];
    red_noise(&random, 80, 0.4, y);
    const double scales[] = {1e-150, 1024, -1, 1e150};
    for (size_t s = 0; s < 4; s++) {
        const double scale = scales[s];
        for (size_t i = 0; i < 80; i++) {
            x[i] = (double)i;
            moved[i] = scale * (y[i] + 2);
        }
        struct lrp_theil_sen line[2];
        struct lrp_mann_kendall test[2];
        ck_assert_int_eq(lrp_theil_sen(x, y, 80, 0.9, 1.7, &line[0], NULL), LRP_OK);
        ck_assert_int_eq(lrp_theil_sen(x, moved, 80, 0.9, 1.7, &line[1], NULL), LRP_OK);
        ck_assert_close(line[1].slope, scale * line[0].slope, 1e-9, 0);
        ck_assert_close(line[1].low, scale * (scale < 0 ? line[0].high : line[0].low), 1e-9, 0);
        ck_assert_close(line[1].intercept, scale * (line[0].intercept + 2), 1e-9, 0);
        ck_assert_int_eq(lrp_mann_kendall(y, 80, 3, &test[0], NULL), LRP_OK);
        ck_assert_int_eq(lrp_mann_kendall(moved, 80, 3, &test[1], NULL), LRP_OK);
        ck_assert_close(test[1].z, copysign(1, scale) * test[0].z, 1e-9, 0);
        ck_assert_close(test[1].variance_ratio, test[0].variance_ratio, 1e-9, 0);
    }
}
END_TEST

START_TEST(spikes_move_the_slope_little)
{
    struct lrp_random random;
    lrp_random_seed(&random, 6, 0);
    double x[100];
    double y[100];
    for (size_t i = 0; i < 100; i++) {
        x[i] = (double)i;
        y[i] = 5 - 0.02 * (double)i + 0.1 * lrp_random_normal(&random);
        y[i] += i % 5 == 4 ? 1000 : 0;
    }
    struct lrp_theil_sen line;
    struct lrp_mann_kendall test;
    ck_assert_int_eq(lrp_theil_sen(x, y, 100, 0.9, 1, &line, NULL), LRP_OK);
    ck_assert_close(line.slope, -0.02, 0.15, 0);
    ck_assert(line.low < -0.02 && line.high > -0.02);
    ck_assert_close(line.intercept, 5, 0, 0.15);
    ck_assert_int_eq(lrp_mann_kendall(y, 100, LRP_TREND_LAGS, &test, NULL), LRP_OK);
    ck_assert(test.z < -3);
}
END_TEST

START_TEST(the_modelled_ratio_is_that_of_the_formula)
{
    const double want[N_CASES] = {1, 6.85177864788004, 4.2976434971765, 1, 17.8981121605048, 1};
    double x[2][MOST];
    double y[MOST];
    for (size_t c = 0; c < N_CASES; c++) {
        struct lrp_mann_kendall test;
        make_case(c, x[0], x[1], y);
        ck_assert_int_eq(lrp_mann_kendall(y, CASES[c].n, LRP_TREND_MODEL, &test, NULL), LRP_OK);
        ck_assert_close(test.variance_ratio, want[c], 1e-11, 0);
    }
}
END_TEST

/* Share of `rounds` series of AR(1) noise on a line with p < 0.05, and share whose 90 % interval
 * misses the slope. */
static void count_calls(size_t lags, double a, size_t n, double slope, unsigned rounds,
                        double *called, double *missed)
{
    struct lrp_random random;
    lrp_random_seed(&random, 9, 0);
    double x[MOST];
    double y[MOST];
    *called = 0;
    *missed = 0;
    for (unsigned round = 0; round < rounds; round++) {
        red_noise(&random, n, a, y);
        for (size_t i = 0; i < n; i++) {
            x[i] = (double)i;
            y[i] += slope * (double)i;
        }
        struct lrp_mann_kendall test;
        struct lrp_theil_sen line;
        ck_assert_int_eq(lrp_mann_kendall(y, n, lags, &test, NULL), LRP_OK);
        ck_assert_int_eq(lrp_theil_sen(x, y, n, 0.9, test.variance_ratio, &line, NULL), LRP_OK);
        *called += test.p < 0.05 ? 1.0 / rounds : 0;
        *missed += line.low <= slope && slope <= line.high ? 0 : 1.0 / rounds;
    }
}

START_TEST(false_alarms_are_few_and_trends_are_seen)
{
    double called, missed;
    count_calls(LRP_TREND_LAGS, 0, 100, 0, 1000, &called, &missed);
    ck_assert_close(called, 0.05, 0, 0.02);
    ck_assert_close(missed, 0.10, 0, 0.03);
    count_calls(LRP_TREND_LAGS, 0.5, 200, 0, 300, &called,
                &missed); /* 0.25 and 0.33 without the correction */
    ck_assert(called < 0.13 && missed < 0.20);
    count_calls(LRP_TREND_LAGS, 0, 50, -0.04, 500, &called, &missed); /* falls by two deviations */
    ck_assert(called > 0.95);
    ck_assert_close(missed, 0.12, 0, 0.05);
}
END_TEST

START_TEST(the_model_makes_few_false_alarms_of_correlated_noise)
{
    double called, missed;
    count_calls(LRP_TREND_MODEL, 0, 50, 0, 1000, &called, &missed);
    ck_assert_close(called, 0.045, 0, 0.02);
    count_calls(LRP_TREND_MODEL, 0.6, 50, 0, 500, &called, &missed); /* 0.14 with 3 lags */
    ck_assert(called < 0.11 && missed < 0.18);
    count_calls(LRP_TREND_MODEL, 0.8, 200, 0, 200, &called, &missed); /* 0.16 with 3 lags */
    ck_assert(called < 0.11 && missed < 0.18);
    count_calls(LRP_TREND_MODEL, -0.5, 50, 0, 300, &called, &missed);
    ck_assert(called < 0.05);
    count_calls(LRP_TREND_MODEL, 0.3, 100, -0.02, 300, &called, &missed);
    ck_assert(called > 0.9); /* falls by two deviations */
}
END_TEST

START_TEST(the_interval_answers_three_ways)
{
    const double inf = HUGE_VAL;
    const double nan = (double)NAN;
    const struct {
        double low, high, delta;
        enum lrp_trend trend;
    } table[] = {{-0.5, 0.5, 1, LRP_TREND_FLAT},
                 {-1, 1, 1, LRP_TREND_FLAT},
                 {-3, -2, 1, LRP_TREND_FALLING},
                 {-3, -1, 1, LRP_TREND_UNDECIDED},
                 {2, 3, 1, LRP_TREND_RISING},
                 {-0.9, -0.1, 1, LRP_TREND_FLAT},
                 {-5, 5, 1, LRP_TREND_UNDECIDED},
                 {-0.2, -0.1, 0, LRP_TREND_FALLING},
                 {0.1, 0.2, 0, LRP_TREND_RISING},
                 {-0.1, 0.2, 0, LRP_TREND_UNDECIDED},
                 {0, 0, 0, LRP_TREND_FLAT},
                 {-inf, inf, 1, LRP_TREND_UNDECIDED},
                 {nan, -5, 1, LRP_TREND_UNDECIDED},
                 {5, nan, 1, LRP_TREND_UNDECIDED},
                 {-0.5, 0.5, nan, LRP_TREND_UNDECIDED}};
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        ck_assert_msg(lrp_trend_of(table[i].low, table[i].high, table[i].delta) == table[i].trend,
                      "row %zu", i);
    }
}
END_TEST

START_TEST(lines_constants_and_wrong_counts_are_answered)
{
    double x[MOST + 1];
    double y[MOST + 1];
    for (size_t i = 0; i <= MOST; i++) {
        x[i] = (double)i;
        y[i] = 0.1 + 0.3 * (double)i;
    }
    struct lrp_mann_kendall test;
    struct lrp_theil_sen line;
    ck_assert_int_eq(lrp_mann_kendall(y, 50, 0, &test, NULL), LRP_OK);
    ck_assert_close(test.s, 1225, 0, 0);
    ck_assert_close(test.variance_ratio, 1, 0, 0); /* what is left of a line is rounding */
    ck_assert_int_eq(lrp_theil_sen(x, y, MOST, 0.9, 1, &line, NULL), LRP_OK);
    ck_assert_close(line.slope, 0.3, 1e-12, 0);
    ck_assert_int_eq(lrp_theil_sen(x, y, 2, 0.9, 1, &line, NULL), LRP_OK);
    ck_assert_close(line.low, 0.3, 1e-12, 0);
    memset(y, 0, sizeof y);
    ck_assert_int_eq(lrp_mann_kendall(y, 50, 0, &test, NULL), LRP_OK);
    ck_assert(test.z == 0 && test.p == 1 && test.variance == 0);
    ck_assert_int_eq(lrp_theil_sen(x, y, 50, 0.9, 1, &line, NULL), LRP_OK);
    ck_assert_int_eq(lrp_trend_of(line.low, line.high, 0), LRP_TREND_FLAT);
    struct lrp_error err;
    ck_assert_int_eq(lrp_theil_sen(y, x, 50, 0.9, 1, &line, &err), LRP_E_NODATA);
    ck_assert_int_eq(lrp_theil_sen(x, y, 1, 0.9, 1, &line, &err), LRP_E_NODATA);
    ck_assert_int_eq(lrp_theil_sen(x, y, MOST + 1, 0.9, 1, &line, &err), LRP_E_LIMIT);
    ck_assert_int_eq(lrp_mann_kendall(y, 3, 0, &test, &err), LRP_E_NODATA);
    ck_assert_int_eq(lrp_mann_kendall(y, MOST + 1, 0, &test, &err), LRP_E_LIMIT);
    ck_assert_str_eq(err.message, "a trend of 401 points: at most 400 are looked at");
}
END_TEST

START_TEST(short_memory_is_an_error_and_changes_nothing)
{
    const double y[] = {3, 1, 2, 5, 4};
    struct lrp_theil_sen line = {.slope = 7};
    struct lrp_mann_kendall test = {.s = 7};
    fail_at = allocations;
    ck_assert_int_eq(lrp_theil_sen(y, y, 5, 0.9, 1, &line, NULL), LRP_E_NOMEM);
    for (size_t k = 0; k < 2; k++) {
        fail_at = allocations + k;
        ck_assert_int_eq(lrp_mann_kendall(y, 5, 0, &test, NULL), LRP_E_NOMEM);
    }
    fail_at = SIZE_MAX;
    ck_assert(line.slope == 7 && test.s == 7);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("trend");
    TCase *tests = tcase_create("trend");
    tcase_set_timeout(tests, 30);
    tcase_add_test(tests, theil_sen_is_that_of_scipy);
    tcase_add_test(tests, mann_kendall_is_that_of_hamed_and_rao);
    tcase_add_test(tests, scale_offset_and_direction_change_what_they_should);
    tcase_add_test(tests, spikes_move_the_slope_little);
    tcase_add_test(tests, false_alarms_are_few_and_trends_are_seen);
    tcase_add_test(tests, the_modelled_ratio_is_that_of_the_formula);
    tcase_add_test(tests, the_model_makes_few_false_alarms_of_correlated_noise);
    tcase_add_test(tests, the_interval_answers_three_ways);
    tcase_add_test(tests, lines_constants_and_wrong_counts_are_answered);
    tcase_add_test(tests, short_memory_is_an_error_and_changes_nothing);
    suite_add_tcase(suite, tests);
    return suite;
}
