/* SPDX-License-Identifier: MIT */
/* Progress bars: Keras and tqdm (Lightning among its users). A bar is rewritten by CR, or in files
 * printed line after line. */
#include "log_reader.h"
#include "text_scan.h"

#include <math.h>
#include <string.h>

/* ---- Keras: "Epoch 3/10", "10/20 [=>...] - ETA: 1s - loss: 0.5 - accuracy: 0.8",
 * "20/20 ------ 1s 5ms/step - accuracy: 0.8 - loss: 0.5 - val_loss: 0.6", "20/20 - 1s - loss: 0.5"
 */

static const char *keras_count(const char *text, double *batch)
{
    double batches = 0;
    const char *at = lrp_skip_word(text, "");
    at = *at >= '0' && *at <= '9' ? lrp_match(at, "%/%", batch, &batches) : NULL;
    return at != NULL && *at == ' ' ? at : NULL;
}

/* The next " - name: number". */
static const char *keras_field(const char *at, struct lrp_pair *pair)
{
    while ((at = lrp_behind(at, " - ")) != NULL) {
        size_t length =
            strspn(at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_/.");
        const char *number =
            at[length] == ':' ? lrp_skip_number(at + length + 1, &pair->value) : NULL;
        if (length > 0 && number != NULL) {
            pair->name = at;
            pair->name_length = length;
            return number;
        }
    }
    return NULL;
}

static bool keras_is_line(const char *text)
{
    double batch = 0;
    struct lrp_pair pair;
    const char *at = keras_count(text, &batch);
    if (at == NULL) { /* older versions: " - 1s - loss: 0.5" */
        at = lrp_skip_word(text, "- ");
        size_t digits = at != NULL ? strspn(at, "0123456789") : 0;
        at = digits > 0 && at[digits] == 's' ? at + digits : NULL;
    }
    return at != NULL && keras_field(at, &pair) != NULL;
}

/* A bar that begins again under the same heading, or changes what was final, is an evaluation after
 * the training; the last reader of an epoch comes again with its validation. */
static bool keras_is_evaluation(const struct lrp_log_reader *reader, const char *at, double batch)
{
    struct lrp_pair pair;
    char name[LRP_COLUMN_NAME_MOST + 1];
    double before = 0;
    if (isnan(reader->epoch) || isnan(reader->last) || batch > reader->last) {
        return false;
    }
    if (batch < reader->last) {
        return true;
    }
    bool changed = false;
    bool validation = false;
    while ((at = keras_field(at, &pair)) != NULL) {
        lrp_canonical_column(pair.name, pair.name_length, name);
        validation = validation || strncmp(name, "val_", 4) == 0;
        changed = changed || (lrp_rows_get(reader->rows, name, &before) && before != pair.value);
    }
    return changed && !validation;
}

/* What a bar shows is the mean since the epoch began: its last state is the epoch's value. */
static enum lrp_status keras_take(struct lrp_log_reader *reader, const struct lrp_line *line,
                                  struct lrp_error *err)
{
    double batch = 0;
    double epoch = 0;
    struct lrp_pair pair;
    if (lrp_match(line->text, "Epoch%/", &epoch) != NULL) {
        reader->epoch = epoch;
        reader->last = (double)NAN;
        reader->in_validation = false;
        return lrp_rows_end(reader->rows, err);
    }
    const char *at = keras_count(line->text, &batch);
    bool bar = at != NULL && keras_field(at, &pair) != NULL;
    if (!bar && lrp_skip_word(line->text, "- ") == NULL) {
        return LRP_OK;
    }
    reader->in_validation =
        reader->in_validation || (bar && keras_is_evaluation(reader, at, batch));
    if (reader->in_validation) {
        return LRP_OK;
    }
    at = bar ? at : line->text;
    if (bar && batch < reader->last) {
        LRP_TRY(lrp_rows_end(reader->rows, err)); /* an epoch without a heading */
    }
    reader->last = bar ? batch : reader->last;
    while ((at = keras_field(at, &pair)) != NULL) {
        LRP_TRY(lrp_rows_set(reader->rows, pair.name, pair.name_length, pair.value, err));
    }
    return lrp_rows_open(reader->rows) && !isnan(reader->epoch)
               ? lrp_rows_put(reader->rows, "epoch", reader->epoch, err)
               : LRP_OK;
}

const struct lrp_log_format lrp_log_format_keras = {
    .name = "keras",
    .description = "what Keras prints: 10/20 [=>..] - loss: 0.5 - val_loss: 0.6",
    .is_line = keras_is_line,
    .take_line = keras_take,
};

/* ---- tqdm: "Epoch 3:  50%|###   | 10/20 [00:01<00:01, 9.5it/s, loss=0.5, v_num=0]" */

struct tqdm_bar {
    const char *fields;  /* behind "[00:01<00:01" */
    const char *percent; /* end of what is written before the bar */
    double position, total;
};

static bool tqdm_parse(const char *text, struct tqdm_bar *bar)
{
    const char *open = strstr(text, "%|");
    if (open == NULL) {
        return false;
    }
    bar->percent = open;
    while (bar->percent > text && strchr("0123456789.", bar->percent[-1]) != NULL) {
        bar->percent--;
    }
    for (const char *at = strchr(open + 2, '|'); at != NULL; at = strchr(at + 1, '|')) {
        bar->fields = lrp_match(at, "|%/% [", &bar->position, &bar->total);
        if (bar->fields != NULL) {
            return true;
        }
    }
    return false;
}

/* The next "name=number" among the fields. */
static bool tqdm_field(const char **at, struct lrp_pair *pair)
{
    while (lrp_next_pair(at, pair)) {
        if ((pair->sign == '=' || pair->sign == ':') && !lrp_has_name(pair, "v_num")) {
            return true;
        }
    }
    return false;
}

static bool tqdm_is_line(const char *text)
{
    struct tqdm_bar bar;
    struct lrp_pair pair;
    return tqdm_parse(text, &bar) && tqdm_field(&bar.fields, &pair);
}

/* What stands before a bar: "Epoch 3: ", "Validation: ", "Train loss 0.5: ". */
static void tqdm_heading(struct lrp_log_reader *reader, const char *text, size_t length)
{
    static const char *const words[] = {"Val", "val", "Test", "test", "Eval", "eval"};
    char heading[160];
    struct lrp_pair pair;
    length = length < sizeof heading - 1 ? length : sizeof heading - 1;
    memcpy(heading, text, length);
    heading[length] = '\0';
    reader->in_validation = false;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        reader->in_validation = reader->in_validation || strstr(heading, words[i]) != NULL;
    }
    const char *at = heading;
    while (lrp_next_pair(&at, &pair)) {
        char name[LRP_COLUMN_NAME_MOST + 1];
        lrp_canonical_column(pair.name, pair.name_length, name);
        if (strcmp(name, "epoch") == 0) {
            reader->epoch = pair.value;
        }
    }
}

static enum lrp_status tqdm_take(struct lrp_log_reader *reader, const struct lrp_line *line,
                                 struct lrp_error *err)
{
    struct tqdm_bar bar;
    struct lrp_pair pair;
    double before = 0;
    if (!tqdm_parse(line->text, &bar)) {
        return LRP_OK;
    }
    tqdm_heading(reader, line->text, (size_t)(bar.percent - line->text));
    if (!tqdm_is_line(line->text)) {
        return LRP_OK;
    }
    bool in_epoch = !isnan(reader->epoch);
    double step = bar.position + (in_epoch ? reader->epoch * bar.total : 0);
    if (!reader->in_validation) { /* a bar of validation belongs to the row before it */
        bool passed = in_epoch && lrp_rows_get(reader->rows, "step", &before) && before == step;
        LRP_TRY(passed ? LRP_OK : lrp_rows_end(reader->rows, err));
        LRP_TRY(in_epoch ? lrp_rows_put(reader->rows, "epoch", reader->epoch, err) : LRP_OK);
        LRP_TRY(lrp_rows_put(reader->rows, "step", step, err));
    }
    while (tqdm_field(&bar.fields, &pair)) {
        bool plain =
            !reader->in_validation || memmem(pair.name, pair.name_length, "val", 3) != NULL;
        LRP_TRY(plain ? lrp_rows_set_comma(reader->rows, pair.name, pair.name_length, pair.value,
                                           pair.comma, line->number, err)
                      : lrp_rows_set_validation(reader->rows, pair.name, pair.name_length,
                                                pair.value, err));
    }
    return LRP_OK;
}

const struct lrp_log_format lrp_log_format_tqdm = {
    .name = "tqdm",
    .description = "progress bars of tqdm and Lightning: Epoch 3:  50%|##  | 10/20 [..., loss=0.5]",
    .is_line = tqdm_is_line,
    .take_line = tqdm_take,
};
