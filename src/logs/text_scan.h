/* SPDX-License-Identifier: MIT */
/* Finds named numbers in a line of printed text. */
#ifndef LRP_LOGS_TEXT_SCAN_H
#define LRP_LOGS_TEXT_SCAN_H

#include "rows.h"

/* Length of the number at text (decimal, nan, inf, with sign); 0 if there is none, or if a letter
 * or a digit group follows it: "5ms", "1.2.3", "nanms". "50%" is 50, "5s" is none. */
size_t lrp_number_length(const char *text);

struct lrp_pair {
    const char *name; /* not NUL-terminated; in quotes: without them */
    size_t name_length;
    double value;
    enum lrp_comma comma; /* how it was written */
    bool percent;         /* "92.1%" */
    double of;            /* "9832/10000": 10000; NaN where nothing follows */
    char sign;            /* between name and number: ':' '=', or ' ' */
};
/* The next "name: number", "name=number", "name is number", "name[number]" or "name number" from
 * *at on, which is moved behind it; false at the end. The name is the words before: letters, digits
 * and _ - . @ / # that begin with a letter, with single blanks between, at most four, and a bracket
 * behind them, "D(x)". */
bool lrp_next_pair(const char **at, struct lrp_pair *pair);
/* "is 1.5", ": 1.5", "= 1.5" at `at`: the pair without its name, and the text behind it; NULL. */
const char *lrp_value_behind(const char *at, struct lrp_pair *pair);

bool lrp_has_name(const struct lrp_pair *pair, const char *name);

/* Each gives the text behind what it took, NULL where that is not there, or where at is NULL. */
/* A literal, blanks skipped before it. */
const char *lrp_skip_word(const char *at, const char *word);
/* A number as lrp_parse_double knows it, blanks skipped before it. It ends at a character that
 * belongs to no word; units and a percent sign are left where they are. */
const char *lrp_skip_number(const char *at, double *value);
/* Behind the first place where word occurs. */
const char *lrp_behind(const char *at, const char *word);
/* A pattern: '%' is a number as above, stored through the next double *; ' ' any blanks or none;
 * all else is itself. */
const char *lrp_match(const char *at, const char *pattern, ...);

/* The number at `at` becomes a cell of the open row; nothing where at is NULL or no number. */
enum lrp_status lrp_put_number(struct lrp_rows *rows, const char *name, const char *at,
                               struct lrp_error *err);
/* The numbers behind marks ("train loss ") under our names; those that are not there are left out.
 */
struct lrp_text_field {
    const char *mark;
    const char *name;
};
enum lrp_status lrp_put_fields(struct lrp_rows *rows, const char *text,
                               const struct lrp_text_field *fields, size_t n,
                               struct lrp_error *err);
#endif
