/* SPDX-License-Identifier: MIT */
#ifndef LRP_BASE_SUGGEST_H
#define LRP_BASE_SUGGEST_H

#include "status.h"

#include <stddef.h>

/* The name that a mistyped word was meant to be: at most two edits away (one for words of up to
 * four letters), the nearest; else the only one that begins so. Small and large letters are the
 * same. NULL if there is none. */
const char *lrp_nearest_name(const char *given, const char *const *names, size_t n_names);

/* LRP_E_ARG: `WHAT "GIVEN"; did you mean x?` where a name is near to the given word of length
 * bytes, else `WHAT "GIVEN"; HAS a, b, c`. */
enum lrp_status lrp_fail_unknown(const char *what, const char *given, size_t length,
                                 const char *const *names, size_t n_names, const char *has,
                                 struct lrp_error *err);

/* Words to choose from, as "a|b|c": the index of a word of length bytes, -1 if it is not there...
 */
int lrp_word_index(const char *words, const char *word, size_t length);
/* ... and the word of an index that is there: not ended by a NUL, *length bytes. */
const char *lrp_word_at(const char *words, size_t index, size_t *length);
#endif
