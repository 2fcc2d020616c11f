/* SPDX-License-Identifier: MIT */
/* Time as it passes, whatever is done to the system's date. */
#ifndef LRP_BASE_CLOCK_H
#define LRP_BASE_CLOCK_H

/* Seconds on the monotonic clock, from an unnamed start. */
double lrp_clock_seconds(void);
#endif
