/* SPDX-License-Identifier: MIT */
/* Sessions of one run per rate: where losses come from, and what becomes of failures. Trainers are
 * shell and awk scripts: gradient descent on parabolas, which diverges at rates above 2. */
#include "files.h"
#include "gz.h"
#include "session_fixture.h"

#include <math.h>

/* Rate, steps, seed, file; prints "k loss", the first line of it is a header. */
#define PARABOLA                                                                                   \
    "awk -v lr=\"$1\" -v steps=\"$2\" -v seed=\"$3\" 'BEGIN { srand(seed); w = 1; v = 1; "         \
    "for (k = 0; k < steps; k++) { loss = 0.5 * w * w + 0.1 * v * v + 0.01 * rand(); "             \
    "w *= 1 - lr; v *= 1 - 0.2 * lr; if (loss > 1e12) loss = \"nan\"; "

static volatile int stop;
static const char *command[12];

static void set_up(void)
{
    make_session_folders();
    stop = 0;
    options = (struct lrp_session_options){.argv = command,
                                           .external = true,
                                           .strategy = &lrp_strategy_fresh,
                                           .folder = folder,
                                           .lr_min = 1e-3,
                                           .lr_max = 10,
                                           .rates = 9,
                                           .steps = 40,
                                           .repeats = 2,
                                           .jobs = 2,
                                           .seed = 3,
                                           .stop = &stop};
}

static size_t tried; /* runs that have ended */

static void count_ended(void *user, const struct lrp_session_progress *progress)
{
    (void)user;
    tried = progress->rows_done / progress->steps;
}

static enum lrp_status go(const char *script)
{
    static const char *const words[] = {"sh",   "-c",      NULL,     "train",
                                        "{lr}", "{steps}", "{seed}", "{dir}"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        command[i] = words[i] != NULL ? words[i] : script;
    }
    const struct lrp_session_handlers handlers = {.on_tick = count_ended};
    return lrp_session_run(&options, &handlers, &result, &err);
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

static size_t count_lines(const char *name)
{
    char *text = contents(name);
    size_t n = 0;
    for (const char *at = text; *at != '\0'; at++) {
        n += *at == '\n' ? 1 : 0;
    }
    free(text);
    return n;
}

/* It diverges above 2, between the tried rates 1 and 3.16, and is as low as can be from 0.3 on. */
static void bounds_are_right(void)
{
    ck_assert_msg(result.bounds.outcome == LRP_OUTCOME_OK, "%s", err.message);
    ck_assert(result.bounds.max_lr.value >= 0.4 && result.bounds.max_lr.value <= 2);
    ck_assert_close(result.bounds.evidence.diverged_lr, pow(10, 0.5), 0.01, 0);
    ck_assert_uint_eq(result.n_records, 18);
}

START_TEST(losses_are_taken_from_what_is_printed)
{
    options.loss_pattern = "step {step} loss {loss}";
    ck_assert_msg(go(PARABOLA "print \"step\", k, \"loss\", loss } }'") == LRP_OK, "%s",
                  err.message);
    bounds_are_right();
    char *text = contents("runs/000.csv");
    ck_assert(strncmp(text, "# seed: 4\nstep,lr,loss\n0,0.001,0.6", 34) == 0);
    ck_assert_uint_eq(count_lines("runs/000.csv"), 42);
    free(text);
    ck_assert(fabs(result.bounds.interval_level - 0.9) < 1e-9);
}
END_TEST

START_TEST(bars_that_are_drawn_over_count_and_twice_the_same_step_is_one_row)
{
    options.loss_pattern = "{step}/40.*loss: {loss}";
    ck_assert_msg(go(PARABOLA "printf \"\\r%d/40 [==>] \\033[1mloss: 99\\033[0m\", k + 1; "
                              "printf \"\\r%d/40 [==>] loss: %s\", k + 1, loss } }'") == LRP_OK,
                  "%s", err.message);
    bounds_are_right();
    char *text = contents("runs/000.csv");
    ck_assert_ptr_null(strstr(text, ",99"));
    ck_assert_uint_eq(count_lines("runs/000.csv"), 42);
    free(text);
}
END_TEST

/* Steps that begin anew with each epoch, only every fifth of them, on standard error. */
START_TEST(few_losses_and_counts_that_begin_anew_are_a_whole_run)
{
    options.loss_pattern = "batch {step}: {loss}";
    ck_assert_msg(go(PARABOLA "if (k % 5 == 0) print \"epoch\", int(k / 20), \"batch\", (k % 20) "
                              "\":\", loss > \"/dev/stderr\" } }'") == LRP_OK,
                  "%s", err.message);
    bounds_are_right();
    char *text = contents("runs/000.csv");
    ck_assert_ptr_nonnull(strstr(text, "\n15,0.001,"));
    ck_assert_ptr_nonnull(strstr(text, "\n16,0.001,")); /* batch 0 of epoch 1 */
    ck_assert_ptr_nonnull(strstr(text, "# end: complete\n"));
    free(text);
}
END_TEST

/* Through the protocol, and 25 steps of 40. */
START_TEST(runs_that_end_by_themselves_are_evidence)
{
    ck_assert_msg(go("set -- \"$1\" 25 \"$3\"; exec > \"$LRPROBE_REPORT\"; "
                     "echo step,lr,loss; " PARABOLA "print k \",\" lr \",\" loss } }'") == LRP_OK,
                  "%s", err.message);
    bounds_are_right();
    ck_assert_uint_eq(result.n_events, 1);
    ck_assert_ptr_nonnull(strstr(result.events[0], "ended by themselves, the first after 25 of 40 "
                                                   "steps: what they had recorded counts"));
}
END_TEST

START_TEST(losses_are_taken_from_a_log)
{
    options.log = "{dir}/*.csv";
    ck_assert_msg(go("exec > \"$4/history.csv\"; echo step,train_loss,val_loss; " PARABOLA
                     "print k \",\" loss \",\" (k % 10 == 9 ? 2 * loss : \"\") } }'") == LRP_OK,
                  "%s", err.message);
    bounds_are_right();
    char *text = contents("runs/000.csv");
    ck_assert_ptr_nonnull(strstr(text, "step,lr,loss,val_loss"));
    free(text);
    ck_assert_str_eq(result.bounds.metric, "loss"); /* four validations are too few */
}
END_TEST

START_TEST(with_nothing_said_the_output_is_read_as_a_log)
{
    ck_assert_msg(go("echo step,loss; " PARABOLA "print k \",\" loss } }'") == LRP_OK, "%s",
                  err.message);
    bounds_are_right();
}
END_TEST

/* The plan of such a run is constant, so the protocol works as it is. */
START_TEST(a_trainer_with_a_client_reports_by_itself)
{
    ck_assert_msg(go("set -- $(sed -n '2s/.*,//p' $LRPROBE_PLAN) $LRPROBE_STEPS $LRPROBE_SEED; "
                     "exec > $LRPROBE_REPORT; echo step,lr,loss; " PARABOLA
                     "print k \",\" lr \",\" loss } }'") == LRP_OK,
                  "%s", err.message);
    bounds_are_right();
    ck_assert(!has_event("run 0")); /* none failed, none had another rate than planned */
}
END_TEST

START_TEST(a_trainer_that_fails_at_high_rates_has_diverged_there)
{
    options.loss_pattern = "{step} {loss}";
    ck_assert_msg(go(PARABOLA "if (loss > 100 || loss == \"nan\") exit 1; print k, loss } }'") ==
                      LRP_OK,
                  "%s", err.message);
    bounds_are_right();
    ck_assert(has_event("taken for divergence"));
}
END_TEST

START_TEST(a_run_that_fails_elsewhere_is_left_out)
{
    options.loss_pattern = "{step} {loss}";
    ck_assert_msg(go("case $1.$3 in 0.1.5) echo broken pipe >&2; exit 7;; esac; " PARABOLA
                     "print k, loss } }'") == LRP_OK,
                  "%s", err.message);
    ck_assert_int_eq(result.bounds.outcome, LRP_OUTCOME_OK);
    ck_assert_uint_eq(result.n_records, 17);
    ck_assert(has_event("broken pipe") && has_event("left out"));
}
END_TEST

START_TEST(a_rate_that_does_nothing_is_said)
{
    options.loss_pattern = "{step} {loss}";
    ck_assert_int_eq(go("set -- 0.1 $2 $3; " PARABOLA "print k, loss } }'"), LRP_E_CHILD);
    ck_assert_msg(strstr(err.message, "whatever the rate") != NULL, "%s", err.message);
    ck_assert_ptr_nonnull(strstr(err.message, "{lr}"));
}
END_TEST

START_TEST(a_seed_that_does_nothing_gives_no_interval)
{
    options.loss_pattern = "{step} {loss}";
    ck_assert_int_eq(go("set -- $1 $2 1; " PARABOLA "print k, loss } }'"), LRP_OK);
    ck_assert_int_eq(result.bounds.outcome, LRP_OUTCOME_OK);
    ck_assert(isnan(result.bounds.interval_level));
    ck_assert(has_warning("different seeds"));
    ck_assert_uint_eq(result.n_records, 9);
}
END_TEST

START_TEST(without_losses_it_ends_soon_and_says_why)
{
    static const struct {
        const char *pattern, *log, *script, *says;
    } cases[] = {
        {"loss {loss}", NULL, "echo nothing of interest", "matches none of its 1 line"},
        {"loss (.*)", NULL, "echo loss high", "no number"},
        {"loss {loss}", NULL, "exit 0", "printed nothing"},
        {NULL, "{dir}/log.csv", "echo step,loss", "there is no log"},
        {NULL, "{dir}/log.csv", "echo step,acc > $4/log.csv; echo 1,2 >> $4/log.csv", "no loss"},
        {NULL, NULL, "echo hello", "no losses were found"},
        {NULL, NULL, "echo no such data >&2; exit 3", "no such data"},
    };
    char base[sizeof folder];
    memcpy(base, folder, sizeof base);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        (void)snprintf(folder, sizeof folder, "%.60s%zu", base, i);
        options.loss_pattern = cases[i].pattern;
        options.log = cases[i].log;
        tried = 0;
        /* a log that holds no losses is bad data, not a trainer that failed */
        ck_assert_int_eq(go(cases[i].script),
                         strcmp(cases[i].says, "no loss") == 0 ? LRP_E_NODATA : LRP_E_CHILD);
        ck_assert_msg(strstr(err.message, cases[i].says) != NULL, "%s: %s", cases[i].says,
                      err.message);
        ck_assert_msg(tried >= 3 && tried <= 6, "%zu of 18 runs were made", tried);
        ck_assert_int_ne(access(folder, F_OK), 0); /* nothing stands in the way of the next try */
        lrp_session_result_fini(&result);
    }
}
END_TEST

START_TEST(the_range_is_found_and_runs_are_used_again)
{
    options.lr_min = options.lr_max = (double)NAN;
    options.rates = 0;
    options.loss_pattern = "{step} {loss}";
    ck_assert_msg(go(PARABOLA "print k, loss } }'") == LRP_OK, "%s", err.message);
    ck_assert_int_eq(result.bounds.outcome, LRP_OUTCOME_OK);
    ck_assert(result.bounds.max_lr.value >= 0.4 && result.bounds.max_lr.value <= 2);
    ck_assert(isfinite(result.bounds.base_lr.value));
    ck_assert(result.bounds.lr_low > 1e-6 && result.bounds.lr_high > 2);
    /* every second rate of the first repeat comes from the scout */
    char *manifest = contents("sweep.json");
    size_t runs = 0;
    for (const char *at = manifest; (at = strstr(at, "\"file\"")) != NULL; at++) {
        runs++;
    }
    free(manifest);
    ck_assert_uint_lt(runs, 13 + result.n_records - 3);
}
END_TEST

START_TEST(given_ends_are_obeyed)
{
    options.lr_min = 1e-3;
    options.lr_max = 0.5;
    options.rates = 5;
    options.loss_pattern = "{step} {loss}";
    ck_assert_int_eq(go(PARABOLA "print k, loss } }'"), LRP_OK);
    ck_assert_int_eq(result.bounds.outcome, LRP_OUTCOME_DID_NOT_DIVERGE);
    ck_assert_uint_eq(result.n_records, 10);
    ck_assert(has_event("--lr-max was given"));
}
END_TEST

START_TEST(a_stopped_session_is_gone_on_with)
{
    options.loss_pattern = "{step} {loss}";
    options.rates = 6;
    stop = 1;
    ck_assert_int_eq(go(PARABOLA "if (k % 4 == 0) print k, loss } }'"), LRP_E_INTERRUPTED);
    lrp_session_result_fini(&result);
    stop = 0;
    options.resume = true;
    ck_assert_msg(go(PARABOLA "if (k % 4 == 0) print k, loss } }'") == LRP_OK, "%s", err.message);
    ck_assert_uint_eq(result.n_records, 12);
    double max = result.bounds.max_lr.value;
    lrp_session_result_fini(&result);
    /* nothing is left to do now: a trainer that fails is not asked */
    ck_assert_int_eq(go("exit 9"), LRP_OK);
    ck_assert_uint_eq(result.n_records, 12);
    ck_assert(result.bounds.max_lr.value == max);
}
END_TEST

START_TEST(options_that_make_no_sense_are_refused)
{
    options.loss_pattern = "loss {loss}";
    options.log = "{dir}/log.csv";
    ck_assert_int_eq(go("exit 1"), LRP_E_ARG);
    options.loss_pattern = NULL;
    options.log = "log.csv";
    ck_assert_int_eq(go("exit 1"), LRP_E_ARG);
    ck_assert_ptr_nonnull(strstr(err.message, "{dir}"));
    options.log = "{lr}.csv"; /* two repeats */
    ck_assert_int_eq(go("exit 1"), LRP_E_ARG);
    options.log = NULL;
    options.loss_pattern = "(";
    ck_assert_int_eq(go("exit 1"), LRP_E_ARG);
    options.loss_pattern = "{loss}";
    command[4] = "0.1";
    ck_assert_int_eq(lrp_session_run(&options, NULL, &result, &err), LRP_E_ARG);
    ck_assert_ptr_nonnull(strstr(err.message, "{lr}"));
    ck_assert(access(folder, F_OK) != 0);
}
END_TEST

START_TEST(a_log_that_is_there_already_is_not_taken_for_a_new_one)
{
    char log[120];
    (void)snprintf(log, sizeof log, "%s/{lr}-{seed}.csv", parent);
    options.log = log;
    (void)snprintf(log + strlen(parent), 40, "/0.001-4.csv");
    ck_assert_int_eq(lrp_write_whole(log, "step,loss\n0,1\n", 14, &err), LRP_OK);
    (void)snprintf(log, sizeof log, "%s/{lr}-{seed}.csv", parent);
    ck_assert_int_eq(go("exit 1"), LRP_E_ARG);
    ck_assert_msg(strstr(err.message, "is there already") != NULL, "%s", err.message);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("fresh");
    TCase *sessions = tcase_create("sessions");
    /* Meson's limit, which can be multiplied for a slow machine, is the only one: each session
     * starts dozens of processes, and how long that takes says nothing. */
    tcase_set_timeout(sessions, 0);
    tcase_add_checked_fixture(sessions, set_up, remove_session);
    tcase_add_test(sessions, losses_are_taken_from_what_is_printed);
    tcase_add_test(sessions, bars_that_are_drawn_over_count_and_twice_the_same_step_is_one_row);
    tcase_add_test(sessions, few_losses_and_counts_that_begin_anew_are_a_whole_run);
    tcase_add_test(sessions, losses_are_taken_from_a_log);
    tcase_add_test(sessions, with_nothing_said_the_output_is_read_as_a_log);
    tcase_add_test(sessions, a_trainer_with_a_client_reports_by_itself);
    tcase_add_test(sessions, a_trainer_that_fails_at_high_rates_has_diverged_there);
    tcase_add_test(sessions, a_run_that_fails_elsewhere_is_left_out);
    tcase_add_test(sessions, a_rate_that_does_nothing_is_said);
    tcase_add_test(sessions, a_seed_that_does_nothing_gives_no_interval);
    tcase_add_test(sessions, without_losses_it_ends_soon_and_says_why);
    tcase_add_test(sessions, the_range_is_found_and_runs_are_used_again);
    tcase_add_test(sessions, given_ends_are_obeyed);
    tcase_add_test(sessions, a_stopped_session_is_gone_on_with);
    tcase_add_test(sessions, options_that_make_no_sense_are_refused);
    tcase_add_test(sessions, a_log_that_is_there_already_is_not_taken_for_a_new_one);
    tcase_add_test(sessions, runs_that_end_by_themselves_are_evidence);
    suite_add_tcase(suite, sessions);
    return suite;
}
