/* SPDX-License-Identifier: MIT */
/* Makes every call of the C client, for tests, and prints what it answers. C and C++.
 *
 *   client_probe COLUMNS OWN-STEPS LOSS...    COLUMNS: - for none; the losses are taken in turns,
 *                                             "wait" is 0 after the next full second */
#include "lrprobe_client.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How many times this process has called write(2); -1 where the system does not tell. */
static long writes(void)
{
    char line[200];
    long count = -1;
    FILE *file = fopen("/proc/self/io", "r");
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        if (strncmp(line, "syscw: ", 7) == 0) {
            count = strtol(line + 7, NULL, 10);
        }
    }
    if (file != NULL) {
        (void)fclose(file);
    }
    return count;
}

int main(int argc, char **argv)
{
    struct lrp_client probe;
    const char *locale = setlocale(LC_ALL, "");
    if (argc < 4) {
        return 2;
    }
    const char *columns = strcmp(argv[1], "-") == 0 ? NULL : argv[1];
    long own_steps = strtol(argv[2], NULL, 10);
    int status = lrp_client_open(&probe, columns);
    printf("locale %s %.1f\n", locale == NULL ? "none" : locale, 1.5);
    printf("open %d %s\n", status, probe.error);
    printf("active %d reports %d seed %llu steps %lu\n", probe.active, probe.report != NULL,
           lrp_client_seed(&probe, 77), (unsigned long)lrp_client_steps(&probe, (size_t)own_steps));
    (void)lrp_client_fact(&probe, "model", "two\nlines");
    (void)lrp_client_note(&probe, "the optimizer is Rprop");
    (void)fflush(stdout);
    long before = writes();
    long step = 0;
    double first_momentum = 0;
    for (; lrp_client_going(&probe, step < own_steps); step++) {
        double momentum = lrp_client_momentum(&probe, 0.25);
        first_momentum = step == 0 ? momentum : first_momentum;
        if (columns != NULL && step % 3 == 2) {
            (void)lrp_client_set(&probe, probe.active ? probe.columns[0] : "x", 1.5 * (double)step);
        }
        const char *loss = argv[3 + step % (argc - 3)];
        for (time_t t = time(NULL); strcmp(loss, "wait") == 0 && time(NULL) == t;) {
        }
        (void)lrp_client_report(&probe, strtod(loss, NULL));
    }
    long after = writes();
    printf("steps %ld rate after the end %.0f first momentum %.0f%%\n", step,
           lrp_client_rate(&probe, 42), 100 * first_momentum);
    printf("writes %ld\n", before < 0 ? -1 : after - before);
    (void)lrp_client_fact(&probe, "late", "facts are for the top");
    printf("beyond %d\n", lrp_client_report(&probe, 1));
    printf("unknown column %d\n", lrp_client_set(&probe, "nowhere", 1));
    printf("close %d\n", lrp_client_close(&probe));
    printf("error %s\n", probe.error);
    return 0;
}
