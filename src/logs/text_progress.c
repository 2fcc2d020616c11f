/* SPDX-License-Identifier: MIT */
/* Keras's progress bars. A bar is rewritten by CR, or in files printed line after line. That what
 * it shows is the mean since the epoch began cannot be seen from its shape. */
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
