/* SPDX-License-Identifier: MIT */
/* What a step costs more when a trainer is driven: bench_driver LRPROBE STEPS TRAINER [ARGUMENT...]
 * TRAINER is a program with a client that does STEPS steps on its own, and the plan's in a sweep.
 *
 * In each of ROUNDS rounds it runs alone, under the probe, and in a whole `lrprobe sweep`, as the
 * scheduler likes it and with all of them on one processor. Prints what the shortest times
 * come to in us per step, those of being driven less the one alone; the target is at most 20 for
 * driving. */
#include "number.h"
#include "probe.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { ROUNDS = 5, WAYS = 3 };

static char folder[] = "/tmp/lrprobe-bench-XXXXXX";

static double now(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static const char *path_of(const char *name)
{
    static char paths[8][80];
    static unsigned next;
    char *path = paths[next++ % 8];
    (void)snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

static void refuse(const char *what)
{
    (void)fprintf(stderr, "bench_driver: %s\n", what);
    exit(1);
}

/* Seconds of a program from its start to its end, its output thrown away. */
static double seconds_of(const char *const *argv)
{
    union { /* execvp takes char *const *, but changes nothing */
        const char *const *in;
        char *const *out;
    } words = {.in = argv};
    int status = 0;
    double start = now();
    pid_t pid = fork();
    if (pid == 0) {
        int sink = open("/dev/null", O_WRONLY | O_CLOEXEC);
        (void)dup2(sink, STDOUT_FILENO);
        (void)execvp(argv[0], words.out);
        _exit(127);
    }
    while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    /* 1: a sweep that finds no bounds, as there are none */
    if (pid < 0 || !WIFEXITED(status) || WEXITSTATUS(status) > 1) {
        refuse(argv[0]);
    }
    return now() - start;
}

static bool on_row(void *user, struct lrp_trainer_run *run, size_t row, double step, double lr,
                   double loss)
{
    (void)user;
    (void)run;
    (void)row;
    (void)step;
    (void)lr;
    (void)loss;
    return true;
}

static double seconds_driven(const char *const *argv, size_t steps)
{
    const struct lrp_probe_handlers handlers = {.on_row = on_row};
    struct lrp_error err;
    struct lrp_trainer_run run = {.argv = argv,
                                  .plan_path = path_of("plan"),
                                  .report_path = path_of("report"),
                                  .out_path = path_of("out"),
                                  .err_path = path_of("err"),
                                  .seed = 1,
                                  .steps = steps};
    double start = now();
    if (lrp_probe_run(&run, 1, 1, NULL, &handlers, NULL, &err) != LRP_OK) {
        refuse(err.message);
    }
    if (run.end != LRP_RUN_COMPLETE) {
        refuse(run.reason);
    }
    return now() - start;
}

/* The sweep of one repeat with its analysis and its report. */
static double seconds_swept(const char *lrprobe, const char *const *argv, const char *steps)
{
    static unsigned number;
    char name[32];
    const char *words[64] = {lrprobe,     "sweep", "--lr-min", "1e-8", "--lr-max", "1e-6",
                             "--repeats", "1",     "--plot",   "none", "--quiet",  "--steps",
                             steps,       "-o",    NULL,       "--"};
    size_t n = 16;
    (void)snprintf(name, sizeof name, "sweep-%u", number++);
    words[14] = path_of(name);
    for (size_t i = 0; argv[i] != NULL && n < 63; i++) {
        words[n++] = argv[i];
    }
    return seconds_of(words);
}

static void write_plan(size_t steps)
{
    FILE *plan = fopen(path_of("plan"), "w");
    if (plan == NULL) {
        refuse("cannot write the plan");
    }
    (void)fputs("step,lr\n", plan);
    for (size_t k = 0; k < steps; k++) {
        char number[LRP_NUMBER_SIZE];
        (void)fprintf(plan, "%zu,%s\n", k, lrp_format_double(1e-8 * (double)(k + 1), number));
    }
    (void)fclose(plan);
}

static void measure(const char *label, const char *lrprobe, const char *const *argv,
                    const char *steps_text, size_t steps)
{
    double best[WAYS] = {1e9, 1e9, 1e9};
    for (int round = 0; round < ROUNDS; round++) {
        const double seconds[WAYS] = {seconds_of(argv), seconds_driven(argv, steps),
                                      seconds_swept(lrprobe, argv, steps_text)};
        for (size_t way = 0; way < WAYS; way++) {
            best[way] = seconds[way] < best[way] ? seconds[way] : best[way];
        }
    }
    double unit = 1e6 / (double)steps;
    (void)printf("%s: alone %.2f driving %.2f sweep %.2f\n", label, unit * best[0],
                 unit * (best[1] - best[0]), unit * (best[2] - best[0]));
    (void)fflush(stdout);
}

static void on_one_processor(void)
{
    cpu_set_t all;
    cpu_set_t one;
    CPU_ZERO(&all);
    CPU_ZERO(&one);
    if (sched_getaffinity(0, sizeof all, &all) != 0) {
        refuse("cannot ask for the processors");
    }
    for (size_t i = 0; i < CPU_SETSIZE; i++) {
        if (CPU_ISSET(i, &all)) {
            CPU_SET(i, &one);
            break;
        }
    }
    if (sched_setaffinity(0, sizeof one, &one) != 0) {
        refuse("cannot stay on one processor");
    }
}

int main(int argc, char **argv)
{
    int64_t steps = 0;
    if (argc < 4 || !lrp_parse_int64(argv[2], strlen(argv[2]), 2, 2000000, &steps) ||
        mkdtemp(folder) == NULL) {
        (void)fputs("usage: bench_driver LRPROBE STEPS TRAINER [ARGUMENT...]\n", stderr);
        return 2;
    }
    const char *const *trainer = (const char *const *)(argv + 3);
    write_plan((size_t)steps);
    measure("any processor", argv[1], trainer, argv[2], (size_t)steps);
    on_one_processor();
    measure("one processor", argv[1], trainer, argv[2], (size_t)steps);
    const char *const clean_up[] = {"rm", "-rf", folder, NULL};
    (void)seconds_of(clean_up);
    return 0;
}
