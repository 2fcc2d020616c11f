/* SPDX-License-Identifier: MIT */
/* Checked memory. Every size product goes through here; ordinary free() ends what these give. */
#ifndef LRP_BASE_ALLOC_H
#define LRP_BASE_ALLOC_H

#include "status.h"

#include <stdbool.h>

/* *out = a * b; false (and *out untouched) on overflow. */
bool lrp_multiply_size(size_t a, size_t b, size_t *out);
/* count zeroed elements of size bytes each, NULL on overflow or when memory is short. A count of 0
 * gives a valid pointer. */
void *lrp_calloc_array(size_t count, size_t size);
/* Resize to count elements; NULL (and the old block kept) on failure. New elements are not cleared.
 */
void *lrp_realloc_array(void *old, size_t count, size_t size);
/* Zeroed elements aligned to 64 bytes, for vector code. */
void *lrp_calloc_aligned(size_t count, size_t size);
/* Heap copy of a string, NULL when memory is short. */
char *lrp_strdup(const char *text);
/* Make room for one more element in a growing array: doubles *capacity up to maximum.
 * LRP_E_LIMIT at the maximum, LRP_E_NOMEM. */
enum lrp_status lrp_grow_array(void **array, size_t count, size_t *capacity, size_t size,
                               size_t maximum, struct lrp_error *err);
#endif
