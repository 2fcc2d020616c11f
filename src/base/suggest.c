/* SPDX-License-Identifier: MIT */
#include "suggest.h"

#include "text.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

enum { WORD_MOST = 40, PREFIX_LEAST = 3, MESSAGE_MOST = 600 };

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Levenshtein distance of words of at most WORD_MOST bytes; small and large letters are the same.
 */
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
            bool same = tolower((unsigned char)a[i - 1]) == tolower((unsigned char)b[j - 1]);
            size_t change = diagonal + (same ? 0 : 1);
            diagonal = row[j];
            row[j] = least(change, least(row[j] + 1, row[j - 1] + 1));
        }
    }
    return row[length_b];
}

/* The one name that begins with the word; NULL if there are none or several. */
static const char *only_with_beginning(const char *given, const char *const *names, size_t n_names)
{
    const char *found = NULL;
    size_t n = 0;
    for (size_t i = 0; i < n_names && strlen(given) >= PREFIX_LEAST; i++) {
        if (strncasecmp(given, names[i], strlen(given)) == 0) {
            found = names[i];
            n++;
        }
    }
    return n == 1 ? found : NULL;
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
    return nearest != NULL ? nearest : only_with_beginning(given, names, n_names);
}

enum lrp_status lrp_fail_unknown(const char *what, const char *given, size_t length,
                                 const char *const *names, size_t n_names, const char *has,
                                 struct lrp_error *err)
{
    struct lrp_text message;
    char word[WORD_MOST + 1];
    length = least(length, WORD_MOST);
    memcpy(word, given, length);
    word[length] = '\0';
    lrp_text_init(&message, MESSAGE_MOST);
    lrp_text_printf(&message, "%s \"", what);
    lrp_text_append_clean(&message, word, length);
    const char *near = lrp_nearest_name(word, names, n_names);
    if (near != NULL) {
        lrp_text_printf(&message, "\"; did you mean %s?", near);
    } else {
        lrp_text_printf(&message, "\"; %s ", has);
        for (size_t i = 0; i < n_names; i++) {
            lrp_text_printf(&message, "%s%s", i == 0 ? "" : ", ", names[i]);
        }
    }
    enum lrp_status status = lrp_fail(err, LRP_E_ARG, 0, "%s", lrp_text_string(&message));
    lrp_text_fini(&message);
    return status;
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
