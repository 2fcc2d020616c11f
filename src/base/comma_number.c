/* SPDX-License-Identifier: MIT */
#include "comma_number.h"

#include "number.h"

#include <stdbool.h>
#include <string.h>

enum { LONGEST = 64, GROUP = 3 };

/* The parts of a number as it is written. */
struct shape {
    size_t begin;             /* behind the sign */
    size_t end;               /* of the digits and marks; an exponent follows or nothing */
    size_t commas, points;    /* among them */
    size_t last_comma, point; /* where they are, the last of each */
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static struct shape shape_of(const char *text, size_t length)
{
    struct shape shape = {0};
    shape.begin = length > 0 && (text[0] == '+' || text[0] == '-') ? 1 : 0;
    size_t at = shape.begin;
    for (; at < length && (is_digit(text[at]) || text[at] == ',' || text[at] == '.'); at++) {
        if (text[at] == ',') {
            shape.commas++;
            shape.last_comma = at;
        } else if (text[at] == '.') {
            shape.points++;
            shape.point = at;
        }
    }
    shape.end = at;
    return shape;
}

/* Whether [begin, end) is groups of three behind a first one of one to three that is not 0. */
static bool is_grouped(const char *text, size_t begin, size_t end, char mark)
{
    size_t digits = 0;
    bool first = true;
    for (size_t at = begin; at <= end; at++) {
        if (at == end || text[at] == mark) {
            if (digits == 0 || (first ? digits > GROUP : digits != GROUP)) {
                return false;
            }
            first = false;
            digits = 0;
        } else if (is_digit(text[at])) {
            digits++;
        } else {
            return false;
        }
    }
    return text[begin] != '0';
}

/* The number without the signs left out, with a point for the one given. */
static bool parse_without(const char *text, size_t length, char left_out, char decimal,
                          double *value)
{
    char plain[LONGEST];
    size_t n = 0;
    for (size_t i = 0; i < length; i++) {
        if (text[i] != left_out) {
            plain[n] = text[i] == decimal ? '.' : text[i];
            n++;
        }
    }
    return lrp_parse_double(plain, n, value);
}

enum lrp_comma lrp_parse_comma_number(const char *text, size_t length, double *value)
{
    struct shape shape = shape_of(text, length);
    if (shape.commas == 0 || length > LONGEST || !is_digit(text[shape.begin]) ||
        !is_digit(text[shape.end - 1])) {
        return LRP_COMMA_NONE;
    }
    if (shape.points > 0 && shape.point < shape.last_comma) { /* "1.234,5" */
        bool decimal = shape.commas == 1 && is_grouped(text, shape.begin, shape.last_comma, '.');
        return decimal && parse_without(text, length, '.', ',', value) ? LRP_COMMA_DECIMAL
                                                                       : LRP_COMMA_NONE;
    }
    size_t whole = shape.points > 0 ? shape.point : shape.end;
    bool grouped = is_grouped(text, shape.begin, whole, ',');
    bool exponent = shape.end < length;
    if (shape.points > 0 || shape.commas > 1) {
        return grouped && shape.points <= 1 && parse_without(text, length, ',', '.', value)
                   ? LRP_COMMA_THOUSANDS
                   : LRP_COMMA_NONE;
    }
    if (!parse_without(text, length, '\0', ',', value)) {
        return LRP_COMMA_NONE;
    }
    return grouped && !exponent ? LRP_COMMA_EITHER : LRP_COMMA_DECIMAL;
}
