/* SPDX-License-Identifier: MIT */
/* Logs, read and diagnosed: bench_logs LRPROBE [PYTHON SCRIPT]
 *
 * 1. lrp_record_read of a table of 3 million rows against a bare loop of libcsv over the same
 * bytes, which converts no number (target 2);
 * 2. the whole `LRPROBE diagnose` of it against what `PYTHON SCRIPT FILE` prints, the seconds of
 *    pandas.read_csv without the start of Python (target 1.2), and the most memory either took;
 * 3. 1,000 logs of 1,000 rows, told apart in one call on one processor (target 300 a second).
 *
 * What is compared takes turns; lines give medians, of the ratios too. LRPROBE_BENCH_ROWS (3000000)
 * makes the table shorter. */
#include "lrprobe/lrprobe.h"
#include "number.h"
#include "random.h"
#include "record.h"

#include <csv.h>
#include <fcntl.h>
#include <math.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { READ_ROUNDS = 7, DIAGNOSE_ROUNDS = 5, TRIAGE_ROUNDS = 5 };
enum { LOGS = 1000, LOG_ROWS = 1000, CHUNK = 1 << 16 };

static char folder[] = "/tmp/lrprobe-bench-XXXXXX";
static char table[64];
static char logs[64];

static double now(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int compare(const void *left, const void *right)
{
    const double a = *(const double *)left;
    const double b = *(const double *)right;
    return (a > b) - (a < b);
}

static double median(double *values, size_t n)
{
    qsort(values, n, sizeof *values, compare);
    return values[n / 2];
}

static void log_path(char *path, size_t size, int number)
{
    (void)snprintf(path, size, "%s/%04d.csv", logs, number);
}

static void clean_up(void)
{
    char path[96];
    for (int i = 0; i < LOGS; i++) {
        log_path(path, sizeof path, i);
        (void)unlink(path);
    }
    (void)rmdir(logs);
    (void)unlink(table);
    (void)rmdir(folder);
}

static void give_up(const char *what)
{
    (void)fprintf(stderr, "bench_logs: %s\n", what);
    clean_up();
    exit(1);
}

/* ---- what is read -------------------------------------------------------------------------- */

/* Losses that fall by a power law, with the noise of batches, a warmup and a cosine decay. */
static void write_table(int64_t rows)
{
    struct lrp_random random;
    FILE *file = fopen(table, "w");
    if (file == NULL) {
        give_up("the table cannot be written");
        return;
    }
    lrp_random_seed(&random, 20261125, 0);
    (void)fputs("step,loss,lr,grad_norm\n", file);
    for (int64_t k = 0; k < rows; k++) {
        double share = (double)k / (double)rows;
        double loss = (0.8 + 3 / sqrt(1 + 2000 * share)) * exp(0.05 * lrp_random_normal(&random));
        double rate = 1e-3 * fmin(1, 100 * share) * (0.5 + 0.5 * cos(3.14159265 * share));
        double norm = exp(0.2 * lrp_random_normal(&random) - share);
        (void)fprintf(file, "%lld,%.4f,%.4g,%.4f\n", (long long)k, loss, rate, norm);
    }
    if (fclose(file) != 0) {
        give_up("the table cannot be written");
    }
}

/* Runs of many kinds: most go well, every fifth goes up again from somewhere, every seventh comes
 * to a stand. A validation loss every 50 steps, an epoch every 100. */
static void write_log(int number)
{
    char path[96];
    struct lrp_random random;
    log_path(path, sizeof path, number);
    FILE *file = fopen(path, "w");
    if (file == NULL) {
        give_up("a log cannot be written");
        return;
    }
    lrp_random_seed(&random, 7, (uint64_t)number);
    double noise = 0.02 + 0.1 * lrp_random_uniform(&random);
    double scale = 20 + 200 * lrp_random_uniform(&random);
    double bad_from = number % 5 == 0 ? 900 * lrp_random_uniform(&random) : LOG_ROWS;
    double still_from = number % 7 == 0 ? 500 * lrp_random_uniform(&random) : LOG_ROWS;
    (void)fputs("step,epoch,lr,loss,val_loss,grad_norm\n", file);
    for (int k = 0; k < LOG_ROWS; k++) {
        double trend = 0.3 + 2 / (1 + fmin(k, still_from) / scale);
        trend += 0.01 * fmax(0, k - bad_from);
        double loss = trend * exp(noise * lrp_random_normal(&random));
        (void)fprintf(file, "%d,%d,%.6g,%.6g,", k, k / 100, 1e-3 * (1 - 0.9 * k / LOG_ROWS), loss);
        if (k % 50 == 49) {
            (void)fprintf(file, "%.6g", 1.05 * trend * exp(0.01 * lrp_random_normal(&random)));
        }
        (void)fprintf(file, ",%.6g\n", exp(0.3 * lrp_random_normal(&random)));
    }
    if (fclose(file) != 0) {
        give_up("a log cannot be written");
    }
}

/* ---- commands ------------------------------------------------------------------------------ */

struct measured {
    double seconds;
    double megabytes; /* peak of the resident memory */
};

static void stay_on_one_processor(void)
{
    cpu_set_t all;
    cpu_set_t one;
    CPU_ZERO(&one);
    if (sched_getaffinity(0, sizeof all, &all) != 0) {
        return;
    }
    for (size_t cpu = 0; cpu < CPU_SETSIZE && CPU_COUNT(&one) == 0; cpu++) {
        if (CPU_ISSET(cpu, &all)) {
            CPU_SET(cpu, &one);
            (void)sched_setaffinity(0, sizeof one, &one);
        }
    }
}

/* Runs a command with its standard output in `out`, a text of size bytes, or nowhere where out is
 * NULL; on one processor where that is asked for. Exit code 1 is what findings bring. */
static struct measured run_command(char *const *argv, bool one_processor, char *out, size_t size)
{
    int ends[2];
    int status = 0;
    struct rusage usage;
    if (pipe(ends) != 0) {
        give_up("no pipe");
    }
    double start = now();
    pid_t child = fork(); /* not posix_spawn: the child's peak would begin at our own */
    if (child == 0) {
        if (one_processor) {
            stay_on_one_processor();
        }
        (void)dup2(out != NULL ? ends[1] : open("/dev/null", O_WRONLY), STDOUT_FILENO);
        (void)close(ends[0]);
        (void)close(ends[1]);
        (void)execv(argv[0], argv);
        _exit(127);
    }
    (void)close(ends[1]);
    size_t length = 0;
    for (ssize_t got = 1; out != NULL && got > 0 && length + 1 < size; length += (size_t)got) {
        got = read(ends[0], out + length, size - 1 - length);
        got = got < 0 ? 0 : got;
    }
    if (out != NULL) {
        out[length] = '\0';
    }
    bool ended = child > 0 && wait4(child, &status, 0, &usage) == child;
    double seconds = now() - start;
    (void)close(ends[0]);
    if (!ended || !WIFEXITED(status) || WEXITSTATUS(status) > 1) {
        give_up("a command failed");
    }
    return (struct measured){seconds, (double)usage.ru_maxrss / 1024};
}

/* ---- the three measurements ---------------------------------------------------------------- */

static void count_field(void *text, size_t length, void *user)
{
    (void)text;
    *(size_t *)user += length;
}

static void count_row(int mark, void *user)
{
    (void)mark;
    *(size_t *)user += 1;
}

static double seconds_of_libcsv(void)
{
    static char buffer[CHUNK];
    struct csv_parser parser;
    size_t counted = 0;
    size_t got = 0;
    bool whole = true;
    double start = now();
    FILE *file = fopen(table, "r");
    if (file == NULL || csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI) != 0) {
        give_up("libcsv cannot begin");
        return 0;
    }
    while ((got = fread(buffer, 1, sizeof buffer, file)) > 0 && whole) {
        whole = csv_parse(&parser, buffer, got, count_field, count_row, &counted) == got;
    }
    whole = csv_fini(&parser, count_field, count_row, &counted) == 0 && whole && counted > 0;
    csv_free(&parser);
    (void)fclose(file);
    if (!whole) {
        give_up("libcsv cannot read the table");
    }
    return now() - start;
}

static double seconds_of_reading(int64_t rows)
{
    struct lrp_record *record = NULL;
    struct lrp_error err = {0};
    double start = now();
    if (lrp_record_read(table, NULL, &record, &err) != LRP_OK) {
        give_up(err.message);
    }
    double seconds = now() - start;
    if (lrp_record_rows_read(record) != (uint64_t)rows) {
        give_up("rows are missing from the record");
    }
    lrp_record_free(record);
    return seconds;
}

static void measure_reading(int64_t rows)
{
    double own[READ_ROUNDS];
    double bare[READ_ROUNDS];
    double ratio[READ_ROUNDS];
    (void)seconds_of_libcsv(); /* the table is in the system's memory from here on */
    for (int round = 0; round < READ_ROUNDS; round++) {
        own[round] = seconds_of_reading(rows);
        bare[round] = seconds_of_libcsv();
        ratio[round] = own[round] / bare[round];
    }
    (void)printf("reading: lrp_record_read %.3f s, bare libcsv %.3f s, ratio %.3f (target 2.00)\n",
                 median(own, READ_ROUNDS), median(bare, READ_ROUNDS), median(ratio, READ_ROUNDS));
}

static void measure_diagnose(char *lrprobe, char *python, char *script)
{
    char verb[] = "diagnose";
    char *own_argv[] = {lrprobe, verb, table, NULL};
    char *peer_argv[] = {python, script, table, NULL};
    char text[128];
    double own[DIAGNOSE_ROUNDS];
    double own_peak[DIAGNOSE_ROUNDS];
    double peer[DIAGNOSE_ROUNDS];
    double peer_peak[DIAGNOSE_ROUNDS];
    double ratio[DIAGNOSE_ROUNDS];
    (void)run_command(own_argv, false, NULL, 0);
    for (int round = 0; round < DIAGNOSE_ROUNDS; round++) {
        struct measured measured = run_command(own_argv, false, NULL, 0);
        own[round] = measured.seconds;
        own_peak[round] = measured.megabytes;
        if (python != NULL) {
            peer_peak[round] = run_command(peer_argv, false, text, sizeof text).megabytes;
            if (!lrp_parse_double(text, strcspn(text, "\n"), &peer[round])) {
                give_up("the script printed no number");
            }
            ratio[round] = own[round] / peer[round];
        }
    }
    (void)printf("diagnose: whole %.3f s, peak %.0f MB", median(own, DIAGNOSE_ROUNDS),
                 median(own_peak, DIAGNOSE_ROUNDS));
    if (python != NULL) {
        (void)printf("; pandas.read_csv %.3f s, pandas peak %.0f MB, ratio %.3f (target 1.20)",
                     median(peer, DIAGNOSE_ROUNDS), median(peer_peak, DIAGNOSE_ROUNDS),
                     median(ratio, DIAGNOSE_ROUNDS));
    }
    (void)printf("\n");
}

static void measure_triage(char *lrprobe)
{
    char verb[] = "diagnose";
    char *argv[] = {lrprobe, verb, logs, NULL};
    double seconds[TRIAGE_ROUNDS];
    double peak[TRIAGE_ROUNDS];
    (void)run_command(argv, true, NULL, 0);
    for (int round = 0; round < TRIAGE_ROUNDS; round++) {
        struct measured measured = run_command(argv, true, NULL, 0);
        seconds[round] = measured.seconds;
        peak[round] = measured.megabytes;
    }
    double middle = median(seconds, TRIAGE_ROUNDS);
    (void)printf("triage: %d logs of %d rows in %.3f s, %.0f logs/s (target 300), peak %.0f MB\n",
                 LOGS, LOG_ROWS, middle, LOGS / middle, median(peak, TRIAGE_ROUNDS));
}

int main(int argc, char **argv)
{
    const char *wanted = getenv("LRPROBE_BENCH_ROWS");
    struct stat facts;
    int64_t rows = 3000000;
    if ((argc != 2 && argc != 4) || mkdtemp(folder) == NULL ||
        (wanted != NULL && !lrp_parse_int64(wanted, strlen(wanted), 1000, 100000000, &rows))) {
        (void)fputs("usage: bench_logs LRPROBE [PYTHON SCRIPT]\n", stderr);
        return 2;
    }
    (void)snprintf(table, sizeof table, "%s/table.csv", folder);
    (void)snprintf(logs, sizeof logs, "%s/logs", folder);
    if (mkdir(logs, 0700) != 0) {
        give_up("the folder of logs cannot be made");
    }
    write_table(rows);
    for (int i = 0; i < LOGS; i++) {
        write_log(i);
    }
    if (stat(table, &facts) != 0) {
        give_up("the table is gone");
    }
    (void)printf("table: %lld rows, %.1f MB\n", (long long)rows, (double)facts.st_size / 1e6);
    measure_diagnose(argv[1], argc == 4 ? argv[2] : NULL, argc == 4 ? argv[3] : NULL);
    measure_triage(argv[1]);
    measure_reading(rows);
    clean_up();
    return 0;
}
