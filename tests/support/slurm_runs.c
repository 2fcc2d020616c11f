/* SPDX-License-Identifier: MIT */
#include "slurm_runs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct slurm_runs slurm;

void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    ck_assert_msg(file != NULL, "cannot write %s", path);
    (void)fputs(text, file);
    ck_assert_int_eq(fclose(file), 0);
}

const char *read_file(const char *path)
{
    static char buffer[4096];
    FILE *file = fopen(path, "r");
    buffer[0] = '\0';
    if (file != NULL) {
        buffer[fread(buffer, 1, sizeof buffer - 1, file)] = '\0';
        (void)fclose(file);
    }
    return buffer;
}

static bool on_row(void *user, struct lrp_trainer_run *run, size_t row, double step, double lr,
                   double loss)
{
    (void)user;
    (void)run;
    (void)lr;
    (void)loss;
    ck_assert(step == (double)row);
    slurm.rows++;
    slurm.stop = slurm.stop_at_row;
    return row < slurm.enough_at;
}

void slurm_set_up(void)
{
    char path[2048];
    slurm = (struct slurm_runs){.enough_at = (size_t)-1};
    (void)snprintf(slurm.place, sizeof slurm.place, "/tmp/lrprobe-test-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(slurm.place));
    ck_assert_int_eq(chdir(slurm.place), 0);
    ck_assert_int_eq(mkdir("slurm", 0777), 0);
    (void)snprintf(path, sizeof path, "%s/tests/support/fake_slurm:%s", LRP_SOURCE_ROOT,
                   getenv("PATH"));
    ck_assert_int_eq(setenv("PATH", path, 1), 0);
    (void)snprintf(path, sizeof path, "%s/slurm", slurm.place);
    ck_assert_int_eq(setenv("FAKE_SLURM", path, 1), 0);
    slurm.launch = (struct lrp_launch_options){
        .launcher = lrp_launcher_find("slurm"),
        .folder = slurm.place,
        .pace = {
            .look = 0.02, .ask = 0.05, .gone = 0.3, .trouble = 0.5, .answer = 20, .leave = 0.05}};
    slurm.limits = (struct lrp_probe_limits){.start_seconds = 30,
                                             .step_seconds = 30,
                                             .end_seconds = 0.5,
                                             .grace_seconds = 1,
                                             .launch = &slurm.launch};
}

/* Ends what a broken test left running, and takes the folder away. */
void slurm_tear_down(void)
{
    pid_t pid = fork();
    if (pid == 0) {
        execlp("sh", "sh", "-c",
               "for f in slurm/*.pid; do [ -e \"$f\" ] && kill -KILL -$(cat \"$f\"); done "
               "2>/dev/null; cd / && rm -rf \"$0\"",
               slurm.place, (char *)NULL);
        _exit(1);
    }
    ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
}

void slurm_prepare(size_t i, const char *script)
{
    static const char *const names[] = {"plan", "00", "out", "err"};
    for (size_t k = 0; k < 4; k++) {
        (void)snprintf(slurm.paths[i][k], sizeof slurm.paths[i][k], "%s/%s%zu", slurm.place,
                       names[k], i);
    }
    slurm.arguments[i][0] = "sh";
    slurm.arguments[i][1] = "-c";
    slurm.arguments[i][2] = script;
    slurm.arguments[i][3] = NULL;
    slurm.runs[i] = (struct lrp_trainer_run){.argv = slurm.arguments[i],
                                             .plan_path = slurm.paths[i][0],
                                             .report_path = slurm.paths[i][1],
                                             .out_path = slurm.paths[i][2],
                                             .err_path = slurm.paths[i][3],
                                             .seed = 40 + i,
                                             .steps = 5};
}

enum lrp_status slurm_go(size_t n, size_t jobs)
{
    const struct lrp_probe_handlers handlers = {.on_row = on_row};
    return lrp_probe_run(slurm.runs, n, jobs, &slurm.limits, &handlers, &slurm.stop, &slurm.err);
}

bool exists(const char *path)
{
    return access(path, F_OK) == 0;
}

void wait_for(const char *path)
{
    while (!exists(path)) { /* the test's own time limit ends this where it fails */
        (void)usleep(5000);
    }
}

pid_t slurm_do_beside(const char *deed)
{
    pid_t pid = fork();
    if (pid == 0) {
        execlp("sh", "sh", "-c", deed, (char *)NULL);
        _exit(1);
    }
    return pid;
}
