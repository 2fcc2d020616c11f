/* SPDX-License-Identifier: MIT */
/* JSON Lines: an object a line, alone (DETR, DeiT, detectron2, mmcv, Weights & Biases) or after
 * words ("json_stats: {...}" of torchnet and pycls, "train | {...}" of fairseq). */
#include "formats.h"

#include "alloc.h"
#include "json_values.h"
#include "lines.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { LINE_MOST = 1 << 22 };

struct lrp_log_reader {
    const struct lrp_log_hints *hints;
    struct lrp_rows *rows;
    struct lrp_lines *lines;
    uint64_t objects, after_words, others;
    double last_step; /* of the training records; NaN before the first */
    double first_time;
    /* of the line that is being taken */
    bool is_validation;
    bool has_data_time;
    bool cut_off;
};

static enum lrp_status take_line(void *user, const struct lrp_line *line, struct lrp_error *err);

static void free_reader(struct lrp_log_reader *reader)
{
    if (reader != NULL) {
        lrp_lines_free(reader->lines);
        lrp_rows_free(reader->rows);
        free(reader);
    }
}

static enum lrp_status open_reader(const struct lrp_log_hints *hints, struct lrp_log_reader **out,
                                   struct lrp_error *err)
{
    struct lrp_log_reader *reader = lrp_calloc_array(1, sizeof *reader);
    if (reader == NULL) {
        return lrp_fail_memory(err, sizeof *reader);
    }
    reader->hints = hints;
    reader->last_step = (double)NAN;
    reader->first_time = (double)NAN;
    enum lrp_status status = lrp_rows_new(hints, &reader->rows, err);
    if (status == LRP_OK) {
        status = lrp_lines_new(LINE_MOST, take_line, reader, &reader->lines, err);
    }
    if (status != LRP_OK) {
        free_reader(reader);
        return status;
    }
    *out = reader;
    return LRP_OK;
}

static enum lrp_status feed(struct lrp_log_reader *reader, const void *bytes, size_t length,
                            struct lrp_error *err)
{
    return lrp_lines_feed(reader->lines, bytes, length, err);
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
    char changed[LRP_COLUMN_NAME_MOST + 5];
    if (lrp_column_is_mapped(reader->hints, name, length)) {
        return lrp_rows_set(reader->rows, name, length, value, err);
    }
    if (reader->has_data_time && length == 4 && memcmp(name, "time", 4) == 0) {
        return lrp_rows_set(reader->rows, "iter_time", 9, value, err); /* of one step, not so far */
    }
    if (is_clock(name, length) && value > 1e8 && isfinite(value)) {
        value = value > 1e11 ? value / 1000 : value; /* milliseconds */
        reader->first_time = isnan(reader->first_time) ? value : reader->first_time;
        return lrp_rows_set(reader->rows, "time_s", 6, value - reader->first_time, err);
    }
    if (reader->is_validation && is_training_name(name, length)) {
        memcpy(changed, "val_", 4);
        memcpy(changed + 4, name, length);
        return lrp_rows_set(reader->rows, changed, length + 4, value, err);
    }
    return lrp_rows_set(reader->rows, name, length, value, err);
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
    bool trains = !reader->is_validation && (lrp_rows_get(reader->rows, "loss", &number) ||
                                             lrp_rows_get(reader->rows, "lr", &number));
    if (trains) {
        reader->last_step = step;
        return LRP_OK;
    }
    bool counts_batches = reader->is_validation && lrp_json_member(object, "iter") != NULL;
    if (!isnan(reader->last_step) && (step < reader->last_step || counts_batches)) {
        return lrp_rows_set(reader->rows, "step", 4, reader->last_step, err);
    }
    return LRP_OK;
}

static enum lrp_status take_object(struct lrp_log_reader *reader, const struct lrp_json *object,
                                   struct lrp_error *err)
{
    reader->is_validation = says_validation(object);
    reader->has_data_time = lrp_json_member(object, "data_time") != NULL;
    enum lrp_status status = lrp_json_numbers(object, take_number, reader, err);
    status = status == LRP_OK ? place_row(reader, object, err) : status;
    return status == LRP_OK ? lrp_rows_end(reader->rows, err) : status;
}

static enum lrp_status take_line(void *user, const struct lrp_line *line, struct lrp_error *err)
{
    struct lrp_log_reader *reader = user;
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
        reader->objects++;
        reader->after_words += brace > line->text + strspn(line->text, " \t") ? 1 : 0;
        status = take_object(reader, root, err);
    } else if (!line->whole) {
        reader->cut_off = line->length < LINE_MOST; /* lines.c tells of those that are too long */
        status = LRP_OK;
    } else {
        reader->others++;
        status = LRP_OK;
    }
    lrp_json_free(root);
    return status;
}

static enum lrp_status note_rest(struct lrp_log_reader *reader, struct lrp_error *err)
{
    char note[160];
    enum lrp_status status = LRP_OK;
    if (reader->others > 0) {
        (void)snprintf(note, sizeof note, "%llu %s left out: no JSON object",
                       (unsigned long long)reader->others,
                       reader->others == 1 ? "line was" : "lines were");
        status = lrp_record_add_note(lrp_rows_record(reader->rows), err, "%s", note);
    }
    if (status == LRP_OK && reader->cut_off) {
        status = lrp_record_add_note(lrp_rows_record(reader->rows), err,
                                     "the last line was cut off and left out");
    }
    return status;
}

static enum lrp_status finish(struct lrp_log_reader *reader, struct lrp_record **out,
                              struct lrp_error *err)
{
    enum lrp_status status = lrp_lines_finish(reader->lines, reader->rows, err);
    if (status != LRP_OK) {
        return status;
    }
    uint64_t lines = reader->objects + reader->others;
    if (lines > 0 && reader->after_words == 0 && reader->others > reader->objects) {
        return lrp_fail(err, LRP_E_FORMAT, 0,
                        "only %llu of %llu lines are JSON objects: these are no JSON Lines",
                        (unsigned long long)reader->objects, (unsigned long long)lines);
    }
    status = note_rest(reader, err);
    return status == LRP_OK ? lrp_rows_finish(reader->rows, out, err) : status;
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
    "jsonl",     "JSON Lines: an object a line, alone or after words (DETR, mmcv, detectron2, W&B)",
    probe,       open_reader,
    feed,        finish,
    free_reader,
};
