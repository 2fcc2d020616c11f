/* SPDX-License-Identifier: MIT */
/* What strategies decide: steps, seeds, by how much the range moves, and which rates are tried. */
#include "rate_grid.h"
#include "rounds.h"
#include "sweep_state.h"
#include "test_main.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct lrp_session session;
static struct lrp_session_result result;
static struct lrp_rounds rounds;
static const struct lrp_strategy *const sweep = &lrp_strategy_sweep;

/* 201 steps from 10^-4 to 1: 50 a decade. */
static void set_up(void)
{
    result = (struct lrp_session_result){0};
    session = (struct lrp_session){
        .options =
            {.strategy = sweep, .lr_min = 1e-4, .lr_max = 1, .steps = 201, .repeats = 3, .seed = 7},
        .result = &result};
    rounds = (struct lrp_rounds){.session = &session, .state = calloc(1, sweep->state_size)};
    ck_assert_ptr_nonnull(rounds.state);
    ck_assert_int_eq(sweep->begin(&rounds, NULL), LRP_OK);
    session.options.lr_min = session.options.lr_max =
        (double)NAN; /* left to lrprobe from here on */
}

static void tear_down(void)
{
    free(rounds.state);
    lrp_session_result_fini(&result);
}

static double planned_from;

static size_t planned_steps(void)
{
    struct lrp_round_plan plan = {.runs = NULL};
    ck_assert_int_eq(sweep->plan(&rounds, &plan, NULL), LRP_OK);
    planned_from = plan.phase.lr_min;
    ck_assert_close(plan.phase.lr_max, rounds.lr_max, 0, 0);
    free(plan.runs);
    return plan.phase.steps;
}

START_TEST(each_repeat_has_a_seed_and_the_first_one_that_of_the_scout)
{
    struct lrp_round_plan plan = {.runs = NULL};
    ck_assert_int_eq(sweep->plan(&rounds, &plan, NULL), LRP_OK);
    ck_assert_uint_eq(plan.phase.n_runs, 3);
    for (size_t r = 0; r < 3; r++) {
        ck_assert_uint_eq(plan.runs[r].seed, 7 + r); /* the scout has 7 */
        ck_assert(isnan(plan.runs[r].lr));
    }
    free(plan.runs);
}
END_TEST

/* The new decade and the two below it: the rest is known. */
START_TEST(the_range_goes_up_by_ten_at_the_same_density)
{
    ck_assert_uint_eq(planned_steps(), 201);
    ck_assert_close(planned_from, 1e-4, 1e-12, 0);
    sweep->raise(&rounds);
    ck_assert_close(rounds.lr_max, 10, 1e-12, 0);
    ck_assert_uint_eq(planned_steps(), 151);
    ck_assert_close(planned_from, 1e-2, 1e-12, 0);
    ck_assert_close(rounds.lr_min, 1e-4, 0, 0);
    rounds.lr_max = 5e3;
    sweep->raise(&rounds);
    ck_assert_close(rounds.lr_max, 1e4, 1e-12, 0); /* the ceiling */
}
END_TEST

START_TEST(a_linear_sweep_goes_up_as_a_whole)
{
    session.options.shape = LRP_SWEEP_LINEAR;
    sweep->raise(&rounds);
    ck_assert_uint_eq(planned_steps(), 251);
    ck_assert_close(planned_from, 1e-4, 1e-12, 0);
}
END_TEST

START_TEST(what_the_whole_range_showed_of_base_lr_is_kept)
{
    session.options.steps_planned = 1200;
    const struct lrp_rate whole = {1e-3, 8e-4, 1.2e-3};
    result.bounds.base_lr = whole;
    sweep->raise(&rounds);
    result.bounds = (struct lrp_bounds){.base_lr = {(double)NAN, (double)NAN, (double)NAN},
                                        .max_lr = {2, 1, 3},
                                        .clr = {.base_lr = (double)NAN, .max_lr = 2},
                                        .lr_low = 1e-2,
                                        .n_warnings = 2};
    (void)snprintf(result.bounds.warnings[0], 40, "no base_lr: the loss falls at once");
    result.bounds.warning_kinds[0] = LRP_WARNING_NO_BASE_LR;
    (void)snprintf(result.bounds.warnings[1], 40, "something else");
    sweep->analysed(&rounds);
    ck_assert_close(result.bounds.base_lr.value, 1e-3, 0, 0);
    ck_assert_close(result.bounds.base_lr.high, 1.2e-3, 0, 0);
    ck_assert_close(result.bounds.clr.base_lr, 1e-3, 0, 0); /* clr goes by both */
    ck_assert_close(result.bounds.lr_low, 1e-4, 0, 0);
    ck_assert_close(result.bounds.max_lr.value, 2, 0, 0);
    ck_assert_uint_eq(result.bounds.n_warnings, 2);
    ck_assert_str_eq(result.bounds.warnings[0], "something else");
    ck_assert(!sweep->learns_at_once(&rounds));
    /* no base_lr beside an outcome that has no bounds */
    result.bounds.base_lr.value = (double)NAN;
    result.bounds.outcome = LRP_OUTCOME_TOO_NOISY;
    sweep->analysed(&rounds);
    ck_assert(isnan(result.bounds.base_lr.value));
    sweep->lower(&rounds, 30, false); /* all of it again */
    ck_assert_uint_eq(planned_steps(), 328);
    ck_assert_close(planned_from, 3e-6, 1e-12, 0);
}
END_TEST

/* The clr of the highest decades alone has no base_lr: the loss falls from their first step on. */
START_TEST(advice_is_made_anew_from_bounds_of_two_ranges)
{
    result.bounds.base_lr = (struct lrp_rate){1e-3, 8e-4, 1.2e-3};
    session.options.steps_planned = 1200;
    session.options.steps_per_epoch = 20;
    sweep->raise(&rounds);
    result.bounds = (struct lrp_bounds){.outcome = LRP_OUTCOME_OK,
                                        .base_lr = {(double)NAN, (double)NAN, (double)NAN},
                                        .max_lr = {2, 1, 3},
                                        .clr = {(double)NAN, 2, 80, 7.5}};
    sweep->analysed(&rounds);
    ck_assert_close(result.bounds.clr.base_lr, 1e-3, 0, 0);
    ck_assert_close(result.bounds.clr.max_lr, 2, 0, 0);
    ck_assert_close(result.bounds.clr.step_size, 80, 0, 0);
    ck_assert(result.bounds.one_cycle.max_lr > 0 && result.bounds.suggested_lr.value > 0);
    ck_assert(result.bounds.suggested_lr.value <= 2);

    result.bounds.base_lr.value = (double)NAN;
    result.bounds.max_lr =
        (struct lrp_rate){5e-4, 4e-4, 6e-4}; /* below what the whole range said */
    sweep->analysed(&rounds);
    ck_assert(isnan(result.bounds.base_lr.value) && isnan(result.bounds.clr.base_lr));
    ck_assert_close(result.bounds.clr.max_lr, 5e-4, 0, 0);
}
END_TEST

START_TEST(where_nothing_was_learnt_the_new_sweeps_say_it_all)
{
    result.bounds.base_lr.value = (double)NAN;
    sweep->raise(&rounds);
    result.bounds.base_lr.value = 0.5;
    result.bounds.lr_low = 1e-2;
    sweep->analysed(&rounds);
    ck_assert_close(result.bounds.base_lr.value, 0.5, 0, 0);
    ck_assert_close(result.bounds.lr_low, 1e-2, 0, 0);
}
END_TEST

static const struct {
    struct lrp_rate base, max;
    bool raised;
    const char *event; /* NULL = no more is run */
} intervals[] = {
    {{1e-3, 8e-4, 1.2e-3}, {0.1, 0.05, 0.22}, false, NULL},
    {{1e-3, 8e-4, 1.2e-3}, {0.1, 0.04, 0.22}, false, "3 repeats leave max_lr too uncertain"},
    {{1e-3, 1e-4, 1e-2}, {0.1, 0.06, 0.17}, false, NULL}, /* more repeats bring it no nearer */
    {{1e-3, 8e-4, 1.2e-3}, {0.1, 0.04, 0.22}, true, "3 repeats leave max_lr too uncertain"},
};

START_TEST(wide_intervals_ask_for_one_more_repeat)
{
    bool again = false;
    session.options.repeats_most = 4;
    if (intervals[_i].raised) {
        sweep->raise(&rounds);
    }
    ((struct lrp_sweep_state *)rounds.state)->lowered = true;
    result.bounds.outcome = LRP_OUTCOME_OK;
    result.bounds.base_lr = intervals[_i].base;
    result.bounds.max_lr = intervals[_i].max;
    ck_assert_int_eq(sweep->one_more(&rounds, &again, NULL), LRP_OK);
    ck_assert(again == (intervals[_i].event != NULL));
    if (again) {
        ck_assert_ptr_nonnull(strstr(result.events[0], intervals[_i].event));
        /* what it shows is of the same range as before */
        ck_assert(!((struct lrp_sweep_state *)rounds.state)->lowered);
        again = false;
        ck_assert_int_eq(sweep->one_more(&rounds, &again, NULL), LRP_OK);
        ck_assert(!again); /* four are the most */
    }
}
END_TEST

/* A sweep from 1e-4 to 1 that learns at 1e-3 and, if it does, diverges at 0.3. */
static struct lrp_record *sweep_record(bool diverges)
{
    size_t column = 0;
    struct lrp_record *record = NULL;
    ck_assert_int_eq(lrp_record_new(0, &record, NULL), LRP_OK);
    ck_assert_int_eq(lrp_record_add_column(record, "lr", &column, NULL), LRP_OK);
    ck_assert_int_eq(lrp_record_add_column(record, "loss", &column, NULL), LRP_OK);
    for (size_t k = 0; k < 201; k++) {
        const double lr = pow(10, -4 + 4 * (double)k / 200);
        const double rise = diverges && lr > 0.3 ? 20 * (lr - 0.3) : 0;
        const double row[2] = {lr, 1 + 1 / (1 + lr / 1e-2) + 0.002 * (double)(k % 2) + rise};
        ck_assert_int_eq(lrp_record_append_row(record, row, NULL, NULL), LRP_OK);
    }
    return record;
}

static const struct {
    size_t n, diverge;
    bool more;
} majorities[] = {{2, 1, true}, {3, 2, false}, {3, 1, true},
                  {4, 2, true}, {5, 3, false}, {2, 2, false}};

/* What most of the repeats say by themselves is the answer. */
START_TEST(repeats_that_differ_need_a_majority)
{
    bool again = false;
    struct lrp_record *records[5];
    const size_t n = majorities[_i].n;
    for (size_t i = 0; i < n; i++) {
        records[i] = sweep_record(i < majorities[_i].diverge);
    }
    ((struct lrp_sweep_state *)rounds.state)->repeats = n;
    session.options.repeats_most = 6;
    result.records = records;
    result.n_records = n;
    result.bounds.outcome = LRP_OUTCOME_OK;
    result.bounds.base_lr = (struct lrp_rate){1e-3, 8e-4, 1.2e-3};
    result.bounds.max_lr = (struct lrp_rate){0.1, 0.08, 0.12};
    ck_assert_int_eq(sweep->one_more(&rounds, &again, NULL), LRP_OK);
    ck_assert(again == majorities[_i].more);
    if (again) {
        ck_assert_ptr_nonnull(strstr(result.events[0], "come to different answers"));
    }
    for (size_t i = 0; i < n; i++) {
        lrp_record_free(records[i]);
    }
    result.records = NULL;
    result.n_records = 0;
}
END_TEST

/* Rising losses of a sweep over 0.01 .. 10, which the sweep over 1e-4 .. 1 had not shown. */
START_TEST(what_only_fresh_weights_show_was_memorised)
{
    bool again = false;
    size_t column = 0;
    struct lrp_phase phase = {.name = "repeats"};
    struct lrp_record *record = NULL;
    sweep->raise(&rounds);
    ck_assert_int_eq(lrp_record_new(0, &record, NULL), LRP_OK);
    ck_assert_int_eq(lrp_record_add_column(record, "lr", &column, NULL), LRP_OK);
    ck_assert_int_eq(lrp_record_add_column(record, "loss", &column, NULL), LRP_OK);
    for (size_t k = 0; k < 151; k++) {
        const double lr = pow(10, -2 + 3 * (double)k / 150);
        const double row[2] = {lr, 2 + 0.001 * (double)(k % 2) + (lr > 0.5 ? lr : 0)};
        ck_assert_int_eq(lrp_record_append_row(record, row, NULL, NULL), LRP_OK);
    }
    result.records = &record;
    result.n_records = 1;
    session.phases = &phase;
    session.n_phases = 1;
    ck_assert_int_eq(sweep->narrow(&rounds, &again, NULL), LRP_OK);
    ck_assert(again);
    ck_assert_ptr_nonnull(strstr(result.events[0], "had memorised the data"));
    ck_assert_close(rounds.lr_min, 1e-4, 0, 0);
    ck_assert_close(rounds.lr_max, 6, 1e-9, 0);
    ck_assert_uint_eq(planned_steps(), 52); /* a quarter of 201 */
    ck_assert_close(planned_from, 1e-4, 0, 0);
    sweep->raise(&rounds);
    again = false;
    ck_assert_int_eq(sweep->narrow(&rounds, &again, NULL), LRP_OK);
    ck_assert(!again); /* once */
    lrp_record_free(record);
    result.records = NULL;
    result.n_records = 0;
}
END_TEST

START_TEST(the_range_goes_down_and_escapes)
{
    sweep->lower(&rounds, 30, false);
    ck_assert_close(rounds.lr_min, 3e-6, 1e-9, 0); /* 3.3e-6, rounded down */
    ck_assert_close(rounds.lr_max, 1, 0, 0);
    rounds.lr_min = 1e-3;
    sweep->lower(&rounds, 1000, true);
    ck_assert_close(rounds.lr_min, 1e-6, 1e-9, 0);
    ck_assert_close(rounds.lr_max, 1e-2, 1e-9, 0); /* ten times what diverged at once */
    ck_assert_uint_eq(planned_steps(), 201);
    session.options.lr_max = 1; /* given: it stays */
    rounds.lr_max = 1;
    sweep->lower(&rounds, 1000, true);
    ck_assert_close(rounds.lr_max, 1, 0, 0);
    sweep->lower(&rounds, 1e30, false);
    ck_assert_close(rounds.lr_min, 1e-9, 1e-9, 0); /* the floor */
}
END_TEST

START_TEST(learning_begins_below_the_range)
{
    result.bounds.base_lr.value = (double)NAN;
    ck_assert(sweep->learns_at_once(&rounds));
    result.bounds.base_lr.value = 1.04e-4; /* within 5 % of the lowest rate */
    ck_assert(sweep->learns_at_once(&rounds));
    result.bounds.base_lr.value = 1.06e-4;
    ck_assert(!sweep->learns_at_once(&rounds));
    session.options.shape = LRP_SWEEP_LINEAR;
    result.bounds.base_lr.value = (double)NAN;
    ck_assert(!sweep->learns_at_once(&rounds));
}
END_TEST

START_TEST(noisy_repeats_get_twice_the_steps_two_times)
{
    bool again = false;
    for (size_t k = 0; k < 2; k++) {
        again = false;
        ck_assert_int_eq(sweep->more(&rounds, &again, NULL), LRP_OK);
        ck_assert(again);
        ck_assert_uint_eq(planned_steps(), k == 0 ? 401 : 801);
    }
    again = false;
    ck_assert_int_eq(sweep->more(&rounds, &again, NULL), LRP_OK);
    ck_assert(!again);
}
END_TEST

START_TEST(steps_that_were_given_for_a_given_range_stay)
{
    bool again = false;
    session.options.lr_min = 1e-4;
    session.options.lr_max = 1;
    ck_assert_int_eq(sweep->more(&rounds, &again, NULL), LRP_OK);
    ck_assert(!again);
    ck_assert_uint_eq(planned_steps(), 201);
}
END_TEST

START_TEST(data_that_were_memorised_are_tried_with_fewer_steps)
{
    bool again = false;
    session.options.steps_per_epoch = 5; /* 40 passes, 50 with the range extended */
    ck_assert_int_eq(sweep->instead_of_raising(&rounds, &again, NULL), LRP_OK);
    ck_assert(!again); /* not before higher rates were tried */
    sweep->raise(&rounds);
    ck_assert_int_eq(sweep->instead_of_raising(&rounds, &again, NULL), LRP_OK);
    ck_assert(again);
    ck_assert_uint_eq(planned_steps(), 100); /* 20 passes */
    again = false;
    ck_assert_int_eq(sweep->instead_of_raising(&rounds, &again, NULL), LRP_OK);
    ck_assert(!again); /* once */
}
END_TEST

START_TEST(few_passes_are_no_reason_for_fewer_steps)
{
    bool again = false;
    session.options.steps_per_epoch = 20; /* 12 passes */
    sweep->raise(&rounds);
    ck_assert_int_eq(sweep->instead_of_raising(&rounds, &again, NULL), LRP_OK);
    ck_assert(!again);
    ck_assert_uint_eq(planned_steps(), 151);
}
END_TEST

START_TEST(runs_at_one_rate_have_three_to_a_decade)
{
    struct lrp_rate_grid grid;
    const double decade[] = {0.1, 0.215, 0.464, 1};
    lrp_rate_grid_set(&grid, (double)NAN, (double)NAN, 0, 0.1, 1);
    ck_assert_int_eq(grid.high - grid.low, 3);
    for (long k = 0; k < 4; k++) {
        ck_assert_close(lrp_rate_grid_rate(&grid, grid.low + k), decade[k], 1e-9, 0);
    }
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("strategy_sweep");
    TCase *tests = tcase_create("strategy_sweep");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, each_repeat_has_a_seed_and_the_first_one_that_of_the_scout);
    tcase_add_test(tests, the_range_goes_up_by_ten_at_the_same_density);
    tcase_add_test(tests, a_linear_sweep_goes_up_as_a_whole);
    tcase_add_test(tests, what_the_whole_range_showed_of_base_lr_is_kept);
    tcase_add_test(tests, advice_is_made_anew_from_bounds_of_two_ranges);
    tcase_add_test(tests, where_nothing_was_learnt_the_new_sweeps_say_it_all);
    tcase_add_loop_test(tests, wide_intervals_ask_for_one_more_repeat, 0,
                        sizeof intervals / sizeof intervals[0]);
    tcase_add_loop_test(tests, repeats_that_differ_need_a_majority, 0,
                        sizeof majorities / sizeof majorities[0]);
    tcase_add_test(tests, what_only_fresh_weights_show_was_memorised);
    tcase_add_test(tests, the_range_goes_down_and_escapes);
    tcase_add_test(tests, learning_begins_below_the_range);
    tcase_add_test(tests, noisy_repeats_get_twice_the_steps_two_times);
    tcase_add_test(tests, steps_that_were_given_for_a_given_range_stay);
    tcase_add_test(tests, data_that_were_memorised_are_tried_with_fewer_steps);
    tcase_add_test(tests, few_passes_are_no_reason_for_fewer_steps);
    tcase_add_test(tests, runs_at_one_rate_have_three_to_a_decade);
    suite_add_tcase(suite, tests);
    return suite;
}
