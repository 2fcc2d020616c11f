/* SPDX-License-Identifier: MIT */
/* The words of a column's name: "Val/mean_maskLoss" is val, mean, mask, loss. */
#ifndef LRP_SERIES_NAME_WORDS_H
#define LRP_SERIES_NAME_WORDS_H

#include <stdbool.h>

enum { LRP_NAME_WORDS_MOST = 16, LRP_NAME_WORD_MOST = 24 };
struct lrp_name_words {
    char list[LRP_NAME_WORDS_MOST][LRP_NAME_WORD_MOST + 1]; /* in small letters, cut */
    int n;
};

/* Signs and a capital after a small letter begin a word, as does what is measured behind the name
 * of a set ("trainloss"); digits stay with their letters ("top1"). Words of other languages for the
 * loss and the accuracy are those. */
void lrp_split_name(const char *name, bool capitals, struct lrp_name_words *words);
/* Whether one of the words of a list, which ends with NULL, is that one. */
bool lrp_is_one_of(const char *word, const char *const *list);
/* Whether some word of a name is in the list. */
bool lrp_has_word_of(const struct lrp_name_words *words, const char *const *list);
#endif
