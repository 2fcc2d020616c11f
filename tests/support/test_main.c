/* SPDX-License-Identifier: MIT */
#include "test_main.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int close_to(double got, double want, double relative, double absolute)
{
    if (isnan(got) && isnan(want)) {
        return 1;
    }
    if (got == want) { /* infinities */
        return 1;
    }
    return fabs(got - want) <= absolute + relative * fabs(want);
}

const char *shared_data(void)
{
    const char *folder = getenv("LRPROBE_DATA");
    if (folder == NULL || folder[0] == '\0') {
        folder = LRP_SOURCE_ROOT "/../shared/data";
    }
    if (access(folder, R_OK) != 0) {
        fputs("skipped: the shared data sets are not here (LRPROBE_DATA)\n", stderr);
        return NULL;
    }
    return folder;
}

const char *test_data(void)
{
    return LRP_SOURCE_ROOT "/tests/data";
}

int main(void)
{
    SRunner *runner = srunner_create(make_suite());
    int terminal = isatty(STDOUT_FILENO);
    if (!terminal) {
        srunner_set_tap(runner, "-"); /* Meson reads TAP from standard output */
    }
    srunner_run_all(runner, terminal ? CK_NORMAL : CK_SILENT);
    int run = srunner_ntests_run(runner);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    if (run == 0) { /* "1..0" would be a green skip in Meson */
        fputs("no test ran\n", stderr);
        return EXIT_FAILURE;
    }
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
