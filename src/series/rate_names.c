/* SPDX-License-Identifier: MIT */
#include "rate_names.h"

#include "aliases.h"
#include "name_words.h"
#include "number.h"

#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

enum { NONE = -1 };

struct words {
    struct lrp_name_words of;
    int rate; /* the last one that is a rate */
};

/* Words that stand before or after "lr" where it is the rate of the training and no more. */
static const char *const places[] = {
    "train", "training", "tr",        "trn",   "trainer", "metrics", "current",   "cur",
    "last",  "latest",   "optimizer", "optim", "opt",     "charts",  "scheduler", "global",
    "epoch", "step",     "batch",     "iter",  "params",  "config",  "hparams",   NULL};
/* Words with which it is another thing. */
static const char *const other_before[] = {
    "min",      "max",    "base", "initial", "init",       "start",  "starting", "end",
    "final",    "target", "best", "peak",    "suggested",  "warmup", "loss",     "acc",
    "scale",    "scaled", "next", "val",     "validation", "eval",   "valid",    "test",
    "relative", "delta",  "grad", "norm",    NULL};
static const char *const other_after[] = {
    "scale",     "scaler",   "mult",     "multiplier", "factor", "ratio",       "decay",
    "gamma",     "patience", "warmup",   "find",       "finder", "scheduler",   "schedule",
    "sched",     "type",     "mode",     "policy",     "name",   "loss",        "acc",
    "accuracy",  "norm",     "grad",     "error",      "time",   "steps",       "min",
    "max",       "end",      "start",    "final",      "drop",   "sensitivity", "reductions",
    "reduction", "updates",  "adjusted", "noise",      "range",  "test",        "momentum",
    "weight",    "wd",       "beta",     "beta1",      "beta2",  "betas",       NULL};

/* "lr", "lrs", "lr0" of YOLO, "learningRate". */
static bool is_rate_word(const char *word)
{
    static const char *const spellings[] = {"lr", "lrs", "learningrate", "learningrates", NULL};
    bool numbered = word[0] == 'l' && word[1] == 'r' && word[2] != '\0' &&
                    word[2 + strspn(word + 2, "0123456789")] == '\0';
    return numbered || lrp_is_one_of(word, spellings);
}

/* "learning rate" becomes one word, "log 10" another. */
static void join_words(struct words *words)
{
    int kept = 0;
    for (int i = 0; i < words->of.n; i++) {
        const char *word = words->of.list[i];
        const char *before = kept > 0 ? words->of.list[kept - 1] : "";
        bool learning = strcmp(before, "learning") == 0 || strcmp(before, "learn") == 0;
        if (learning && (strcmp(word, "rate") == 0 || strcmp(word, "rates") == 0)) {
            memcpy(words->of.list[kept - 1], "lr", 3);
        } else if (strcmp(before, "log") == 0 && strcmp(word, "10") == 0) {
            memcpy(words->of.list[kept - 1], "log10", 6);
        } else {
            memmove(words->of.list[kept], word, LRP_NAME_WORD_MOST + 1);
            kept++;
        }
    }
    words->of.n = kept;
    words->rate = NONE;
    for (int i = 0; i < kept; i++) {
        words->rate = is_rate_word(words->of.list[i]) ? i : words->rate;
    }
}

enum lrp_rate_name lrp_rate_name_of(const char *name)
{
    struct words words;
    lrp_split_name(name, false, &words.of);
    join_words(&words);
    if (words.rate == NONE) {
        return LRP_RATE_NAME_NONE;
    }
    enum lrp_rate_name kind = LRP_RATE_NAME_PLAIN;
    enum lrp_rate_name scale = LRP_RATE_NAME_NONE;
    for (int i = 0; i < words.of.n; i++) {
        const char *word = words.of.list[i];
        if (lrp_is_one_of(word, i < words.rate ? other_before : other_after)) {
            return LRP_RATE_NAME_NONE;
        }
        if (strcmp(word, "log10") == 0) {
            scale = LRP_RATE_NAME_LOG10;
        } else if (strcmp(word, "ln") == 0 || strcmp(word, "loge") == 0) {
            scale = LRP_RATE_NAME_LN;
        } else if (strcmp(word, "log") == 0) {
            scale = LRP_RATE_NAME_LOG;
        } else if (i == words.rate ? isdigit((unsigned char)word[strlen(word) - 1]) != 0
                                   : !lrp_is_one_of(word, places)) {
            kind = LRP_RATE_NAME_OWN;
        }
    }
    return scale != LRP_RATE_NAME_NONE ? scale : kind;
}

bool lrp_rate_in_name(const char *name, size_t length, double *rate)
{
    char word[LRP_COLUMN_NAME_MOST + 1];
    size_t at = length;
    while (at > 0 && (isdigit((unsigned char)name[at - 1]) ||
                      (strchr(".eE+-", name[at - 1]) != NULL && at < length))) {
        at--;
    }
    while (at < length && !isdigit((unsigned char)name[at]) && name[at] != '.') {
        at++; /* "rate-0.1": a separator and no sign */
    }
    bool fraction = memchr(name + at, '.', length - at) != NULL ||
                    memchr(name + at, 'e', length - at) != NULL ||
                    memchr(name + at, 'E', length - at) != NULL;
    if (at == 0 || at > LRP_COLUMN_NAME_MOST || !fraction ||
        !lrp_parse_double(name + at, length - at, rate) || !(*rate > 0)) {
        return false;
    }
    memcpy(word, name, at);
    word[at] = '\0';
    return lrp_rate_name_of(word) == LRP_RATE_NAME_PLAIN;
}
