/* SPDX-License-Identifier: MIT */
/* trainer_state.json of Hugging Face's Trainer: the entries of log_history are the rows. Training
 * and evaluation have entries of their own, each evaluation set another one. */
#include "log_reader.h"

#include "json_values.h"
#include "text.h"

#include <string.h>

enum { SHOWN = 60 };

struct hf_state {
    const char *set; /* "eval_NAME_": the evaluation set that is taken; NULL = only one */
    size_t set_length;
};

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
            if (first == NULL && strncmp(key, "eval_", 5) == 0 && lrp_ends_with(key + 5, "_loss")) {
                first = key;
            }
        }
    }
    if (first == NULL) {
        return LRP_OK;
    }
    struct hf_state *self = reader->state;
    self->set = first;
    self->set_length = strlen(first) - strlen("loss");
    return lrp_record_add_note(lrp_rows_record(reader->rows), err,
                               "%.*s is taken as val_loss; --map val_loss=NAME takes another one",
                               SHOWN, first);
}

static enum lrp_status take_number(void *user, const char *name, size_t length, double value,
                                   struct lrp_error *err)
{
    struct lrp_log_reader *reader = user;
    const struct hf_state *self = reader->state;
    if (self->set != NULL && length > self->set_length &&
        memcmp(name, self->set, self->set_length) == 0 &&
        !lrp_column_is_mapped(reader->hints, name, length)) {
        const char *measure = name + self->set_length;
        size_t rest = length - self->set_length;
        if ((rest == 4 && memcmp(measure, "loss", rest) == 0) ||
            (rest == 8 && memcmp(measure, "accuracy", rest) == 0)) {
            return lrp_rows_set_validation(reader->rows, measure, rest, value, err);
        }
    }
    return lrp_rows_set(reader->rows, name, length, value, err);
}

static enum lrp_status take_document(struct lrp_log_reader *reader, const struct lrp_json *root,
                                     struct lrp_error *err)
{
    const struct lrp_json *history = lrp_json_member(root, "log_history");
    if (lrp_json_type_of(history) != LRP_JSON_ARRAY) {
        return lrp_fail(err, LRP_E_FORMAT, 0,
                        "no list log_history, where a trainer_state.json has its log");
    }
    LRP_TRY(choose_set(reader, history, err));
    for (size_t i = 0; i < lrp_json_length(history); i++) {
        const struct lrp_json *entry = lrp_json_element(history, i);
        if (lrp_json_member(entry, "train_runtime") != NULL) {
            continue; /* the summary of the run, not a point of its curve */
        }
        LRP_TRY(lrp_json_numbers(entry, take_number, reader, err));
        LRP_TRY(lrp_rows_end(reader->rows, err));
    }
    return LRP_OK;
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
    .name = "hf",
    .description = "trainer_state.json of Hugging Face's Trainer",
    .probe = probe,
    .take_document = take_document,
    .state_size = sizeof(struct hf_state),
};
