/* SPDX-License-Identifier: MIT */
/* Jobs that lrprobe leaves, and jobs that it finds. */
#include "slurm_runs.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* A run that goes on until the file go is there. */
#define SLOW                                                                                       \
    "printf 'step,lr,loss\\n0,1,1\\n'" REPORT "; until [ -e go ]; do sleep 0.02; done; "           \
    "for i in 1 2 3 4; do echo $i,1,1 >> $LRPROBE_REPORT; done; echo x >> ran"

static void pick_up(size_t n)
{
    slurm.stop = 0;
    slurm.stop_at_row = 0;
    ck_assert_int_eq(lrp_probe_find_left(slurm.runs, n, &slurm.launch, &slurm.stop, &slurm.err),
                     LRP_OK);
}

START_TEST(jobs_are_left_and_picked_up)
{
    slurm.stop_at_row = 1;
    slurm_prepare(0, SLOW);
    slurm_prepare(1, GOOD "; echo x >> ran");
    ck_assert_int_eq(slurm_go(2, 0), LRP_E_INTERRUPTED);
    ck_assert_msg(strstr(slurm.err.message, "left; jobs 100 go on; pick them up with lrprobe sweep "
                                            "--resume /tmp/") != NULL &&
                      strstr(slurm.err.message, "scancel 100") != NULL,
                  "%s", slurm.err.message);
    ck_assert_int_eq(slurm.runs[0].end == LRP_RUN_LEFT || slurm.runs[1].end == LRP_RUN_LEFT, 1);
    ck_assert(!exists("slurm/cancelled"));
    write_file("go", "");
    while (strcmp(read_file("ran"), "x\nx\n") != 0) {
        (void)usleep(5000);
    }
    pick_up(2);
    for (size_t i = 0; i < 2; i++) {
        ck_assert(slurm.runs[i].left == (slurm.runs[i].end == LRP_RUN_LEFT));
    }
    struct lrp_trainer_run one = slurm.runs[slurm.runs[0].left ? 0 : 1];
    slurm.runs[0] = one;
    ck_assert_int_eq(slurm_go(1, 0), LRP_OK);
    ck_assert_msg(slurm.runs[0].end == LRP_RUN_COMPLETE, "%s", slurm.runs[0].reason);
    ck_assert_uint_eq(slurm.runs[0].rows, 5);
    ck_assert_str_eq(read_file("slurm/next"), "101\n"); /* nothing was submitted again */
    ck_assert_str_eq(read_file("ran"), "x\nx\n");
}
END_TEST

START_TEST(a_second_stop_cancels)
{
    slurm.stop_at_row = 2;
    slurm_prepare(0, SLOW);
    slurm_prepare(1, SLOW);
    ck_assert_int_eq(slurm_go(2, 0), LRP_E_INTERRUPTED);
    ck_assert_str_eq(slurm.err.message, "stopped on request");
    ck_assert_int_eq(slurm.runs[0].end, LRP_RUN_INTERRUPTED);
    ck_assert_int_eq(slurm.runs[1].end, LRP_RUN_INTERRUPTED);
    ck_assert_str_eq(read_file("slurm/cancelled"), "--quiet 100_0 100_1\n");
    pick_up(2);
    ck_assert(!slurm.runs[0].left && !slurm.runs[1].left);
}
END_TEST

START_TEST(a_killed_lrprobe_leaves_its_jobs)
{
    slurm_prepare(0, SLOW);
    pid_t pid = fork();
    if (pid == 0) {
        (void)slurm_go(1, 0);
        _exit(0);
    }
    wait_for("jobs/000.started");
    ck_assert_int_eq(kill(pid, SIGKILL), 0);
    ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
    pick_up(1);
    ck_assert(slurm.runs[0].left);
    write_file("go", "");
    ck_assert_int_eq(slurm_go(1, 0), LRP_OK);
    ck_assert_int_eq(slurm.runs[0].end, LRP_RUN_COMPLETE);
    ck_assert_str_eq(read_file("slurm/next"), "101\n");
    ck_assert_str_eq(read_file("ran"), "x\n");
}
END_TEST

/* lrprobe was killed between the submission and the word of the job's number. */
START_TEST(a_job_is_known_by_its_name)
{
    slurm_prepare(0, SLOW);
    write_file("slurm/mute", "");
    write_file("slurm/hold", "");
    pid_t pid = fork();
    if (pid == 0) {
        (void)slurm_go(1, 0);
        _exit(0);
    }
    ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
    /* a sbatch that names no job is an error; what a kill leaves is put back */
    char id[100];
    const char *name = read_file("slurm/100.name");
    (void)snprintf(id, sizeof id, "%.16s - 0\n", name + strlen("lrprobe-"));
    write_file("jobs/000.id", id);
    pick_up(1);
    ck_assert(slurm.runs[0].left);
    ck_assert_ptr_nonnull(strstr(read_file("jobs/000.id"), " 100 0\n"));
}
END_TEST

START_TEST(a_job_that_ended_badly_is_not_picked_up)
{
    slurm.stop_at_row = 1;
    slurm_prepare(0, SLOW);
    slurm_prepare(1, SLOW);
    slurm_prepare(2, SLOW);
    ck_assert_int_eq(slurm_go(3, 0), LRP_E_INTERRUPTED);
    for (const char *const *file =
             (const char *const[]){"jobs/000.started", "jobs/001.started", NULL};
         *file != NULL; file++) {
        wait_for(*file);
    }
    pid_t pid = slurm_do_beside("rm slurm/100_0.state; kill -KILL -$(cat slurm/100_0.pid); "
                                "scancel 100_1; until [ -e jobs/001.status ]; do sleep 0.02; done");
    ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
    pick_up(3);
    ck_assert(!slurm.runs[0].left && !slurm.runs[1].left && slurm.runs[2].left);
    write_file("go", "");
    ck_assert_int_eq(slurm_go(3, 0),
                     LRP_OK); /* the two are submitted again, the third is followed */
    for (size_t i = 0; i < 3; i++) {
        ck_assert_msg(slurm.runs[i].end == LRP_RUN_COMPLETE, "%s", slurm.runs[i].reason);
        ck_assert_uint_eq(slurm.runs[i].rows, 5);
    }
    ck_assert_str_eq(read_file("slurm/next"), "102\n");
    ck_assert_ptr_nonnull(strstr(read_file("slurm/arguments"), "--array=0-1\n"));
}
END_TEST

/* A task of an earlier submission that comes out of the queue late, and one that Slurm begins again
 * after the node has failed. */
START_TEST(a_task_whose_run_was_taken_from_it_ends_at_once)
{
    write_file("slurm/hold", "");
    slurm_prepare(0, "echo x >> ran; " GOOD);
    pid_t pid =
        slurm_do_beside("until [ -s jobs/000.id ] && grep -q ' 100 ' jobs/000.id; do sleep 0.02; "
                        "done; echo other 101 0 > jobs/000.id; rm slurm/hold");
    slurm.limits.start_seconds = 1;
    ck_assert_int_eq(slurm_go(1, 0), LRP_OK);
    ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
    ck_assert_int_eq(slurm.runs[0].end, LRP_RUN_FAILED);
    ck_assert(!exists("ran"));
    ck_assert_int_eq(setenv("SLURM_RESTART_COUNT", "1", 1), 0);
    ck_assert_int_eq(slurm_go(1, 0), LRP_OK);
    ck_assert_int_eq(unsetenv("SLURM_RESTART_COUNT"), 0);
    ck_assert_ptr_nonnull(strstr(slurm.runs[0].reason, "requeued"));
    ck_assert(!exists("ran"));
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("slurm_left");
    TCase *tcase = tcase_create("runs");
    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, slurm_set_up, slurm_tear_down);
    tcase_add_test(tcase, jobs_are_left_and_picked_up);
    tcase_add_test(tcase, a_second_stop_cancels);
    tcase_add_test(tcase, a_killed_lrprobe_leaves_its_jobs);
    tcase_add_test(tcase, a_job_is_known_by_its_name);
    tcase_add_test(tcase, a_job_that_ended_badly_is_not_picked_up);
    tcase_add_test(tcase, a_task_whose_run_was_taken_from_it_ends_at_once);
    suite_add_tcase(suite, tcase);
    return suite;
}
