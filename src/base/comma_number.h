/* SPDX-License-Identifier: MIT */
/* Numbers with commas: "2,816.11" with marks between thousands, "0,69" with a decimal comma. */
#ifndef LRP_BASE_COMMA_NUMBER_H
#define LRP_BASE_COMMA_NUMBER_H

#include <stddef.h>

enum lrp_comma {
    LRP_COMMA_NONE,      /* no number, or one without a comma */
    LRP_COMMA_THOUSANDS, /* "2,816.11", "1,234,567": groups of three, and a point or more groups */
    LRP_COMMA_DECIMAL,   /* "0,69", "1234,5", "1,5e-3", "1.234,5" */
    LRP_COMMA_EITHER     /* "1,234": other numbers of the same log must tell */
};
/* *value of LRP_COMMA_EITHER is the one with a decimal comma; the other is LRP_COMMA_FACTOR times
 * that. Left alone for LRP_COMMA_NONE. */
#define LRP_COMMA_FACTOR 1000.0
enum lrp_comma lrp_parse_comma_number(const char *text, size_t length, double *value);
#endif
