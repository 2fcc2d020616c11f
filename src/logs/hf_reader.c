/* SPDX-License-Identifier: MIT */
/* trainer_state.json of Hugging Face's Trainer: the entries of log_history are the rows. Training
 * and evaluation have entries of their own, each evaluation set another one. */
#include "formats.h"

#include "alloc.h"
#include "json_values.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

enum { SHOWN = 60 };

struct lrp_log_reader {
    const struct lrp_log_hints *hints;
    struct lrp_json_document document;
    struct lrp_rows *rows;
    const char *set; /* "eval_NAME_": the evaluation set that is taken; NULL = only one */
    size_t set_length;
};

static void free_reader(struct lrp_log_reader *reader)
{
    if (reader != NULL) {
        lrp_json_document_fini(&reader->document);
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
    enum lrp_status status = lrp_rows_new(hints, &reader->rows, err);
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
    return lrp_json_document_feed(&reader->document, bytes, length, err);
}

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text);
    return length > strlen(end) && strcmp(text + length - strlen(end), end) == 0;
}

/* With several evaluation sets and none that is just "eval", the first one is the validation. */
static enum lrp_status choose_set(struct lrp_log_reader *reader, const struct lrp_json *history,
                                  struct lrp_error *err)
{
    const char *first = NULL;
    for (size_t i = 0; i < lrp_json_length(history); i++) {
        const void *cursor = NULL;
        const char *key = NULL;
        const struct lrp_json *value = NULL;
        while (lrp_json_next_member(lrp_json_element(history, i), &cursor, &key, &value)) {
            if (strcmp(key, "eval_loss") == 0) {
                return LRP_OK;
            }
            if (first == NULL && strncmp(key, "eval_", 5) == 0 && ends_with(key + 5, "_loss")) {
                first = key;
            }
        }
    }
    if (first == NULL) {
        return LRP_OK;
    }
    reader->set = first;
    reader->set_length = strlen(first) - strlen("loss");
    struct lrp_text note;
    lrp_text_init(&note, 1024);
    lrp_text_append_clean(&note, first, strnlen(first, SHOWN));
    lrp_text_append(&note, " is taken as val_loss; --map val_loss=NAME takes another one");
    enum lrp_status status =
        lrp_record_add_note(lrp_rows_record(reader->rows), err, "%s", lrp_text_string(&note));
    lrp_text_fini(&note);
    return status;
}

static enum lrp_status take_number(void *user, const char *name, size_t length, double value,
                                   struct lrp_error *err)
{
    struct lrp_log_reader *reader = user;
    if (reader->set != NULL && length > reader->set_length &&
        memcmp(name, reader->set, reader->set_length) == 0 &&
        !lrp_column_is_mapped(reader->hints, name, length)) {
        size_t rest = length - reader->set_length;
        if (rest == 4 && memcmp(name + length - rest, "loss", rest) == 0) {
            return lrp_rows_set(reader->rows, "val_loss", 8, value, err);
        }
        if (rest == 8 && memcmp(name + length - rest, "accuracy", rest) == 0) {
            return lrp_rows_set(reader->rows, "val_accuracy", 12, value, err);
        }
    }
    return lrp_rows_set(reader->rows, name, length, value, err);
}

static enum lrp_status take_history(struct lrp_log_reader *reader, const struct lrp_json *root,
                                    struct lrp_error *err)
{
    const struct lrp_json *history = lrp_json_member(root, "log_history");
    if (lrp_json_type_of(history) != LRP_JSON_ARRAY) {
        return lrp_fail(err, LRP_E_FORMAT, 0,
                        "no list log_history, where a trainer_state.json has its log");
    }
    enum lrp_status status = choose_set(reader, history, err);
    for (size_t i = 0; i < lrp_json_length(history) && status == LRP_OK; i++) {
        const struct lrp_json *entry = lrp_json_element(history, i);
        if (lrp_json_member(entry, "train_runtime") != NULL) {
            continue; /* the summary of the run, not a point of its curve */
        }
        status = lrp_json_numbers(entry, take_number, reader, err);
        status = status == LRP_OK ? lrp_rows_end(reader->rows, err) : status;
    }
    return status;
}

static enum lrp_status finish(struct lrp_log_reader *reader, struct lrp_record **out,
                              struct lrp_error *err)
{
    struct lrp_json *root = NULL;
    enum lrp_status status = lrp_json_document_parse(&reader->document, &root, err);
    status = status == LRP_OK ? take_history(reader, root, err) : status;
    status = status == LRP_OK ? lrp_rows_finish(reader->rows, out, err) : status;
    lrp_json_free(root);
    return status;
}

static int probe(const unsigned char *bytes, size_t length)
{
    static const char name[] = "\"log_history\"";
    size_t at = lrp_json_begin(bytes, length);
    return at < length && bytes[at] == '{' && memmem(bytes, length, name, sizeof name - 1) != NULL
               ? 97
               : 0;
}

const struct lrp_log_format lrp_log_format_hf = {
    "hf",        "trainer_state.json of Hugging Face's Trainer", probe, open_reader, feed, finish,
    free_reader,
};
