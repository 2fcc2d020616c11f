/* SPDX-License-Identifier: MIT */
/* The Slurm launcher against tests/support/fake_slurm. Trainers are small shell scripts. */
#include "slurm_runs.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Each byte, and what shells and sbatch take for something else, comes out as it went in. */
START_TEST(words_are_quoted)
{
    static char bytes[256];
    static const char *const hard[] = {
        bytes,  "",         "it's",           "a\r\nb", "$(x)`x`\"\\", "-n",
        "\n\n", "'\r'\r''", "#SBATCH --hold", "*?[a",   "~ & ; |",     "A=b"};
    const char *argv[20] = {"sh", "-c", "for w; do printf '%s\\0' \"$w\"; done", "sh"};
    for (size_t i = 1; i < 256; i++) {
        bytes[i - 1] = (char)i;
    }
    const size_t n = sizeof hard / sizeof hard[0];
    memcpy(argv + 4, hard, sizeof hard);
    static const char *const own[] = {"LRPROBE_X=it's\r\n$y", NULL};
    slurm_prepare(0, GOOD);
    slurm.runs[0].argv = argv;
    slurm.runs[0].environment = own;
    ck_assert_int_eq(slurm_go(1, 0), LRP_OK);
    ck_assert_int_eq(slurm.runs[0].end, LRP_RUN_SHORT);
    const char *said = read_file(slurm.paths[0][2]);
    for (size_t i = 0; i < n; i++) {
        ck_assert_msg(strcmp(said, hard[i]) == 0, "word %zu: '%s', wanted '%s'", i, said, hard[i]);
        said += strlen(said) + 1;
    }
    const char *script = read_file("jobs/000.sh");
    ck_assert_msg(strstr(script, "\r\n") == NULL, "sbatch would refuse it");
    ck_assert_int_eq(strncmp(script, "#!/bin/sh\n", 10), 0);
}
END_TEST

START_TEST(variables_that_no_shell_can_set)
{
    static const char *const own[] = {"A-B=c", NULL};
    slurm_prepare(0, GOOD);
    slurm.runs[0].environment = own;
    ck_assert_int_eq(slurm_go(1, 0), LRP_E_ARG);
    ck_assert_ptr_nonnull(strstr(slurm.err.message, "A-B"));
    ck_assert(!exists("slurm/arguments"));
    ck_assert(!exists("jobs/000.id"));
}
END_TEST

START_TEST(a_set_is_one_array)
{
    static const char *const extra[] = {"--mem=1G", "--comment=a b"};
    static const char *const own[] = {"LRPROBE_X=a b", NULL};
    slurm.launch.partition = "long";
    slurm.launch.time_limit = "1:00";
    slurm.launch.extra = extra;
    slurm.launch.n_extra = 2;
    for (size_t i = 0; i < 3; i++) {
        slurm_prepare(i, "echo $LRPROBE_SEED,$LRPROBE_X,$LRPROBE_PLAN; " GOOD);
        slurm.runs[i].environment = own;
    }
    ck_assert_int_eq(slurm_go(3, 2), LRP_OK);
    for (size_t i = 0; i < 3; i++) {
        char wanted[200];
        (void)snprintf(wanted, sizeof wanted, "%zu,a b,%s/plan%zu\n", 40 + i, slurm.place, i);
        ck_assert_msg(slurm.runs[i].end == LRP_RUN_COMPLETE, "%s", slurm.runs[i].reason);
        ck_assert_uint_eq(slurm.runs[i].rows, 5);
        ck_assert_int_eq(slurm.runs[i].wait_status, 0);
        ck_assert_str_eq(read_file(slurm.paths[i][2]), wanted);
    }
    ck_assert_uint_eq(slurm.rows, 15);
    ck_assert_str_eq(read_file("slurm/next"), "101\n");
    const char *said = read_file("slurm/arguments");
    ck_assert_ptr_nonnull(strstr(said, "--array=0-2%2\n"));
    ck_assert_ptr_nonnull(strstr(said, "--partition=long\n--time=1:00\n--mem=1G\n--comment=a b\n"));
    ck_assert(!exists("jobs/000.id") && !exists("jobs/001.status") && !exists("jobs/002.started"));
}
END_TEST

static const struct {
    const char *script;
    enum lrp_run_end end;
    size_t rows;
    const char *reason;
} bad[] = {
    {"echo no such data set >&2; exit 3", LRP_RUN_FAILED, 0,
     "exit status 3, after 0 of 5 steps; it said: no such data set"},
    {"kill -SEGV $$", LRP_RUN_FAILED, 0, "signal 11 (SEGV)"},
    {"exit 0", LRP_RUN_SHORT, 0, "reported nothing"},
    {"exec no-such-program", LRP_RUN_FAILED, 0, "exit status 127"},
    {GOOD "; exit 9", LRP_RUN_FAILED, 5, "exit status 9, after 5 of 5 steps"},
    {"sleep 600 & sleep 600 & " GOOD, LRP_RUN_COMPLETE, 5, ""},
    {"trap '' TERM; LRPROBE_STEPS=8; " GOOD "; while :; do sleep 0.05; done", LRP_RUN_COMPLETE, 5,
     ""},
    {"echo hello, world" REPORT "; sleep 60", LRP_RUN_BAD_REPORT, 0, "lr"},
};

START_TEST(a_bad_trainer_is_named)
{
    slurm_prepare(0, bad[_i].script);
    ck_assert_int_eq(slurm_go(1, 0), LRP_OK);
    ck_assert_msg(slurm.runs[0].end == bad[_i].end, "%s: end %d, %s", bad[_i].script,
                  (int)slurm.runs[0].end, slurm.runs[0].reason);
    ck_assert_msg(slurm.runs[0].rows == bad[_i].rows, "%s: %zu rows", bad[_i].script,
                  slurm.runs[0].rows);
    ck_assert_msg(strstr(slurm.runs[0].reason, bad[_i].reason) != NULL, "%s: %s", bad[_i].script,
                  slurm.runs[0].reason);
}
END_TEST

/* Its time in the queue does not count. */
START_TEST(a_silent_trainer_is_ended)
{
    slurm.limits.start_seconds = 0.3;
    write_file("slurm/hold", "");
    slurm_prepare(0, "sleep 600");
    pid_t pid = fork();
    if (pid == 0) {
        (void)usleep(900000);
        (void)unlink("slurm/hold");
        _exit(0);
    }
    ck_assert_int_eq(slurm_go(1, 0), LRP_OK);
    ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
    ck_assert_int_eq(slurm.runs[0].end, LRP_RUN_TIMEOUT);
    ck_assert_int_eq(WTERMSIG(slurm.runs[0].wait_status), SIGTERM);
    ck_assert_ptr_nonnull(strstr(slurm.runs[0].reason, "no row within 0.3 seconds"));
    ck_assert_ptr_nonnull(strstr(read_file("slurm/cancelled"), "--quiet 100_0"));
}
END_TEST

START_TEST(enough_ends_a_run)
{
    slurm.enough_at = 2;
    slurm_prepare(0, "{ echo step,lr,loss; for i in 0 1 2 3; do echo $i,0.1,1; sleep 0.02; done; "
                     "sleep 600; }" REPORT);
    ck_assert_int_eq(slurm_go(1, 0), LRP_OK);
    ck_assert_int_eq(slurm.runs[0].end, LRP_RUN_ENOUGH);
    ck_assert_uint_eq(slurm.runs[0].rows, 3);
    ck_assert_str_eq(read_file(slurm.paths[0][1]), "step,lr,loss\n0,0.1,1\n1,0.1,1\n2,0.1,1\n");
    ck_assert_str_eq(read_file("slurm/cancelled"), "--quiet 100_0\n");
}
END_TEST

/* What happens to a task that slurm.runs, done by a shell when it has begun. */
static const struct {
    const char *deed, *reason;
} blows[] = {
    {"scancel 100_0", "was ended: its job was cancelled, after 1 of 5 steps; it said: ouch"},
    {"echo NODE_FAIL > slurm/100_0.state; kill -KILL -$(cat slurm/100_0.pid)", "node"},
    {"echo OUT_OF_MEMORY > slurm/100_0.state; kill -KILL -$(cat slurm/100_0.pid)", "memory"},
    {"rm slurm/100_0.state; kill -KILL -$(cat slurm/100_0.pid)", "left no exit status"},
    {"echo FAILED > slurm/100_0.state; kill -KILL -$(cat slurm/100_0.pid)", "Slurm says FAILED"},
};

START_TEST(a_task_that_is_lost_is_named)
{
    char deed[300];
    slurm_prepare(0, "printf 'step,lr,loss\\n0,1,1\\n'" REPORT "; echo ouch >&2; sleep 600");
    (void)snprintf(deed, sizeof deed, "until [ -s err0 ]; do sleep 0.02; done; %s", blows[_i].deed);
    pid_t pid = slurm_do_beside(deed);
    ck_assert_int_eq(slurm_go(1, 0), LRP_OK);
    ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
    ck_assert_int_eq(slurm.runs[0].end, LRP_RUN_FAILED);
    ck_assert_uint_eq(slurm.runs[0].rows, 1);
    ck_assert_msg(strstr(slurm.runs[0].reason, blows[_i].reason) != NULL, "%s: %s", blows[_i].deed,
                  slurm.runs[0].reason);
}
END_TEST

START_TEST(a_task_that_never_begins_is_named)
{
    write_file("slurm/hold", "");
    slurm_prepare(0, GOOD);
    slurm_prepare(1, GOOD);
    pid_t pid = slurm_do_beside("until [ -e slurm/100_1.pid ]; do sleep 0.02; done; "
                                "echo BOOT_FAIL > slurm/100_0.state; scancel 100_1");
    ck_assert_int_eq(slurm_go(2, 0), LRP_OK);
    ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
    ck_assert_int_eq(slurm.runs[0].end, LRP_RUN_FAILED);
    ck_assert_ptr_nonnull(strstr(slurm.runs[0].reason, "did not begin: the node"));
    ck_assert_int_eq(slurm.runs[1].end, LRP_RUN_FAILED);
    ck_assert_ptr_nonnull(strstr(slurm.runs[1].reason, "did not begin: its job is gone"));
}
END_TEST

START_TEST(squeue_may_fail_for_a_while_and_babble)
{
    write_file("slurm/noise", "slurm: warning\n\n100 0\n100 zero RUNNING x\n\x01\x02 100\n");
    write_file("slurm/down", "slurm_load_jobs error: Unable to contact slurm controller\n");
    slurm_prepare(0, "sleep 1.5; " GOOD);
    pid_t pid = slurm_do_beside("sleep 0.3; rm slurm/down");
    ck_assert_int_eq(slurm_go(1, 0), LRP_OK);
    ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
    ck_assert_msg(slurm.runs[0].end == LRP_RUN_COMPLETE, "%s", slurm.runs[0].reason);
}
END_TEST

/* A task that slurm.runs is known from its files; of one in the queue nothing is known any more. */
START_TEST(squeue_may_not_fail_for_ever)
{
    write_file("slurm/down", "squeue: error: no controller\x1b[2J\n");
    slurm_prepare(0, "sleep 1.5; " GOOD);
    ck_assert_int_eq(slurm_go(1, 0), LRP_OK);
    ck_assert_msg(slurm.runs[0].end == LRP_RUN_COMPLETE, "%s", slurm.runs[0].reason);
    write_file("slurm/hold", "");
    ck_assert_int_eq(slurm_go(1, 0), LRP_OK);
    ck_assert_int_eq(slurm.runs[0].end, LRP_RUN_FAILED);
    ck_assert_ptr_nonnull(
        strstr(slurm.runs[0].reason, "cannot be followed: squeue failed: no controller"));
    ck_assert_ptr_null(strchr(slurm.runs[0].reason, '\x1b'));
}
END_TEST

START_TEST(sbatch_may_refuse)
{
    write_file("slurm/refuse", "sbatch: error: invalid partition specified: x\x1b[1m\n"
                               "sbatch: error: Batch job submission failed: no\n");
    slurm_prepare(0, GOOD);
    ck_assert_int_eq(slurm_go(1, 0), LRP_E_TOOL);
    ck_assert_ptr_nonnull(
        strstr(slurm.err.message, "sbatch failed: invalid partition specified: x"));
    ck_assert_ptr_nonnull(strstr(slurm.err.message, "; Batch job submission failed: no"));
    ck_assert_ptr_null(strchr(slurm.err.message, '\x1b'));
    ck_assert(!exists("jobs/000.id"));
    ck_assert_int_eq(setenv("PATH", "/nowhere", 1), 0);
    ck_assert_int_eq(slurm_go(1, 0), LRP_E_TOOL);
    ck_assert_ptr_nonnull(strstr(slurm.err.message, "sbatch is not there"));
    const char *path = LRP_SOURCE_ROOT "/tests/support/fake_slurm:/usr/bin:/bin";
    ck_assert_int_eq(setenv("PATH", path, 1), 0);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("slurm");
    TCase *tcase = tcase_create("runs");
    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, slurm_set_up, slurm_tear_down);
    tcase_add_test(tcase, words_are_quoted);
    tcase_add_test(tcase, variables_that_no_shell_can_set);
    tcase_add_test(tcase, a_set_is_one_array);
    tcase_add_loop_test(tcase, a_bad_trainer_is_named, 0, (int)(sizeof bad / sizeof bad[0]));
    tcase_add_test(tcase, a_silent_trainer_is_ended);
    tcase_add_test(tcase, enough_ends_a_run);
    tcase_add_loop_test(tcase, a_task_that_is_lost_is_named, 0,
                        (int)(sizeof blows / sizeof blows[0]));
    tcase_add_test(tcase, a_task_that_never_begins_is_named);
    tcase_add_test(tcase, squeue_may_fail_for_a_while_and_babble);
    tcase_add_test(tcase, squeue_may_not_fail_for_ever);
    tcase_add_test(tcase, sbatch_may_refuse);
    suite_add_tcase(suite, tcase);
    return suite;
}
