/* SPDX-License-Identifier: MIT */
/* Where a line of printed text has its numbers: a regular expression with named places. */
#ifndef LRP_BASE_LINE_PATTERN_H
#define LRP_BASE_LINE_PATTERN_H

#include "comma_number.h"
#include "status.h"

#include <stdbool.h>

enum { LRP_PATTERN_PLACES_MOST = 32, LRP_PATTERN_NAME_MOST = 40 };

struct lrp_line_pattern;

/* A POSIX extended regular expression in which {NAME} stands for a number (nan and inf among them),
 * {step} for a count. option: what it is called in messages, "--line-pattern"; borrowed until free.
 * LRP_E_ARG: it is no such expression, with the reason that regerror gives; a name twice, too many
 * names. */
enum lrp_status lrp_line_pattern_new(const char *option, const char *text,
                                     struct lrp_line_pattern **out, struct lrp_error *err);
void lrp_line_pattern_free(struct lrp_line_pattern *pattern);
/* The places, in their order. */
size_t lrp_line_pattern_places(const struct lrp_line_pattern *pattern);
const char *lrp_line_pattern_name(const struct lrp_line_pattern *pattern, size_t place);
/* Index of the place of that name; LRP_PATTERN_PLACES_MOST where there is none. */
size_t lrp_line_pattern_find_place(const struct lrp_line_pattern *pattern, const char *name);
/* Groups of the expression, those of places among them, and one of them (from 1 on) as a place.
 * name: borrowed. */
size_t lrp_line_pattern_groups(const struct lrp_line_pattern *pattern);
void lrp_line_pattern_add_place(struct lrp_line_pattern *pattern, const char *name, size_t group);

enum lrp_pattern_match {
    LRP_PATTERN_NONE,      /* the line does not match */
    LRP_PATTERN_NO_NUMBER, /* it matches, but the text at a place is not a number */
    LRP_PATTERN_FOUND
};
struct lrp_pattern_number {
    double value; /* of LRP_COMMA_EITHER the one with a decimal comma */
    enum lrp_comma comma;
    bool there; /* false: in a branch of the expression that was not taken */
};
/* What a line says; numbers: one for each place. */
enum lrp_pattern_match lrp_line_pattern_match(const struct lrp_line_pattern *pattern,
                                              const char *line, struct lrp_pattern_number *numbers);
#endif
