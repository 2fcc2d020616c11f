/* SPDX-License-Identifier: MIT */
/* What a session decides from round to round: where the range goes after each outcome, when there
 * is more evidence, and when it ends. */
#include "made_up_strategy.h"

START_TEST(the_planned_length_reaches_the_bounds)
{
    session.options.steps_planned = 5000;
    go(1);
    ck_assert_close(result.bounds.steps_planned, 5000, 0, 0);
}
END_TEST

START_TEST(an_ok_round_is_the_last)
{
    made.curves[0] = LEARNS;
    go(1);
    check_outcome("ok");
    ck_assert_uint_eq(result.n_events, 0);
}
END_TEST

START_TEST(without_divergence_the_range_goes_up)
{
    made.curves[0] = FALLS;
    made.curves[1] = STAYS;
    made.curves[2] = LEARNS;
    go(3);
    check_outcome("ok");
    ck_assert_uint_eq(made.raised, 2);
    ck_assert_uint_eq(made.lowered + made.more, 0);
    ck_assert(has_event("the range was extended up to 10"));
    ck_assert(has_event("the range was extended up to 100"));
}
END_TEST

START_TEST(something_else_may_be_tried_first)
{
    made.curves[0] = made.curves[1] = FALLS;
    made.curves[2] = LEARNS;
    made.has_instead = true;
    go(3);
    ck_assert_uint_eq(made.instead, 2);
    ck_assert_uint_eq(made.raised, 1);
}
END_TEST

START_TEST(a_given_highest_rate_is_kept)
{
    session.options.lr_max = 1;
    made.curves[0] = FALLS;
    go(1);
    ck_assert_uint_eq(made.raised + made.instead, 0);
    ck_assert(has_event("up to 1; the range was not extended, since --lr-max was given"));
}
END_TEST

START_TEST(divergence_at_once_moves_the_range_far_down)
{
    made.curves[0] = DIVERGES;
    made.curves[1] = LEARNS;
    go(2);
    ck_assert_uint_eq(made.lowered, 1);
    ck_assert(made.escaped);
    ck_assert_double_eq(made.factor, 1000);
    ck_assert(has_event("the loss diverged at the lowest rate: the range was lowered to 1e-08"));
}
END_TEST

START_TEST(a_given_lowest_rate_is_kept)
{
    session.options.lr_min = 1e-3;
    made.curves[0] = DIVERGES;
    go(1);
    ck_assert_uint_eq(made.lowered, 0);
    ck_assert(has_event("at 0.001; the range was not lowered, since --lr-min was given"));
}
END_TEST

START_TEST(learning_at_once_moves_the_range_down)
{
    made.curves[0] = made.curves[1] = LEARNS;
    made.learns_at_once = true;
    go(4); /* down to 3.7e-10 */
    ck_assert_uint_eq(made.lowered, 3);
    ck_assert(!made.escaped);
    ck_assert_double_eq(made.factor, 30);
    ck_assert(has_event("the model learns already at the lowest rate: the range was lowered to"));
}
END_TEST

START_TEST(the_highest_rate_goes_up_to_the_ceiling)
{
    for (size_t i = 0; i < 5; i++) {
        made.curves[i] = FALLS;
    }
    go(5); /* five rounds are the most */
    ck_assert_uint_eq(made.raised, 4);
    ck_assert(has_event("the range was extended up to 10000"));
}
END_TEST

static enum lrp_status begin_at_ends(struct lrp_rounds *rounds, struct lrp_error *why)
{
    (void)why;
    rounds->lr_min = 1e-9;
    rounds->lr_max = 1e4;
    return LRP_OK;
}

START_TEST(no_range_goes_beyond_the_ends)
{
    static const struct {
        enum curve curve;
        const char *event;
    } ends[] = {{FALLS, "up to 10000, the ceiling"}, {DIVERGES, "at 1e-09, the floor"}};
    strategy.begin = begin_at_ends;
    made.curves[0] = ends[_i].curve;
    go(1);
    ck_assert_uint_eq(made.raised + made.lowered, 0);
    ck_assert_msg(has_event(ends[_i].event), "%s", result.events[0]);
}
END_TEST

START_TEST(noise_asks_for_more_where_something_diverged)
{
    for (size_t i = 0; i < 5; i++) {
        made.curves[i] = NOISE;
    }
    strategy.raises_noise = true;
    made.any_diverged = true;
    made.gives_more = true;
    go(5);
    check_outcome("too-noisy");
    ck_assert_uint_eq(made.more, 4);
    ck_assert_uint_eq(made.raised, 0);
}
END_TEST

START_TEST(noise_goes_up_where_nothing_diverged)
{
    made.curves[0] = NOISE;
    made.curves[1] = LEARNS;
    strategy.raises_noise = true;
    go(2);
    ck_assert_uint_eq(made.raised, 1);
    ck_assert_uint_eq(made.more, 0);
}
END_TEST

START_TEST(too_few_rows_ask_for_more_until_there_is_none)
{
    made.curves[0] = FEW;
    go(1);
    check_outcome("too-short");
    ck_assert_uint_eq(made.more, 1);
    ck_assert_uint_eq(made.raised + made.lowered, 0);
}
END_TEST

START_TEST(a_second_series_has_rounds_of_its_own)
{
    for (size_t i = 0; i < 6; i++) {
        made.curves[i] = i % 3 == 2 ? LEARNS : FALLS;
    }
    made.refines = true;
    go(6); /* more than one series may have */
    ck_assert_uint_eq(made.raised, 4);
}
END_TEST

static void stop_in_round(size_t n_rounds)
{
    made.n_wanted = n_rounds;
    made.interrupted = true;
    ck_assert(lrp_rounds_run(&session, &err) == LRP_E_INTERRUPTED);
    ck_assert_str_eq(err.message, "stopped on request");
    ck_assert_uint_eq(made.n_rounds, n_rounds);
}

START_TEST(a_stop_keeps_the_complete_round_before_it)
{
    made.curves[0] = FALLS;
    made.curves[1] = STAYS;
    stop_in_round(2);
    check_outcome("did-not-diverge");
    ck_assert(has_warning("this is the answer of the round before it"));
}
END_TEST

START_TEST(a_stopped_round_with_bounds_counts)
{
    made.curves[0] = FALLS;
    made.curves[1] = LEARNS;
    stop_in_round(2);
    check_outcome("ok");
    ck_assert(has_warning("stopped: this rests on 1 of 3 repeats"));
}
END_TEST

START_TEST(a_stopped_round_counts_where_it_has_the_earlier_runs)
{
    strategy.keeps_runs = true;
    made.curves[0] = FALLS;
    made.curves[1] = STAYS;
    stop_in_round(2);
    check_outcome("flat");
    ck_assert(has_warning("stopped: this rests on 1 of 3 repeats"));
}
END_TEST

START_TEST(a_stop_on_the_way_up_says_how_far_it_came)
{
    made.curves[0] = FALLS;
    made.cut = true;
    stop_in_round(1);
    ck_assert(has_warning("stopped on the way up: rates above 1 were not tried"));
}
END_TEST

START_TEST(a_stop_without_anything_keeps_the_round_before_it)
{
    made.curves[0] = FALLS;
    made.nothing = true;
    stop_in_round(2);
    check_outcome("did-not-diverge");
    ck_assert_uint_eq(result.n_records, 1);
}
END_TEST

START_TEST(rounds_without_a_usable_run_are_an_error)
{
    made.nothing = true;
    ck_assert(lrp_rounds_run(&session, &err) == LRP_E_CHILD);
    ck_assert_uint_eq(result.n_records, 0);
}
END_TEST

START_TEST(seeds_that_do_nothing_are_said)
{
    made.curves[0] = LEARNS;
    made.same_seeds = true;
    go(1);
    ck_assert(has_warning("the seed does nothing"));
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("rounds");
    TCase *tests = tcase_create("rounds");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, the_planned_length_reaches_the_bounds);
    tcase_add_test(tests, an_ok_round_is_the_last);
    tcase_add_test(tests, without_divergence_the_range_goes_up);
    tcase_add_test(tests, something_else_may_be_tried_first);
    tcase_add_test(tests, a_given_highest_rate_is_kept);
    tcase_add_test(tests, divergence_at_once_moves_the_range_far_down);
    tcase_add_test(tests, a_given_lowest_rate_is_kept);
    tcase_add_test(tests, learning_at_once_moves_the_range_down);
    tcase_add_test(tests, the_highest_rate_goes_up_to_the_ceiling);
    tcase_add_loop_test(tests, no_range_goes_beyond_the_ends, 0, 2);
    tcase_add_test(tests, noise_asks_for_more_where_something_diverged);
    tcase_add_test(tests, noise_goes_up_where_nothing_diverged);
    tcase_add_test(tests, too_few_rows_ask_for_more_until_there_is_none);
    tcase_add_test(tests, a_second_series_has_rounds_of_its_own);
    tcase_add_test(tests, a_stop_keeps_the_complete_round_before_it);
    tcase_add_test(tests, a_stopped_round_with_bounds_counts);
    tcase_add_test(tests, a_stopped_round_counts_where_it_has_the_earlier_runs);
    tcase_add_test(tests, a_stop_on_the_way_up_says_how_far_it_came);
    tcase_add_test(tests, a_stop_without_anything_keeps_the_round_before_it);
    tcase_add_test(tests, rounds_without_a_usable_run_are_an_error);
    tcase_add_test(tests, seeds_that_do_nothing_are_said);
    suite_add_tcase(suite, tests);
    return suite;
}
