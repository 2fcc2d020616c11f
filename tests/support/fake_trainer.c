/* SPDX-License-Identifier: MIT */
/* A trainer of a few lines, for tests: gradient descent on a quadratic with curvatures from
 * CURVATURE / 1000 to CURVATURE, so it diverges at rates above 2 / CURVATURE.
 *
 *   fake_trainer CURVATURE [fail SEED | pause MICROSECONDS | hold SEED ROWS | end ROWS |
 *                           give-up LOSS | own RATE | resume FILE | spread FACTOR |
 *                           wide FACTOR | loaded SEED | head LINE [ROWS]]
 *
 * fail SEED: that seed ends with exit status 3. pause: waits after each row. hold: from that seed
 * on nothing more comes after so many rows. end: its data are used up after so many rows. give-up:
 * it ends with exit status 1 at a loss above that. own: it steps with that rate, whatever the plan
 * says. resume: it saves its weights and begins with what it finds saved. spread: even seeds have
 * a curvature so many times as high. wide: even seeds have weights so many times as large. loaded:
 * from that seed on its record says that it started from a checkpoint. head: that line, "KEY:
 * TEXT", begins its record; its data are used up after so many rows. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { N = 8 };

static const char *need(const char *name)
{
    const char *value = getenv(name);
    if (value == NULL) {
        (void)fprintf(stderr, "fake_trainer: %s is not set\n", name);
        exit(2);
    }
    return value;
}

/* Uniform in [-1, 1): a linear congruential generator is good enough for noise. */
static double noise(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (double)(*state >> 11) / 4503599627370496.0 - 1.0;
}

static double loss_of(const double *curvature, const double *w)
{
    double sum = 0;
    for (size_t i = 0; i < N; i++) {
        sum += 0.5 * curvature[i] / curvature[N - 1] * w[i] * w[i];
    }
    return sum;
}

static void load(const char *path, double *w)
{
    FILE *file = fopen(path, "rb");
    if (file != NULL) {
        if (fread(w, sizeof *w, N, file) != N) {
            exit(2);
        }
        (void)fclose(file);
    }
}

static void save(const char *path, const double *w)
{
    FILE *file = fopen(path, "wb");
    if (file == NULL || fwrite(w, sizeof *w, N, file) != N || fclose(file) != 0) {
        exit(2);
    }
}

int main(int argc, char **argv)
{
    const char *mode = argc > 3 ? argv[2] : "";
    uint64_t seed = strtoull(need("LRPROBE_SEED"), NULL, 10);
    uint64_t random = seed * 7919 + 1;
    if (argc < 2 || (strcmp(mode, "fail") == 0 && strtoull(argv[3], NULL, 10) == seed)) {
        (void)fputs("the moon is in the wrong place\n", stderr);
        return 3;
    }
    FILE *plan = fopen(need("LRPROBE_PLAN"), "r");
    FILE *report = fopen(need("LRPROBE_REPORT"), "w");
    char line[200];
    if (plan == NULL || report == NULL || fgets(line, sizeof line, plan) == NULL) {
        return 2;
    }
    double curvature[N];
    double w[N];
    for (size_t i = 0; i < N; i++) {
        curvature[i] = strtod(argv[1], NULL) * pow(10, -3.0 * (double)(N - 1 - i) / (N - 1));
        w[i] = 1 + 0.2 * noise(&random);
    }
    if (strcmp(mode, "spread") == 0 && seed % 2 == 0) {
        for (size_t i = 0; i < N; i++) {
            curvature[i] *= strtod(argv[3], NULL);
        }
    }
    for (size_t i = 0; i < N && strcmp(mode, "wide") == 0 && seed % 2 == 0; i++) {
        w[i] *= strtod(argv[3], NULL);
    }
    if (strcmp(mode, "loaded") == 0 && seed >= strtoull(argv[3], NULL, 10)) {
        (void)fputs("# start: checkpoint\n", report);
    }
    if (strcmp(mode, "head") == 0) {
        (void)fprintf(report, "# %s\n", argv[3]);
    }
    if (strcmp(mode, "resume") == 0) {
        load(argv[3], w);
    }
    (void)fputs("step,lr,loss\n", report);
    for (unsigned step = 0; fgets(line, sizeof line, plan) != NULL; step++) {
        const char *comma = strchr(line, ',');
        double lr = comma == NULL ? 0 : strtod(comma + 1, NULL);
        double loss = 0.1 + loss_of(curvature, w) + 0.01 * noise(&random);
        (void)fprintf(report, "%u,%.17g,%.17g\n", step, lr, loss);
        (void)fflush(report);
        if (strcmp(mode, "give-up") == 0 && loss > strtod(argv[3], NULL)) {
            (void)fputs("the loss is too high\n", stderr);
            return 1;
        }
        const char *rows = strcmp(mode, "end") == 0                ? argv[3]
                           : strcmp(mode, "head") == 0 && argc > 4 ? argv[4]
                                                                   : NULL;
        if (rows != NULL && step + 1 == strtoul(rows, NULL, 10)) {
            (void)fputs("that was all the data\n", stderr);
            return 0;
        }
        lr = strcmp(mode, "own") == 0 ? strtod(argv[3], NULL) : lr;
        if (strcmp(mode, "resume") == 0 && loss < 0.6) {
            save(argv[3], w);
        }
        for (size_t i = 0; i < N; i++) {
            w[i] -= lr * curvature[i] * w[i];
        }
        if (strcmp(mode, "pause") == 0) {
            (void)usleep((useconds_t)strtoul(argv[3], NULL, 10));
        }
        while (argc > 4 && strcmp(mode, "hold") == 0 && seed >= strtoull(argv[3], NULL, 10) &&
               step + 1 == strtoul(argv[4], NULL, 10)) {
            (void)pause(); /* a signal ends it */
        }
    }
    (void)fclose(plan);
    return fclose(report) == 0 ? 0 : 1;
}
