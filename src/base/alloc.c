/* SPDX-License-Identifier: MIT */
#include "alloc.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* Arrays from this size on are asked to lie in large pages: millions of rows otherwise cost more
 * time in page faults than in arithmetic. */
enum { LARGE_ARRAY = 1 << 22, PAGE = 4096 };

static void *prefer_large_pages(void *block, size_t bytes)
{
#ifdef MADV_HUGEPAGE
    if (block != NULL && bytes >= LARGE_ARRAY) {
        /* whole pages, those at the ends too: an array that lies in two areas of different advice
         * could not grow in place. Only a wish: a system that cannot grant it loses nothing. */
        size_t before = (uintptr_t)block % PAGE;
        size_t length = (before + bytes + PAGE - 1) / PAGE * PAGE;
        (void)madvise((char *)block - before, length, MADV_HUGEPAGE);
    }
#else
    (void)bytes;
#endif
    return block;
}

bool lrp_multiply_size(size_t a, size_t b, size_t *out)
{
    if (b != 0 && a > SIZE_MAX / b) {
        return false;
    }
    *out = a * b;
    return true;
}

void *lrp_calloc_array(size_t count, size_t size)
{
    /* calloc checks the product too, but sanitizers end the process there; malloc(0) may be NULL */
    size_t bytes = 0;
    if (!lrp_multiply_size(count == 0 ? 1 : count, size, &bytes)) {
        return NULL;
    }
    return prefer_large_pages(calloc(count == 0 ? 1 : count, size), bytes);
}

void *lrp_realloc_array(void *old, size_t count, size_t size)
{
    size_t bytes = 0;
    if (!lrp_multiply_size(count == 0 ? 1 : count, size, &bytes)) {
        return NULL;
    }
    return prefer_large_pages(realloc(old, bytes), bytes);
}

void *lrp_calloc_aligned(size_t count, size_t size)
{
    size_t bytes = 0;
    if (!lrp_multiply_size(count == 0 ? 1 : count, size, &bytes) || bytes > SIZE_MAX - 63) {
        return NULL;
    }
    bytes = (bytes + 63) & ~(size_t)63; /* aligned_alloc wants a multiple of the alignment */
    void *block = aligned_alloc(64, bytes);
    if (block != NULL) {
        memset(block, 0, bytes);
    }
    return block;
}

char *lrp_strdup(const char *text)
{
    size_t bytes = strlen(text) + 1;
    char *copy = malloc(bytes);
    if (copy != NULL) {
        memcpy(copy, text, bytes);
    }
    return copy;
}

enum lrp_status lrp_grow_array(void **array, size_t count, size_t *capacity, size_t size,
                               size_t maximum, struct lrp_error *err)
{
    if (count < *capacity) {
        return LRP_OK;
    }
    if (*capacity >= maximum) {
        return lrp_fail(err, LRP_E_LIMIT, 0, "more than %zu entries, the limit here", maximum);
    }
    size_t wanted = *capacity < 8 ? 8 : *capacity * 2;
    if (wanted > maximum || wanted < *capacity) {
        wanted = maximum;
    }
    void *bigger = lrp_realloc_array(*array, wanted, size);
    if (bigger == NULL) {
        return lrp_fail_memory(err, wanted * size);
    }
    *array = bigger;
    *capacity = wanted;
    return LRP_OK;
}
