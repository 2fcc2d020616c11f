/* SPDX-License-Identifier: MIT */
#include "string_list.h"

#include "alloc.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum lrp_status lrp_string_list_add(char ***list, struct lrp_error *err, const char *format, ...)
{
    size_t n = 0;
    while (*list != NULL && (*list)[n] != NULL) {
        n++;
    }
    char **grown = lrp_realloc_array(*list, n + 2, sizeof *grown);
    LRP_TRY_MEMORY(grown, err);
    *list = grown;
    va_list arguments;
    va_start(arguments, format);
    int length = vasprintf(&grown[n], format, arguments);
    va_end(arguments);
    grown[length < 0 ? n : n + 1] = NULL;
    return length < 0 ? lrp_fail_memory(err, 0) : LRP_OK;
}

void lrp_string_list_free(char **list)
{
    for (size_t i = 0; list != NULL && list[i] != NULL; i++) {
        free(list[i]);
    }
    free(list);
}
