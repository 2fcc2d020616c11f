/* SPDX-License-Identifier: MIT */
/* Errors are values. Which status when: ARG, the caller's request makes no sense (exit 2);
 * FORMAT, NODATA and LIMIT, the input data are at fault (exit 3); NOMEM, IO and CHILD, the system
 * is (exit 4); TOOL, a helper program is missing (exit 5). A message is one whole sentence that
 * says what happened and what was expected; the program adds "lrprobe: file:line: ". */
#ifndef LRP_BASE_STATUS_H
#define LRP_BASE_STATUS_H

#include "lrprobe/lrprobe.h"

/* Fill *err (NULL allowed) and return status. line 0 = not known. Never allocates. */
enum lrp_status lrp_fail(struct lrp_error *err, enum lrp_status status, size_t line,
                         const char *format, ...) LRP_PRINTF(4, 5);
/* "out of memory", for a request of bytes (0 = not known). */
enum lrp_status lrp_fail_memory(struct lrp_error *err, size_t bytes);
/* LRP_E_IO with the text of error_number: "cannot <verb> <path>: <reason>". */
enum lrp_status lrp_fail_errno(struct lrp_error *err, int error_number, const char *verb,
                               const char *path);

/* Returns from the calling function with the status of an expression that is not LRP_OK. For
 * functions that hold nothing at that point; those that do have one clean-up at their end. */
#define LRP_TRY(expression)                                                                        \
    do {                                                                                           \
        const enum lrp_status lrp_tried = (expression);                                            \
        if (lrp_tried != LRP_OK) {                                                                 \
            return lrp_tried;                                                                      \
        }                                                                                          \
    } while (0)
/* Returns LRP_E_NOMEM where an allocation gave NULL. */
#define LRP_TRY_MEMORY(pointer, err)                                                               \
    do {                                                                                           \
        if ((pointer) == NULL) {                                                                   \
            return lrp_fail_memory(err, 0);                                                        \
        }                                                                                          \
    } while (0)
#endif
