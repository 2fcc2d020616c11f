/* SPDX-License-Identifier: MIT */
#include "names.h"

#include "aliases.h"
#include "rates.h"
#include "record_change.h"
#include "text.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { SHOWN = 60, PARTS_MOST = 16 };

/* Whether a column's name has that word, between signs or the ends: "box_loss" has "loss". */
static bool has_word(const char *name, const char *word)
{
    size_t length = strlen(word);
    for (const char *at = name; *at != '\0'; at++) {
        bool begins = at == name || !isalnum((unsigned char)at[-1]);
        if (begins && strncasecmp(at, word, length) == 0 && !isalnum((unsigned char)at[length])) {
            return true;
        }
    }
    return false;
}

static bool has_any(const char *name, const char *const *words)
{
    for (; *words != NULL; words++) {
        if (has_word(name, *words)) {
            return true;
        }
    }
    return false;
}

static bool is_validation(const char *name)
{
    static const char *const words[] = {"val",        "valid", "validation", "eval",
                                        "evaluation", "test",  "dev",        NULL};
    return has_any(name, words);
}

static bool is_training(const char *name)
{
    static const char *const words[] = {"train", "training", "tr", NULL};
    return has_any(name, words);
}

/* "loss" as a word or a part of one, but not what is only about the loss. */
static bool is_loss(const char *name)
{
    static const char *const others[] = {"scale", "scaler", "weight", "coef", "best", "min", NULL};
    return strcasestr(name, "loss") != NULL && !has_any(name, others);
}

static bool has_numbers(const struct lrp_record *record, size_t column)
{
    for (size_t row = 0; row < lrp_record_rows(record); row++) {
        if (lrp_record_present(record, column, row) != 0) {
            return true;
        }
    }
    return false;
}

static bool is_there(const struct lrp_record *record, const char *name)
{
    size_t column = lrp_record_find_column(record, name);
    return column != LRP_NO_COLUMN && has_numbers(record, column);
}

static enum lrp_status note_taken(struct lrp_record *record, const char *what, const char *name,
                                  struct lrp_error *err)
{
    return lrp_record_add_note(record, err, "%s is taken as %s; --map %s=NAME takes another one",
                               what, name, name);
}

static enum lrp_status take(struct lrp_record *record, size_t column, const char *name,
                            struct lrp_error *err)
{
    char shown[SHOWN + 1];
    (void)snprintf(shown, sizeof shown, "%s", lrp_record_column_name(record, column));
    LRP_TRY(note_taken(record, shown, name, err));
    return lrp_record_rename_column(record, column, name, err);
}

/* The columns that may be parts of the loss of one side: "train/box_loss", "val/cls_loss". */
static size_t find_parts(const struct lrp_record *record, bool validation, size_t *parts)
{
    size_t n = 0;
    for (size_t c = 0; c < lrp_record_columns(record) && n < PARTS_MOST; c++) {
        const char *name = lrp_record_column_name(record, c);
        size_t length = strlen(name);
        bool side = strncmp(name, validation ? "val/" : "train/", validation ? 4 : 6) == 0;
        if (side && length > 5 && strcmp(name + length - 5, "_loss") == 0 &&
            has_numbers(record, c)) {
            parts[n] = c;
            n++;
        }
    }
    return n;
}

static enum lrp_status sum_parts(struct lrp_record *record, const size_t *parts, size_t n,
                                 const char *name, struct lrp_error *err)
{
    struct lrp_text text;
    lrp_text_init(&text, 1024);
    for (size_t i = 0; i < n; i++) {
        lrp_text_printf(&text, "%s%.*s", i > 0 ? " + " : "", SHOWN / 2,
                        lrp_record_column_name(record, parts[i]));
    }
    enum lrp_status status = note_taken(record, lrp_text_string(&text), name, err);
    lrp_text_fini(&text);
    return status == LRP_OK ? lrp_record_sum_columns(record, parts, n, name, err) : status;
}

/* The one column of that side with "loss" in its name; *several is set where there are more. */
static size_t find_loss(const struct lrp_record *record, bool validation, bool *several)
{
    size_t found = LRP_NO_COLUMN;
    bool found_training = false;
    *several = false;
    for (size_t c = 0; c < lrp_record_columns(record); c++) {
        const char *name = lrp_record_column_name(record, c);
        bool training = is_training(name);
        if (!is_loss(name) || is_validation(name) != validation || !has_numbers(record, c) ||
            strcmp(name, validation ? "val_loss" : "loss") == 0) {
            continue;
        }
        if (found == LRP_NO_COLUMN || (training && !found_training)) {
            *several = false; /* one that says it is of the training goes before the others */
            found = c;
            found_training = training;
        } else if (training == found_training) {
            *several = true;
        }
    }
    return found;
}

/* A measure that falls as a loss does. */
static size_t find_measure(const struct lrp_record *record, bool validation)
{
    static const char *const measures[] = {
        "nll",   "objective", "cost", "cross-entropy", "cross_entropy", "crossentropy", "xent",
        "ce",    "logloss",   "l2",   "rmse",          "mse",           "mae",          "l1",
        "error", "err",       "ppl",  "perplexity"};
    for (size_t m = 0; m < sizeof measures / sizeof measures[0]; m++) {
        size_t found = LRP_NO_COLUMN;
        for (size_t c = 0; c < lrp_record_columns(record); c++) {
            const char *name = lrp_record_column_name(record, c);
            if (has_word(name, measures[m]) && is_validation(name) == validation &&
                has_numbers(record, c) && (found == LRP_NO_COLUMN || is_training(name))) {
                found = c;
            }
        }
        if (found != LRP_NO_COLUMN) {
            return found;
        }
    }
    return LRP_NO_COLUMN;
}

static enum lrp_status settle_loss(struct lrp_record *record, bool validation,
                                   struct lrp_error *err)
{
    const char *name = validation ? "val_loss" : "loss";
    size_t parts[PARTS_MOST];
    bool several = false;
    if (lrp_record_find_column(record, name) != LRP_NO_COLUMN) {
        return LRP_OK;
    }
    if (!validation && is_there(record, "loss_epoch")) {
        return take(record, lrp_record_find_column(record, "loss_epoch"), name, err);
    }
    size_t n = find_parts(record, validation, parts);
    if (n > 1) {
        return sum_parts(record, parts, n, name, err);
    }
    size_t column = n == 1 ? parts[0] : find_loss(record, validation, &several);
    if (column == LRP_NO_COLUMN) {
        column = find_measure(record, validation);
    }
    if (several) {
        return lrp_record_add_note(
            record, err, "several columns could be %s, %.*s among them; --map %s=NAME says which",
            name, SHOWN, lrp_record_column_name(record, column), name);
    }
    return column != LRP_NO_COLUMN ? take(record, column, name, err) : LRP_OK;
}

/* Signs are alike, capitals and small letters too: "Val Dice" is val_dice. */
static bool is_alike(const char *a, const char *b)
{
    while (*a != '\0' && *b != '\0') {
        bool signs = !isalnum((unsigned char)*a) && !isalnum((unsigned char)*b) &&
                     (unsigned char)*a < 0x80 && (unsigned char)*b < 0x80;
        if (!signs && tolower((unsigned char)*a) != tolower((unsigned char)*b)) {
            return false;
        }
        a++;
        b++;
    }
    return *a == *b;
}

size_t lrp_find_named_column(const struct lrp_record *record, const char *name)
{
    char canonical[LRP_COLUMN_NAME_MOST + 1];
    size_t found = lrp_record_find_column(record, name);
    for (size_t c = 0; c < lrp_record_columns(record) && found == LRP_NO_COLUMN; c++) {
        const char *former = lrp_record_former_name(record, c);
        found = former != NULL && is_alike(former, name) ? c : found;
    }
    for (size_t c = 0; c < lrp_record_columns(record) && found == LRP_NO_COLUMN; c++) {
        found = is_alike(lrp_record_column_name(record, c), name) ? c : found;
    }
    if (found == LRP_NO_COLUMN) {
        lrp_canonical_column(name, strlen(name), canonical);
        found = lrp_record_find_column(record, canonical);
    }
    return found;
}

enum lrp_status lrp_settle_names(struct lrp_record *record, bool rate_chosen, struct lrp_error *err)
{
    LRP_TRY(lrp_record_share_of_percent(record, "accuracy", err));
    LRP_TRY(lrp_record_share_of_percent(record, "val_accuracy", err));
    LRP_TRY(lrp_settle_rate(record, rate_chosen, err));
    LRP_TRY(settle_loss(record, false, err));
    return settle_loss(record, true, err);
}
