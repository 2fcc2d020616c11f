/* SPDX-License-Identifier: MIT */
#include "checklist.h"

#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *lrp_check_status_name(enum lrp_check_status status)
{
    switch (status) {
    case LRP_CHECK_PASS:
        return "pass";
    case LRP_CHECK_INFO:
        return "info";
    case LRP_CHECK_WARN:
        return "warn";
    case LRP_CHECK_FAIL:
        return "fail";
    case LRP_CHECK_NOT_ASSESSED:
    default:
        return "not-assessed";
    }
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

void lrp_finding_set(struct lrp_finding *out, enum lrp_check_status status, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(out->evidence, sizeof out->evidence, format, arguments);
    va_end(arguments);
    write_in_full(out->evidence);
    out->status = status;
}

void lrp_finding_advise(struct lrp_finding *out, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(out->advice, sizeof out->advice, format, arguments);
    va_end(arguments);
    write_in_full(out->advice);
}

void lrp_finding_skip(struct lrp_finding *out, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(out->evidence, sizeof out->evidence, format, arguments);
    va_end(arguments);
    write_in_full(out->evidence);
    out->status = LRP_CHECK_NOT_ASSESSED;
    out->value = out->threshold = (double)NAN;
}
