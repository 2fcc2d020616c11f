/* SPDX-License-Identifier: MIT */
/* Trainers are small shell scripts here, most of them bad ones. */
#include "probe.h"
#include "supervisor.h"
#include "test_main.h"
#include "words.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROWS                                                                                       \
    "echo step,lr,loss; i=0; while [ $i -lt $LRPROBE_STEPS ]; do echo $i,0.5,$i.25; i=$((i+1)); "  \
    "done"
#define REPORT " > $LRPROBE_REPORT"

enum { MOST = 4 };
static char folder[64];
static char paths[MOST][4][96];
static const char *arguments[MOST][4];
static struct lrp_trainer_run runs[MOST];
static struct lrp_probe_limits limits;
static volatile int stop;

static struct {
    size_t rows;
    double lr, loss;
    size_t enough_at; /* row at which enough is known */
    bool stop_at_once;
} seen;

static bool on_row(void *user, struct lrp_trainer_run *run, size_t row, double step, double lr,
                   double loss)
{
    (void)user;
    (void)run;
    ck_assert(step == (double)row);
    seen.rows++;
    seen.lr = lr;
    seen.loss = loss;
    stop = seen.stop_at_once ? 1 : stop;
    return row < seen.enough_at;
}

static void set_up(void)
{
    (void)snprintf(folder, sizeof folder, "/tmp/lrprobe-test-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    ck_assert_int_eq(chdir(folder), 0);
    memset(&seen, 0, sizeof seen);
    seen.enough_at = (size_t)-1;
    stop = 0;
    limits = (struct lrp_probe_limits){.start_seconds = 30, .step_seconds = 30, .grace_seconds = 5};
    memset(runs, 0, sizeof runs);
}

static void tear_down(void)
{
    DIR *dir = opendir(folder);
    const struct dirent *entry = NULL;
    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        (void)unlink(entry->d_name);
    }
    if (dir != NULL) {
        (void)closedir(dir);
    }
    (void)rmdir(folder);
}

/* The i-th run: a shell script, 5 steps, seed 40 + i. */
static void prepare(size_t i, const char *script)
{
    static const char *const names[] = {"plan", "report", "out", "err"};
    for (size_t k = 0; k < 4; k++) {
        (void)snprintf(paths[i][k], sizeof paths[i][k], "%s/%s%zu", folder, names[k], i);
    }
    arguments[i][0] = "sh";
    arguments[i][1] = "-c";
    arguments[i][2] = script;
    arguments[i][3] = NULL;
    runs[i] = (struct lrp_trainer_run){.argv = arguments[i],
                                       .plan_path = paths[i][0],
                                       .report_path = paths[i][1],
                                       .out_path = paths[i][2],
                                       .err_path = paths[i][3],
                                       .seed = 40 + i,
                                       .steps = 5};
}

static enum lrp_status go(size_t n, size_t jobs)
{
    const struct lrp_probe_handlers handlers = {.on_row = on_row};
    struct lrp_error err;
    return lrp_probe_run(runs, n, jobs, &limits, &handlers, &stop, &err);
}

static void read_file(const char *path, char *buffer, size_t size)
{
    buffer[0] = '\0';
    FILE *file = fopen(path, "r");
    if (file != NULL) {
        buffer[fread(buffer, 1, size - 1, file)] = '\0';
        (void)fclose(file);
    }
}

static bool is_alive(const char *pid_file)
{
    char text[64];
    read_file(pid_file, text, sizeof text);
    char *end = NULL;
    long pid = strtol(text, &end, 10);
    ck_assert_msg(pid > 1, "no process id in %s", pid_file);
    return kill((pid_t)pid, 0) == 0 || errno != ESRCH;
}

START_TEST(a_good_trainer_is_followed)
{
    char out[200];
    prepare(0, "echo $LRPROBE_SEED $LRPROBE_STEPS $LRPROBE_PLAN; { " ROWS "; }" REPORT);
    ck_assert_int_eq(go(1, 1), LRP_OK);
    ck_assert_int_eq(runs[0].end, LRP_RUN_COMPLETE);
    ck_assert_uint_eq(runs[0].rows, 5);
    ck_assert_uint_eq(seen.rows, 5);
    ck_assert(seen.lr == 0.5 && seen.loss == 4.25);
    ck_assert_int_eq(runs[0].wait_status, 0);
    read_file(paths[0][2], out, sizeof out);
    ck_assert_msg(strncmp(out, "40 5 /tmp", 9) == 0, "%s", out);
}
END_TEST

START_TEST(its_own_variables_come_first)
{
    static const char *const own[] = {"LRPROBE_X=a b", "HOME=/nowhere", NULL};
    char out[200];
    prepare(0, "echo \"$LRPROBE_X,$HOME,$LRPROBE_SEED\"; env | grep -c '^HOME='; { " ROWS
               "; }" REPORT);
    runs[0].environment = own;
    ck_assert_int_eq(setenv("HOME", "/inherited", 1), 0);
    ck_assert_int_eq(go(1, 1), LRP_OK);
    read_file(paths[0][2], out, sizeof out);
    ck_assert_str_eq(out, "a b,/nowhere,40\n1\n");
}
END_TEST

START_TEST(parallel_runs_have_one_thread_unless_it_is_set)
{
    static const char script[] =
        "echo \"$OMP_NUM_THREADS,$OPENBLAS_NUM_THREADS\"; { " ROWS "; }" REPORT;
    static const char *const own[] = {"OMP_NUM_THREADS=3", NULL};
    static const char name[] = "OPENBLAS_NUM_THREADS";
    static const struct {
        const char *inherited, *wanted[2]; /* wanted: of two runs */
        size_t jobs;
    } cases[] = {
        {NULL, {"1,1\n", "3,1\n"}, 2},
        {"7", {"1,7\n", "3,7\n"}, 2},
        {"7", {",7\n", "3,7\n"}, 1},
    };
    char out[200];
    ck_assert_int_eq(unsetenv("OMP_NUM_THREADS"), 0);
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        const char *inherited = cases[c].inherited;
        ck_assert_int_eq(inherited == NULL ? unsetenv(name) : setenv(name, inherited, 1), 0);
        prepare(0, script);
        prepare(1, script);
        runs[1].environment = own;
        ck_assert_int_eq(go(2, cases[c].jobs), LRP_OK);
        for (size_t i = 0; i < 2; i++) {
            read_file(paths[i][2], out, sizeof out);
            ck_assert_str_eq(out, cases[c].wanted[i]);
        }
    }
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
    {"echo hello, world" REPORT "; sleep 60", LRP_RUN_BAD_REPORT, 0,
     "no header row that names a column loss"},
    {"printf 'step,lr,loss\\n0,1,1\\n1,1,abc\\n'" REPORT "; sleep 60", LRP_RUN_BAD_REPORT, 1,
     "line 3 has 'abc' where a number belongs"},
    {"printf 'step,lr,loss\\n0,1,1\\n1\\n'" REPORT "; sleep 60", LRP_RUN_BAD_REPORT, 1,
     "line 3 has 1 field, but the header has 3"},
    {"printf 'step,lr,loss\\n0,1,nan\\n1,1,in'" REPORT, LRP_RUN_SHORT, 1, "ended early"},
    {"printf 'st'" REPORT "; sleep 0.1; printf 'ep,lr,loss\\n0,1,2' >> $LRPROBE_REPORT; sleep 0.1;"
     "printf '5\\n' >> $LRPROBE_REPORT",
     LRP_RUN_SHORT, 1, "ended early"},
    {"{ " ROWS "; }" REPORT "; exit 9", LRP_RUN_FAILED, 5, "exit status 9, after 5 of 5 steps"},
    {"LRPROBE_STEPS=1000000; { " ROWS "; }" REPORT, LRP_RUN_COMPLETE, 5, ""},
};

START_TEST(a_bad_trainer_is_named)
{
    prepare(0, bad[_i].script);
    ck_assert_int_eq(go(1, 1), LRP_OK);
    ck_assert_msg(runs[0].end == bad[_i].end, "%s: end %d, %s", bad[_i].script, (int)runs[0].end,
                  runs[0].reason);
    ck_assert_msg(runs[0].rows == bad[_i].rows, "%s: %zu rows", bad[_i].script, runs[0].rows);
    ck_assert_msg(strstr(runs[0].reason, bad[_i].reason) != NULL, "%s: %s", bad[_i].script,
                  runs[0].reason);
}
END_TEST

START_TEST(a_silent_trainer_is_ended)
{
    limits.start_seconds = 0.2;
    prepare(0, "sleep 600");
    ck_assert_int_eq(go(1, 1), LRP_OK);
    ck_assert_int_eq(runs[0].end, LRP_RUN_TIMEOUT);
    ck_assert_int_eq(WTERMSIG(runs[0].wait_status), SIGTERM);
    ck_assert_ptr_nonnull(strstr(runs[0].reason, "no row within 0.2 seconds"));
}
END_TEST

START_TEST(a_stubborn_trainer_is_killed)
{
    limits.step_seconds = 0.2;
    limits.grace_seconds = 0.2;
    prepare(0, "trap '' TERM; printf 'step,lr,loss\\n0,1,1\\n'" REPORT
               "; while :; do sleep 0.05; done");
    ck_assert_int_eq(go(1, 1), LRP_OK);
    ck_assert_int_eq(runs[0].end, LRP_RUN_TIMEOUT);
    ck_assert_int_eq(WTERMSIG(runs[0].wait_status), SIGKILL);
    ck_assert_uint_eq(runs[0].rows, 1);
}
END_TEST

START_TEST(its_children_end_with_it)
{
    /* one in its group, one that has left it, and one whose parent is gone as well */
    prepare(0, "sleep 600 & echo $! > one; setsid sh -c 'echo $$ > two; exec sleep 600' & "
               "(sh -c 'sleep 600 & echo $! > three' &) ; "
               "while [ ! -s two ] || [ ! -s three ]; do sleep 0.02; done; { " ROWS "; }" REPORT);
    ck_assert_int_eq(go(1, 1), LRP_OK);
    ck_assert_int_eq(runs[0].end, LRP_RUN_COMPLETE);
    ck_assert(!is_alive("one"));
    ck_assert(!is_alive("two"));
    ck_assert(!is_alive("three"));
}
END_TEST

START_TEST(nothing_survives_a_kill_of_lrprobe)
{
    prepare(0, "trap '' TERM; setsid sh -c 'echo $$ > two; exec sleep 600' & "
               "while [ ! -s two ]; do sleep 0.02; done; echo $$ > one; sleep 600");
    prepare(1, "echo $$ > three; sleep 600"); /* its guard is forked while the first one lives */
    pid_t pid = fork();
    if (pid == 0) {
        (void)go(2, 2);
        _exit(0);
    }
    char text[16];
    const char *const files[] = {"one", "two", "three"};
    for (size_t i = 0; i < 3; i++) {
        do {
            (void)usleep(10000);
            read_file(files[i], text, sizeof text);
        } while (text[0] == '\0');
    }
    ck_assert_int_eq(kill(pid, SIGKILL), 0);
    ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
    for (size_t i = 0; i < 3; i++) { /* the test's own time limit ends this where it fails */
        while (is_alive(files[i])) {
            (void)usleep(10000);
        }
    }
}
END_TEST

START_TEST(enough_ends_a_run)
{
    seen.enough_at = 2;
    prepare(0, "{ echo step,lr,loss; for i in 0 1 2 3; do echo $i,0.1,1; sleep 0.05; done; "
               "sleep 600; }" REPORT);
    ck_assert_int_eq(go(1, 1), LRP_OK);
    ck_assert_int_eq(runs[0].end, LRP_RUN_ENOUGH);
    ck_assert_uint_eq(runs[0].rows, 3);
    ck_assert_uint_eq(seen.rows, 3);
    char report[200]; /* what came after is a matter of time and is taken off */
    read_file(paths[0][1], report, sizeof report);
    ck_assert_str_eq(report, "step,lr,loss\n0,0.1,1\n1,0.1,1\n2,0.1,1\n");
}
END_TEST

START_TEST(enough_counts_also_when_the_trainer_was_faster)
{
    seen.enough_at = 2;
    prepare(0, "{ " ROWS "; }" REPORT "; exit 7");
    ck_assert_int_eq(go(1, 1), LRP_OK);
    ck_assert_int_eq(runs[0].end, LRP_RUN_ENOUGH);
    ck_assert_uint_eq(runs[0].rows, 3);
}
END_TEST

START_TEST(a_missing_program_is_named)
{
    static const char *const nowhere[] = {"no-such-trainer", NULL};
    static const char *const no_program[] = {"/etc/passwd", NULL};
    prepare(0, "");
    prepare(1, "");
    runs[0].argv = nowhere;
    runs[1].argv = no_program;
    ck_assert_int_eq(go(2, 1), LRP_OK);
    ck_assert_int_eq(runs[0].end, LRP_RUN_FAILED);
    ck_assert_str_eq(runs[0].reason,
                     "cannot start no-such-trainer: there is no such program in PATH");
    ck_assert_int_eq(runs[1].end, LRP_RUN_FAILED);
    ck_assert_str_eq(runs[1].reason, "cannot start /etc/passwd: Permission denied");
}
END_TEST

START_TEST(a_stop_ends_everything)
{
    seen.stop_at_once = true;
    prepare(0, "printf 'step,lr,loss\\n0,1,1\\n'" REPORT "; sleep 600");
    prepare(1, "sleep 600");
    prepare(2, "sleep 600");
    ck_assert_int_eq(go(3, 2), LRP_E_INTERRUPTED);
    ck_assert_int_eq(runs[0].end, LRP_RUN_INTERRUPTED);
    ck_assert_int_eq(runs[1].end, LRP_RUN_INTERRUPTED);
    ck_assert_int_eq(runs[2].end, LRP_RUN_NOT_STARTED);
    ck_assert_uint_eq(runs[0].rows, 1);
}
END_TEST

START_TEST(jobs_run_side_by_side)
{
    /* each waits for the other */
    prepare(0, "> a; while [ ! -e b ]; do sleep 0.02; done; { " ROWS "; }" REPORT);
    prepare(1, "> b; while [ ! -e a ]; do sleep 0.02; done; { " ROWS "; }" REPORT);
    prepare(2, "{ " ROWS "; }" REPORT);
    ck_assert_int_eq(go(3, 2), LRP_OK);
    for (size_t i = 0; i < 3; i++) {
        ck_assert_int_eq(runs[i].end, LRP_RUN_COMPLETE);
    }
}
END_TEST

static size_t open_files(void)
{
    size_t n = 0;
    DIR *dir = opendir("/proc/self/fd");
    ck_assert_ptr_nonnull(dir);
    while (readdir(dir) != NULL) {
        n++;
    }
    (void)closedir(dir);
    return n;
}

START_TEST(no_descriptor_is_left_open)
{
    char out[400];
    size_t before = open_files();
    prepare(0, "ls /proc/self/fd | tr '\\n' ' '; exit 1");
    prepare(1, "exit 1");
    ck_assert_int_eq(go(2, 2), LRP_OK);
    ck_assert_uint_eq(open_files(), before);
    read_file(paths[0][2], out, sizeof out); /* 3 is the folder that ls reads */
    ck_assert_str_eq(out, "0 1 2 3 ");
}
END_TEST

START_TEST(long_output_keeps_its_beginning_and_its_end)
{
    struct stat info;
    char tail[400];
    prepare(0, "echo first; head -c 100000000 /dev/zero | tr '\\0' x; echo; echo last; "
               "{ " ROWS "; }" REPORT "; exit 3");
    ck_assert_int_eq(go(1, 1), LRP_OK);
    ck_assert_ptr_nonnull(strstr(runs[0].reason, "it said: last"));
    ck_assert_int_eq(stat(paths[0][2], &info), 0);
    ck_assert_int_eq(info.st_size, (64 << 20) + (64 << 10) + 40);
    /* 100,000,012 bytes were printed */
    char *text = calloc((size_t)info.st_size + 1, 1);
    ck_assert_ptr_nonnull(text);
    read_file(paths[0][2], text, (size_t)info.st_size + 1);
    ck_assert_int_eq(strncmp(text, "first\nxxx", 9), 0);
    const char *gap = strstr(text, "\n[lrprobe left out ");
    ck_assert_ptr_nonnull(gap);
    (void)snprintf(tail, sizeof tail, "\n[lrprobe left out %ld bytes here]\nxxx",
                   100000012L - (64L << 20) - (64L << 10));
    ck_assert_msg(strncmp(gap, tail, strlen(tail)) == 0, "%.60s", gap);
    ck_assert_str_eq(text + info.st_size - 7, "x\nlast\n");
    free(text);
}
END_TEST

START_TEST(a_trainer_that_prints_without_end_is_ended)
{
    limits.step_seconds = 0.3;
    prepare(0, "printf 'step,lr,loss\n0,1,1\n'" REPORT "; exec cat /dev/zero");
    ck_assert_int_eq(go(1, 1), LRP_OK);
    ck_assert_int_eq(runs[0].end, LRP_RUN_TIMEOUT);
    ck_assert_int_eq(WTERMSIG(runs[0].wait_status), SIGTERM);
}
END_TEST

static const struct {
    const char *script;
    const char *said; /* NULL = nothing */
} ends[] = {
    {"echo one; printf 'two\\n\\n' >&2", "it said: two"},
    {"echo one; echo 'Ende gut' ; echo ======", "it said: Ende gut"},
    {"printf ' 10 %%\\r 20 %%\\r 30 %%\\r' >&2", "it said: 30 %"},
    {"printf 'a\\033[1;31mb\\033[0mc\\033Md\\007e\\n' >&2", "it said: abcd\xef\xbf\xbd"
                                                            "e"},
    {"printf '\\033[1;31m' >&2; echo out", "it said: out"},
    {"echo ---", NULL},
};

START_TEST(the_last_words_are_kept)
{
    char script[200];
    (void)snprintf(script, sizeof script, "%s; exit 1", ends[_i].script);
    prepare(0, script);
    ck_assert_int_eq(go(1, 1), LRP_OK);
    if (ends[_i].said == NULL) {
        ck_assert_msg(strstr(runs[0].reason, "said") == NULL, "%s", runs[0].reason);
    } else {
        const char *said = strstr(runs[0].reason, "it said");
        ck_assert_msg(said != NULL && strcmp(said, ends[_i].said) == 0, "%s: %s", script,
                      runs[0].reason);
    }
}
END_TEST

START_TEST(the_last_lines_can_be_asked_for)
{
    struct lrp_text text;
    lrp_text_init(&text, 10000);
    prepare(0,
            "i=0; while [ $i -lt 30 ]; do echo line $i; i=$((i+1)); done; printf '\\n--\\nno end'");
    ck_assert_int_eq(go(1, 1), LRP_OK);
    lrp_last_words(&runs[0], 4, &text);
    ck_assert_str_eq(lrp_text_string(&text), "line 27\nline 28\nline 29\nno end\n");
    lrp_text_fini(&text);
    lrp_text_init(&text, 10000);
    lrp_last_words(&runs[0], 1000, &text);
    ck_assert_int_eq(strncmp(lrp_text_string(&text), "line 0\nline 1\n", 14), 0);
    lrp_text_fini(&text);
    lrp_text_init(&text, 10000);
    runs[0].out_path = "no-such-file";
    lrp_last_words(&runs[0], 4, &text);
    ck_assert_str_eq(lrp_text_string(&text), "");
}
END_TEST

START_TEST(a_trainer_that_does_not_go_after_its_last_row_is_complete)
{
    limits.end_seconds = 0.2;
    prepare(0, "{ " ROWS "; }" REPORT "; trap '' TERM; while :; do sleep 0.05; done");
    limits.grace_seconds = 0.2;
    ck_assert_int_eq(go(1, 1), LRP_OK);
    ck_assert_int_eq(runs[0].end, LRP_RUN_COMPLETE);
    ck_assert_uint_eq(runs[0].rows, 5);
    ck_assert_str_eq(runs[0].reason, "");
}
END_TEST

START_TEST(what_it_leaves_running_is_ended_and_named)
{
    prepare(0, "{ " ROWS "; }" REPORT "; setsid sh -c 'echo $$ > one; exec sleep 600' & "
               "while [ ! -s one ]; do sleep 0.02; done");
    prepare(1, "sleep 0.1 & { " ROWS "; }" REPORT); /* ends in time by itself */
    prepare(2, "(printf 'step,lr,loss\n0,1,1\n'" REPORT "; echo > two; while :; do sleep 0.2; "
               "echo $((i=i+1)),1,1 >> $LRPROBE_REPORT; done) & "
               "while [ ! -e two ]; do sleep 0.01; done");
    ck_assert_int_eq(go(3, 3), LRP_OK);
    ck_assert_int_eq(runs[0].end, LRP_RUN_COMPLETE);
    ck_assert_str_eq(runs[0].reason, "the trainer left processes running, which were ended, after "
                                     "5 of 5 steps");
    ck_assert(!is_alive("one"));
    ck_assert_int_eq(runs[1].end, LRP_RUN_COMPLETE);
    ck_assert_str_eq(runs[1].reason, "");
    /* it trained in the background: what it wrote in the time it was given is there */
    ck_assert_ptr_nonnull(strstr(runs[2].end == LRP_RUN_SHORT ? runs[2].reason : "",
                                 "ended early and left processes running"));
    ck_assert_uint_ge(runs[2].rows, 1);
}
END_TEST

START_TEST(what_a_guard_says_last_is_not_lost)
{
    const char *const argv[] = {"sh", "-c", "exit 3", NULL};
    const struct lrp_command_line command = {.program = "/bin/sh",
                                             .argv = argv,
                                             .environment = environ,
                                             .out_path = "out",
                                             .err_path = "err"};
    for (int i = 0; i < 20; i++) {
        struct lrp_guard guard;
        ck_assert_int_eq(lrp_guard_start(&command, &guard, NULL), LRP_OK);
        while (!lrp_guard_receive(&guard)) { /* it ends while it is spoken to */
            lrp_guard_signal(&guard, 0);
        }
        ck_assert_msg(WIFEXITED(guard.wait_status) && WEXITSTATUS(guard.wait_status) == 3,
                      "round %d: status %d", i, guard.wait_status);
        lrp_guard_close(&guard);
    }
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("probe");
    TCase *tcase = tcase_create("runs");
    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, a_good_trainer_is_followed);
    tcase_add_test(tcase, its_own_variables_come_first);
    tcase_add_test(tcase, parallel_runs_have_one_thread_unless_it_is_set);
    tcase_add_loop_test(tcase, a_bad_trainer_is_named, 0, (int)(sizeof bad / sizeof bad[0]));
    tcase_add_test(tcase, a_silent_trainer_is_ended);
    tcase_add_test(tcase, a_stubborn_trainer_is_killed);
    tcase_add_test(tcase, its_children_end_with_it);
    tcase_add_test(tcase, nothing_survives_a_kill_of_lrprobe);
    tcase_add_test(tcase, enough_ends_a_run);
    tcase_add_test(tcase, enough_counts_also_when_the_trainer_was_faster);
    tcase_add_test(tcase, a_missing_program_is_named);
    tcase_add_test(tcase, a_stop_ends_everything);
    tcase_add_test(tcase, jobs_run_side_by_side);
    tcase_add_test(tcase, no_descriptor_is_left_open);
    tcase_add_test(tcase, long_output_keeps_its_beginning_and_its_end);
    tcase_add_test(tcase, a_trainer_that_prints_without_end_is_ended);
    tcase_add_loop_test(tcase, the_last_words_are_kept, 0, (int)(sizeof ends / sizeof ends[0]));
    tcase_add_test(tcase, the_last_lines_can_be_asked_for);
    tcase_add_test(tcase, a_trainer_that_does_not_go_after_its_last_row_is_complete);
    tcase_add_test(tcase, what_it_leaves_running_is_ended_and_named);
    tcase_add_test(tcase, what_a_guard_says_last_is_not_lost);
    suite_add_tcase(suite, tcase);
    return suite;
}
