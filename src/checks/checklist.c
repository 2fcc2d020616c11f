/* SPDX-License-Identifier: MIT */
#include "checks_table.h"

#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define ROW(id) &lrp_check_##id,
const struct lrp_check *const lrp_checks[] = {LRP_EACH_CHECK(ROW) NULL};
#undef ROW
const size_t lrp_n_checks = sizeof lrp_checks / sizeof lrp_checks[0] - 1;

size_t lrp_check_index(const char *id, size_t length)
{
    size_t c = 0;
    while (c < lrp_n_checks &&
           (strlen(lrp_checks[c]->id) != length || memcmp(lrp_checks[c]->id, id, length) != 0)) {
        c++;
    }
    return c;
}

const char *lrp_check_status_name(enum lrp_check_status status)
{
    static const char *const names[] = {
        [LRP_CHECK_PASS] = "pass",
        [LRP_CHECK_INFO] = "info",
        [LRP_CHECK_WARN] = "warn",
        [LRP_CHECK_FAIL] = "fail",
        [LRP_CHECK_NOT_ASSESSED] = "not-assessed",
    };
    return names[(unsigned)status <= LRP_CHECK_NOT_ASSESSED ? status : LRP_CHECK_NOT_ASSESSED];
}

const char *lrp_verdict_name(enum lrp_verdict verdict)
{
    static const char *const names[] = {
        [LRP_VERDICT_NON_FINITE] = "non-finite",
        [LRP_VERDICT_DIVERGED] = "diverged",
        [LRP_VERDICT_NOT_LEARNING] = "not-learning",
        [LRP_VERDICT_OSCILLATING] = "oscillating",
        [LRP_VERDICT_SPIKES] = "spikes",
        [LRP_VERDICT_SLOW] = "slow",
        [LRP_VERDICT_PLATEAU] = "plateau",
        [LRP_VERDICT_OVERFITTING] = "overfitting",
        [LRP_VERDICT_UNDERFITTING] = "underfitting",
        [LRP_VERDICT_HEALTHY] = "healthy",
        [LRP_VERDICT_UNDECIDED] = "undecided",
    };
    return (unsigned)verdict <= LRP_VERDICT_UNDECIDED ? names[verdict] : "undecided";
}

/* Where "1.9e+04" begins at text: its digits in full, their number; 0 where it does not. */
static size_t digits_in_full(const char *text, char *digits, size_t *length)
{
    enum { MOST = 6 };
    size_t count = 0;
    size_t at = 0;
    size_t before = 0; /* digits before the point */
    for (; isdigit((unsigned char)text[at]) || (text[at] == '.' && before == 0); at++) {
        if (text[at] == '.') {
            before = count;
        } else if (count < MOST) {
            digits[count] = text[at];
            count++;
        }
    }
    before = before == 0 ? count : before;
    if (before != 1 || strncmp(text + at, "e+0", 3) != 0 || !isdigit((unsigned char)text[at + 3]) ||
        isalnum((unsigned char)text[at + 4])) {
        return 0;
    }
    size_t wanted = (size_t)(text[at + 3] - '0') + 1;
    *length = at + 4;
    if (count > wanted || wanted > MOST || wanted > *length) {
        return 0;
    }
    memset(digits + count, '0', wanted - count);
    return wanted;
}

/* printf writes 110 with two digits as 1.1e+02: nobody says it like that. Only ever shortens. */
static void write_in_full(char *text)
{
    char *to = text;
    for (const char *from = text; *from != '\0';) {
        char digits[6];
        size_t length = 0;
        bool begins = from == text || !(isalnum((unsigned char)from[-1]) || from[-1] == '.');
        begins = begins && isdigit((unsigned char)*from);
        size_t count = begins ? digits_in_full(from, digits, &length) : 0;
        if (count > 0) {
            memcpy(to, digits, count);
            from += length;
        } else {
            *to = *from;
            count = 1;
            from++;
        }
        to += count;
    }
    *to = '\0';
}

LRP_PRINTF(3, 0)
static void write_text(char *text, size_t size, const char *format, va_list arguments)
{
    (void)vsnprintf(text, size, format, arguments);
    write_in_full(text);
}

enum lrp_status lrp_finding_set(struct lrp_finding *out, enum lrp_check_status status,
                                const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    write_text(out->evidence, sizeof out->evidence, format, arguments);
    va_end(arguments);
    out->status = status;
    return LRP_OK;
}

enum lrp_status lrp_finding_pass(struct lrp_finding *out, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    write_text(out->evidence, sizeof out->evidence, format, arguments);
    va_end(arguments);
    out->status = LRP_CHECK_PASS;
    return LRP_OK;
}

enum lrp_status lrp_finding_skip(struct lrp_finding *out, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    write_text(out->evidence, sizeof out->evidence, format, arguments);
    va_end(arguments);
    out->status = LRP_CHECK_NOT_ASSESSED;
    lrp_finding_measure(out, (double)NAN, (double)NAN);
    return LRP_OK;
}

/* What stands for a placeholder, "{2}" or "{position}", at the end of a text with room for size
 * bytes more; returns its length. */
static size_t fill_in(char *text, size_t size, const char *placeholder, const char *position,
                      double number)
{
    int digits = placeholder[1] - '0';
    int wrote = 0;
    if (!isdigit((unsigned char)placeholder[1])) {
        wrote = snprintf(text, size, "%s", position);
    } else if (digits == 0) {
        wrote = snprintf(text, size, "%.0f", number);
    } else {
        wrote = snprintf(text, size, "%.*g", digits, number);
    }
    return wrote > 0 && (size_t)wrote < size ? (size_t)wrote : 0;
}

void lrp_finding_advise(const struct lrp_check_input *in, struct lrp_finding *out, size_t which,
                        const double numbers[LRP_ADVICE_NUMBERS])
{
    const char *from = which == LRP_REMEDY ? in->check->remedy : in->check->advice[which];
    size_t length = 0;
    size_t used = 0;
    while (*from != '\0' && length + 1 < sizeof out->advice) {
        const char *end = *from == '{' ? strchr(from, '}') : NULL;
        if (end == NULL) {
            out->advice[length] = *from;
            length++;
            from++;
            continue;
        }
        bool is_number = isdigit((unsigned char)from[1]);
        bool is_there = is_number && numbers != NULL && used < LRP_ADVICE_NUMBERS;
        double number = is_there ? numbers[used] : (double)NAN;
        if (is_number && isnan(number)) {
            out->advice[0] = '\0';
            return;
        }
        length += fill_in(out->advice + length, sizeof out->advice - length, from,
                          in->run->position, number);
        used += is_number ? 1 : 0;
        from = end + 1;
    }
    out->advice[length] = '\0';
    write_in_full(out->advice);
}

void lrp_finding_measure(struct lrp_finding *out, double value, double threshold)
{
    out->value = value;
    out->threshold = threshold;
}

void lrp_finding_span(struct lrp_finding *out, double first, double last)
{
    out->first_step = first;
    out->last_step = last;
}
