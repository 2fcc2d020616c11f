/* SPDX-License-Identifier: MIT */
/* What the names before the numbers of a printed line mean. */
#ifndef LRP_LOGS_TEXT_NAMES_H
#define LRP_LOGS_TEXT_NAMES_H

#include "rows.h"

/* In the order of what makes a line one of a training: a later kind says more. */
enum lrp_text_kind {
    LRP_TEXT_NOTHING,  /* a line of a source file, "train.py:120": no value at all */
    LRP_TEXT_OTHER,    /* a name that means nothing here */
    LRP_TEXT_KNOWN,    /* a column of ours that is no metric, a rate, a column of a map */
    LRP_TEXT_POSITION, /* step, epoch, batch */
    LRP_TEXT_SCORE,    /* what rises where training goes well */
    LRP_TEXT_MEASURE,  /* what falls as a loss does, or one loss among others */
    LRP_TEXT_LOSS
};
/* The data that a value was measured on. */
enum lrp_text_side {
    LRP_TEXT_SIDE_NONE,
    LRP_TEXT_SIDE_TRAINING,
    LRP_TEXT_SIDE_VALIDATION,
    LRP_TEXT_SIDE_TEST
};
struct lrp_text_name {
    char *text; /* as the line has it */
    size_t length;
    size_t skip; /* bytes of words in front that say nothing: "INFO root epoch" is an epoch */
    char column[LRP_COLUMN_NAME_MOST + 1]; /* ours, without "val_"; else as the line has it */
    enum lrp_text_kind kind;
    enum lrp_text_side side;
    int detour;   /* 0 it is our word, 1 without filling words, 2 without the words in front */
    bool carries; /* its word for a side stands apart, "val loss": it holds for what follows too */
    bool only_side; /* nothing but its word for a side: "train 10.9" */
    bool changes;   /* "Change learning rate to" */
    bool best;      /* of the best step so far: no measurement of its own */
    bool mapped;    /* a map of the user's names it */
};

struct lrp_text_names;
/* hints are borrowed. */
enum lrp_status lrp_text_names_new(const struct lrp_log_hints *hints, struct lrp_text_names **out,
                                   struct lrp_error *err);
void lrp_text_names_free(struct lrp_text_names *names);
/* The meaning of a name, looked up once for each spelling; borrowed until free. NULL where memory
 * is short, or where there are more spellings than are kept. */
const struct lrp_text_name *lrp_text_names_find(struct lrp_text_names *names, const char *text,
                                                size_t length);
/* Whether memory was short. */
bool lrp_text_names_failed(const struct lrp_text_names *names);
/* What a name is, without keeping it. */
enum lrp_text_kind lrp_text_kind_of(const struct lrp_text_names *names, const char *text,
                                    size_t length);
/* The last word for a side in a text, LRP_TEXT_SIDE_NONE where there is none; *best is set where
 * the text speaks of the best, and left alone elsewhere. */
enum lrp_text_side lrp_text_side_of(const char *text, size_t length, bool *best);
#endif
