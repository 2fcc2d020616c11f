/* SPDX-License-Identifier: MIT */
/* A trainer with every fault that a trainer can have, for tests.
 *
 *   faulty_trainer [PAUSE] [FAULT@SEED:STEP]...
 *
 * Gradient descent on a quadratic that diverges at rates above 2, a pause of so many microseconds
 * after each row. The run with that seed has that fault, at that step. Each start is noted by a
 * line with the report's path in the file that FAULTY_STARTS names. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { N = 8 };
static const char *report_path;
static FILE *report;
static unsigned long steps;

static void wait_for_ever(void)
{
    for (;;) {
        (void)pause();
    }
}

static void wait_ms(unsigned ms)
{
    (void)usleep(ms * 1000);
}

static void put(const char *text)
{
    (void)fputs(text, report);
    (void)fflush(report);
}

static void silent(unsigned long step)
{
    (void)step;
    wait_for_ever();
}

static void stubborn(unsigned long step)
{
    (void)step;
    (void)signal(SIGTERM, SIG_IGN);
    (void)signal(SIGINT, SIG_IGN);
    (void)signal(SIGHUP, SIG_IGN);
    wait_for_ever();
}

static void text(unsigned long step)
{
    (void)step;
    put("Epoch 1/3: loss improved, saving the model\n");
}

static void binary(unsigned long step)
{
    char bytes[4096];
    uint64_t x = step + 1;
    for (size_t i = 0; i < sizeof bytes; i++) {
        x = x * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        bytes[i] = (char)(x >> 56);
    }
    (void)fwrite(bytes, 1, sizeof bytes, report);
    put("\n");
}

static void columns(unsigned long step)
{
    (void)fprintf(report, "%lu,1\n", step);
    put("");
}

static void word(unsigned long step)
{
    (void)fprintf(report, "%lu,1,loss: 0.5\n", step);
    put("");
}

static void twice(unsigned long step)
{
    (void)fprintf(report, "%lu,1,0.5\n%lu,1,0.5\n", step, step);
    put("");
    wait_for_ever();
}

static void backwards(unsigned long step)
{
    (void)fprintf(report, "%lu,1,0.5\n%lu,1,0.5\n", step, step - 1);
    put("");
    wait_for_ever();
}

static void endless_line(unsigned long step)
{
    (void)step;
    for (int i = 0; i < 5 << 20; i++) {
        (void)fputc('7', report);
    }
    put("");
    wait_for_ever();
}

static void half_line(unsigned long step)
{
    (void)fprintf(report, "%lu,0.", step);
    put("");
    exit(0);
}

static void header_only(unsigned long step)
{
    (void)step;
    put("step,lr,loss\n");
    exit(0);
}

static void no_lr(unsigned long step)
{
    (void)step;
    put("step,loss\n0,1\n");
    wait_for_ever();
}

/* One child in the group, one in a session of its own whose parent is gone, and many more. */
static void leave_children(unsigned long step)
{
    (void)step;
    for (int i = 0; i < 20; i++) {
        pid_t pid = fork();
        if (pid == 0) {
            if (i % 2 == 0) {
                (void)setsid();
                if (fork() != 0) {
                    _exit(0);
                }
            }
            (void)signal(SIGTERM, SIG_IGN);
            wait_for_ever();
        }
        if (i % 2 == 0) {
            (void)waitpid(pid, NULL, 0);
        }
    }
}

static void daemonise(unsigned long step)
{
    (void)step;
    if (fork() != 0) {
        _exit(0);
    }
    (void)setsid();
    if (fork() != 0) {
        _exit(0);
    }
    wait_ms(1500);
}

static void remove_report(unsigned long step)
{
    (void)step;
    (void)unlink(report_path);
}

/* A shell's "rm; echo >>": nobody has read it yet. */
static void make_own_report(unsigned long step)
{
    (void)step;
    (void)unlink(report_path);
    report = freopen(report_path, "w", report);
}

static void replace_report(unsigned long step)
{
    char other[4096];
    (void)step;
    (void)snprintf(other, sizeof other, "%s.new", report_path);
    FILE *file = fopen(other, "w");
    if (file == NULL || fputs("step,lr,loss\n", file) < 0 || fclose(file) != 0 ||
        rename(other, report_path) != 0) {
        exit(9);
    }
}

static void shorten_report(unsigned long step)
{
    (void)step;
    wait_ms(300); /* so that rows were read before */
    (void)ftruncate(fileno(report), 0);
}

static void print_much(unsigned long step)
{
    (void)step;
    static char line[1 << 16];
    const char *megabytes = getenv("FAULTY_MEGABYTES");
    memset(line, 'x', sizeof line);
    line[sizeof line - 1] = '\n';
    for (long i = 16 * (megabytes == NULL ? 100 : strtol(megabytes, NULL, 10)); i > 0; i--) {
        (void)fwrite(line, 1, sizeof line, stdout);
    }
}

static void print_for_ever(unsigned long step)
{
    (void)step;
    for (;;) {
        (void)puts("still at it");
        (void)fputs("still at it\n", stderr);
    }
}

static void crash(unsigned long step)
{
    (void)step;
    (void)signal(SIGSEGV, SIG_DFL);
    (void)raise(SIGSEGV);
}

static void status(unsigned long step)
{
    (void)fprintf(stderr, "something else\nRuntimeError: CUDA error at step %lu\n\n", step);
    exit(7);
}

static void close_outputs(unsigned long step)
{
    (void)step;
    (void)close(STDOUT_FILENO);
    (void)close(STDERR_FILENO);
}

static void eat_memory(unsigned long step)
{
    const struct rlimit limit = {1 << 28, 1 << 28};
    (void)step;
    (void)setrlimit(RLIMIT_AS, &limit);
    volatile char *block = NULL; /* a compiler may leave out what nobody uses */
    while ((block = malloc(1 << 20)) != NULL) {
        *block = 1;
    }
    (void)fputs("MemoryError\n", stderr);
    abort();
}

static void wait_a_little(unsigned long step)
{
    (void)step;
    wait_ms(600);
}

static void slow_steps(unsigned long step)
{
    (void)step;
    wait_ms(50);
}

static void stop_itself(unsigned long step)
{
    (void)step;
    (void)raise(SIGSTOP);
}

static void kill_group(unsigned long step)
{
    (void)step;
    (void)kill(0, SIGKILL);
}

static void kill_parent(unsigned long step)
{
    (void)step;
    (void)kill(getppid(), SIGKILL);
    wait_for_ever();
}

static void go_beyond(unsigned long step)
{
    for (step = steps;; step++) {
        (void)fprintf(report, "%lu,1,0.5\n", step);
        (void)fflush(report);
    }
}

static void buffer_all(unsigned long step)
{
    static char buffer[1 << 20];
    (void)step;
    (void)setvbuf(report, buffer, _IOFBF, sizeof buffer);
}

/* When it shows: before the header, before the row of the step (which is not written where the
 * fault has written one), before that row and each later one, or after the last row. */
enum moment { AT_START, AT_STEP, FROM_STEP, AT_END };
static const struct fault {
    const char *name;
    enum moment moment;
    void (*show)(unsigned long step);
} faults[] = {
    {"silent", AT_START, silent},
    {"stubborn", AT_START, stubborn},
    {"text", AT_START, text},
    {"binary", AT_START, binary},
    {"header-only", AT_START, header_only},
    {"no-lr", AT_START, no_lr},
    {"daemon", AT_START, daemonise},
    {"own-report", AT_START, make_own_report},
    {"slow-start", AT_START, wait_a_little},
    {"burst", AT_START, buffer_all},
    {"binary-midway", AT_STEP, binary},
    {"columns", AT_STEP, columns},
    {"word", AT_STEP, word},
    {"twice", AT_STEP, twice},
    {"backwards", AT_STEP, backwards},
    {"endless-line", AT_STEP, endless_line},
    {"half-line", AT_STEP, half_line},
    {"silent-midway", AT_STEP, silent},
    {"stubborn-midway", AT_STEP, stubborn},
    {"children", AT_STEP, leave_children},
    {"removed", AT_STEP, remove_report},
    {"replaced", AT_STEP, replace_report},
    {"shortened", AT_STEP, shorten_report},
    {"prints", AT_STEP, print_much},
    {"prints-for-ever", AT_STEP, print_for_ever},
    {"crash", AT_STEP, crash},
    {"status", AT_STEP, status},
    {"closes", AT_STEP, close_outputs},
    {"memory", AT_STEP, eat_memory},
    {"slow-step", AT_STEP, wait_a_little},
    {"slow-steps", FROM_STEP, slow_steps},
    {"stopped", AT_STEP, stop_itself},
    {"kills-group", AT_STEP, kill_group},
    {"kills-parent", AT_STEP, kill_parent},
    {"stays", AT_END, silent},
    {"beyond", AT_END, go_beyond},
};

/* The fault of this seed, NULL = it is healthy. */
static const struct fault *find_fault(int argc, char **argv, uint64_t seed, unsigned long *at)
{
    for (int i = 1; i < argc; i++) {
        char *rest = strchr(argv[i], '@');
        if (rest == NULL || strtoull(rest + 1, &rest, 10) != seed || *rest != ':') {
            continue;
        }
        *at = strtoul(rest + 1, NULL, 10);
        for (size_t k = 0; k < sizeof faults / sizeof faults[0]; k++) {
            size_t length = strlen(faults[k].name);
            if (strncmp(argv[i], faults[k].name, length) == 0 && argv[i][length] == '@') {
                return &faults[k];
            }
        }
        (void)fprintf(stderr, "faulty_trainer: no such fault: %s\n", argv[i]);
        exit(2);
    }
    return NULL;
}

static void show(const struct fault *fault, enum moment moment, unsigned long step)
{
    if (fault != NULL && fault->moment == moment) {
        fault->show(step);
    }
}

static const char *need(const char *name)
{
    const char *value = getenv(name);
    if (value == NULL) {
        (void)fprintf(stderr, "faulty_trainer: %s is not set\n", name);
        exit(2);
    }
    return value;
}

static void note_start(void)
{
    const char *path = getenv("FAULTY_STARTS");
    char line[4096];
    int length = snprintf(line, sizeof line, "%s\n", report_path);
    int fd = path == NULL ? -1 : open(path, O_WRONLY | O_APPEND | O_CREAT, 0666);
    if (fd >= 0) {
        (void)!write(fd, line, (size_t)length);
        (void)close(fd);
    }
}

/* Uniform in [-1, 1). */
static double noise(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (double)(*state >> 11) / 4503599627370496.0 - 1.0;
}

/* One update of w with that rate; the loss before it. */
static double update(double *w, double lr)
{
    double loss = 0.1;
    for (size_t i = 0; i < N; i++) {
        const double curvature = pow(10, -3.0 * (double)(N - 1 - i) / (N - 1));
        loss += 0.5 * curvature * w[i] * w[i];
        w[i] -= lr * curvature * w[i];
    }
    return loss;
}

int main(int argc, char **argv)
{
    const uint64_t seed = strtoull(need("LRPROBE_SEED"), NULL, 10);
    const useconds_t pause_time = argc > 1 ? (useconds_t)strtoul(argv[1], NULL, 10) : 0;
    unsigned long at = 0;
    const struct fault *fault = find_fault(argc, argv, seed, &at);
    char line[200];
    steps = strtoul(need("LRPROBE_STEPS"), NULL, 10);
    report_path = need("LRPROBE_REPORT");
    report = fopen(report_path, "a");
    FILE *plan = fopen(need("LRPROBE_PLAN"), "r");
    if (plan == NULL || report == NULL || fgets(line, sizeof line, plan) == NULL) {
        return 2;
    }
    note_start();
    uint64_t random = seed * 7919 + 1;
    double w[N];
    for (size_t i = 0; i < N; i++) {
        w[i] = 1 + 0.2 * noise(&random);
    }
    show(fault, AT_START, 0);
    (void)fputs("step,lr,loss\n", report);
    for (unsigned long step = 0; fgets(line, sizeof line, plan) != NULL; step++) {
        const char *comma = strchr(line, ',');
        const double lr = comma == NULL ? 0 : strtod(comma + 1, NULL);
        show(fault, FROM_STEP, step);
        if (step == at) {
            show(fault, AT_STEP, step);
        }
        (void)fprintf(report, "%lu,%.17g,%.17g\n", step, lr, update(w, lr) + 0.01 * noise(&random));
        if (fault == NULL || fault->show != buffer_all) {
            (void)fflush(report);
        }
        (void)usleep(pause_time);
    }
    show(fault, AT_END, 0);
    (void)fclose(plan);
    return fclose(report) == 0 ? 0 : 1;
}
