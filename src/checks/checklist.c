/* SPDX-License-Identifier: MIT */
#include "checklist.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

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

void lrp_finding_set(struct lrp_finding *out, enum lrp_check_status status, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(out->evidence, sizeof out->evidence, format, arguments);
    va_end(arguments);
    out->status = status;
}

void lrp_finding_advise(struct lrp_finding *out, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(out->advice, sizeof out->advice, format, arguments);
    va_end(arguments);
}

void lrp_finding_skip(struct lrp_finding *out, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(out->evidence, sizeof out->evidence, format, arguments);
    va_end(arguments);
    out->status = LRP_CHECK_NOT_ASSESSED;
    out->value = out->threshold = (double)NAN;
}
