/* SPDX-License-Identifier: MIT */
/* Numbers from and to text, the same in every locale. */
#ifndef LRP_BASE_NUMBER_H
#define LRP_BASE_NUMBER_H

#include "status.h"

#include <stdbool.h>
#include <stdint.h>

/* The whole field as a decimal number: [+-]digits[.digits][e[+-]digits], or nan, inf, infinity in
 * any case. No blanks, no hexadecimal, no nan(...). Too large is inf and too small is 0, as data.
 * False, and *out untouched, for anything else. */
bool lrp_parse_double(const char *text, size_t length, double *out);
/* The whole field as a decimal integer within [low, high]. */
bool lrp_parse_int64(const char *text, size_t length, int64_t low, int64_t high, int64_t *out);

enum { LRP_NUMBER_SIZE = 32 };
/* Shortest decimal text that reads back as the same double; "nan", "inf", "-inf". buffer has
 * LRP_NUMBER_SIZE bytes; returned. */
const char *lrp_format_double(double value, char *buffer);
/* At most digits significant digits, for people: 0.0123, 1.2e-05, 1200. */
const char *lrp_format_short(double value, int digits, char *buffer);

/* For qsort: ascending doubles, none of them NaN. */
int lrp_compare_doubles(const void *left, const void *right);
#endif
