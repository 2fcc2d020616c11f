/* SPDX-License-Identifier: MIT */
/* What a session decides from round to round, with a strategy whose runs are made up: where the
 * range goes after each outcome, when there is more evidence, and when it ends. And which runs
 * count. */
#include "rounds.h"
#include "test_main.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum curve { LEARNS, FALLS, STAYS, DIVERGES, NOISE, FEW };
enum { ROWS = 200, ROUNDS = 8 };

static struct made_up { /* what the strategy gives and what it is asked */
    enum curve curves[ROUNDS];
    bool any_diverged, interrupted, cut, same_seeds, learns_at_once, refines;
    bool nothing; /* no usable run in the last round */
    size_t n_rounds, n_wanted;
    size_t raised, lowered, more, instead, fitted, narrowed, repeated;
    size_t gives; /* steps that the trainer gave before it ended by itself */
    bool no_effect, narrows;
    size_t unlike, repeats_wanted;
    double factor;
    bool escaped, gives_more, has_instead;
} made;
static struct lrp_session session;
static struct lrp_session_result result;
static struct lrp_phase phase;
static struct lrp_error err;

static double loss_of(enum curve curve, size_t row)
{
    const double x = (double)row / (ROWS - 1);
    const double wobble = 0.002 * sin(12.9898 * (double)(row * row % 1009));
    switch (curve) {
    case LEARNS:
        return x < 0.3   ? 2 + wobble
               : x < 0.7 ? 2 - 4 * (x - 0.3) + wobble
               : x < 0.9 ? 0.4 + wobble
                         : 0.4 + 300 * (x - 0.9);
    case FALLS:
        return x < 0.3 ? 2 + wobble : 2 - 2 * (x - 0.3) + wobble;
    case STAYS:
    case FEW:
        return 2;
    case DIVERGES:
        return row < 2 ? 2 : (double)NAN;
    case NOISE:
    default:
        return 2 + 300 * wobble;
    }
}

static struct lrp_record *make_record(enum curve curve, double low, double high)
{
    struct lrp_record *record = NULL;
    size_t column = 0;
    ck_assert(lrp_record_new(0, &record, &err) == LRP_OK);
    ck_assert(lrp_record_add_column(record, "lr", &column, &err) == LRP_OK);
    ck_assert(lrp_record_add_column(record, "loss", &column, &err) == LRP_OK);
    for (size_t row = 0; row < (curve == FEW ? 5 : ROWS); row++) {
        const double values[2] = {low * pow(high / low, (double)row / (ROWS - 1)),
                                  loss_of(curve, row)};
        ck_assert(lrp_record_append_row(record, values, NULL, &err) == LRP_OK);
    }
    return record;
}

static enum lrp_status begin(struct lrp_rounds *rounds, struct lrp_error *why)
{
    (void)why;
    rounds->lr_min = isnan(session.options.lr_min) ? 1e-5 : session.options.lr_min;
    rounds->lr_max = isnan(session.options.lr_max) ? 1 : session.options.lr_max;
    return LRP_OK;
}

static enum lrp_status plan(struct lrp_rounds *rounds, struct lrp_round_plan *plan,
                            struct lrp_error *why)
{
    (void)rounds; /* the runs are there already */
    (void)plan;
    (void)why;
    return LRP_OK;
}

static enum lrp_status collect(struct lrp_rounds *rounds, bool ran, struct lrp_evidence *evidence,
                               struct lrp_error *why)
{
    (void)ran;
    (void)why;
    size_t round = made.n_rounds++;
    ck_assert_uint_lt(round, ROUNDS);
    if (round + 1 == made.n_wanted) {
        result.interrupted = made.interrupted;
        if (made.nothing) {
            return LRP_OK;
        }
    }
    evidence->records = calloc(1, sizeof(struct lrp_record *));
    ck_assert_ptr_nonnull(evidence->records);
    evidence->records[0] = make_record(made.curves[round], rounds->lr_min, rounds->lr_max);
    evidence->n = 1;
    evidence->planned = 3;
    evidence->any_diverged = made.any_diverged;
    evidence->cut = made.cut;
    evidence->same_seeds = made.same_seeds;
    evidence->gives = made.gives;
    evidence->no_effect = made.no_effect;
    evidence->unlike = made.unlike;
    return LRP_OK;
}

static bool learns_at_once(const struct lrp_rounds *rounds)
{
    (void)rounds;
    return made.learns_at_once;
}

static enum lrp_status instead(struct lrp_rounds *rounds, bool *again, struct lrp_error *why)
{
    (void)rounds;
    (void)why;
    made.instead++;
    *again = made.has_instead;
    made.has_instead = false;
    return LRP_OK;
}

static void raise_range(struct lrp_rounds *rounds)
{
    made.raised++;
    rounds->lr_max *= 10;
}

static void lower_range(struct lrp_rounds *rounds, double factor, bool escape)
{
    made.lowered++;
    made.factor = factor;
    made.escaped = escape;
    rounds->lr_min /= factor;
}

static enum lrp_status more(struct lrp_rounds *rounds, bool *again, struct lrp_error *why)
{
    (void)rounds;
    (void)why;
    made.more++;
    *again = made.gives_more;
    return LRP_OK;
}

static enum lrp_status fit_steps(struct lrp_rounds *rounds, bool *again, struct lrp_error *why)
{
    (void)rounds;
    (void)why;
    made.fitted++;
    *again = made.fitted == 1;
    return LRP_OK;
}

static enum lrp_status narrow(struct lrp_rounds *rounds, bool *again, struct lrp_error *why)
{
    (void)rounds;
    (void)why;
    made.narrowed++;
    *again = made.narrows;
    return LRP_OK;
}

static enum lrp_status one_more(struct lrp_rounds *rounds, bool *again, struct lrp_error *why)
{
    (void)rounds;
    (void)why;
    *again = made.repeated < made.repeats_wanted;
    made.repeated += *again ? 1 : 0;
    return LRP_OK;
}

static bool refine(struct lrp_rounds *rounds)
{
    (void)rounds;
    bool refines = made.refines;
    made.refines = false;
    return refines;
}

static struct lrp_strategy strategy;
static struct lrp_run_entry run;

static void set_up(void)
{
    strategy = (struct lrp_strategy){.name = "made-up",
                                     .digits = 2,
                                     .lower_by = 30,
                                     .at_lowest = "",
                                     .noun = "repeats",
                                     .same_seeds = "the seed does nothing",
                                     .state_size = 1,
                                     .begin = begin,
                                     .plan = plan,
                                     .collect = collect,
                                     .learns_at_once = learns_at_once,
                                     .instead_of_raising = instead,
                                     .raise = raise_range,
                                     .lower = lower_range,
                                     .more = more,
                                     .fit_steps = fit_steps,
                                     .narrow = narrow,
                                     .one_more = one_more,
                                     .refine = refine};
    made = (struct made_up){.n_wanted = 1};
    result = (struct lrp_session_result){0};
    phase = (struct lrp_phase){.name = "repeats"};
    session = (struct lrp_session){
        .options = {.strategy = &strategy, .lr_min = (double)NAN, .lr_max = (double)NAN},
        .result = &result,
        .phases = &phase,
        .n_phases = 1,
        .runs = &run,
        .n_runs = 1,
        .stopped = "stopped on request"};
    err = (struct lrp_error){0};
}

static void tear_down(void)
{
    lrp_session_result_fini(&result);
}

static void go(size_t n_rounds)
{
    made.n_wanted = n_rounds;
    enum lrp_status status = lrp_rounds_run(&session, &err);
    ck_assert_msg(status == LRP_OK, "%s", err.message);
    ck_assert_uint_eq(made.n_rounds, n_rounds);
}

static bool has_event(const char *part)
{
    for (size_t i = 0; i < result.n_events; i++) {
        if (strstr(result.events[i], part) != NULL) {
            return true;
        }
    }
    return false;
}

static bool has_warning(const char *part)
{
    for (size_t i = 0; i < result.bounds.n_warnings; i++) {
        if (strstr(result.bounds.warnings[i], part) != NULL) {
            return true;
        }
    }
    return false;
}

static void check_outcome(const char *outcome)
{
    ck_assert_str_eq(lrp_outcome_name(result.bounds.outcome), outcome);
    ck_assert_str_eq(phase.outcome, outcome);
}

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

/* ---- reasons -------------------------------------------------------------------------------- */

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

/* ---- which runs count ----------------------------------------------------------------------- */

static const struct {
    enum lrp_run_end end;
    size_t rows;
    double last_loss;
    bool cut, usable;
    double lr; /* 0 = a sweep */
} runs[] = {
    {LRP_RUN_COMPLETE, 100, 1, false, true, 0},
    {LRP_RUN_COMPLETE, 0, 1, false, false, 0},
    {LRP_RUN_ENOUGH, 7, 1e9, false, true, 0},
    {LRP_RUN_SHORT, 99, 1, false, true, 0}, /* it counts up to there */
    {LRP_RUN_SHORT, 10, 1, false, true, 0},
    {LRP_RUN_SHORT, 9, 1, false, false, 0},
    {LRP_RUN_SHORT, 99, 1, false, false, 0.1}, /* at one rate the ends are compared */
    {LRP_RUN_FAILED, 99, 1, false, false, 0.1},
    {LRP_RUN_FAILED, 10, 1, false, true, 0},
    {LRP_RUN_SHORT, 100, 1, false, true, 0},
    {LRP_RUN_FAILED, 100, 1, false, true, 0},
    {LRP_RUN_FAILED, 7, (double)NAN, false, true, 0}, /* it ended itself for its NaN */
    {LRP_RUN_FAILED, 7, (double)INFINITY, false, true, 0},
    {LRP_RUN_FAILED, 0, (double)NAN, false, false, 0},
    {LRP_RUN_FAILED, 7, 1, true, false, 0},
    {LRP_RUN_BAD_REPORT, 100, 1, true, false, 0},
    {LRP_RUN_TIMEOUT, 99, 1, true, true, 0},
    {LRP_RUN_TIMEOUT, 9, 1, true, false, 0},
    {LRP_RUN_TIMEOUT, 99, 1, true, false, 0.1},
    {LRP_RUN_INTERRUPTED, 16, 1, true, true, 0}, /* the fewest rows that are worth a look */
    {LRP_RUN_INTERRUPTED, 15, 1, true, false, 0},
    {LRP_RUN_INTERRUPTED, 99, 1, false, false, 0},
    {LRP_RUN_LEFT, 99, 1, true, false, 0},
    {LRP_RUN_NOT_STARTED, 0, 1, true, false, 0},
};

START_TEST(runs_count_by_how_they_ended)
{
    const struct lrp_run_entry item = {
        .run = {.end = runs[_i].end, .rows = runs[_i].rows, .steps = 100},
        .lr = runs[_i].lr > 0 ? runs[_i].lr : (double)NAN,
        .last_loss = runs[_i].last_loss};
    ck_assert_msg(lrp_run_is_usable(&item, runs[_i].cut) == runs[_i].usable, "row %d", _i);
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
    tcase_add_loop_test(tests, a_move_follows_the_reason, 0, sizeof moves / sizeof moves[0]);
    tcase_add_test(tests, a_rate_without_effect_ends_the_sweep);
    tcase_add_test(tests, a_trainer_that_ended_by_itself_is_the_reason);
    tcase_add_test(tests, an_answer_is_not_spoilt_by_an_end);
    tcase_add_test(tests, repeats_are_added_without_counting_as_rounds);
    tcase_add_test(tests, runs_that_are_no_repeats_are_said);
    tcase_add_test(tests, an_end_that_around_gave_is_not_blamed_on_another_option);
    tcase_add_loop_test(tests, runs_count_by_how_they_ended, 0, sizeof runs / sizeof runs[0]);
    suite_add_tcase(suite, tests);
    return suite;
}
