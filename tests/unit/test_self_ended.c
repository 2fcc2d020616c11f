/* SPDX-License-Identifier: MIT */
/* Sweeps of trainers that have a will of their own: they end by themselves, resume what they have
 * saved, keep their rate to themselves, or differ from seed to seed. */
#include "session_fixture.h"

#include <math.h>

static const char *trainer[6];

static void set_up(void)
{
    make_session_folders();
    use_fake_trainer(trainer, "40"); /* it diverges above 0.05 */
    options = (struct lrp_session_options){.argv = trainer,
                                           .folder = folder,
                                           .lr_min = (double)NAN,
                                           .lr_max = (double)NAN,
                                           .jobs = 1,
                                           .seed = 11};
}

static struct seen { /* of the phases */
    size_t phases, longest, runs;
} seen;

static void see_phase(void *user, const struct lrp_session_progress *progress)
{
    (void)user;
    seen.phases++;
    seen.runs += progress->n_runs;
    seen.longest = progress->steps > seen.longest ? progress->steps : seen.longest;
}

static void go(const char *mode, const char *argument)
{
    const struct lrp_session_handlers handlers = {.on_phase = see_phase};
    seen = (struct seen){0};
    trainer[2] = mode;
    trainer[3] = argument;
    enum lrp_status status = lrp_session_run(&options, &handlers, &result, &err);
    ck_assert_msg(status == LRP_OK, "%s", err.message);
}

static void max_lr_is_right(void)
{
    ck_assert_str_eq(lrp_outcome_name(result.bounds.outcome), "ok");
    ck_assert_msg(result.bounds.max_lr.value > 0.005 && result.bounds.max_lr.value < 0.15,
                  "max_lr %g", result.bounds.max_lr.value);
}

static void give_ends(void)
{
    options.lr_min = 1e-5;
    options.lr_max = 1;
}

START_TEST(two_repeats_that_agree_are_enough)
{
    go(NULL, NULL);
    max_lr_is_right();
    ck_assert_uint_eq(result.n_records, 2);
    ck_assert_uint_eq(seen.runs, 3); /* the scout and two repeats */
}
END_TEST

START_TEST(repeats_that_differ_get_company_up_to_five)
{
    give_ends();
    go("spread", "8");
    ck_assert_uint_eq(result.n_records, 5);
    ck_assert_uint_eq(seen.runs, 5); /* what was recorded is kept: each is run once */
    ck_assert(has_event("2 repeats "));
    ck_assert(has_event("4 repeats "));
    ck_assert(!has_event("5 repeats "));
}
END_TEST

/* Even seeds diverge above 0.0025, odd ones above 0.05: one of two ends high, then one of three. */
START_TEST(half_of_the_repeats_are_no_majority_for_higher_rates)
{
    options.lr_min = 1e-5;
    options.lr_max = 0.02;
    go("spread", "20");
    ck_assert(has_event("2 repeats come to different answers: one more was run"));
    ck_assert_uint_eq(result.n_records, 3);
    ck_assert_str_eq(lrp_outcome_name(result.bounds.outcome), "did-not-diverge");
}
END_TEST

START_TEST(a_given_number_of_repeats_is_kept)
{
    options.repeats = 3;
    give_ends();
    go("spread", "8");
    ck_assert_uint_eq(result.n_records, 3);
    ck_assert_uint_eq(seen.runs, 3);
}
END_TEST

START_TEST(added_repeats_are_taken_over_when_the_sweep_is_resumed)
{
    give_ends();
    go("spread", "8");
    double max_lr = result.bounds.max_lr.value;
    lrp_session_result_fini(&result);
    trainer[0] = "/bin/false";
    options.resume = true;
    go("spread", "8");
    ck_assert_uint_eq(result.n_records, 5);
    ck_assert(result.bounds.max_lr.value == max_lr);
    ck_assert(!has_event("was not finished"));
}
END_TEST

/* Their reports look as if they had been cut; the manifest knows better. */
START_TEST(what_ended_by_itself_is_not_run_again)
{
    static const char *const modes[][2] = {{"end", "60"}, {"give-up", "3"}};
    go(modes[_i][0], modes[_i][1]);
    double max_lr = result.bounds.max_lr.value;
    size_t n_events = result.n_events;
    lrp_session_result_fini(&result);
    trainer[0] = "/bin/false";
    options.resume = true;
    go(modes[_i][0], modes[_i][1]);
    ck_assert(result.bounds.max_lr.value == max_lr);
    ck_assert(!has_event("was not finished"));
    ck_assert_uint_eq(result.n_events, n_events);
    max_lr_is_right();
}
END_TEST

START_TEST(a_trainer_that_gives_up_has_diverged)
{
    go("give-up", "3");
    max_lr_is_right();
    ck_assert_uint_eq(result.bounds.reason, LRP_REASON_NONE);
    ck_assert(has_event("exit status 1"));
    ck_assert(has_event("it said: the loss is too high [it counts up to there]"));
}
END_TEST

/* Fewer than a scout or a repeat would have: all that come later have so many at the most. */
START_TEST(data_that_are_used_up_set_the_budget)
{
    go("end", "60");
    max_lr_is_right();
    ck_assert(has_event("run 000 (seed 11): the trainer ended early, after 60 of 100 steps; it "
                        "said: that was all the data [it counts up to there]"));
    ck_assert(has_event("the trainer gives 60 steps: the scout was run again with as many"));
    ck_assert_uint_eq(seen.longest, 100); /* the first scout */
    ck_assert(!has_event("after 60 of 200"));
}
END_TEST

/* The scout fits, the repeats do not. */
START_TEST(a_budget_that_repeats_find_counts_from_then_on)
{
    go("end", "100");
    max_lr_is_right();
    ck_assert(has_event("after 100 of 200 steps"));
    ck_assert_uint_eq(seen.longest, 200);
}
END_TEST

START_TEST(a_given_budget_is_never_exceeded)
{
    options.steps = options.steps_most = 28;
    go("end", "28");
    max_lr_is_right();
    ck_assert_uint_eq(seen.longest, 28);
    ck_assert(!has_event("ended early"));
}
END_TEST

START_TEST(extensions_keep_the_budget)
{
    options.steps = options.steps_most = 60;
    trainer[1] = "0.004"; /* diverges above 500, and the scout ends at 10 */
    go("end", "60");
    ck_assert(has_event("the range was extended up to"));
    ck_assert_uint_eq(seen.longest, 60);
    ck_assert(!has_event("ended early"));
}
END_TEST

START_TEST(too_few_rows_are_an_error_that_names_no_smaller_number)
{
    trainer[2] = "end";
    trainer[3] = "5";
    ck_assert_int_eq(lrp_session_run(&options, NULL, &result, &err), LRP_E_CHILD);
    ck_assert_ptr_nonnull(strstr(err.message, "after 5 of 100 steps; it said: that was all"));
    ck_assert_ptr_null(strstr(err.message, "fewer"));
}
END_TEST

START_TEST(runs_that_resume_are_no_repeats)
{
    char saved[100];
    (void)snprintf(saved, sizeof saved, "%s/saved", parent);
    go("resume", saved);
    ck_assert_str_eq(lrp_reason_name(result.bounds.reason), "repeats-differ");
    ck_assert(has_event("run 001 (seed 11) begins at a loss of 0."));
    ck_assert(has_event("where run 000 began at"));
    ck_assert(has_event("the script probably resumed what the run before it had saved"));
    ck_assert_uint_eq(result.n_records, 1); /* the scout */
    ck_assert_uint_eq(seen.runs, 3);        /* more would be no repeats either */
}
END_TEST

/* The loss of the second repeat begins at half of the first one's, and at twice it. */
START_TEST(weights_of_another_seed_are_no_resumption)
{
    static const char *const factors[] = {"0.7", "1.42"};
    go("wide", factors[_i]);
    ck_assert_uint_eq(result.n_records, 2);
    ck_assert(!has_event("begins at a loss of"));
    max_lr_is_right();
}
END_TEST

START_TEST(a_checkpoint_that_the_record_names_is_no_fresh_start)
{
    go("loaded", "12");
    ck_assert_uint_eq(result.n_records, 1);
    ck_assert(has_event("the script loaded a checkpoint, which the run before it had saved"));
    lrp_session_result_fini(&result);
    (void)snprintf(folder, sizeof folder, "%s/again", parent);
    go("loaded", "1"); /* all of them, as a fine-tuning does */
    ck_assert_uint_eq(result.n_records, 2);
    ck_assert(!has_event("begins at a loss of"));
}
END_TEST

START_TEST(a_rate_that_is_kept_elsewhere_is_noticed)
{
    go("own", "0.0005");
    ck_assert_str_eq(lrp_outcome_name(result.bounds.outcome), "flat");
    ck_assert_str_eq(lrp_reason_name(result.bounds.reason), "no-effect");
    ck_assert(isnan(result.bounds.base_lr.value));
    ck_assert_uint_eq(seen.runs, 3); /* not up to 1e4 */
}
END_TEST

static size_t count_warnings(const char *part)
{
    size_t n = 0;
    for (size_t i = 0; i < result.bounds.n_warnings; i++) {
        n += strstr(result.bounds.warnings[i], part) != NULL ? 1 : 0;
    }
    return n;
}

START_TEST(a_trainer_that_says_that_its_rate_has_no_effect_is_believed)
{
    go("head", "no_effect: Steps makes its own steps; make it without them");
    ck_assert_str_eq(lrp_outcome_name(result.bounds.outcome), "flat");
    ck_assert_str_eq(lrp_reason_name(result.bounds.reason), "no-effect");
    ck_assert(isnan(result.bounds.max_lr.value));
    ck_assert_uint_eq(count_warnings("Steps makes its own steps; make it without them"), 1);
    ck_assert_uint_eq(seen.runs, 3);
}
END_TEST

/* Though the last runs, which have no more steps than the script gives, end well. */
START_TEST(a_warning_of_any_run_stands_beside_the_bounds)
{
    trainer[4] = "60";
    go("head", "warning: a second training begins");
    max_lr_is_right();
    ck_assert_uint_eq(count_warnings("a second training begins"), 1);
    ck_assert(!has_event("a second training begins"));
}
END_TEST

START_TEST(nobody_is_told_to_take_steps_that_the_script_does_not_have)
{
    go("end", "30");
    ck_assert_uint_eq(count_warnings("too high; the script gives only 30: sweep fewer decades"), 1);
    ck_assert_uint_eq(count_warnings("take more steps"), 0);
    lrp_session_result_fini(&result);
    (void)snprintf(folder, sizeof folder, "%s/again", parent);
    options.steps = options.steps_most = 30; /* the user's wish */
    trainer[2] = NULL;
    go(NULL, NULL);
    ck_assert_uint_eq(count_warnings("take more steps"), 1);
}
END_TEST

START_TEST(what_a_trainer_says_is_shown_as_a_whole)
{
    static char said[300];
    (void)snprintf(said, sizeof said, "%0210d end", 7);
    trainer[0] = "/bin/sh";
    trainer[1] = "-c";
    trainer[4] = said;
    trainer[2] = "echo $1 >&2; exit 1";
    trainer[3] = "sh";
    ck_assert_int_eq(lrp_session_run(&options, NULL, &result, &err), LRP_E_CHILD);
    ck_assert_ptr_nonnull(strstr(err.message, "7 end"));
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("self_ended");
    TCase *tests = tcase_create("sessions");
    tcase_set_timeout(tests, 120);
    tcase_add_checked_fixture(tests, set_up, remove_session);
    tcase_add_test(tests, two_repeats_that_agree_are_enough);
    tcase_add_test(tests, repeats_that_differ_get_company_up_to_five);
    tcase_add_test(tests, half_of_the_repeats_are_no_majority_for_higher_rates);
    tcase_add_test(tests, a_given_number_of_repeats_is_kept);
    tcase_add_test(tests, added_repeats_are_taken_over_when_the_sweep_is_resumed);
    tcase_add_loop_test(tests, what_ended_by_itself_is_not_run_again, 0, 2);
    tcase_add_test(tests, a_trainer_that_gives_up_has_diverged);
    tcase_add_test(tests, data_that_are_used_up_set_the_budget);
    tcase_add_test(tests, a_budget_that_repeats_find_counts_from_then_on);
    tcase_add_test(tests, a_given_budget_is_never_exceeded);
    tcase_add_test(tests, extensions_keep_the_budget);
    tcase_add_test(tests, too_few_rows_are_an_error_that_names_no_smaller_number);
    tcase_add_test(tests, runs_that_resume_are_no_repeats);
    tcase_add_loop_test(tests, weights_of_another_seed_are_no_resumption, 0, 2);
    tcase_add_test(tests, a_checkpoint_that_the_record_names_is_no_fresh_start);
    tcase_add_test(tests, a_rate_that_is_kept_elsewhere_is_noticed);
    tcase_add_test(tests, a_trainer_that_says_that_its_rate_has_no_effect_is_believed);
    tcase_add_test(tests, a_warning_of_any_run_stands_beside_the_bounds);
    tcase_add_test(tests, nobody_is_told_to_take_steps_that_the_script_does_not_have);
    tcase_add_test(tests, what_a_trainer_says_is_shown_as_a_whole);
    suite_add_tcase(suite, tests);
    return suite;
}
