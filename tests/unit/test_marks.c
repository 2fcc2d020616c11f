/* SPDX-License-Identifier: MIT */
/* Marks on curves whose crossings are computed by hand. */
#include "constant_marks.h"
#include "marks.h"
#include "test_main.h"

#include <math.h>

enum { N = 401, HEAD = 20 };
static double x[N];
static double y[N];

/* Level 1, from 10^-4 on a fall of one a decade to 0 at 10^-3, then a rise of a half a decade. */
static void make_valley(void)
{
    for (size_t i = 0; i < N; i++) {
        x[i] = -5 + 0.01 * (double)i;
        y[i] = x[i] < -4 ? 1 : (x[i] < -3 ? -3 - x[i] : 0.5 * (x[i] + 3));
    }
}

START_TEST(marks_lie_where_the_shares_of_the_fall_are)
{
    make_valley();
    struct lrp_marks marks = lrp_find_marks(x, y, N, HEAD, 0);
    ck_assert_close(marks.start_value, 1, 0, 1e-12);
    ck_assert_close(marks.lowest_value, 0, 0, 1e-12);
    ck_assert_close(marks.lowest, -3, 0, 1e-9);
    ck_assert_close(marks.base, -3.95, 0, 1e-9); /* 5 % of the fall */
    ck_assert_close(marks.base_early, -3.975, 0, 1e-9);
    ck_assert_close(marks.base_late, -3.9, 0, 1e-9);
    ck_assert_close(marks.basin_left, -3.1, 0, 1e-9); /* 10 % above the lowest */
    ck_assert_close(marks.basin_right, -2.8, 0, 1e-9);
    ck_assert_close(marks.max, -2.95, 0, 1e-9);
    ck_assert_close(marks.diverged, -2.5, 0, 1e-9); /* 25 % */
    ck_assert(marks.steepest > -4 && marks.steepest < -3);
    ck_assert(!marks.falls_at_once && !marks.climbs_first);
}
END_TEST

START_TEST(noise_moves_base_to_where_the_fall_is_five_errors)
{
    make_valley();
    struct lrp_marks marks = lrp_find_marks(x, y, N, HEAD, 0.03);
    ck_assert_close(marks.base, -3.85, 0, 1e-9);
    ck_assert_close(marks.base_early, -3.9, 0, 1e-9); /* 5 / 3 errors: the level has one, too */
    ck_assert_close(marks.base_late, -3.8, 0, 1e-9);
    ck_assert_close(marks.max, -2.95, 0, 1e-9);
}
END_TEST

START_TEST(a_curve_that_falls_from_the_first_rate_on_is_said)
{
    make_valley();
    /* 60 rates before the fall are cut off: within its head the curve falls by 0.2 - 0.01 */
    const double *late_x = x + 101;
    const double *late_y = y + 101;
    const size_t n = N - 101;
    ck_assert(lrp_find_marks(late_x, late_y, n, 20, 0).falls_at_once);
    ck_assert(lrp_find_marks(late_x, late_y, n, 20, 0.13).falls_at_once);
    ck_assert(!lrp_find_marks(late_x, late_y, n, 20, 0.16).falls_at_once);
}
END_TEST

START_TEST(a_climb_of_half_the_fall_is_no_level_before_learning)
{
    make_valley();
    for (size_t i = 0; i < 100; i++) {
        y[i] = 0.4 + 0.006 * (double)i; /* to 1 */
    }
    struct lrp_marks marks = lrp_find_marks(x, y, N, HEAD, 0);
    ck_assert(marks.climbs_first);
    ck_assert_close(marks.start_value, 1, 0, 1e-9);
    ck_assert_close(marks.base, -3.95, 0, 1e-9);
    for (size_t i = 0; i < 100; i++) {
        y[i] = 0.6 + 0.004 * (double)i; /* less than half of the fall */
    }
    marks = lrp_find_marks(x, y, N, HEAD, 0);
    ck_assert(!marks.climbs_first);
    ck_assert(marks.start_value < 0.7);
}
END_TEST

START_TEST(what_comes_down_behind_the_first_valley_is_no_start)
{
    make_valley();
    for (size_t i = 0; i < N; i++) { /* up to 2 at 10^-2, down to 0.3 at 10^-1 */
        if (x[i] > -3) {
            y[i] = x[i] < -2 ? 2 * (x[i] + 3) : 2 - 1.7 * (x[i] + 2);
        }
    }
    struct lrp_marks marks = lrp_find_marks(x, y, N, HEAD, 0);
    ck_assert(!marks.climbs_first);
    ck_assert_close(marks.lowest, -3, 0, 1e-9);
    ck_assert_close(marks.base, -3.95, 0, 1e-9);
    ck_assert_close(marks.basin_right, -2.95, 0, 1e-9);
    for (size_t i = 0; i < N; i++) { /* a first valley of a tenth of the second fall is a wobble */
        y[i] = x[i] < -2 ? y[i] / 10 + 0.9 : y[i];
    }
    marks = lrp_find_marks(x, y, N, HEAD, 0);
    ck_assert(marks.lowest > -2);
}
END_TEST

START_TEST(a_curve_without_a_fall_or_a_rise_has_no_marks_there)
{
    make_valley();
    struct lrp_marks marks = lrp_find_marks(x, y, 205, HEAD, 0); /* ends shortly after the lowest */
    ck_assert_close(marks.base, -3.95, 0, 1e-9);
    ck_assert(isnan(marks.basin_right) && isnan(marks.max) && isnan(marks.diverged));
    for (size_t i = 0; i < N; i++) {
        y[i] = 1 + 0.01 * (double)i;
    }
    marks = lrp_find_marks(x, y, N, HEAD, 0);
    ck_assert(isnan(marks.base) && isnan(marks.max));
}
END_TEST

/* ---- constant rates ------------------------------------------------------------------------ */

enum { RATES = 6 };
static const double rates[RATES] = {-5, -4, -3, -2, -1, 0};

static struct lrp_constant_marks marks_of(const double *end, const double *peak, double error)
{
    const struct lrp_rate_ends ends = {
        .x = rates, .end = end, .peak = peak, .n = RATES, .start = 1, .error = error};
    return lrp_find_constant_marks(&ends);
}

START_TEST(ends_of_runs_give_marks_between_the_rates)
{
    const double end[RATES] = {1, 1, 0.5, 0, 0.6, HUGE_VAL};
    const double peak[RATES] = {1, 1, 1, 1, 1.6, HUGE_VAL};
    struct lrp_constant_marks marks = marks_of(end, peak, 0);
    ck_assert_uint_eq(marks.best, 3);
    ck_assert_close(marks.fall, 1, 0, 0);
    ck_assert(marks.fell && marks.steep && !marks.reaches_end && !marks.starts_below);
    ck_assert_close(marks.base, -3.9, 0, 1e-9); /* 0.95 on the way from 0.5 to 1 */
    ck_assert_close(marks.edge, -2 + 0.05 / 0.6, 0, 1e-9);
    ck_assert_close(marks.basin, -2, 0, 1e-9);
    ck_assert_close(marks.max, -2 + 0.025 / 0.6, 0, 1e-9); /* halfway */
    ck_assert_close(marks.diverged, -1, 0, 0);
    /* with noise base is where the fall is two errors of an end */
    ck_assert_close(marks_of(end, peak, 0.2).base, -3.2, 0, 1e-9);
}
END_TEST

START_TEST(a_fall_is_more_than_four_errors)
{
    const double end[RATES] = {1, 1, 0.5, 0, 0.6, HUGE_VAL};
    const double peak[RATES] = {1, 1, 1, 1, 1.6, HUGE_VAL};
    ck_assert(marks_of(end, peak, 0.24).fell);
    ck_assert(!marks_of(end, peak, 0.26).fell);
}
END_TEST

START_TEST(an_explosion_on_the_way_is_an_edge)
{
    /* at 10^-1 a run ends as low as the best, but rises to 2 before; the limit is 1.25 */
    const double end[RATES] = {1, 1, 0.5, 0, 0, HUGE_VAL};
    const double peak[RATES] = {1, 1, 1, 1, 2, HUGE_VAL};
    struct lrp_constant_marks marks = marks_of(end, peak, 0);
    ck_assert_close(marks.edge, -1.75, 0, 1e-9);
    ck_assert_close(marks.diverged, -1, 0, 0);
    /* calm to the last */
    const double calm_end[RATES] = {1, 1, 0.5, 0.01, 0, 0};
    const double calm_peak[RATES] = {1, 1, 1, 1, 1, 1};
    ck_assert(marks_of(calm_end, calm_peak, 0).reaches_end);
}
END_TEST

START_TEST(a_neighbour_that_blew_up_leaves_the_edge_at_the_good_rate)
{
    const double end[RATES] = {1, 1, 0.5, 0, HUGE_VAL, HUGE_VAL};
    const double peak[RATES] = {1, 1, 1, 1, HUGE_VAL, HUGE_VAL};
    struct lrp_constant_marks marks = marks_of(end, peak, 0);
    ck_assert_close(marks.edge, -2, 0, 0);
    ck_assert_close(marks.edge_above, -1, 0, 0);
    /* an end beyond the first explosion does not count, however low it is */
    const double lucky[RATES] = {1, 1, 0.5, 0, HUGE_VAL, -5};
    const double lucky_peak[RATES] = {1, 1, 1, 1, HUGE_VAL, 1};
    ck_assert_uint_eq(marks_of(lucky, lucky_peak, 0).best, 3);
}
END_TEST

START_TEST(the_lowest_rate_may_learn_already)
{
    const double end[RATES] = {0.9, 0.8, 0.5, 0, 0.6, HUGE_VAL};
    const double peak[RATES] = {1, 1, 1, 1, 1.6, HUGE_VAL};
    struct lrp_constant_marks marks = marks_of(end, peak, 0);
    ck_assert(marks.starts_below && isnan(marks.base));
    const double blown[RATES] = {HUGE_VAL, 1, 0.5, 0, 0.6, HUGE_VAL};
    ck_assert(isnan(marks_of(blown, peak, 0).fall));
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("marks");
    TCase *tests = tcase_create("marks");
    tcase_add_test(tests, marks_lie_where_the_shares_of_the_fall_are);
    tcase_add_test(tests, noise_moves_base_to_where_the_fall_is_five_errors);
    tcase_add_test(tests, a_curve_that_falls_from_the_first_rate_on_is_said);
    tcase_add_test(tests, a_climb_of_half_the_fall_is_no_level_before_learning);
    tcase_add_test(tests, what_comes_down_behind_the_first_valley_is_no_start);
    tcase_add_test(tests, a_curve_without_a_fall_or_a_rise_has_no_marks_there);
    tcase_add_test(tests, ends_of_runs_give_marks_between_the_rates);
    tcase_add_test(tests, a_fall_is_more_than_four_errors);
    tcase_add_test(tests, an_explosion_on_the_way_is_an_edge);
    tcase_add_test(tests, a_neighbour_that_blew_up_leaves_the_edge_at_the_good_rate);
    tcase_add_test(tests, the_lowest_rate_may_learn_already);
    suite_add_tcase(suite, tests);
    return suite;
}
