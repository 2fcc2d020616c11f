/* SPDX-License-Identifier: MIT */
#include "name_words.h"

#include <ctype.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* Words of other languages. */
static const char *canonical_word(const char *word)
{
    static const char *const loss[] = {"verlust", "perte",          "perda",
                                       "perdida", "p\xc3\xa9rdida", NULL};
    static const char *const accuracy[] = {"genauigkeit", "exactitude", NULL};
    return lrp_is_one_of(word, loss) ? "loss" : lrp_is_one_of(word, accuracy) ? "accuracy" : word;
}

static void put_word(struct lrp_name_words *words, const char *word, size_t length)
{
    char plain[LRP_NAME_WORD_MOST + 1];
    if (words->n < LRP_NAME_WORDS_MOST) {
        memcpy(plain, word, length);
        plain[length] = '\0';
        (void)snprintf(words->list[words->n], sizeof words->list[0], "%s", canonical_word(plain));
        words->n++;
    }
}

/* "trainloss", "valacc", "Trainingsverlust": two words without a sign between them. */
static void add_word(struct lrp_name_words *words, const char *word)
{
    static const char *const sides[] = {"trainings",  "training", "train", "validierungs",
                                        "validation", "valid",    "val",   "testing",
                                        "test",       "eval",     "dev",   NULL};
    static const char *const measures[] = {
        "loss", "losses", "acc",  "accuracy", "err", "error",   "nll",         "ppl", "perplexity",
        "mse",  "mae",    "rmse", "f1",       "auc", "verlust", "genauigkeit", NULL};
    for (size_t i = 0; sides[i] != NULL; i++) {
        size_t length = strlen(sides[i]);
        if (strncmp(word, sides[i], length) == 0 && lrp_is_one_of(word + length, measures)) {
            bool german = strncmp(word, "validierungs", length) == 0;
            bool linked = sides[i][length - 1] == 's'; /* "Trainings-" */
            put_word(words, german ? "validation" : word, german ? 10 : length - (linked ? 1 : 0));
            put_word(words, word + length, strlen(word + length));
            return;
        }
    }
    put_word(words, word, strlen(word));
}

void lrp_split_name(const char *name, bool capitals, struct lrp_name_words *words)
{
    words->n = 0;
    while (*name != '\0' && words->n < LRP_NAME_WORDS_MOST) {
        char word[LRP_NAME_WORD_MOST + 1];
        size_t length = 0;
        bool small = false;
        for (; (unsigned char)*name >= 0x80 || isalnum((unsigned char)*name); name++) {
            if (capitals && small && isupper((unsigned char)*name)) {
                break;
            }
            small = islower((unsigned char)*name) || isdigit((unsigned char)*name);
            if (length < LRP_NAME_WORD_MOST) {
                word[length] = (char)tolower((unsigned char)*name);
                length++;
            }
        }
        word[length] = '\0';
        if (length > 0) {
            add_word(words, word);
        }
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
