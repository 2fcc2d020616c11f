/* SPDX-License-Identifier: MIT */
/* JSON Lines: an object a line, alone (DETR, DeiT, detectron2, mmcv, Weights & Biases) or after
 * words ("json_stats: {...}" of torchnet and pycls, "train | {...}" of fairseq). */
#include "log_reader.h"

#include "aliases.h"
#include "json_values.h"

#include <math.h>
#include <string.h>
#include <strings.h>

enum { LINE_MOST = 1 << 22 };

struct jsonl_state {
    uint64_t objects, after_words, others;
    double first_time;  /* NaN = not known */
    bool has_data_time; /* of the line that is being taken */
    bool is_summary;    /* Hugging Face's last line: its train_loss is the mean over the run */
    bool cut_off;
};

static enum lrp_status begin(struct lrp_log_reader *reader, struct lrp_error *err)
{
    struct jsonl_state *self = reader->state;
    (void)err;
    self->first_time = (double)NAN;
    return LRP_OK;
}

static bool is_one_of(const char *word, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (strcasecmp(word, words[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* {"mode": "val", ...}: a record that says of itself that it is no training. */
static bool says_validation(const struct lrp_json *object)
{
    static const char *const keys[] = {"mode", "split", "phase", "stage", "_type"};
    static const char *const words[] = {"val",  "valid",      "validation", "eval",
                                        "test", "evaluation", "val_epoch",  "val_iter",
                                        "dev",  "test_epoch", "test_iter"};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        const char *word = lrp_json_string(lrp_json_member(object, keys[i]));
        if (word != NULL && is_one_of(word, words, sizeof words / sizeof words[0])) {
            return true;
        }
    }
    return false;
}

/* Names that would be training columns in a validation record. */
static bool is_training_name(const char *name, size_t length)
{
    static const char *const trained[] = {"loss", "accuracy"};
    char canonical[LRP_COLUMN_NAME_MOST + 1];
    lrp_canonical_column(name, length, canonical);
    return is_one_of(canonical, trained, sizeof trained / sizeof trained[0]) ||
           (memmem(name, length, "loss", 4) != NULL && strncmp(canonical, "val", 3) != 0 &&
            strncmp(canonical, "test", 4) != 0 && strncmp(canonical, "eval", 4) != 0);
}

static bool is_clock(const char *name, size_t length)
{
    return (length == 10 && memcmp(name, "_timestamp", 10) == 0) ||
           (length == 9 && memcmp(name, "timestamp", 9) == 0);
}

static enum lrp_status take_number(void *user, const char *name, size_t length, double value,
                                   struct lrp_error *err)
{
    struct lrp_log_reader *reader = user;
    struct jsonl_state *self = reader->state;
    if (lrp_column_is_mapped(reader->hints, name, length)) {
        return lrp_rows_set(reader->rows, name, length, value, err);
    }
    if (self->is_summary && length == 10 && memcmp(name, "train_loss", 10) == 0) {
        return LRP_OK;
    }
    if (self->has_data_time && length == 4 && memcmp(name, "time", 4) == 0) {
        return lrp_rows_put(reader->rows, "iter_time", value, err); /* of one step, not so far */
    }
    if (is_clock(name, length) && value > 1e8 && isfinite(value)) {
        value = value > 1e11 ? value / 1000 : value; /* milliseconds */
        self->first_time = isnan(self->first_time) ? value : self->first_time;
        return lrp_rows_put(reader->rows, "time_s", value - self->first_time, err);
    }
    return reader->in_validation && is_training_name(name, length)
               ? lrp_rows_set_validation(reader->rows, name, length, value, err)
               : lrp_rows_set(reader->rows, name, length, value, err);
}

/* Validation records number themselves by epochs or by their own batches: they belong to the
 * training step before them. */
static enum lrp_status place_row(struct lrp_log_reader *reader, const struct lrp_json *object,
                                 struct lrp_error *err)
{
    double step = 0;
    double number = 0;
    if (!lrp_rows_get(reader->rows, "step", &step)) {
        return LRP_OK;
    }
    bool trains = !reader->in_validation && (lrp_rows_get(reader->rows, "loss", &number) ||
                                             lrp_rows_get(reader->rows, "lr", &number));
    if (trains) {
        reader->step = step;
        return LRP_OK;
    }
    bool counts_batches = reader->in_validation && lrp_json_member(object, "iter") != NULL;
    if (!isnan(reader->step) && (step < reader->step || counts_batches)) {
        return lrp_rows_put(reader->rows, "step", reader->step, err);
    }
    return LRP_OK;
}

/* *user: whether the object has a position, or anything that may be measured. */
static enum lrp_status look_for_measure(void *user, const char *name, size_t length, double value,
                                        struct lrp_error *err)
{
    static const char *const columns[] = {"step", "epoch", "accuracy", "val_loss", "val_accuracy"};
    static const char *const parts[] = {"loss", "acc", "err", "ppl", "perplexity", "reward"};
    char canonical[LRP_COLUMN_NAME_MOST + 1];
    bool *found = user;
    (void)value;
    (void)err;
    lrp_canonical_column(name, length, canonical);
    *found = *found || is_one_of(canonical, columns, sizeof columns / sizeof columns[0]);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        *found = *found || memmem(name, length, parts[i], strlen(parts[i])) != NULL;
    }
    return LRP_OK;
}

static enum lrp_status take_object(struct lrp_log_reader *reader, const struct lrp_json *object,
                                   struct lrp_error *err)
{
    struct jsonl_state *self = reader->state;
    reader->in_validation = says_validation(object);
    self->has_data_time = lrp_json_member(object, "data_time") != NULL;
    self->is_summary = lrp_json_member(object, "train_runtime") != NULL;
    LRP_TRY(lrp_json_numbers(object, take_number, reader, err));
    LRP_TRY(place_row(reader, object, err));
    return lrp_rows_end(reader->rows, err);
}

static enum lrp_status take_line(struct lrp_log_reader *reader, const struct lrp_line *line,
                                 struct lrp_error *err)
{
    struct jsonl_state *self = reader->state;
    struct lrp_json *root = NULL;
    size_t length = line->length;
    while (length > 0 && memchr(" \t\r", line->text[length - 1], 3) != NULL) {
        length--;
    }
    if (length == 0) {
        return LRP_OK;
    }
    const char *brace = memchr(line->text, '{', length);
    enum lrp_status status = LRP_E_FORMAT;
    if (brace != NULL && line->text[length - 1] == '}') {
        status = lrp_json_parse(brace, length - (size_t)(brace - line->text), &root, err);
    }
    if (status == LRP_E_NOMEM) {
        return status;
    }
    if (status == LRP_OK && lrp_json_type_of(root) == LRP_JSON_OBJECT) {
        bool alone = brace == line->text + strspn(line->text, " \t");
        bool measures = alone; /* "Hyperparams: {...}" of a run that begins has no place in it */
        self->objects++;
        self->after_words += alone ? 0 : 1;
        status = alone ? LRP_OK : lrp_json_numbers(root, look_for_measure, &measures, err);
        status = status == LRP_OK && measures ? take_object(reader, root, err) : status;
    } else if (!line->whole) {
        self->cut_off = line->length < LINE_MOST; /* those that are too long are noted by lines.c */
        status = LRP_OK;
    } else {
        self->others++;
        status = LRP_OK;
    }
    lrp_json_free(root);
    return status;
}

static enum lrp_status end(struct lrp_log_reader *reader, struct lrp_error *err)
{
    const struct jsonl_state *self = reader->state;
    uint64_t lines = self->objects + self->others;
    if (lines > 0 && self->after_words == 0 && self->others > self->objects) {
        return lrp_fail(err, LRP_E_FORMAT, 0,
                        "only %llu of %llu lines are JSON objects: these are no JSON Lines",
                        (unsigned long long)self->objects, (unsigned long long)lines);
    }
    LRP_TRY(lrp_rows_note_left_out(reader->rows, self->others, "line", "no JSON object", err));
    return self->cut_off ? lrp_record_add_note(lrp_rows_record(reader->rows), err,
                                               "the last line was cut off and left out")
                         : LRP_OK;
}

/* What the first lines look like. */
struct looks {
    size_t lines, alone, after_words;
    bool first_alone, json_stats;
};

static void look_at_line(struct looks *looks, const unsigned char *line, size_t length)
{
    static const char stats[] = "json_stats: {";
    while (length > 0 && memchr(" \t\r", line[length - 1], 3) != NULL) {
        length--;
    }
    size_t at = lrp_json_begin(line, length);
    const unsigned char *brace = at < length ? memchr(line, '{', length) : NULL;
    if (at == length) {
        return;
    }
    looks->lines++;
    if (brace == NULL || line[length - 1] != '}' ||
        memchr(brace, ':', length - (size_t)(brace - line)) == NULL) {
        return;
    }
    if (brace == line + at) {
        looks->alone++;
        looks->first_alone = looks->first_alone || looks->lines == 1;
    } else {
        looks->after_words++;
        looks->json_stats =
            looks->json_stats || memmem(line, length, stats, sizeof stats - 1) != NULL;
    }
}

static int probe(const unsigned char *bytes, size_t length)
{
    struct looks looks = {0, 0, 0, false, false};
    const unsigned char *end = bytes + length;
    const unsigned char *line = bytes;
    const unsigned char *newline = NULL;
    while (line < end && (newline = memchr(line, '\n', (size_t)(end - line))) != NULL) {
        look_at_line(&looks, line, (size_t)(newline - line));
        line = newline + 1;
    }
    /* a line that the first bytes cut off begins like one */
    size_t rest = (size_t)(end - line);
    size_t at = lrp_json_begin(line, rest);
    bool more = at < rest && line[at] == '{';
    if (looks.first_alone && looks.alone + (more ? 1 : 0) > 1 && 2 * looks.alone >= looks.lines) {
        return 95;
    }
    if (looks.json_stats) {
        return 90;
    }
    if (looks.alone > 1 && 2 * looks.alone >= looks.lines) {
        return 85;
    }
    return looks.after_words > 1 && 4 * looks.after_words >= looks.lines ? 70 : 0;
}

const struct lrp_log_format lrp_log_format_jsonl = {
    .name = "jsonl",
    .description =
        "JSON Lines: an object a line, alone or after words (DETR, mmcv, detectron2, W&B)",
    .probe = probe,
    .take_line = take_line,
    .line_most = LINE_MOST,
    .state_size = sizeof(struct jsonl_state),
    .begin = begin,
    .end = end,
};
