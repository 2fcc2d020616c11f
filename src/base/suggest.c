/* SPDX-License-Identifier: MIT */
#include "suggest.h"

#include <string.h>

enum { WORD_MOST = 40 };

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Levenshtein distance of words of at most WORD_MOST bytes. */
static size_t edits(const char *a, const char *b)
{
    size_t row[WORD_MOST + 1];
    size_t length_a = strlen(a);
    size_t length_b = strlen(b);
    if (length_a > WORD_MOST || length_b > WORD_MOST) {
        return WORD_MOST;
    }
    for (size_t j = 0; j <= length_b; j++) {
        row[j] = j;
    }
    for (size_t i = 1; i <= length_a; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= length_b; j++) {
            size_t change = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = least(change, least(row[j] + 1, row[j - 1] + 1));
        }
    }
    return row[length_b];
}

const char *lrp_nearest_name(const char *given, const char *const *names, size_t n_names)
{
    size_t allowed = strlen(given) <= 4 ? 1 : 2;
    const char *nearest = NULL;
    for (size_t i = 0; i < n_names; i++) {
        size_t distance = edits(given, names[i]);
        if (distance <= allowed) {
            nearest = names[i];
            allowed = distance > 0 ? distance - 1 : 0;
            if (distance == 0) {
                break;
            }
        }
    }
    return nearest;
}

int lrp_word_index(const char *words, const char *word, size_t length)
{
    int index = 0;
    for (const char *at = words; *at != '\0'; index++) {
        size_t own = strcspn(at, "|");
        if (own == length && strncmp(at, word, length) == 0) {
            return index;
        }
        at += own + (at[own] == '|' ? 1 : 0);
    }
    return -1;
}

const char *lrp_word_at(const char *words, size_t index, size_t *length)
{
    for (; index > 0; index--) {
        words += strcspn(words, "|") + 1;
    }
    *length = strcspn(words, "|");
    return words;
}
