/* SPDX-License-Identifier: MIT */
#include "gz.h"
#include "random.h"
#include "scout_reading.h"
#include "session_fixture.h"

#include <math.h>
#include <sys/stat.h>

static volatile int stop;
static const char *trainer[6];

static void set_up(void)
{
    make_session_folders();
    stop = 0;
    use_fake_trainer(trainer, "1");
    options = (struct lrp_session_options){.argv = trainer,
                                           .folder = folder,
                                           .lr_min = (double)NAN,
                                           .lr_max = (double)NAN,
                                           .repeats = 3,
                                           .jobs = 2,
                                           .seed = 11,
                                           .stop = &stop};
}

static enum lrp_status go(void)
{
    return lrp_session_run(&options, NULL, &result, &err);
}

static void check_manifest(const char *part)
{
    char *text = contents("sweep.json");
    ck_assert_msg(strstr(text, part) != NULL, "no %s in sweep.json", part);
    free(text);
}

START_TEST(a_session_finds_the_range_itself)
{
    ck_assert_msg(go() == LRP_OK, "%s", err.message);
    ck_assert_str_eq(lrp_outcome_name(result.bounds.outcome), "ok");
    ck_assert_uint_eq(result.n_records, 3);
    ck_assert_ptr_nonnull(result.curve);
    /* divergence is at 2 / curvature */
    ck_assert_double_gt(result.bounds.max_lr.value, 0.2);
    ck_assert_double_lt(result.bounds.max_lr.value, 6);
    ck_assert_double_lt(result.bounds.base_lr.value, result.bounds.max_lr.value);
    check_manifest("\"scout\"");
    check_manifest("runs/003.csv");
    check_manifest("steps_per_decade");
    free(contents("plans/001.csv"));
    free(contents("runs/003.csv"));
    free(contents("logs/003.err"));
}
END_TEST

static const struct {
    const char *curvature;
    double divergence;
} scales[] = {
    {"0.004", 500},
    {"40", 0.05},
    {"4e7", 5e-8},
};

START_TEST(the_range_follows_the_task)
{
    trainer[1] = scales[_i].curvature;
    ck_assert_msg(go() == LRP_OK, "%s", err.message);
    ck_assert_msg(result.bounds.outcome == LRP_OUTCOME_OK, "curvature %s: %s", trainer[1],
                  lrp_outcome_name(result.bounds.outcome));
    double ratio = result.bounds.max_lr.value / scales[_i].divergence;
    ck_assert_msg(ratio > 0.1 && ratio < 3, "curvature %s: max_lr is %g times the edge", trainer[1],
                  ratio);
}
END_TEST

START_TEST(given_ends_are_obeyed)
{
    options.lr_min = 1e-4;
    options.lr_max = 0.25;
    ck_assert_msg(go() == LRP_OK, "%s", err.message);
    ck_assert_str_eq(lrp_outcome_name(result.bounds.outcome), "did-not-diverge");
    ck_assert_close(result.bounds.lr_low, 1e-4, 1e-9, 0);
    ck_assert_close(result.bounds.lr_high, 0.25, 1e-9, 0);
    ck_assert(has_event("--lr-max was given"));
    check_manifest("\"lr_max\":0.25");
}
END_TEST

/* What the last phases were, told by handlers. */
static struct phases {
    size_t n, steps, rows_left, queued;
    double lr_min;
} phases;

static void see_phase(void *user, const struct lrp_session_progress *progress)
{
    (void)user;
    phases.steps = progress->steps;
    phases.lr_min = fmin(phases.lr_min, progress->lr_min);
}

static void see_phase_end(void *user, const struct lrp_session_progress *progress,
                          const char *sentence)
{
    (void)user;
    (void)sentence;
    phases.n++;
    phases.rows_left += progress->rows_planned - progress->rows_done;
    phases.queued += progress->queued;
}

START_TEST(runs_that_diverge_end_early_and_count_as_done)
{
    const struct lrp_session_handlers handlers = {.on_phase = see_phase,
                                                  .on_phase_end = see_phase_end};
    phases = (struct phases){.lr_min = HUGE_VAL};
    options.lr_min = 2e-5; /* the other end is left to lrprobe */
    ck_assert_msg(lrp_session_run(&options, &handlers, &result, &err) == LRP_OK, "%s", err.message);
    ck_assert_uint_ge(phases.n, 2); /* a scout and repeats */
    ck_assert_uint_eq(phases.rows_left, 0);
    ck_assert_uint_eq(phases.queued, 0);
    ck_assert_close(phases.lr_min, 2e-5, 1e-9, 0);
    for (size_t r = 0; r < result.n_records; r++) {
        ck_assert_uint_lt(lrp_record_rows(result.records[r]), phases.steps);
    }
}
END_TEST

START_TEST(one_failed_repeat_is_left_out)
{
    trainer[2] = "fail";
    trainer[3] = "13";
    ck_assert_msg(go() == LRP_OK, "%s", err.message);
    ck_assert_uint_eq(result.n_records, 2);
    ck_assert(has_event("seed 13"));
    ck_assert(has_event("it said: the moon is in the wrong place"));
    check_manifest("\"failed\"");
}
END_TEST

START_TEST(a_trainer_that_never_works_is_an_error)
{
    trainer[2] = "fail";
    trainer[3] = "11"; /* the scout's seed */
    ck_assert_int_eq(go(), LRP_E_CHILD);
    ck_assert_ptr_nonnull(strstr(err.message, "exit status 3"));
    ck_assert_ptr_nonnull(strstr(err.message, "the moon is in the wrong place"));
    ck_assert(result.withdrawn);
    ck_assert_int_ne(access(folder, F_OK), 0); /* nothing stands in the way of the next try */
    ck_assert_uint_eq(result.n_outputs, 1);
}
END_TEST

static void make_file(const char *name)
{
    char path[160];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_eq(fclose(file), 0);
}

START_TEST(a_folder_of_somebody_else_is_left_as_it_was)
{
    char path[160];
    ck_assert_int_eq(mkdir(folder, 0777), 0);
    (void)snprintf(path, sizeof path, "%s/logs", folder);
    ck_assert_int_eq(mkdir(path, 0777), 0);
    make_file("notes.txt");
    make_file("logs/000.txt");
    trainer[2] = "fail";
    trainer[3] = "11";
    for (size_t k = 0; k < 2; k++) { /* a second try works as the first one */
        lrp_session_result_fini(&result);
        ck_assert_int_eq(go(), LRP_E_CHILD);
    }
    static const char *const gone[] = {"sweep.json", "plans", "runs", "logs/000.err",
                                       "logs/000.out"};
    static const char *const there[] = {"notes.txt", "logs/000.txt"};
    for (size_t k = 0; k < sizeof gone / sizeof gone[0]; k++) {
        (void)snprintf(path, sizeof path, "%s/%s", folder, gone[k]);
        ck_assert_msg(access(path, F_OK) != 0, "%s", path);
    }
    for (size_t k = 0; k < sizeof there / sizeof there[0]; k++) {
        free(contents(there[k]));
    }
    trainer[2] = NULL;
    lrp_session_result_fini(&result);
    ck_assert_msg(go() == LRP_OK, "%s", err.message);
}
END_TEST

START_TEST(a_folder_with_a_sweep_is_not_touched)
{
    options.lr_min = 1e-3;
    options.lr_max = 10;
    ck_assert_msg(go() == LRP_OK, "%s", err.message);
    lrp_session_result_fini(&result);
    ck_assert_int_eq(go(), LRP_E_ARG);
    ck_assert_ptr_nonnull(strstr(err.message, "holds a sweep already"));
}
END_TEST

START_TEST(the_seed_decides_and_not_the_jobs)
{
    char *first[3];
    static const char *const files[] = {"runs/001.csv", "runs/002.csv", "runs/003.csv"};
    options.jobs = 1;
    ck_assert_msg(go() == LRP_OK, "%s", err.message);
    for (size_t i = 0; i < 3; i++) {
        first[i] = contents(files[i]);
    }
    ck_assert_str_ne(first[0], first[1]);
    lrp_session_result_fini(&result);
    (void)snprintf(folder, sizeof folder, "%s/again", parent);
    options.jobs = 2;
    ck_assert_msg(go() == LRP_OK, "%s", err.message);
    for (size_t i = 0; i < 3; i++) {
        char *second = contents(files[i]);
        ck_assert_uint_gt(strlen(second), 1000);
        ck_assert_str_eq(first[i], second);
        free(first[i]);
        free(second);
    }
}
END_TEST

START_TEST(the_scout_of_a_linear_sweep_is_exponential)
{
    options.shape = LRP_SWEEP_LINEAR;
    ck_assert_msg(go() == LRP_OK, "%s", err.message);
    char *plan = contents("plans/000.csv");
    double second = 0;
    ck_assert_int_eq(sscanf(plan, "step,lr\n0,%*f\n1,%lf", &second), 1);
    ck_assert_double_lt(second, 2e-7); /* from 1e-7 to 10 in 100 steps */
    free(plan);
}
END_TEST

START_TEST(too_few_steps_are_doubled)
{
    options.steps = 6;
    ck_assert_msg(go() == LRP_OK, "%s", err.message);
    ck_assert(has_event("too short"));
    ck_assert_int_ne(result.bounds.outcome, LRP_OUTCOME_TOO_SHORT);
}
END_TEST

START_TEST(a_range_of_one_place_is_refused)
{
    options.lr_min = 0.1;
    options.lr_max = 0.1000001;
    ck_assert_int_eq(go(), LRP_E_ARG);
    ck_assert_ptr_nonnull(strstr(err.message, "2 times lr-min"));
    ck_assert_int_ne(access(folder, F_OK), 0);
}
END_TEST

/* The trainers hold still in repeats (the scout and the first one have seed 11), so that the stop
 * comes at the same row on a machine that has much else to do, too. */
static void hold_repeats(const char *seed, const char *rows)
{
    trainer[2] = "hold";
    trainer[3] = seed;
    trainer[4] = rows;
}

static void stop_late(void *user, const struct lrp_session_progress *progress)
{
    (void)user;
    if (strcmp(progress->phase, "repeats") == 0 && progress->rows_done > 250) {
        stop = 1;
    }
}

START_TEST(a_stop_keeps_what_there_is)
{
    const struct lrp_session_handlers handlers = {.on_tick = stop_late};
    hold_repeats("12", "126");
    ck_assert_int_eq(lrp_session_run(&options, &handlers, &result, &err), LRP_E_INTERRUPTED);
    ck_assert(result.interrupted);
    ck_assert_uint_ge(result.n_records, 1);
    check_manifest("\"interrupted\":true");
}
END_TEST

static bool has_warning(const char *part)
{
    for (size_t i = 0; i < result.bounds.n_warnings; i++) {
        if (strstr(result.bounds.warnings[i], part) != NULL) {
            return true;
        }
    }
    return false;
}

START_TEST(a_stop_on_the_way_up_says_so)
{
    const struct lrp_session_handlers handlers = {.on_tick = stop_late};
    hold_repeats("11", "126"); /* the loss would rise from row 140 on */
    options.lr_min = 1e-6;
    options.lr_max = 1e3;
    ck_assert_int_eq(lrp_session_run(&options, &handlers, &result, &err), LRP_E_INTERRUPTED);
    ck_assert(has_warning("were not tried"));
}
END_TEST

START_TEST(whole_repeats_count_more_than_stopped_ones)
{
    const struct lrp_session_handlers handlers = {.on_tick = stop_late};
    hold_repeats("12", "60");
    options.jobs = 1; /* so the first is whole when the second is stopped */
    options.lr_min = 1e-4;
    options.lr_max = 100;
    ck_assert_int_eq(lrp_session_run(&options, &handlers, &result, &err), LRP_E_INTERRUPTED);
    ck_assert_uint_eq(result.n_records, 1);
    ck_assert_msg(result.bounds.outcome == LRP_OUTCOME_OK, "%s",
                  lrp_outcome_name(result.bounds.outcome));
    ck_assert(has_warning("1 of 3 repeats"));
}
END_TEST

static size_t rounds_begun;

static void count_round(void *user, const struct lrp_session_progress *progress)
{
    (void)user;
    rounds_begun += strcmp(progress->phase, "repeats") == 0 ? 1 : 0;
}

static void stop_second(void *user, const struct lrp_session_progress *progress)
{
    (void)user;
    if (rounds_begun == 2 && progress->rows_done > 60) {
        stop = 1;
    }
}

START_TEST(a_stop_in_a_later_round_keeps_the_earlier_one)
{
    const struct lrp_session_handlers handlers = {.on_phase = count_round, .on_tick = stop_second};
    rounds_begun = 0;
    trainer[1] = "0.004"; /* diverges at 500: the scout does not get there */
    trainer[2] = "pause";
    trainer[3] = "300";
    ck_assert_int_eq(lrp_session_run(&options, &handlers, &result, &err), LRP_E_INTERRUPTED);
    ck_assert_uint_eq(rounds_begun, 2);
    ck_assert_uint_eq(result.n_records, 3);
    ck_assert_close(result.bounds.lr_high, 10, 1e-6, 0);
    ck_assert(has_warning("stopped during a further round"));
}
END_TEST

/* A curve that falls from 2 by 1.5 around rate 1e-4 and goes up at rate 1. */
static double sweep_loss(double lr)
{
    return 2 - 1.5 / (1 + pow(1e-4 / lr, 1.5)) + pow(lr, 4);
}

START_TEST(the_scout_marks_the_decades_that_matter)
{
    double lr[100];
    double loss[100];
    struct lrp_scout scout;
    for (size_t i = 0; i < 100; i++) {
        lr[i] = pow(10, -7 + 8 * (double)i / 99);
        loss[i] = sweep_loss(lr[i]) + (i % 2 == 0 ? 0.02 : -0.02);
    }
    ck_assert(lrp_scout_choose(lr, loss, 100, false, &scout));
    ck_assert_msg(scout.starts > 5e-6 && scout.starts < 8e-5, "%g", scout.starts);
    ck_assert_msg(scout.diverges > 0.5 && scout.diverges < 1.5, "%g", scout.diverges);
    ck_assert(scout.lr_min <= scout.starts / 10 && scout.lr_max >= 2 * scout.diverges);
    for (size_t i = 0; i < 100; i++) { /* nothing to see */
        loss[i] = i % 3 == 0 ? 0.7 : 0.71;
    }
    ck_assert(lrp_scout_choose(lr, loss, 100, false, &scout));
    ck_assert(isnan(scout.starts) && isnan(scout.diverges));
    ck_assert(scout.lr_min == 1e-7 && scout.lr_max == 10);
    ck_assert(lrp_scout_choose(lr, loss, 40, true, &scout)); /* diverged without learning */
    ck_assert(scout.diverges == lr[39]);
    ck_assert(lrp_scout_choose(lr, loss, 1, true, &scout)); /* at the first step */
    ck_assert(scout.lr_min > 0 && scout.lr_min < 1e-7 / 100 && scout.lr_max >= 1e-7);
}
END_TEST

/* Losses that fall by less than the noise of a batch, and rise at rate 1: what the noise does on
 * the way is neither a start nor a divergence that would cut the range off below the rates that
 * train.
 */
START_TEST(a_scout_is_not_led_by_noise)
{
    size_t short_ranges = 0;
    for (uint64_t seed = 1; seed <= 200; seed++) {
        struct lrp_random random;
        struct lrp_scout scout;
        double lr[100];
        double loss[100];
        lrp_random_seed(&random, seed, 0);
        for (size_t i = 0; i < 100; i++) {
            lr[i] = pow(10, -7 + 8 * (double)i / 99);
            loss[i] = 1.14 - 0.08 / (1 + pow(1e-4 / lr[i], 1.5)) + pow(lr[i], 2) +
                      0.06 * lrp_random_normal(&random);
        }
        ck_assert(lrp_scout_choose(lr, loss, 100, false, &scout));
        short_ranges += scout.lr_max < 0.3 ? 1 : 0;
    }
    ck_assert_msg(short_ranges <= 8, "%zu of 200", short_ranges);
}
END_TEST

START_TEST(rates_are_rounded)
{
    ck_assert(lrp_round_rate(0.00123, false) == 0.001);
    ck_assert(lrp_round_rate(0.00123, true) == 0.002);
    ck_assert(lrp_round_rate(1e-7, false) == 1e-7 && lrp_round_rate(1e-7, true) == 1e-7);
    ck_assert(lrp_round_rate(0.3, true) == 0.3 && lrp_round_rate(9.5, true) == 10);
    ck_assert(lrp_round_rate(4200, true) == 5000);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("session");
    TCase *tcase = tcase_create("sessions");
    tcase_set_timeout(tcase, 120);
    tcase_add_checked_fixture(tcase, set_up, remove_session);
    tcase_add_test(tcase, a_session_finds_the_range_itself);
    tcase_add_loop_test(tcase, the_range_follows_the_task, 0,
                        (int)(sizeof scales / sizeof scales[0]));
    tcase_add_test(tcase, given_ends_are_obeyed);
    tcase_add_test(tcase, runs_that_diverge_end_early_and_count_as_done);
    tcase_add_test(tcase, one_failed_repeat_is_left_out);
    tcase_add_test(tcase, a_trainer_that_never_works_is_an_error);
    tcase_add_test(tcase, a_folder_of_somebody_else_is_left_as_it_was);
    tcase_add_test(tcase, a_folder_with_a_sweep_is_not_touched);
    tcase_add_test(tcase, the_seed_decides_and_not_the_jobs);
    tcase_add_test(tcase, the_scout_of_a_linear_sweep_is_exponential);
    tcase_add_test(tcase, too_few_steps_are_doubled);
    tcase_add_test(tcase, a_range_of_one_place_is_refused);
    tcase_add_test(tcase, a_stop_keeps_what_there_is);
    tcase_add_test(tcase, a_stop_on_the_way_up_says_so);
    tcase_add_test(tcase, whole_repeats_count_more_than_stopped_ones);
    tcase_add_test(tcase, a_stop_in_a_later_round_keeps_the_earlier_one);
    suite_add_tcase(suite, tcase);
    TCase *parts = tcase_create("scout");
    tcase_add_test(parts, the_scout_marks_the_decades_that_matter);
    tcase_add_test(parts, a_scout_is_not_led_by_noise);
    tcase_add_test(parts, rates_are_rounded);
    suite_add_tcase(suite, parts);
    return suite;
}
