/* SPDX-License-Identifier: MIT */
#include "status.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum lrp_status lrp_fail(struct lrp_error *err, enum lrp_status status, size_t line,
                         const char *format, ...)
{
    if (err == NULL) {
        return status;
    }
    va_list arguments;
    va_start(arguments, format);
    err->status = status;
    err->line = line;
    (void)vsnprintf(err->message, sizeof err->message, format, arguments);
    va_end(arguments);
    return status;
}

enum lrp_status lrp_fail_memory(struct lrp_error *err, size_t bytes)
{
    if (bytes == 0) {
        return lrp_fail(err, LRP_E_NOMEM, 0, "out of memory");
    }
    return lrp_fail(err, LRP_E_NOMEM, 0, "out of memory: %zu bytes could not be had", bytes);
}

enum lrp_status lrp_fail_errno(struct lrp_error *err, int error_number, const char *verb,
                               const char *path)
{
    char reason[128];
    /* the GNU form returns the text, which may or may not be in the buffer */
    const char *text = strerror_r(error_number, reason, sizeof reason);
    return lrp_fail(err, LRP_E_IO, 0, "cannot %s %s: %s", verb, path, text);
}
