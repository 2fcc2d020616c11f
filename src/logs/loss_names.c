/* SPDX-License-Identifier: MIT */
#include "loss_names.h"

#include "name_words.h"
#include "rate_names.h"

#include <string.h>

static const char *const training_words[] = {"train", "training", "tr", "trn",
                                             "learn", "fit",      NULL};
/* The sets in the order in which one of them is taken for the validation. */
static const char *const validation_sets[][5] = {{"val", "valid", "validation", "vali", NULL},
                                                 {"dev", "heldout", "holdout", NULL},
                                                 {"eval", "evaluation", "ev", NULL},
                                                 {"test", "testing", "tst", NULL}};
enum { SETS = sizeof validation_sets / sizeof validation_sets[0] };
/* Words that say where, when or over what something was measured, not what. */
static const char *const place_words[] = {
    "avg",     "average",  "mean",    "epoch",   "batch",   "step",      "iter",    "iteration",
    "running", "cur",      "current", "total",   "tot",     "sum",       "overall", "all",
    "global",  "metrics",  "metric",  "history", "log",     "logs",      "scalars", "scalar",
    "summary", "charts",   "rollout", "model",   "main",    "final",     "mini",    "minibatch",
    "per",     "on",       "set",     "results", "result",  "curve",     "smooth",  "smoothed",
    "full",    "combined", "stats",   "epochs",  "batches", "objective", "of",      NULL};
static const char *const loss_words[] = {"loss", "losses", NULL};
/* What is only about a loss. */
static const char *const about_words[] = {"scale", "scaler",   "weight", "coef", "best", "min",
                                          "max",   "lowest",   "delta",  "std",  "num",  "var",
                                          "count", "prev",     "target", "lr",   "time", "ratio",
                                          "grad",  "norm",     "lambda", "beta", "rate", "decay",
                                          "stop",  "patience", "median", "last", NULL};
static const char *const accuracy_words[] = {"acc",  "accuracy",   "acc1",       "top1",
                                             "accs", "precision1", "accuracies", NULL};
static const char *const first_of_words[] = {"prec", "precision", "top", "acc", "accuracy", NULL};
static const char *const discriminator_words[] = {"d",   "disc",  "discriminator", "dis",
                                                  "dsc", "discr", "netd",          NULL};
static const char *const generator_words[] = {"g", "gen", "generator", "netg", NULL};
/* Losses that CycleGAN and pix2pix print of the generator without its letter. */
static const char *const generator_parts[] = {"cycle", "idt", NULL};
static const char *const actor_words[] = {"actor", "policy", "pi", "pg", NULL};
static const char *const critic_words[] = {"critic", "value", "v",  "vf", "q",
                                           "qf",     "qf1",   "q1", NULL};

/* What falls as a loss does. */
static const char *const entropies[] = {"nll", "crossentropy", "cross", "xent",
                                        "ce",  "logloss",      NULL};
static const char *const errors[] = {
    "objective", "cost", "bpc",    "bpb", "l2",         "rmse",  "mse",  "mae",      "l1",
    "error",     "err",  "merror", "ppl", "perplexity", "rmsle", "mape", "deviance", NULL};

static bool is_word_of_loss(const char *word)
{
    size_t length = strlen(word);
    return lrp_is_one_of(word, loss_words) ||
           (length > 4 && strcmp(word + length - 4, "loss") == 0);
}

enum lrp_data_side lrp_side_of(const char *name)
{
    struct lrp_name_words words;
    lrp_split_name(name, true, &words);
    for (int i = 0; i < SETS; i++) {
        if (lrp_has_word_of(&words, validation_sets[i])) {
            return LRP_SIDE_VALIDATION;
        }
    }
    for (int i = 0; i < words.n; i++) {
        if (lrp_is_one_of(words.list[i], training_words)) {
            return LRP_SIDE_TRAINING;
        }
    }
    return LRP_SIDE_UNKNOWN;
}

/* A column's name, read once. */
struct reading {
    struct lrp_name_words words;
    enum lrp_data_side side;
    int set;          /* of the validation sets, SETS = none */
    bool names_loss;  /* it is a loss, whole or a part */
    bool plain;       /* ... and nothing but the loss */
    bool is_about;    /* it is only about one */
    int n_losses;     /* words that are one: the group and the name in "Loss/G/loss" */
    bool is_accuracy; /* it is the accuracy and nothing else */
    bool places_only; /* it names no measure at all */
};

static struct reading read_name(const char *name)
{
    struct reading reading = {.set = SETS, .plain = true, .places_only = true};
    bool accuracy = false;
    bool other = false;
    lrp_split_name(name, true, &reading.words);
    reading.side = lrp_side_of(name);
    for (int i = 0; i < reading.words.n; i++) {
        const char *word = reading.words.list[i];
        bool is_side = lrp_is_one_of(word, training_words);
        for (int s = 0; s < SETS; s++) {
            bool of_set = lrp_is_one_of(word, validation_sets[s]);
            is_side = is_side || of_set;
            reading.set = of_set && s < reading.set ? s : reading.set;
        }
        bool is_loss = is_word_of_loss(word);
        bool first_of = strcmp(word, "1") == 0 && i > 0; /* "Prec@1", "Top-1 acc" */
        bool is_accuracy =
            lrp_is_one_of(word, accuracy_words) ||
            (first_of && lrp_is_one_of(reading.words.list[i - 1], first_of_words)) ||
            (i + 1 < reading.words.n && strcmp(reading.words.list[i + 1], "1") == 0 &&
             lrp_is_one_of(word, first_of_words));
        bool is_place = is_side || lrp_is_one_of(word, place_words);
        accuracy = accuracy || is_accuracy;
        reading.n_losses += is_loss ? 1 : 0;
        reading.names_loss = reading.n_losses > 0;
        reading.is_about = reading.is_about || lrp_is_one_of(word, about_words);
        reading.plain = reading.plain && (is_place || lrp_is_one_of(word, loss_words));
        reading.places_only = reading.places_only && is_place;
        /* "Acc.step" is the accuracy of a class called so */
        other = other || (!is_side && !is_accuracy && (!is_place || accuracy));
    }
    reading.is_accuracy = accuracy && !other;
    reading.plain = reading.plain && reading.names_loss;
    return reading;
}

bool lrp_names_a_loss(const char *name)
{
    struct reading reading = read_name(name);
    return reading.names_loss && !reading.is_about;
}

bool lrp_names_a_measure(const char *name)
{
    struct lrp_name_words words;
    lrp_split_name(name, true, &words);
    return read_name(name).names_loss || lrp_has_word_of(&words, accuracy_words) ||
           lrp_has_word_of(&words, entropies) || lrp_has_word_of(&words, errors) ||
           lrp_rate_name_of(name) != LRP_RATE_NAME_NONE;
}

bool lrp_is_plain_accuracy(const char *name)
{
    return read_name(name).is_accuracy;
}

size_t lrp_count_cells(const struct lrp_record *record, size_t column)
{
    size_t n = 0;
    for (size_t row = 0; row < lrp_record_rows(record); row++) {
        n += lrp_record_present(record, column, row) != 0 ? 1 : 0;
    }
    return n;
}

/* The columns that may have to do with the loss of one side. */
struct candidates {
    const struct lrp_record *record;
    struct lrp_loss_columns found;
    struct reading readings[LRP_LOSS_PARTS_MOST];
    size_t cells[LRP_LOSS_PARTS_MOST];
};

/* Of what the side is about; the best validation set alone. */
static void collect(struct candidates *all, bool validation, bool losses)
{
    static const char *const positions[] = {"step",         "epoch", "time_s",   "lr",
                                            "momentum",     "loss",  "val_loss", "accuracy",
                                            "val_accuracy", NULL};
    int best = SETS;
    for (size_t c = 0; c < lrp_record_columns(all->record); c++) {
        const char *name = lrp_record_column_name(all->record, c);
        struct reading reading = read_name(name);
        bool wanted = (reading.side == LRP_SIDE_VALIDATION) == validation && !reading.is_about &&
                      reading.names_loss == losses && !lrp_is_one_of(name, positions);
        size_t cells = wanted ? lrp_count_cells(all->record, c) : 0;
        if (cells == 0 || (validation && reading.set > best)) {
            continue;
        }
        if (validation && reading.set < best) {
            all->found.n = 0;
            best = reading.set;
        }
        if (all->found.n < LRP_LOSS_PARTS_MOST) {
            all->found.columns[all->found.n] = c;
            all->readings[all->found.n] = reading;
            all->cells[all->found.n] = cells;
            all->found.n++;
        }
    }
}

static void keep_one(struct candidates *all, size_t index, enum lrp_loss_way way)
{
    all->found.columns[0] = all->found.columns[index];
    all->found.n = 1;
    all->found.way = way;
}

/* The one with the most values of those that fit; NULL for fits: all of them. */
static size_t find_longest(const struct candidates *all, bool plain, const char *const *words)
{
    size_t longest = all->found.n;
    for (size_t i = 0; i < all->found.n; i++) {
        bool fits = (!plain || all->readings[i].plain) &&
                    (words == NULL || lrp_has_word_of(&all->readings[i].words, words));
        if (fits && (longest == all->found.n || all->cells[i] > all->cells[longest])) {
            longest = i;
        }
    }
    return longest;
}

static bool are_together(const struct candidates *all, size_t a, size_t b)
{
    for (size_t row = 0; row < lrp_record_rows(all->record); row++) {
        if (lrp_record_present(all->record, all->found.columns[a], row) != 0 &&
            lrp_record_present(all->record, all->found.columns[b], row) != 0) {
            return true;
        }
    }
    return false;
}

/* Keeps those with one of the words that are measured together, and nothing of training in a name
 * where another one says that it is. */
static void keep_sum(struct candidates *all, const char *const *words, const char *const *more,
                     enum lrp_loss_way way)
{
    size_t longest = find_longest(all, false, words);
    size_t n = 0;
    bool training = false;
    for (size_t i = 0; i < all->found.n; i++) {
        training = training || all->readings[i].side == LRP_SIDE_TRAINING;
    }
    for (size_t i = 0; i < all->found.n; i++) {
        bool fits = words == NULL || lrp_has_word_of(&all->readings[i].words, words) ||
                    (more != NULL && lrp_has_word_of(&all->readings[i].words, more));
        bool same_side = !training || all->readings[i].side != LRP_SIDE_UNKNOWN;
        if (fits && (i == longest || (same_side && 2 * all->cells[i] > all->cells[longest] &&
                                      are_together(all, i, longest)))) {
            all->found.columns[n] = all->found.columns[i];
            n++;
        }
    }
    all->found.n = n;
    all->found.way = n > 1 || way == LRP_LOSS_GENERATOR ? way : LRP_LOSS_LONGEST;
}

/* In a group "Loss/" only what is called a loss itself is one. */
static void leave_out_groups(struct candidates *all)
{
    size_t n = 0;
    int most = 0;
    for (size_t i = 0; i < all->found.n; i++) {
        most = all->readings[i].n_losses > most ? all->readings[i].n_losses : most;
    }
    for (size_t i = 0; i < all->found.n; i++) {
        if (most < 2 || all->readings[i].n_losses > 1) {
            all->found.columns[n] = all->found.columns[i];
            all->readings[n] = all->readings[i];
            all->cells[n] = all->cells[i];
            n++;
        }
    }
    all->found.n = n;
}

static bool any_begins(const struct candidates *all, const char *const *words)
{
    for (size_t i = 0; i < all->found.n; i++) {
        if (lrp_is_one_of(all->readings[i].words.list[0], words)) {
            return true;
        }
    }
    return false;
}

static bool any_has(const struct candidates *all, const char *const *words)
{
    return find_longest(all, false, words) < all->found.n;
}

/* What all names begin with says where they come from, not what they are:
 * "learner/default_policy/total_loss". */
static void leave_out_common_words(struct candidates *all)
{
    int common = 0;
    bool same = all->found.n > 1;
    while (same) {
        for (size_t i = 0; i < all->found.n && same; i++) {
            const struct lrp_name_words *words = &all->readings[i].words;
            same = common + 1 < words->n &&
                   strcmp(words->list[common], all->readings[0].words.list[common]) == 0;
        }
        common += same ? 1 : 0;
    }
    for (size_t i = 0; i < all->found.n && common > 0; i++) {
        struct lrp_name_words *words = &all->readings[i].words;
        bool plain = true;
        words->n -= common;
        memmove(words->list[0], words->list[common], sizeof words->list[0] * (size_t)words->n);
        for (int w = 0; w < words->n; w++) {
            plain = plain && (lrp_is_one_of(words->list[w], loss_words) ||
                              lrp_is_one_of(words->list[w], place_words) ||
                              lrp_side_of(words->list[w]) != LRP_SIDE_UNKNOWN);
        }
        all->readings[i].plain = plain;
    }
}

static void choose_among_losses(struct candidates *all)
{
    leave_out_groups(all);
    leave_out_common_words(all);
    size_t plain = find_longest(all, true, NULL);
    if (plain < all->found.n) {
        keep_one(all, plain, LRP_LOSS_PLAIN);
    } else if (all->found.n == 1) {
        keep_one(all, 0, LRP_LOSS_ONLY);
    } else if (any_has(all, discriminator_words) && any_has(all, generator_words)) {
        keep_sum(all, generator_words, generator_parts, LRP_LOSS_GENERATOR);
    } else if (any_has(all, actor_words) && any_has(all, critic_words)) {
        keep_one(all, find_longest(all, false, critic_words), LRP_LOSS_CRITIC);
    } else {
        keep_sum(all, NULL, NULL, LRP_LOSS_SUM);
    }
}

static bool keep_measure(struct candidates *all, const char *const *measures)
{
    for (size_t m = 0; measures[m] != NULL; m++) {
        const char *const word[] = {measures[m], NULL};
        size_t found = find_longest(all, false, word);
        if (found < all->found.n) {
            keep_one(all, found, LRP_LOSS_MEASURE);
            return true;
        }
    }
    return false;
}

/* Columns that fall as a loss does, or are called by no more than their data. */
static void choose_among_others(struct candidates *all, bool entropies_only)
{
    if (any_begins(all, discriminator_words) && any_begins(all, generator_words)) {
        keep_sum(all, generator_words, generator_parts, LRP_LOSS_GENERATOR);
        return;
    }
    if (keep_measure(all, entropies) || (!entropies_only && keep_measure(all, errors))) {
        return;
    }
    for (size_t i = 0; i < all->found.n && !entropies_only; i++) {
        if (all->readings[i].places_only && all->readings[i].side != LRP_SIDE_UNKNOWN) {
            keep_one(all, i, LRP_LOSS_SIDE);
            return;
        }
    }
    all->found.n = 0;
}

void lrp_find_loss(const struct lrp_record *record, bool validation, bool entropies_only,
                   struct lrp_loss_columns *out)
{
    struct candidates all = {.record = record};
    collect(&all, validation, true);
    if (all.found.n > 0) {
        choose_among_losses(&all);
    } else {
        collect(&all, validation, false);
        choose_among_others(&all, entropies_only);
    }
    *out = all.found;
}
