/* SPDX-License-Identifier: MIT */
#include "number.h"

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* What strtod gets is copied here: longer decimals than this are not written by any tool. */
enum { FIELD_MAX = 400 };

static bool parse_special(const char *text, size_t length, double *out)
{
    double sign = 1.0;
    if (length > 0 && (text[0] == '+' || text[0] == '-')) {
        sign = text[0] == '-' ? -1.0 : 1.0;
        text++;
        length--;
    }
    if (length == 3 && strncasecmp(text, "nan", 3) == 0) {
        *out = (double)NAN;
        return true;
    }
    if ((length == 3 && strncasecmp(text, "inf", 3) == 0) ||
        (length == 8 && strncasecmp(text, "infinity", 8) == 0)) {
        *out = sign * HUGE_VAL;
        return true;
    }
    return false;
}

struct decimal {
    uint64_t mantissa; /* the first 19 significant digits */
    int64_t exponent;  /* value = mantissa * 10^exponent */
    int digits;        /* significant digits seen */
    bool negative;
    const char *point; /* where the decimal point is, or NULL */
};

static size_t scan_digits(const char *text, size_t length, size_t i, bool fraction,
                          struct decimal *out)
{
    for (; i < length && text[i] >= '0' && text[i] <= '9'; i++) {
        unsigned digit = (unsigned)(text[i] - '0');
        if (out->mantissa != 0 || digit != 0) {
            out->digits++;
        }
        if (out->digits <= 19) {
            out->mantissa = out->mantissa * 10 + digit;
            out->exponent -= fraction ? 1 : 0;
        } else {
            out->exponent += fraction ? 0 : 1;
        }
    }
    return i;
}

/* Checks the grammar and collects the digits; false if it is not a decimal number. */
static bool scan_decimal(const char *text, size_t length, struct decimal *out)
{
    *out = (struct decimal){.mantissa = 0};
    size_t i = 0;
    if (length > 0 && (text[0] == '+' || text[0] == '-')) {
        out->negative = text[0] == '-';
        i = 1;
    }
    size_t begin = i;
    i = scan_digits(text, length, i, false, out);
    size_t n_digits = i - begin;
    if (i < length && text[i] == '.') {
        out->point = text + i;
        size_t fraction = i + 1;
        i = scan_digits(text, length, fraction, true, out);
        n_digits += i - fraction;
    }
    if (n_digits == 0) {
        return false;
    }
    if (i < length && (text[i] == 'e' || text[i] == 'E')) {
        i++;
        bool minus = i < length && text[i] == '-';
        i += i < length && (text[i] == '+' || text[i] == '-') ? 1 : 0;
        size_t first = i;
        int64_t power = 0;
        for (; i < length && text[i] >= '0' && text[i] <= '9'; i++) {
            power = power < 100000 ? power * 10 + (text[i] - '0') : power;
        }
        if (i == first) {
            return false;
        }
        out->exponent += minus ? -power : power;
    }
    return i == length;
}

/* Exact powers of ten; with a mantissa below 2^53 one rounding gives the nearest double (Clinger
 * 1990, "How to read floating point numbers accurately", the fast path). */
static const double power_of_ten[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                      1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                      1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

static unsigned digit_at(const char *at)
{
    return (unsigned char)(*at - '0');
}

/* Digits from at on into *mantissa, in pairs: one multiplication waits for the one before. */
static const char *take_digits(const char *at, const char *end, uint64_t *mantissa)
{
    uint64_t sum = *mantissa;
    while (end - at >= 2 && digit_at(at) < 10 && digit_at(at + 1) < 10) {
        sum = sum * 100 + (digit_at(at) * 10 + digit_at(at + 1));
        at += 2;
    }
    if (at < end && digit_at(at) < 10) {
        sum = sum * 10 + digit_at(at);
        at++;
    }
    *mantissa = sum;
    return at;
}

/* The numbers that logs are full of: up to 15 digits, a short exponent. False for all others, which
 * may be numbers nevertheless. */
static bool parse_simple(const char *text, size_t length, double *out)
{
    const char *end = text + length;
    uint64_t mantissa = 0;
    ptrdiff_t places = 0;
    if (length == 0 || length > 24) {
        return false;
    }
    bool negative = *text == '-';
    const char *first = text + (negative ? 1 : 0);
    const char *at = take_digits(first, end, &mantissa);
    ptrdiff_t digits = at - first;
    if (at < end && *at == '.') {
        const char *fraction = at + 1;
        at = take_digits(fraction, end, &mantissa);
        places = at - fraction;
        digits += places;
    }
    if (digits == 0 || digits > 15) {
        return false;
    }
    ptrdiff_t exponent = -places;
    if (at < end) { /* e, a sign or none, one or two digits */
        bool minus = end - at >= 3 && at[1] == '-';
        bool sign = minus || (end - at >= 3 && at[1] == '+');
        const char *power = at + (sign ? 2 : 1);
        if ((*at != 'e' && *at != 'E') || end - power < 1 || end - power > 2) {
            return false;
        }
        int value = 0;
        for (; power < end; power++) {
            if (digit_at(power) > 9) {
                return false;
            }
            value = 10 * value + (int)digit_at(power);
        }
        exponent += minus ? -value : value;
    }
    if (exponent < -22 || exponent > 22) {
        return false;
    }
    double magnitude = (double)mantissa;
    magnitude =
        exponent < 0 ? magnitude / power_of_ten[-exponent] : magnitude * power_of_ten[exponent];
    *out = negative ? -magnitude : magnitude;
    return true;
}

bool lrp_parse_double(const char *text, size_t length, double *out)
{
    if (parse_simple(text, length, out)) {
        return true;
    }
    struct decimal d;
    if (!scan_decimal(text, length, &d)) {
        return parse_special(text, length, out);
    }
    if (d.digits <= 19 && d.mantissa < ((uint64_t)1 << 53) && d.exponent >= -22 &&
        d.exponent <= 22) {
        double value = (double)d.mantissa;
        value =
            d.exponent < 0 ? value / power_of_ten[-d.exponent] : value * power_of_ten[d.exponent];
        *out = d.negative ? -value : value;
        return true;
    }
    char field[FIELD_MAX];
    const char *mark = localeconv()->decimal_point;
    size_t mark_length = strlen(mark);
    if (length + mark_length >= sizeof field) {
        return false;
    }
    size_t before = d.point == NULL ? length : (size_t)(d.point - text);
    memcpy(field, text, before);
    size_t n = before;
    if (d.point != NULL) {
        memcpy(field + n, mark, mark_length);
        n += mark_length;
        memcpy(field + n, d.point + 1, length - before - 1);
        n += length - before - 1;
    }
    field[n] = '\0';
    *out = strtod(field, NULL);
    return true;
}

bool lrp_parse_int64(const char *text, size_t length, int64_t low, int64_t high, int64_t *out)
{
    bool negative = length > 0 && text[0] == '-';
    size_t i = length > 0 && (text[0] == '-' || text[0] == '+') ? 1 : 0;
    if (i == length) {
        return false;
    }
    int64_t value = 0;
    for (; i < length; i++) {
        if (text[i] < '0' || text[i] > '9') {
            return false;
        }
        int64_t digit = negative ? -(text[i] - '0') : text[i] - '0';
        if (__builtin_mul_overflow(value, (int64_t)10, &value) ||
            __builtin_add_overflow(value, digit, &value)) {
            return false;
        }
    }
    if (value < low || value > high) {
        return false;
    }
    *out = value;
    return true;
}

static const char *format_special(double value, char *buffer)
{
    (void)snprintf(buffer, LRP_NUMBER_SIZE, "%s",
                   isnan(value) ? "nan" : (value < 0 ? "-inf" : "inf"));
    return buffer;
}

/* printf writes the locale's decimal point, which may be several bytes long. */
static void restore_point(char *buffer)
{
    const char *mark = localeconv()->decimal_point;
    size_t mark_length = strlen(mark);
    char *at = strcmp(mark, ".") == 0 || mark_length == 0 ? NULL : strstr(buffer, mark);
    if (at != NULL) {
        *at = '.';
        memmove(at + 1, at + mark_length, strlen(at + mark_length) + 1);
    }
}

const char *lrp_format_double(double value, char *buffer)
{
    if (!isfinite(value)) {
        return format_special(value, buffer);
    }
    for (int digits = 15; digits <= 17; digits++) {
        double back = 0.0;
        (void)snprintf(buffer, LRP_NUMBER_SIZE, "%.*g", digits, value);
        restore_point(buffer);
        if (digits == 17 || (lrp_parse_double(buffer, strlen(buffer), &back) && back == value)) {
            break;
        }
    }
    return buffer;
}

/* 100, not 1e+02. */
static const double PLAIN_BELOW = 1e5;

const char *lrp_format_short(double value, int digits, char *buffer)
{
    if (!isfinite(value)) {
        return format_special(value, buffer);
    }
    int shown = digits < 1 ? 1 : digits > 17 ? 17 : digits;
    (void)snprintf(buffer, LRP_NUMBER_SIZE, "%.*g", shown, value);
    if (fabs(value) >= 1 && fabs(value) < PLAIN_BELOW && strchr(buffer, 'e') != NULL) {
        int before = (int)floor(log10(fabs(value))) + 1; /* more digits than are shown */
        double unit = pow(10, before - shown);
        (void)snprintf(buffer, LRP_NUMBER_SIZE, "%.0f", round(value / unit) * unit);
    }
    restore_point(buffer);
    return buffer;
}

int lrp_compare_doubles(const void *left, const void *right)
{
    const double a = *(const double *)left;
    const double b = *(const double *)right;
    return (a > b) - (a < b);
}
