/* SPDX-License-Identifier: MIT */
/* Where the loss does not measure success: returns in reinforcement learning, losses of networks
 * that work against each other. */
#include "run_internal.h"

#include "alloc.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_MOST = 128, SCORE_LEAST = 8 };

/* Words of the name in small letters with one blank around each: "train/Loss_D" is
 * " train loss d ". */
static void words_of(const char *name, char *out)
{
    size_t length = 0;
    out[length++] = ' ';
    for (size_t i = 0; name[i] != '\0' && length + 2 < NAME_MOST; i++) {
        if (isalnum((unsigned char)name[i])) {
            out[length++] = (char)tolower((unsigned char)name[i]);
        } else if (out[length - 1] != ' ') {
            out[length++] = ' ';
        }
    }
    if (out[length - 1] != ' ') {
        out[length++] = ' ';
    }
    out[length] = '\0';
}

static bool has_word_of(const char *words, const char *const *list)
{
    for (size_t i = 0; list[i] != NULL; i++) {
        if (strstr(words, list[i]) != NULL) {
            return true;
        }
    }
    return false;
}

/* The mean return of an episode by the names that Stable-Baselines, Spinning Up, RLlib, CleanRL,
 * OpenAI Baselines and TRL give it: one of the first words, and of what is said with it nothing but
 * some of the others. "rewards/chosen" or "reward_std" are something else. */
static bool is_return(const char *name)
{
    static const char *const heads[] = {
        " return ",    " returns ",      " reward ",           " rew ",
        " eprewmean ", " averageepret ", " averagetestepret ", NULL};
    static const char *const others[] = {
        " ep ",    " episode ", " episodic ", " mean ",   " average ", " avg ",   " rollout ",
        " train ", " eval ",    " test ",     " charts ", " env ",     " total ", NULL};
    char words[NAME_MOST];
    char word[NAME_MOST];
    size_t n_heads = 0;
    words_of(name, words);
    for (size_t begin = 0; words[begin + 1] != '\0';) {
        size_t length = strcspn(words + begin + 1, " ") + 2;
        memcpy(word, words + begin, length);
        word[length] = '\0';
        bool is_head = has_word_of(word, heads);
        if (!is_head && !has_word_of(word, others)) {
            return false;
        }
        n_heads += is_head ? 1 : 0;
        begin += length - 1;
    }
    return n_heads == 1;
}

size_t lrp_run_return_column(const struct lrp_record *record)
{
    for (size_t c = 0; c < lrp_record_columns(record); c++) {
        size_t count = 0;
        if (!is_return(lrp_record_column_name(record, c))) {
            continue;
        }
        for (size_t row = 0; row < lrp_record_rows(record); row++) {
            count += lrp_record_present(record, c, row) != 0 ? 1 : 0;
        }
        if (count >= SCORE_LEAST) {
            return c;
        }
    }
    return LRP_NO_COLUMN;
}

/* Which side of a game a name tells of: bit 1 the one that makes or acts, bit 2 the one that
 * judges.
 */
static unsigned side_of(const char *name)
{
    static const char *const makes[] = {" g ",     " gen ",  " lossg ",  " gloss ",
                                        " actor ", " errg ", " policy ", NULL};
    static const char *const judges[] = {" d ",      " disc ", " lossd ", " dloss ",
                                         " critic ", " errd ", " value ", NULL};
    char words[NAME_MOST];
    words_of(name, words);
    bool is_loss = strstr(words, "loss") != NULL || strstr(words, " err") != NULL;
    bool made = strstr(words, " generator ") != NULL || (is_loss && has_word_of(words, makes));
    bool judged =
        strstr(words, " discriminator ") != NULL || (is_loss && has_word_of(words, judges));
    return (made ? 1U : 0U) | (judged ? 2U : 0U);
}

bool lrp_run_has_opposed_losses(const struct lrp_record *record)
{
    const char *loss = lrp_record_meta(record, "column.loss");
    const char *lr = lrp_record_meta(record, "column.lr");
    unsigned sides = (loss != NULL ? side_of(loss) : 0) | (lr != NULL ? side_of(lr) : 0);
    for (size_t c = 0; c < lrp_record_columns(record); c++) {
        sides |= side_of(lrp_record_column_name(record, c));
    }
    return sides == 3;
}

void lrp_run_turn_return(struct lrp_metric_series *loss)
{
    for (size_t i = 0; i < loss->n; i++) {
        loss->value[i] = -loss->value[i];
        if (loss->low != loss->value) {
            double low = loss->low[i];
            loss->low[i] = -loss->high[i];
            loss->high[i] = -low;
        }
    }
}
