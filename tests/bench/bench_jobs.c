/* SPDX-License-Identifier: MIT */
/* Two repeats side by side against one: bench_jobs TRAINER [ARGUMENT...]
 * for LRPROBE_BENCH_STEPS (400) steps each.
 *
 * Prints the shortest times of ROUNDS rounds, in which both take turns, and their ratio. The target
 * is at most 1.15 on two processors. */
#include "number.h"
#include "probe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { ROUNDS = 5, MOST = 2 };

static char folder[] = "/tmp/lrprobe-bench-XXXXXX";
static char paths[MOST][4][80];

static double now(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
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

/* Seconds for n runs at a time; ends the program where one fails. */
static double seconds_for(size_t n, const char *const *argv, size_t steps)
{
    static const char *const names[] = {"plan", "report", "out", "err"};
    const struct lrp_probe_handlers handlers = {.on_row = on_row};
    struct lrp_trainer_run runs[MOST];
    struct lrp_error err;
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < 4; k++) {
            (void)snprintf(paths[i][k], sizeof paths[i][k], "%s/%s%zu", folder, names[k],
                           k == 0 ? 0 : i);
        }
        runs[i] = (struct lrp_trainer_run){.argv = argv,
                                           .plan_path = paths[i][0],
                                           .report_path = paths[i][1],
                                           .out_path = paths[i][2],
                                           .err_path = paths[i][3],
                                           .seed = 1,
                                           .steps = steps};
    }
    double start = now();
    enum lrp_status status = lrp_probe_run(runs, n, n, NULL, &handlers, NULL, &err);
    double seconds = now() - start;
    for (size_t i = 0; i < n; i++) {
        if (status != LRP_OK || runs[i].end != LRP_RUN_COMPLETE) {
            (void)fprintf(stderr, "bench_jobs: %s\n",
                          status != LRP_OK ? err.message : runs[i].reason);
            exit(1);
        }
    }
    return seconds;
}

static void write_plan(size_t steps)
{
    char path[80];
    (void)snprintf(path, sizeof path, "%s/plan0", folder);
    FILE *plan = fopen(path, "w");
    if (plan == NULL) {
        perror(path);
        exit(1);
    }
    (void)fputs("step,lr\n", plan);
    for (size_t k = 0; k < steps; k++) {
        (void)fprintf(plan, "%zu,0.01\n", k);
    }
    (void)fclose(plan);
}

static void clean_up(void)
{
    for (size_t i = 0; i < MOST; i++) {
        for (size_t k = 0; k < 4; k++) {
            (void)unlink(paths[i][k]);
        }
    }
    (void)rmdir(folder);
}

int main(int argc, char **argv)
{
    const char *wanted = getenv("LRPROBE_BENCH_STEPS");
    int64_t steps = 400;
    if (argc < 2 || mkdtemp(folder) == NULL ||
        (wanted != NULL && !lrp_parse_int64(wanted, strlen(wanted), 2, 10000000, &steps))) {
        (void)fputs("usage: bench_jobs TRAINER [ARGUMENT...]\n", stderr);
        return 2;
    }
    (void)setenv("OPENBLAS_NUM_THREADS", "1", 0); /* for the one as for the two */
    write_plan((size_t)steps);
    double best[2] = {1e9, 1e9};
    for (int round = 0; round < ROUNDS; round++) {
        for (size_t n = 1; n <= MOST; n++) {
            double seconds = seconds_for(n, (const char *const *)(argv + 1), (size_t)steps);
            best[n - 1] = seconds < best[n - 1] ? seconds : best[n - 1];
        }
    }
    clean_up();
    (void)printf("one %.3f s, two side by side %.3f s, ratio %.3f (target 1.15)\n", best[0],
                 best[1], best[1] / best[0]);
    return 0;
}
