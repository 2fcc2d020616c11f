/* SPDX-License-Identifier: MIT */
#include "name_words.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>

void lrp_split_name(const char *name, bool capitals, struct lrp_name_words *words)
{
    words->n = 0;
    while (*name != '\0' && words->n < LRP_NAME_WORDS_MOST) {
        int length = 0;
        bool small = false;
        for (; (unsigned char)*name >= 0x80 || isalnum((unsigned char)*name); name++) {
            if (capitals && small && isupper((unsigned char)*name)) {
                break;
            }
            small = islower((unsigned char)*name) || isdigit((unsigned char)*name);
            if (length < LRP_NAME_WORD_MOST) {
                words->list[words->n][length] = (char)tolower((unsigned char)*name);
                length++;
            }
        }
        words->list[words->n][length] = '\0';
        words->n += length > 0 ? 1 : 0;
        name += *name != '\0' && length == 0 ? 1 : 0;
    }
}

bool lrp_is_one_of(const char *word, const char *const *list)
{
    while (*list != NULL && strcmp(*list, word) != 0) {
        list++;
    }
    return *list != NULL;
}

bool lrp_has_word_of(const struct lrp_name_words *words, const char *const *list)
{
    for (int i = 0; i < words->n; i++) {
        if (lrp_is_one_of(words->list[i], list)) {
            return true;
        }
    }
    return false;
}
