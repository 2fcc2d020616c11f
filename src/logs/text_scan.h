/* SPDX-License-Identifier: MIT */
/* Finds named numbers in a line of printed text. */
#ifndef LRP_LOGS_TEXT_SCAN_H
#define LRP_LOGS_TEXT_SCAN_H

#include "formats.h"
#include "lines.h"

/* Length of the number at text (decimal, nan, inf, with sign); 0 if there is none, or if a letter
 * or a digit group follows it: "5ms", "1.2.3", "nanms". "50%" is 50, "5s" is none. */
size_t lrp_number_length(const char *text);

struct lrp_pair {
    const char *name; /* not NUL-terminated; in quotes: without them */
    size_t name_length;
    double value;
    bool percent; /* "92.1%" */
    double of;    /* "9832/10000": 10000; NaN where nothing follows */
    char sign;    /* between name and number: ':' '=', or ' ' */
};
/* The next "name: number", "name=number" or "name number" from *at on, which is moved behind it;
 * false at the end. The name is the words before: letters, digits and _ - . @ / # that begin with a
 * letter, with single blanks between, at most four. */
bool lrp_next_pair(const char **at, struct lrp_pair *pair);

/* Gives each line of the first bytes of a file, but not a last one that may be cut off. 1, or 0 if
 * they are no text, or -1 if memory is short. */
int lrp_scan_lines(const unsigned char *bytes, size_t length, lrp_on_line *on_line, void *user);
#endif
