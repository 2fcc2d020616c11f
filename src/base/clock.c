/* SPDX-License-Identifier: MIT */
#include "clock.h"

#include <time.h>

double lrp_clock_seconds(void)
{
    struct timespec time;
    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}
