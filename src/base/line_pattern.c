/* SPDX-License-Identifier: MIT */
#include "line_pattern.h"

#include "alloc.h"
#include "number.h"
#include "text.h"

#include <ctype.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>

enum { PATTERN_MOST = 1 << 16, GROUPS_MOST = 64, NUMBER_LONGEST = 64 };

#define GROUPED "[0-9]{1,3}(,[0-9]{3})+"
#define PLAIN                                                                                      \
    "[0-9]+[.]?[0-9]*|[.][0-9]+)([eE][-+]?[0-9]+)?|[nN][aA][nN]|[iI][nN][fF]([iI][nN][iI][tT][yY]" \
    ")?))"
/* A number is taken whole, with its commas ("0,69", "2,816.11"), unless the pattern has a comma
 * behind it: that one is the pattern's. */
struct number_regex {
    const char *regex;
    size_t groups;
};
static const struct {
    struct number_regex usual, before_comma;
} a_number = {{"([-+]?((" GROUPED "[.]?[0-9]*|[0-9]+,[0-9]+|" PLAIN, 6}, {"([-+]?((" PLAIN, 5}},
  a_count = {{"(" GROUPED "|[0-9]+)", 2}, {"([0-9]+)", 1}};

struct pattern_place {
    char name[LRP_PATTERN_NAME_MOST + 1];
    size_t group;
    bool named; /* by {NAME}, not a group of the user's own */
};
struct lrp_line_pattern {
    regex_t regex;
    const char *option;
    struct pattern_place places[LRP_PATTERN_PLACES_MOST];
    size_t n;
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

/* Length of "{NAME}" at text; 0 where that is none, as in "a{2,3}". */
static size_t place_length(const char *text)
{
    if (*text != '{' || !(isalpha((unsigned char)text[1]) || text[1] == '_')) {
        return 0;
    }
    size_t length = 1;
    while (isalnum((unsigned char)text[length]) ||
           (text[length] != '\0' && strchr("_-./", text[length]) != NULL)) {
        length++;
    }
    return text[length] == '}' && length - 1 <= LRP_PATTERN_NAME_MOST ? length + 1 : 0;
}

static enum lrp_status add_named(struct lrp_line_pattern *pattern, const char *text, size_t length,
                                 size_t group, struct lrp_error *err)
{
    char name[LRP_PATTERN_NAME_MOST + 1];
    memcpy(name, text + 1, length - 2);
    name[length - 2] = '\0';
    if (lrp_line_pattern_find_place(pattern, name) < LRP_PATTERN_PLACES_MOST) {
        return lrp_fail(err, LRP_E_ARG, 0, "%s has {%s} twice", pattern->option, name);
    }
    if (pattern->n == LRP_PATTERN_PLACES_MOST) {
        return lrp_fail(err, LRP_E_ARG, 0, "%s has more than %d names", pattern->option,
                        LRP_PATTERN_PLACES_MOST);
    }
    struct pattern_place *place = &pattern->places[pattern->n];
    memcpy(place->name, name, length - 1);
    place->group = group;
    place->named = true;
    pattern->n++;
    return LRP_OK;
}

/* The expression with its places written out. */
static enum lrp_status write_out(struct lrp_line_pattern *pattern, const char *text,
                                 struct lrp_text *out, struct lrp_error *err)
{
    size_t n_groups = 0;
    for (size_t at = 0; text[at] != '\0';) {
        size_t length = place_length(text + at);
        if (length > 0) {
            LRP_TRY(add_named(pattern, text + at, length, n_groups + 1, err));
            bool count = strcmp(pattern->places[pattern->n - 1].name, "step") == 0;
            at += length;
            const struct number_regex *regex =
                text[at] == ',' ? (count ? &a_count.before_comma : &a_number.before_comma)
                                : (count ? &a_count.usual : &a_number.usual);
            n_groups += regex->groups;
            lrp_text_append(out, regex->regex);
            continue;
        }
        length = text[at] == '\\' && text[at + 1] != '\0' ? 2
                 : text[at] == '['                        ? bracket_length(text + at)
                                                          : 1;
        n_groups += text[at] == '(' ? 1 : 0;
        lrp_text_append_bytes(out, text + at, length);
        at += length;
    }
    return lrp_text_check(out, err);
}

static enum lrp_status compile(struct lrp_line_pattern *pattern, const char *text,
                               const char *whole, struct lrp_error *err)
{
    int code = regcomp(&pattern->regex, whole, REG_EXTENDED);
    if (code == 0) {
        return LRP_OK;
    }
    char reason[160];
    (void)regerror(code, &pattern->regex, reason, sizeof reason);
    struct lrp_text shown;
    lrp_text_init(&shown, 1 << 10);
    lrp_text_append_clean(&shown, text, strnlen(text, 150));
    enum lrp_status status =
        lrp_fail(err, LRP_E_ARG, 0, "%s '%s' is no regular expression (POSIX extended): %s",
                 pattern->option, lrp_text_string(&shown), reason);
    lrp_text_fini(&shown);
    return status;
}

enum lrp_status lrp_line_pattern_new(const char *option, const char *text,
                                     struct lrp_line_pattern **out, struct lrp_error *err)
{
    struct lrp_line_pattern *pattern = lrp_calloc_array(1, sizeof *pattern);
    LRP_TRY_MEMORY(pattern, err);
    pattern->option = option;
    struct lrp_text whole;
    lrp_text_init(&whole, PATTERN_MOST);
    enum lrp_status status = write_out(pattern, text, &whole, err);
    if (status == LRP_E_LIMIT) {
        status = lrp_fail(err, LRP_E_ARG, 0, "%s is too long", option);
    }
    status = status == LRP_OK ? compile(pattern, text, lrp_text_string(&whole), err) : status;
    lrp_text_fini(&whole);
    if (status != LRP_OK) {
        free(pattern);
        return status;
    }
    if (pattern->regex.re_nsub > GROUPS_MOST) {
        lrp_line_pattern_free(pattern);
        return lrp_fail(err, LRP_E_ARG, 0, "%s has more than %d groups", option, GROUPS_MOST);
    }
    *out = pattern;
    return LRP_OK;
}

void lrp_line_pattern_free(struct lrp_line_pattern *pattern)
{
    if (pattern != NULL) {
        regfree(&pattern->regex);
        free(pattern);
    }
}

size_t lrp_line_pattern_places(const struct lrp_line_pattern *pattern)
{
    return pattern->n;
}

const char *lrp_line_pattern_name(const struct lrp_line_pattern *pattern, size_t place)
{
    return pattern->places[place].name;
}

size_t lrp_line_pattern_find_place(const struct lrp_line_pattern *pattern, const char *name)
{
    for (size_t i = 0; i < pattern->n; i++) {
        if (strcmp(pattern->places[i].name, name) == 0) {
            return i;
        }
    }
    return LRP_PATTERN_PLACES_MOST;
}

size_t lrp_line_pattern_groups(const struct lrp_line_pattern *pattern)
{
    return pattern->regex.re_nsub;
}

void lrp_line_pattern_add_place(struct lrp_line_pattern *pattern, const char *name, size_t group)
{
    struct pattern_place *place = &pattern->places[pattern->n];
    size_t length = strnlen(name, LRP_PATTERN_NAME_MOST);
    memcpy(place->name, name, length);
    place->name[length] = '\0';
    place->group = group;
    place->named = false;
    pattern->n++;
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

enum lrp_pattern_match lrp_line_pattern_match(const struct lrp_line_pattern *pattern,
                                              const char *line, struct lrp_pattern_number *numbers)
{
    regmatch_t matches[GROUPS_MOST + 1];
    if (regexec(&pattern->regex, line, GROUPS_MOST + 1, matches, 0) != 0) {
        return LRP_PATTERN_NONE;
    }
    for (size_t k = 0; k < pattern->n; k++) {
        const struct pattern_place *place = &pattern->places[k];
        const regmatch_t *match = &matches[place->group];
        numbers[k].there = match->rm_so >= 0;
        if (!numbers[k].there) {
            continue;
        }
        if (place->named && isalnum((unsigned char)line[match->rm_eo])) {
            return LRP_PATTERN_NONE; /* "information" begins with inf */
        }
        if ((place->named && is_cut(line, match)) ||
            !read_number(line + match->rm_so, (size_t)(match->rm_eo - match->rm_so),
                         &numbers[k].value, &numbers[k].comma)) {
            return LRP_PATTERN_NO_NUMBER;
        }
    }
    return LRP_PATTERN_FOUND;
}
