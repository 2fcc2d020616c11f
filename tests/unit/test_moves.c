/* SPDX-License-Identifier: MIT */
/* Moves of a range test follow the reason of an outcome; what the session knows beside its records
 * is part of the answer. */
#include "made_up_strategy.h"

#include <stdio.h>

static const struct {
    enum lrp_outcome outcome;
    enum lrp_reason reason;
    bool narrows;
    char moved; /* up, down, fit, narrow, more, instead, or stay */
} moves[] = {
    {LRP_OUTCOME_DID_NOT_DIVERGE, LRP_REASON_NONE, false, 'u'},
    {LRP_OUTCOME_DID_NOT_DIVERGE, LRP_REASON_RANGE_TOO_LOW, false, 'u'},
    {LRP_OUTCOME_DID_NOT_DIVERGE, LRP_REASON_MEMORISED, false, 'i'},
    {LRP_OUTCOME_DID_NOT_DIVERGE, LRP_REASON_TRAINER_ENDED, false, 'f'},
    {LRP_OUTCOME_FLAT, LRP_REASON_NO_EFFECT, false, 's'},
    {LRP_OUTCOME_FLAT, LRP_REASON_DIRECTION_UNKNOWN, false, 's'},
    {LRP_OUTCOME_FLAT, LRP_REASON_NO_LEARNING, false, 'm'},
    {LRP_OUTCOME_DIVERGED_AT_START, LRP_REASON_NO_LEARNING, false, 'm'},
    {LRP_OUTCOME_DIVERGED_AT_START, LRP_REASON_NO_LEARNING, true, 'n'},
    {LRP_OUTCOME_DIVERGED_AT_START, LRP_REASON_RANGE_TOO_HIGH, false, 'd'},
    {LRP_OUTCOME_DIVERGED_AT_START, LRP_REASON_NONE, false, 'd'},
    {LRP_OUTCOME_DIVERGED_AT_START, LRP_REASON_NONE, true, 'n'},
    {LRP_OUTCOME_TOO_NOISY, LRP_REASON_NOISE, false, 'm'},
    {LRP_OUTCOME_TOO_SHORT, LRP_REASON_FEW_STEPS, false, 'm'},
    {LRP_OUTCOME_TOO_SHORT, LRP_REASON_TRAINER_ENDED, false, 'f'},
    {LRP_OUTCOME_OK, LRP_REASON_NONE, false, 's'},
    {LRP_OUTCOME_OK, LRP_REASON_REPEATS_DIFFER, false, 's'},
};

START_TEST(a_move_follows_the_reason)
{
    struct lrp_rounds rounds = {.session = &session, .lr_min = 1e-5, .lr_max = 1};
    bool again = false;
    made.narrows = moves[_i].narrows;
    made.gives_more = true;
    made.has_instead = moves[_i].moved == 'i';
    result.bounds.outcome = moves[_i].outcome;
    result.bounds.reason = moves[_i].reason;
    ck_assert(lrp_rounds_adapt(&rounds, &again, &err) == LRP_OK);
    const char moved = made.raised > 0                                ? 'u'
                       : made.lowered > 0                             ? 'd'
                       : made.fitted > 0                              ? 'f'
                       : made.narrowed > 0 && again && made.more == 0 ? 'n'
                       : made.more > 0                                ? 'm'
                       : made.instead > 0                             ? 'i'
                                                                      : 's';
    ck_assert_msg(moved == moves[_i].moved, "row %d: %c", _i, moved);
    ck_assert(again == (moved != 's'));
}
END_TEST

START_TEST(a_rate_without_effect_ends_the_sweep)
{
    made.curves[0] = FALLS;
    made.no_effect = true;
    go(1);
    check_outcome("flat");
    ck_assert_str_eq(lrp_reason_name(result.bounds.reason), "no-effect");
    ck_assert(isnan(result.bounds.base_lr.value) && isnan(result.bounds.max_lr.value));
    ck_assert_uint_eq(result.bounds.n_warnings, 1);
    ck_assert(has_warning("the losses do not depend on the rate that was set"));
}
END_TEST

START_TEST(a_trainer_that_ended_by_itself_is_the_reason)
{
    made.curves[0] = made.curves[1] = FALLS;
    made.gives = 60;
    (void)snprintf(run.run.reason, sizeof run.run.reason,
                   "the trainer ended early, after 60 of 200 steps; it said: patience is over");
    go(2); /* the same range in as many steps as there are, once */
    check_outcome("did-not-diverge");
    ck_assert_str_eq(lrp_reason_name(result.bounds.reason), "trainer-ended");
    ck_assert_uint_eq(made.raised, 0);
    ck_assert(has_warning("rates above 1 were not tried: the trainer ended early, after 60 of 200 "
                          "steps; it said: patience is over"));
    ck_assert(!has_warning("higher rates"));
}
END_TEST

START_TEST(an_answer_is_not_spoilt_by_an_end)
{
    made.curves[0] = LEARNS;
    made.gives = 60;
    go(1);
    check_outcome("ok");
    ck_assert_int_eq(result.bounds.reason, LRP_REASON_NONE);
}
END_TEST

START_TEST(repeats_are_added_without_counting_as_rounds)
{
    for (size_t i = 0; i < 7; i++) {
        made.curves[i] = i < 4 ? FALLS : LEARNS;
    }
    made.repeats_wanted = 2;
    go(7); /* five rounds, the last one with two more repeats */
    ck_assert_uint_eq(made.raised, 4);
    ck_assert_uint_eq(made.repeated, 2);
}
END_TEST

START_TEST(runs_that_are_no_repeats_are_said)
{
    made.curves[0] = LEARNS;
    made.unlike = 2;
    go(1);
    check_outcome("ok");
    ck_assert_str_eq(lrp_reason_name(result.bounds.reason), "repeats-differ");
    ck_assert(has_warning("2 of 3 runs did not begin as the first one"));
}
END_TEST

START_TEST(an_end_that_around_gave_is_not_blamed_on_another_option)
{
    session.options.lr_min = 1e-5;
    session.options.lr_max = 1;
    session.options.around = 3e-3;
    made.curves[0] = FALLS;
    go(1);
    ck_assert(has_event("since --around was given"));
}
END_TEST

/* Whatever is not seen below the rates at which most sweeps ended high does not lie above them. */
START_TEST(sweeps_that_ended_high_do_not_move_the_range_up)
{
    struct lrp_rounds rounds = {.session = &session, .lr_min = 1e-5, .lr_max = 1};
    const enum lrp_outcome outcomes[] = {LRP_OUTCOME_FLAT, LRP_OUTCOME_DID_NOT_DIVERGE,
                                         LRP_OUTCOME_TOO_NOISY};
    bool again = false;
    strategy.raises_noise = true;
    phase.any_diverged = phase.most_diverged = true;
    for (size_t i = 0; i < 3; i++) {
        result.bounds.outcome = outcomes[i];
        result.bounds.reason = LRP_REASON_NONE;
        ck_assert(lrp_rounds_adapt(&rounds, &again, &err) == LRP_OK);
        ck_assert_uint_eq(made.more, i + 1);
    }
    ck_assert_uint_eq(made.raised, 0);
}
END_TEST

START_TEST(few_scores_leave_the_answer_to_a_loss_that_diverges)
{
    made.curves[0] = LEARNS;
    made.scores = true;
    made.any_diverged = true;
    go(1);
    check_outcome("ok");
    ck_assert_str_eq(result.bounds.metric, "loss");
    ck_assert(has_warning("these bounds are of the loss: val_accuracy has too few values"));
    ck_assert_uint_eq(made.raised + made.more, 0);
}
END_TEST

START_TEST(scores_decide_where_nothing_diverged)
{
    made.curves[0] = made.curves[1] = LEARNS;
    made.scores = true;
    go(5); /* rounds at most */
    ck_assert_str_eq(result.bounds.metric, "val_accuracy");
    ck_assert_uint_gt(made.raised, 0);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("moves");
    TCase *tests = tcase_create("moves");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_loop_test(tests, a_move_follows_the_reason, 0, sizeof moves / sizeof moves[0]);
    tcase_add_test(tests, a_rate_without_effect_ends_the_sweep);
    tcase_add_test(tests, a_trainer_that_ended_by_itself_is_the_reason);
    tcase_add_test(tests, an_answer_is_not_spoilt_by_an_end);
    tcase_add_test(tests, repeats_are_added_without_counting_as_rounds);
    tcase_add_test(tests, runs_that_are_no_repeats_are_said);
    tcase_add_test(tests, an_end_that_around_gave_is_not_blamed_on_another_option);
    tcase_add_test(tests, sweeps_that_ended_high_do_not_move_the_range_up);
    tcase_add_test(tests, few_scores_leave_the_answer_to_a_loss_that_diverges);
    tcase_add_test(tests, scores_decide_where_nothing_diverged);
    suite_add_tcase(suite, tests);
    return suite;
}
