/* SPDX-License-Identifier: MIT */
/* The allocation numbered fail_at fails, for a test that the linker sends all allocations to
 * (--wrap, see unit_link_args). To be included once. */
#ifndef LRP_TESTS_FAILING_MALLOC_H
#define LRP_TESTS_FAILING_MALLOC_H

#include <stddef.h>
#include <stdint.h>

static size_t allocations;
static size_t fail_at = SIZE_MAX;
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);

void *__wrap_malloc(size_t size)
{
    return allocations++ == fail_at ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return allocations++ == fail_at ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
    return allocations++ == fail_at ? NULL : __real_realloc(old, size);
}
#endif
