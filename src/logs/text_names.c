/* SPDX-License-Identifier: MIT */
#include "text_names.h"

#include "alloc.h"
#include "name_words.h"
#include "rate_names.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { NAMES_MOST = 4096, SLOTS = 4 * NAMES_MOST, WORD_MOST = LRP_NAME_WORD_MOST };

struct lrp_text_names {
    const struct lrp_log_hints *hints;
    struct lrp_text_name *list[NAMES_MOST];
    size_t n;
    int slots[SLOTS]; /* index + 1, 0 = free */
    bool failed;
};

/* Words in small letters between blanks. */
static const char training_words[] = " train training trn tr learn trainer ";
static const char validation_words[] =
    " val valid validation validating vali eval evaluation evaluate evaluating dev heldout ";
static const char test_words[] = " test testing tst inference ";
static const char best_words[] = " best lowest highest min minimum max maximum saved saving ";
/* Said of a loss, they leave it the loss. */
static const char filling_words[] =
    " avg average averaged mean total tot overall sum value batch minibatch mini epoch step iter"
    " iteration running smoothed smooth ema cur curr current lm model net network now last per for"
    " of all the final so far is in on at after with over raw set data samples function meter"
    " ce xent mle dataset output log logs result results ";
static const char position_words[] = " step iter iteration itr it update upd up episode"
                                     " round tick ";
static const char batch_words[] = " batch minibatch bid ";
/* With one of them it is how many there are, or how often something is done. */
static const char count_words[] =
    " num n total max per every warmup log save best interval of load resume ";
/* "loss at step 3" is a step. */
static const char link_words[] = " at after for in on ";
/* What falls as a loss does. */
static const char measure_words[] =
    " loss losses lloss cost costs error err errors nll bce ce mse rmse mae l1 l2 ppl perplexity"
    " logloss mlogloss entropy crossentropy xent objective obj energy elbo kl kld rmsle wer cer"
    " deviance residual criterion mape smape ";
static const char score_words[] =
    " acc accuracy acc1 top1 prec1 prec precision recall f1 fscore fmeasure auc auroc aucpr ap map"
    " iou miou dice psnr ssim bleu rouge reward rewards return returns score r2 mcc kappa ndcg hit"
    " map50 ";
/* About the loss, or about the machine. */
static const char aside_words[] = " ms scale scaler scaling weight weights coef coefficient lambda"
                                  " time sec secs seconds eta smoothing ";

static bool is_in(const char *words, const char *word)
{
    char spaced[WORD_MOST + 3] = " ";
    size_t length = strlen(word);
    memcpy(spaced + 1, word, length);
    memcpy(spaced + 1 + length, " ", 2);
    return length > 0 && strstr(words, spaced) != NULL;
}

/* The next word from *at on, at most end, in small letters. False at the end. */
static bool next_word(const char **at, const char *end, char *out)
{
    const char *here = *at;
    while (here < end && !isalnum((unsigned char)*here)) {
        here++;
    }
    size_t n = 0;
    for (; here < end && isalnum((unsigned char)*here); here++) {
        if (n < WORD_MOST) {
            out[n] = (char)tolower((unsigned char)*here);
            n++;
        }
    }
    out[n] = '\0';
    *at = here;
    return n > 0;
}

static enum lrp_text_side side_of_word(const char *word)
{
    char plain[WORD_MOST + 1];
    size_t length = strcspn(word, "0123456789"); /* "val1", but "validation_0" is XGBoost's */
    memcpy(plain, word, length);
    plain[length] = '\0';
    return is_in(validation_words, plain) ? LRP_TEXT_SIDE_VALIDATION
           : is_in(test_words, plain)     ? LRP_TEXT_SIDE_TEST
           : is_in(training_words, plain) ? LRP_TEXT_SIDE_TRAINING
                                          : LRP_TEXT_SIDE_NONE;
}

enum lrp_text_side lrp_text_side_of(const char *text, size_t length, bool *best)
{
    enum lrp_text_side side = LRP_TEXT_SIDE_NONE;
    char word[WORD_MOST + 1];
    const char *at = text;
    while (next_word(&at, text + length, word)) {
        enum lrp_text_side found = side_of_word(word);
        side = found != LRP_TEXT_SIDE_NONE ? found : side;
        *best = *best || is_in(best_words, word);
    }
    return side;
}

static bool has_any(const struct lrp_name_words *words, const char *list)
{
    for (int i = 0; i < words->n; i++) {
        if (is_in(list, words->list[i])) {
            return true;
        }
    }
    return false;
}

/* "trainer.py", "solver.cpp": the number behind it is that of a line. */
static bool is_source_file(const char *text, size_t length)
{
    static const char *const ends[] = {".py", ".cc",   ".cpp", ".cu", ".c",
                                       ".h",  ".java", ".rs",  ".go", ".lua"};
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        size_t n = strlen(ends[i]);
        if (length > n && memcmp(text + length - n, ends[i], n) == 0) {
            return true;
        }
    }
    return false;
}

static void set_column(struct lrp_text_name *name, const char *column, enum lrp_text_kind kind,
                       int detour)
{
    lrp_copy_column_name(column, strlen(column), name->column);
    name->kind = kind;
    name->detour = detour;
}

/* A name, from skip on, that the table of aliases or a map of the user's knows. */
static bool take_known(const struct lrp_log_hints *hints, struct lrp_text_name *name, size_t skip)
{
    char column[LRP_COLUMN_NAME_MOST + 1];
    const char *text = name->text + skip;
    size_t length = name->length - skip;
    name->mapped = lrp_column_is_mapped(hints, text, length);
    if (name->mapped) {
        lrp_copy_column_name(text, length, name->column);
        (void)lrp_column_map_name(hints, text, length, column);
    } else {
        lrp_canonical_column(text, length, column);
    }
    bool validation = strncmp(column, "val_", 4) == 0;
    const char *plain = validation ? column + 4 : column;
    enum lrp_text_kind kind = LRP_TEXT_OTHER;
    if (strcmp(plain, "loss") == 0) {
        kind = LRP_TEXT_LOSS;
    } else if (strcmp(plain, "accuracy") == 0) {
        kind = LRP_TEXT_SCORE;
    } else if (strcmp(column, "step") == 0 || strcmp(column, "epoch") == 0) {
        kind = LRP_TEXT_POSITION;
    } else if (lrp_is_known_column(column) || lrp_rate_name_of(column) != LRP_RATE_NAME_NONE) {
        kind = LRP_TEXT_KNOWN;
    }
    if (name->mapped) {
        name->kind = kind != LRP_TEXT_OTHER ? kind : LRP_TEXT_KNOWN;
        name->side = validation ? LRP_TEXT_SIDE_VALIDATION : LRP_TEXT_SIDE_NONE;
        return true;
    }
    if (kind == LRP_TEXT_OTHER) {
        return false;
    }
    bool metric = kind == LRP_TEXT_LOSS || kind == LRP_TEXT_SCORE;
    set_column(name, metric ? plain : column, kind, skip == 0 ? 0 : 2);
    if (validation && name->side == LRP_TEXT_SIDE_NONE) {
        name->side = LRP_TEXT_SIDE_VALIDATION;
    }
    return true;
}

/* The column of a word for a position; NULL where it is none. */
static const char *position_of_word(const char *word)
{
    return is_in(position_words, word) ? "step"
           : is_in(" epoch ep ", word) ? "epoch"
           : is_in(batch_words, word)  ? "batch"
                                       : NULL;
}

static const char *first_position(const struct lrp_name_words *words)
{
    const char *column = NULL;
    for (int i = 0; i < words->n && column == NULL && !has_any(words, count_words); i++) {
        column = position_of_word(words->list[i]);
    }
    return column;
}

/* What is left of a name's words without those that only fill and those for a side. */
static void take_words(struct lrp_text_name *name)
{
    struct lrp_name_words words;
    struct lrp_name_words plain;
    const char *left = NULL;
    size_t n_left = 0;
    lrp_split_name(name->text, true, &words);
    lrp_split_name(name->text, false, &plain);
    for (int i = 0; i < words.n; i++) {
        if (!is_in(filling_words, words.list[i]) &&
            side_of_word(words.list[i]) == LRP_TEXT_SIDE_NONE) {
            left = words.list[i];
            n_left++;
        }
    }
    bool fills = words.n > 0 && n_left == 0;
    const char *last = words.n > 0 ? words.list[words.n - 1] : "";
    bool linked = has_any(&words, link_words) && !has_any(&words, count_words);
    if (linked && position_of_word(last) != NULL) {
        set_column(name, position_of_word(last), LRP_TEXT_POSITION, 2); /* "loss at step" */
    } else if (n_left == 1 && (strcmp(left, "loss") == 0 || strcmp(left, "losses") == 0)) {
        set_column(name, "loss", LRP_TEXT_LOSS, 1);
    } else if (n_left == 1 && (strcmp(left, "acc") == 0 || strcmp(left, "accuracy") == 0)) {
        set_column(name, "accuracy", LRP_TEXT_SCORE, 1);
    } else if (has_any(&words, aside_words)) {
        name->kind = LRP_TEXT_OTHER;
    } else if (!has_any(&words, count_words) && position_of_word(last) != NULL) {
        set_column(name, position_of_word(last), LRP_TEXT_POSITION, 2);
    } else if (fills && first_position(&words) != NULL) {
        set_column(name, first_position(&words), LRP_TEXT_POSITION, 2); /* "Epoch(val)" */
    } else if (fills && name->side != LRP_TEXT_SIDE_NONE) {
        set_column(name, "loss", LRP_TEXT_MEASURE, 2); /* "1 train 10.9" */
        name->only_side = true;
    } else if (strncmp(name->text, "l_", 2) == 0) { /* BasicSR's "l_pix" */
        lrp_copy_column_name("loss", 4, name->column);
        lrp_copy_column_name(name->text + 1, strnlen(name->text + 1, LRP_COLUMN_NAME_MOST - 4),
                             name->column + 4);
        name->kind = LRP_TEXT_MEASURE;
    } else if (has_any(&words, measure_words) || has_any(&plain, measure_words)) {
        name->kind = LRP_TEXT_MEASURE;
    } else if (has_any(&plain, score_words) || has_any(&words, score_words)) {
        name->kind = LRP_TEXT_SCORE;
    }
}

static void find_meaning(const struct lrp_log_hints *hints, struct lrp_text_name *name)
{
    bool best = false;
    lrp_copy_column_name(name->text, name->length, name->column);
    name->kind = LRP_TEXT_OTHER;
    if (is_source_file(name->text, name->length) || strcmp(name->text, "v_num") == 0) {
        name->kind = LRP_TEXT_NOTHING;
        return;
    }
    struct lrp_name_words words;
    lrp_split_name(name->text, true, &words);
    for (int i = 0; i < words.n; i++) {
        enum lrp_text_side side = side_of_word(words.list[i]);
        name->side = side != LRP_TEXT_SIDE_NONE ? side : name->side;
        best = best || is_in(best_words, words.list[i]);
    }
    if (has_any(&words, " learning ") && has_any(&words, " rate ") &&
        has_any(&words, " change changed changing set adjusting reducing to ")) {
        set_column(name, "lr", LRP_TEXT_KNOWN, 2);
        name->changes = true;
        return;
    }
    name->carries =
        name->side != LRP_TEXT_SIDE_NONE && memchr(name->text, ' ', name->length) != NULL;
    if (take_known(hints, name, 0)) {
        return;
    }
    name->best = best;
    take_words(name);
    if (name->kind != LRP_TEXT_OTHER && name->kind != LRP_TEXT_MEASURE &&
        name->kind != LRP_TEXT_SCORE) {
        return;
    }
    const char *end = name->text + name->length;
    const char *blank = name->text;
    while ((blank = memchr(blank, ' ', (size_t)(end - blank))) != NULL) {
        blank++;
        if (take_known(hints, name, (size_t)(blank - name->text))) {
            name->skip = (size_t)(blank - name->text);
            return;
        }
    }
}

enum lrp_status lrp_text_names_new(const struct lrp_log_hints *hints, struct lrp_text_names **out,
                                   struct lrp_error *err)
{
    struct lrp_text_names *names = lrp_calloc_array(1, sizeof *names);
    LRP_TRY_MEMORY(names, err);
    names->hints = hints;
    *out = names;
    return LRP_OK;
}

static void free_name(struct lrp_text_name *name)
{
    if (name != NULL) {
        free(name->text);
        free(name);
    }
}

void lrp_text_names_free(struct lrp_text_names *names)
{
    if (names == NULL) {
        return;
    }
    for (size_t i = 0; i < names->n; i++) {
        free_name(names->list[i]);
    }
    free(names);
}

static struct lrp_text_name *make_name(const struct lrp_log_hints *hints, const char *text,
                                       size_t length)
{
    struct lrp_text_name *name = lrp_calloc_array(1, sizeof *name);
    char *copy = lrp_calloc_array(length + 1, 1);
    if (name == NULL || copy == NULL) {
        free(name);
        free(copy);
        return NULL;
    }
    memcpy(copy, text, length);
    name->text = copy;
    name->length = length;
    find_meaning(hints, name);
    return name;
}

const struct lrp_text_name *lrp_text_names_find(struct lrp_text_names *names, const char *text,
                                                size_t length)
{
    uint64_t hash = 14695981039346656037U; /* FNV-1a */
    for (size_t i = 0; i < length; i++) {
        hash = (hash ^ (unsigned char)text[i]) * 1099511628211U;
    }
    size_t slot = (size_t)(hash ^ (hash >> 32)) % SLOTS;
    for (; names->slots[slot] != 0; slot = (slot + 1) % SLOTS) {
        const struct lrp_text_name *name = names->list[names->slots[slot] - 1];
        if (name->length == length && memcmp(name->text, text, length) == 0) {
            return name;
        }
    }
    if (names->n == NAMES_MOST) {
        return NULL;
    }
    struct lrp_text_name *name = make_name(names->hints, text, length);
    names->failed = names->failed || name == NULL;
    if (name == NULL) {
        return NULL;
    }
    names->list[names->n] = name;
    names->n++;
    names->slots[slot] = (int)names->n;
    return name;
}

enum lrp_text_kind lrp_text_kind_of(const struct lrp_text_names *names, const char *text,
                                    size_t length)
{
    char copy[LRP_COLUMN_NAME_MOST + 1];
    lrp_copy_column_name(text, length, copy);
    struct lrp_text_name name = {.text = copy, .length = strlen(copy)};
    find_meaning(names->hints, &name);
    return name.kind;
}

bool lrp_text_names_failed(const struct lrp_text_names *names)
{
    return names->failed;
}
