/* SPDX-License-Identifier: MIT */
#include "names.h"

#include "aliases.h"
#include "loss_names.h"
#include "name_words.h"
#include "nameless_table.h"
#include "rates.h"
#include "record_change.h"
#include "text.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { SHOWN = 60 };

static enum lrp_status note_taken(struct lrp_record *record, const char *what, const char *name,
                                  const char *reason, struct lrp_error *err)
{
    return lrp_record_add_note(record, err, "%s is taken as %s%s; --map %s=NAME takes another one",
                               what, name, reason, name);
}

static const char *reason_of(enum lrp_loss_way way)
{
    switch (way) {
    case LRP_LOSS_GENERATOR:
        return " (the generator's; the discriminator's does not say how the training goes)";
    case LRP_LOSS_CRITIC:
        return " (the critic's; the actor's does not say how the training goes)";
    case LRP_LOSS_SUM:
        return " (the parts of a sum that was not logged)";
    case LRP_LOSS_LONGEST:
        return " (several could be it; this one has the most values)";
    default:
        return "";
    }
}

static enum lrp_status take(struct lrp_record *record, const struct lrp_loss_columns *found,
                            const char *name, struct lrp_error *err)
{
    struct lrp_text text;
    lrp_text_init(&text, 4096);
    for (size_t i = 0; i < found->n; i++) {
        lrp_text_printf(&text, "%s%.*s", i > 0 ? " + " : "", found->n > 1 ? SHOWN / 2 : SHOWN,
                        lrp_record_column_name(record, found->columns[i]));
    }
    enum lrp_status status = LRP_OK;
    if (found->way != LRP_LOSS_PLAIN) {
        status = note_taken(record, lrp_text_string(&text), name, reason_of(found->way), err);
    }
    if (status == LRP_OK && found->n > 1) {
        status = lrp_record_set_former_name(record, name, lrp_text_string(&text), text.length, err);
    }
    lrp_text_fini(&text);
    if (status != LRP_OK) {
        return status;
    }
    return found->n > 1 ? lrp_record_sum_columns(record, found->columns, found->n, name, err)
                        : lrp_record_rename_column(record, found->columns[0], name, err);
}

/* A loss in a few rows only, beside one that is just as plain in many more: that one is it. */
static enum lrp_status prefer_longer(struct lrp_record *record, const char *name, bool validation,
                                     struct lrp_error *err)
{
    struct lrp_loss_columns found;
    size_t column = lrp_record_find_column(record, name);
    lrp_find_loss(record, validation, true, &found);
    if (found.way != LRP_LOSS_PLAIN ||
        2 * lrp_count_cells(record, column) >= lrp_count_cells(record, found.columns[0])) {
        return LRP_OK;
    }
    char other[LRP_COLUMN_NAME_MOST + 1];
    const char *former = lrp_record_former_name(record, column);
    bool is_free = former != NULL && lrp_record_find_column(record, former) == LRP_NO_COLUMN;
    (void)snprintf(other, sizeof other, "%s%s", is_free ? former : name, is_free ? "" : " (few)");
    LRP_TRY(lrp_record_rename_column(record, column, other, err));
    return take(record, &found, name, err);
}

/* XGBoost's and LightGBM's fit() calls the sets that it was given validation_0, validation_1: by
 * custom the training data and the validation data. The column of the first, where there is a
 * second. */
static size_t find_first_set(const struct lrp_record *record)
{
    static const char first[] = "validation_0";
    size_t found = LRP_NO_COLUMN;
    for (size_t c = 0; c < lrp_record_columns(record); c++) {
        const char *name = lrp_record_column_name(record, c);
        char second[LRP_COLUMN_NAME_MOST + 1];
        if (strncmp(name, first, sizeof first - 1) != 0 || !lrp_names_a_measure(name)) {
            continue;
        }
        (void)snprintf(second, sizeof second, "validation_1%s", name + sizeof first - 1);
        bool paired = lrp_record_find_column(record, second) != LRP_NO_COLUMN;
        if (paired && (found == LRP_NO_COLUMN || lrp_names_a_loss(name))) {
            found = c;
        }
    }
    return found;
}

static enum lrp_status settle_loss(struct lrp_record *record, bool validation, bool chosen,
                                   bool *measured, struct lrp_error *err)
{
    const char *name = validation ? "val_loss" : "loss";
    struct lrp_loss_columns found;
    size_t column = lrp_record_find_column(record, name);
    if (column != LRP_NO_COLUMN && lrp_count_cells(record, column) > 0) {
        return chosen ? LRP_OK : prefer_longer(record, name, validation, err);
    }
    if (column != LRP_NO_COLUMN) {
        return LRP_OK;
    }
    lrp_find_loss(record, validation, validation && !*measured, &found);
    if (!validation && found.n == 0 && find_first_set(record) != LRP_NO_COLUMN) {
        found = (struct lrp_loss_columns){LRP_LOSS_MEASURE, {find_first_set(record)}, 1};
    }
    *measured = found.way == LRP_LOSS_MEASURE || found.way == LRP_LOSS_SIDE || found.n == 0;
    return found.n > 0 ? take(record, &found, name, err) : LRP_OK;
}

/* ---- positions ----------------------------------------------------------------------------- */

/* "total/steps", "current_steps", "TotalEnvInteracts". */
static bool counts_steps(const char *name)
{
    static const char *const counts[] = {
        "step",     "steps",     "iter",   "iters",   "iteration", "iterations", "itr",
        "timestep", "timesteps", "update", "updates", "frames",    "interacts",  NULL};
    static const char *const places[] = {"total",    "global",   "current", "cur",   "env",
                                         "num",      "n",        "trainer", "time",  "train",
                                         "misc",     "the",      "of",      "optim", "optimizer",
                                         "training", "agent",    "learner", "count", "policy",
                                         "charts",   "gradient", "grad",    "batch", NULL};
    struct lrp_name_words words;
    bool counts_any = false;
    lrp_split_name(name, true, &words);
    for (int i = 0; i < words.n; i++) {
        bool is_count = lrp_is_one_of(words.list[i], counts);
        if (!is_count && !lrp_is_one_of(words.list[i], places)) {
            return false;
        }
        counts_any = counts_any || is_count;
    }
    return counts_any;
}

/* Whole numbers that rise more often than they fall (of two writers one may lag behind): not the
 * number that is planned. */
static bool is_rising_count(const struct lrp_record *record, size_t column)
{
    const double *values = lrp_record_values(record, column);
    double before = (double)NAN;
    size_t n = 0;
    size_t rises = 0;
    size_t falls = 0;
    for (size_t row = 0; row < lrp_record_rows(record); row++) {
        if (!isfinite(values[row])) {
            continue;
        }
        if (values[row] != floor(values[row]) || values[row] < 0) {
            return false;
        }
        n++;
        rises += values[row] > before ? 1 : 0;
        falls += values[row] < before ? 1 : 0;
        before = values[row];
    }
    return n > 1 && rises > 0 && 2 * falls <= n;
}

static enum lrp_status settle_step(struct lrp_record *record, struct lrp_error *err)
{
    size_t step = lrp_record_find_column(record, "step");
    for (size_t c = 0; c < lrp_record_columns(record) && step == LRP_NO_COLUMN; c++) {
        if (counts_steps(lrp_record_column_name(record, c)) && is_rising_count(record, c)) {
            return lrp_record_rename_column(record, c, "step", err);
        }
    }
    return LRP_OK;
}

/* A table without names: the first column if it counts, and the only other one. */
static enum lrp_status settle_nameless(struct lrp_record *record, struct lrp_error *err)
{
    size_t n = lrp_record_columns(record);
    bool made_up = n > 0 && n < 3;
    for (size_t c = 0; c < n && made_up; c++) {
        made_up = lrp_is_made_up_name(lrp_record_column_name(record, c));
    }
    if (!made_up || (n == 2 && !is_rising_count(record, 0))) {
        return LRP_OK;
    }
    if (n == 2) {
        LRP_TRY(lrp_record_rename_column(record, 0, "step", err));
    }
    LRP_TRY(lrp_record_add_note(record, err,
                                "the table has no names: its %s taken as the loss; --map "
                                "NEW=\"column %zu\" takes it as something else",
                                n == 2 ? "second column is" : "only column is", n));
    return lrp_record_rename_column(record, n - 1, "loss", err);
}

/* ---- accuracies ---------------------------------------------------------------------------- */

static enum lrp_status settle_accuracy(struct lrp_record *record, bool validation,
                                       struct lrp_error *err)
{
    const char *name = validation ? "val_accuracy" : "accuracy";
    size_t found = LRP_NO_COLUMN;
    if (lrp_record_find_column(record, name) != LRP_NO_COLUMN) {
        return LRP_OK;
    }
    for (size_t c = 0; c < lrp_record_columns(record) && found == LRP_NO_COLUMN; c++) {
        const char *other = lrp_record_column_name(record, c);
        bool wanted = strcmp(other, "accuracy") != 0 && lrp_is_plain_accuracy(other) &&
                      (lrp_side_of(other) == LRP_SIDE_VALIDATION) == validation;
        found = wanted && lrp_count_cells(record, c) > 0 ? c : found;
    }
    return found != LRP_NO_COLUMN ? lrp_record_rename_column(record, found, name, err) : LRP_OK;
}

/* An accuracy of data that its name does not say, in rows of their own beside those of the training
 * loss, is the validation's (mmengine, one row an epoch). */
static enum lrp_status move_accuracy(struct lrp_record *record, struct lrp_error *err)
{
    size_t column = lrp_record_find_column(record, "accuracy");
    size_t loss = lrp_record_find_column(record, "loss");
    size_t alone = 0;
    size_t losses = 0;
    if (column == LRP_NO_COLUMN || loss == LRP_NO_COLUMN ||
        lrp_record_find_column(record, "val_accuracy") != LRP_NO_COLUMN) {
        return LRP_OK;
    }
    const char *former = lrp_record_former_name(record, column);
    if (former != NULL && lrp_side_of(former) == LRP_SIDE_TRAINING) {
        return LRP_OK;
    }
    for (size_t row = 0; row < lrp_record_rows(record); row++) {
        bool has = lrp_record_present(record, column, row) != 0;
        bool trains = lrp_record_present(record, loss, row) != 0;
        if (has && trains) {
            return LRP_OK;
        }
        alone += has ? 1 : 0;
        losses += trains ? 1 : 0;
    }
    return alone > 1 && losses > 1 ? lrp_record_rename_column(record, column, "val_accuracy", err)
                                   : LRP_OK;
}

/* Without the words for data both are called the same, and so have one unit. */
static bool are_alike_but_side(const struct lrp_record *record, size_t a, size_t b)
{
    const char *names[2] = {lrp_record_former_name(record, a), lrp_record_former_name(record, b)};
    const size_t columns[2] = {a, b};
    struct lrp_name_words words[2];
    for (int i = 0; i < 2; i++) {
        names[i] = names[i] != NULL ? names[i] : lrp_record_column_name(record, columns[i]);
        lrp_split_name(names[i], true, &words[i]);
        int kept = 0;
        for (int w = 0; w < words[i].n; w++) {
            if (lrp_side_of(words[i].list[w]) == LRP_SIDE_UNKNOWN) {
                memmove(words[i].list[kept], words[i].list[w], sizeof words[i].list[w]);
                kept++;
            }
        }
        words[i].n = kept;
    }
    bool alike = words[0].n == words[1].n;
    for (int w = 0; w < words[0].n && alike; w++) {
        alike = strcmp(words[0].list[w], words[1].list[w]) == 0;
    }
    return alike;
}

static enum lrp_status settle_percent(struct lrp_record *record, struct lrp_error *err)
{
    size_t training = lrp_record_find_column(record, "accuracy");
    size_t validation = lrp_record_find_column(record, "val_accuracy");
    bool alike = training != LRP_NO_COLUMN && validation != LRP_NO_COLUMN &&
                 are_alike_but_side(record, training, validation);
    LRP_TRY(lrp_record_share_of_percent(record, "accuracy", alike ? "val_accuracy" : NULL, err));
    return alike ? LRP_OK : lrp_record_share_of_percent(record, "val_accuracy", NULL, err);
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

enum lrp_status lrp_settle_names(struct lrp_record *record, const struct lrp_chosen_names *chosen,
                                 struct lrp_error *err)
{
    bool measured = false;
    LRP_TRY(settle_nameless(record, err));
    LRP_TRY(settle_step(record, err));
    LRP_TRY(lrp_settle_rate(record, chosen->rate, err));
    LRP_TRY(settle_loss(record, false, chosen->loss, &measured, err));
    LRP_TRY(settle_loss(record, true, chosen->val_loss, &measured, err));
    LRP_TRY(settle_accuracy(record, false, err));
    LRP_TRY(settle_accuracy(record, true, err));
    LRP_TRY(move_accuracy(record, err));
    return settle_percent(record, err);
}
