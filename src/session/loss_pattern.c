/* SPDX-License-Identifier: MIT */
#include "loss_pattern.h"

#include "alloc.h"
#include "number.h"
#include "text.h"

#include <ctype.h>
#include <math.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>

enum { PATTERN_MOST = 1 << 16, GROUPS_MOST = 64, NUMBER_LONGEST = 64 };

#define GROUPED "[0-9]{1,3}(,[0-9]{3})+"
#define PLAIN_LOSS                                                                                 \
    "[0-9]+[.]?[0-9]*|[.][0-9]+)([eE][-+]?[0-9]+)?|[nN][aA][nN]|[iI][nN][fF]([iI][nN][iI][tT][yY]" \
    ")?))"
/* A number is taken whole, with its commas ("0,69", "2,816.11"), unless the pattern has a comma
 * behind it: that one is the pattern's. */
static const struct {
    const char *name;
    struct {
        const char *regex;
        size_t groups;
    } usual, before_comma;
} places[] = {
    {"{loss}",
     {"([-+]?((" GROUPED "[.]?[0-9]*|[0-9]+,[0-9]+|" PLAIN_LOSS, 6},
     {"([-+]?((" PLAIN_LOSS, 5}},
    {"{step}", {"(" GROUPED "|[0-9]+)", 2}, {"([0-9]+)", 1}},
};
enum { LOSS, STEP, PLACES };

struct lrp_loss_pattern {
    regex_t regex;
    size_t groups[PLACES]; /* 0 = none */
    bool named[PLACES];    /* by {loss} or {step} */
};

/* Length of the bracket expression that begins at text, "[]a-z[:alpha:]]"; to the end of the text
 * where it does not end, which regcomp will say. */
static size_t bracket_length(const char *text)
{
    size_t at = 1;
    at += text[at] == '^' ? 1 : 0;
    at += text[at] == ']' ? 1 : 0;
    while (text[at] != '\0' && text[at] != ']') {
        if (text[at] == '[' &&
            (text[at + 1] == ':' || text[at + 1] == '.' || text[at + 1] == '=')) {
            const char ends[] = {text[at + 1], ']', '\0'};
            const char *end = strstr(text + at + 2, ends);
            at = end == NULL ? strlen(text) : (size_t)(end - text) + 2;
        } else {
            at++;
        }
    }
    return at + (text[at] == ']' ? 1 : 0);
}

/* The expression with {loss} and {step} written out; groups: where they are. */
static enum lrp_status write_out(const char *text, struct lrp_text *out, size_t *groups,
                                 struct lrp_error *err)
{
    size_t n_groups = 0;
    for (size_t at = 0; text[at] != '\0';) {
        size_t length = 1;
        size_t place = 0;
        while (place < PLACES &&
               strncmp(text + at, places[place].name, strlen(places[place].name)) != 0) {
            place++;
        }
        if (place < PLACES) {
            if (groups[place] != 0) {
                return lrp_fail(err, LRP_E_ARG, 0, "--loss-pattern has %s twice",
                                places[place].name);
            }
            groups[place] = n_groups + 1;
            at += strlen(places[place].name);
            bool comma = text[at] == ',';
            n_groups += comma ? places[place].before_comma.groups : places[place].usual.groups;
            lrp_text_append(out,
                            comma ? places[place].before_comma.regex : places[place].usual.regex);
            continue;
        }
        if (text[at] == '\\' && text[at + 1] != '\0') {
            length = 2;
        } else if (text[at] == '[') {
            length = bracket_length(text + at);
        } else if (text[at] == '(') {
            n_groups++;
        }
        lrp_text_append_bytes(out, text + at, length);
        at += length;
    }
    return lrp_text_check(out, err);
}

/* Which groups are which where the names do not tell. */
static enum lrp_status choose_groups(struct lrp_loss_pattern *pattern, struct lrp_error *err)
{
    static const char advice[] = "write {loss} where the loss stands, as in 'loss {loss}'";
    size_t n = pattern->regex.re_nsub;
    for (size_t k = 0; k < PLACES; k++) {
        pattern->named[k] = pattern->groups[k] != 0;
    }
    if (n > GROUPS_MOST) {
        return lrp_fail(err, LRP_E_ARG, 0, "--loss-pattern has more than %d groups", GROUPS_MOST);
    }
    if (pattern->groups[LOSS] != 0) {
        return LRP_OK;
    }
    if (pattern->groups[STEP] != 0) {
        return lrp_fail(err, LRP_E_ARG, 0, "--loss-pattern has {step} and no {loss}; %s", advice);
    }
    if (n == 0 || n > 2) {
        return lrp_fail(err, LRP_E_ARG, 0, "--loss-pattern has %s; %s",
                        n == 0 ? "no group in parentheses" : "more than two groups", advice);
    }
    pattern->groups[STEP] = n == 2 ? 1 : 0;
    pattern->groups[LOSS] = n;
    return LRP_OK;
}

enum lrp_status lrp_loss_pattern_new(const char *text, struct lrp_loss_pattern **out,
                                     struct lrp_error *err)
{
    struct lrp_loss_pattern *pattern = lrp_calloc_array(1, sizeof *pattern);
    if (pattern == NULL) {
        return lrp_fail_memory(err, sizeof *pattern);
    }
    struct lrp_text whole;
    lrp_text_init(&whole, PATTERN_MOST);
    enum lrp_status status = write_out(text, &whole, pattern->groups, err);
    if (status == LRP_E_LIMIT) {
        status = lrp_fail(err, LRP_E_ARG, 0, "--loss-pattern is too long");
    }
    if (status == LRP_OK) {
        int code = regcomp(&pattern->regex, lrp_text_string(&whole), REG_EXTENDED);
        if (code != 0) {
            char reason[160];
            (void)regerror(code, &pattern->regex, reason, sizeof reason);
            struct lrp_text shown;
            lrp_text_init(&shown, 1 << 10);
            size_t length = strlen(text);
            lrp_text_append_clean(&shown, text, length < 150 ? length : 150);
            status = lrp_fail(err, LRP_E_ARG, 0,
                              "--loss-pattern '%s' is no regular expression (POSIX extended): %s",
                              lrp_text_string(&shown), reason);
            lrp_text_fini(&shown);
        }
    }
    lrp_text_fini(&whole);
    if (status != LRP_OK) {
        free(pattern);
        return status;
    }
    status = choose_groups(pattern, err);
    if (status != LRP_OK) {
        lrp_loss_pattern_free(pattern);
        return status;
    }
    *out = pattern;
    return LRP_OK;
}

void lrp_loss_pattern_free(struct lrp_loss_pattern *pattern)
{
    if (pattern != NULL) {
        regfree(&pattern->regex);
        free(pattern);
    }
}

/* A group of the user's own may take in what surrounds a number: "0.25," or "'0.25'". */
static bool read_number(const char *text, size_t length, double *value, enum lrp_comma *comma)
{
    static const char around[] = " \t,;:'\"()[]{}%";
    while (length > 0 && strchr(around, text[0]) != NULL) {
        text++;
        length--;
    }
    while (length > 0 && strchr(around, text[length - 1]) != NULL) {
        length--;
    }
    *comma = LRP_COMMA_NONE;
    if (length > NUMBER_LONGEST) {
        return false;
    }
    if (!lrp_parse_double(text, length, value)) {
        *comma = lrp_parse_comma_number(text, length, value);
        return *comma != LRP_COMMA_NONE;
    }
    return true;
}

/* "1,23,456": the number goes on where the expression ends. */
static bool is_cut(const char *line, const regmatch_t *match)
{
    size_t length = (size_t)(match->rm_eo - match->rm_so);
    return memchr(line + match->rm_so, ',', length) != NULL && line[match->rm_eo] == ',' &&
           isdigit((unsigned char)line[match->rm_eo + 1]);
}

enum lrp_loss_match lrp_loss_pattern_find(const struct lrp_loss_pattern *pattern, const char *line,
                                          double *step, double *loss, enum lrp_comma *comma)
{
    enum lrp_comma commas[PLACES] = {LRP_COMMA_NONE, LRP_COMMA_NONE};
    regmatch_t matches[GROUPS_MOST + 1];
    double values[PLACES] = {(double)NAN, (double)NAN};
    if (regexec(&pattern->regex, line, GROUPS_MOST + 1, matches, 0) != 0) {
        return LRP_LOSS_NONE;
    }
    for (size_t k = 0; k < PLACES; k++) {
        const regmatch_t *match = &matches[pattern->groups[k]];
        if (pattern->groups[k] == 0) {
            continue;
        }
        if (match->rm_so >= 0 && pattern->named[k] && isalnum((unsigned char)line[match->rm_eo])) {
            return LRP_LOSS_NONE; /* "information" begins with inf */
        }
        if (match->rm_so < 0 || (pattern->named[k] && is_cut(line, match)) ||
            !read_number(line + match->rm_so, (size_t)(match->rm_eo - match->rm_so), &values[k],
                         &commas[k])) {
            return LRP_LOSS_NO_NUMBER;
        }
    }
    *step = values[STEP] * (commas[STEP] == LRP_COMMA_EITHER ? LRP_COMMA_FACTOR : 1);
    *comma = commas[LOSS];
    *loss = values[LOSS];
    return LRP_LOSS_FOUND;
}
