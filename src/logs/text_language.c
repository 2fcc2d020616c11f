/* SPDX-License-Identifier: MIT */
/* Toolkits for language and speech: Megatron-LM, fairseq, Coqui TTS. */
#include "json.h"
#include "log_reader.h"
#include "text_scan.h"

#include <math.h>
#include <string.h>

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* One "name: number" field of [begin, end) into the row; anything else is passed over. prefix
 * "val_" or "". */
static enum lrp_status set_field(struct lrp_log_reader *reader, const char *begin, const char *end,
                                 char sign, bool validation, struct lrp_error *err)
{
    double value = 0;
    const char *colon = end;
    while (colon > begin && colon[-1] != sign) {
        colon--;
    }
    if (colon == begin || lrp_skip_number(colon, &value) == NULL) {
        return LRP_OK;
    }
    const char *name = begin;
    const char *last = colon - 1;
    while (name < last && is_blank(*name)) {
        name++;
    }
    while (last > name && is_blank(last[-1])) {
        last--;
    }
    size_t length = (size_t)(last - name);
    return validation ? lrp_rows_set_validation(reader->rows, name, length, value, err)
                      : lrp_rows_set(reader->rows, name, length, value, err);
}

/* ---- Megatron-LM: "iteration 10/ 1000 | consumed samples: 160 | ... | lm loss: 6.4E+00 | ...",
 * also within other text, and "validation loss at iteration 10 | lm loss value: 6.1E+00 | ..." */

static const char *megatron_iteration(const char *text, double *step)
{
    double steps = 0;
    const char *at = lrp_behind(text, "iteration ");
    at = at != NULL ? lrp_skip_number(at, step) : NULL;
    at = at != NULL && *at == '/' ? lrp_skip_number(at + 1, &steps) : NULL;
    return at != NULL ? lrp_skip_word(at, "|") : NULL;
}

static const char *megatron_validation(const char *text, double *step)
{
    const char *at = lrp_behind(text, "validation loss at iteration ");
    at = at != NULL ? lrp_skip_number(at, step) : NULL;
    return at != NULL ? lrp_behind(at, "|") : NULL;
}

static bool megatron_is_line(const char *text)
{
    double step = 0;
    const char *at = megatron_iteration(text, &step);
    return at != NULL && strstr(at, "loss") != NULL;
}

static enum lrp_status megatron_take(struct lrp_log_reader *reader, const struct lrp_line *line,
                                     struct lrp_error *err)
{
    static const char value_mark[] = "lm loss value:";
    double step = 0;
    double value = 0;
    const char *at = megatron_validation(line->text, &step);
    if (at != NULL) {
        const char *number = lrp_behind(at, value_mark);
        if (number == NULL || lrp_skip_number(number, &value) == NULL) {
            return LRP_OK;
        }
        enum lrp_status status = lrp_rows_at(reader->rows, "step", step, err);
        return status == LRP_OK ? lrp_rows_put(reader->rows, "val_loss", value, err) : status;
    }
    at = megatron_iteration(line->text, &step);
    if (at == NULL) {
        return LRP_OK;
    }
    enum lrp_status status = lrp_rows_at(reader->rows, "step", step, err);
    while (*at != '\0' && status == LRP_OK) {
        size_t length = strcspn(at, "|");
        status = set_field(reader, at, at + length, ':', false, err);
        at += length + (at[length] == '|' ? 1 : 0);
    }
    return status;
}

const struct lrp_log_format lrp_log_format_megatron = {
    .name = "megatron",
    .description = "what Megatron-LM prints: iteration 10/ 1000 | ... | lm loss: 6.4E+00 | ...",
    .is_line = megatron_is_line,
    .take_line = megatron_take,
};

/* ---- fairseq: "| epoch 001 | loss 5.2 | ppl 37 | num_updates 100 | lr 0.001",
 * "epoch 001:  100 / 1500 loss=5.2, ppl=37, num_updates=100", "train_inner | {"epoch": 1, ...}" */

struct fairseq_line {
    const char *fields; /* behind the position */
    double epoch;
    bool validation;
    bool summary; /* of a whole epoch */
    bool json;
};

static bool fairseq_parse(const char *text, struct fairseq_line *out)
{
    static const struct {
        const char *mark;
        bool validation, summary;
    } json[] = {{"| train_inner | {", false, false},
                {"| train | {", false, true},
                {"| valid | {", true, true}};
    double value = 0;
    *out = (struct fairseq_line){NULL, (double)NAN, false, false, false};
    for (size_t i = 0; i < sizeof json / sizeof json[0]; i++) {
        const char *at = lrp_behind(text, json[i].mark);
        if (at != NULL) {
            *out = (struct fairseq_line){at - 1, (double)NAN, json[i].validation, json[i].summary,
                                         true};
            return true;
        }
    }
    const char *at = lrp_behind(text, "| epoch ");
    at = at != NULL ? lrp_skip_number(at, &out->epoch) : NULL;
    if (at == NULL) {
        return false;
    }
    if (*at == ':') { /* a progress line */
        const char *step = lrp_skip_number(at + 1, &value);
        step = step != NULL ? lrp_skip_word(step, "/") : NULL;
        out->fields = step != NULL ? lrp_skip_number(step, &value) : NULL;
        return out->fields != NULL && strstr(out->fields, "loss=") != NULL;
    }
    out->fields = lrp_skip_word(at, "|");
    out->summary = true;
    out->validation = out->fields != NULL && strstr(out->fields, "valid on") != NULL;
    return out->fields != NULL && strstr(out->fields, "loss ") != NULL;
}

static bool fairseq_is_line(const char *text)
{
    struct fairseq_line line;
    return fairseq_parse(text, &line);
}

/* One value; what is told of a whole epoch of training is kept apart from the batches. */
static enum lrp_status fairseq_set(struct lrp_log_reader *reader, const struct fairseq_line *line,
                                   const char *name, size_t length, double value,
                                   struct lrp_error *err)
{
    static const char *const prefixes[] = {"train_", "valid_"};
    for (size_t i = 0; i < 2; i++) {
        if (length > 6 && memcmp(name, prefixes[i], 6) == 0) {
            name += 6;
            length -= 6;
        }
    }
    bool position = length == 11 && memcmp(name, "num_updates", 11) == 0;
    position = position || (length == 5 && memcmp(name, "epoch", 5) == 0);
    if (position) {
        return lrp_rows_set(reader->rows, name, length, value, err);
    }
    if (line->validation) {
        return lrp_rows_set_validation(reader->rows, name, length, value, err);
    }
    if (line->summary && length == 4 && memcmp(name, "loss", 4) == 0) {
        return lrp_rows_put(reader->rows, "loss_epoch", value, err);
    }
    return lrp_rows_set(reader->rows, name, length, value, err);
}

static enum lrp_status fairseq_json(struct lrp_log_reader *reader, const struct fairseq_line *line,
                                    struct lrp_error *err)
{
    struct lrp_json *root = NULL;
    const void *cursor = NULL;
    const char *key = NULL;
    const struct lrp_json *value = NULL;
    double number = 0;
    enum lrp_status status = lrp_json_parse(line->fields, strlen(line->fields), &root, err);
    if (status != LRP_OK) { /* a line that was cut off or mixed with another */
        return status == LRP_E_NOMEM ? status : LRP_OK;
    }
    while (status == LRP_OK && lrp_json_next_member(root, &cursor, &key, &value)) {
        if (lrp_json_as_number(value, &number)) {
            status = fairseq_set(reader, line, key, strlen(key), number, err);
        }
    }
    lrp_json_free(root);
    return status;
}

static enum lrp_status fairseq_take(struct lrp_log_reader *reader, const struct lrp_line *line,
                                    struct lrp_error *err)
{
    struct fairseq_line parsed;
    struct lrp_pair pair;
    if (!fairseq_parse(line->text, &parsed)) {
        return LRP_OK;
    }
    enum lrp_status status = lrp_rows_end(reader->rows, err);
    if (status == LRP_OK && !isnan(parsed.epoch)) {
        status = lrp_rows_put(reader->rows, "epoch", parsed.epoch, err);
    }
    if (status == LRP_OK && parsed.json) {
        return fairseq_json(reader, &parsed, err);
    }
    const char *at = parsed.fields;
    while (status == LRP_OK && lrp_next_pair(&at, &pair)) {
        status = fairseq_set(reader, &parsed, pair.name, pair.name_length, pair.value, err);
    }
    return status;
}

const struct lrp_log_format lrp_log_format_fairseq = {
    .name = "fairseq",
    .description = "what fairseq prints: | epoch 001 | loss 5.2 | num_updates 100",
    .is_line = fairseq_is_line,
    .take_line = fairseq_take,
};

/* ---- Coqui TTS: "--> TIME: ... -- STEP: 50/24940 -- GLOBAL_STEP: 50" and "| > loss: 0.06 (0.05)",
 * "--> EVAL PERFORMANCE" and "| > avg_loss: 4.88 (+0)" */

static const char *coqui_step(const char *text, double *step)
{
    const char *at = lrp_skip_word(text, "--> ");
    at = at != NULL ? lrp_behind(at, "-- GLOBAL_STEP: ") : NULL;
    return at != NULL ? lrp_skip_number(at, step) : NULL;
}

static bool coqui_is_line(const char *text)
{
    double step = 0;
    return coqui_step(text, &step) != NULL || lrp_skip_word(text, "--> EVAL PERFORMANCE") != NULL;
}

static enum lrp_status coqui_take(struct lrp_log_reader *reader, const struct lrp_line *line,
                                  struct lrp_error *err)
{
    double value = 0;
    const char *text = line->text;
    const char *at = lrp_skip_word(text, "> EPOCH: ");
    if (at != NULL && lrp_skip_number(at, &value) != NULL) {
        reader->epoch = value;
        reader->waiting = false;
        return lrp_rows_end(reader->rows, err);
    }
    if (coqui_step(text, &value) != NULL) {
        enum lrp_status status = lrp_rows_at(reader->rows, "step", value, err);
        reader->in_validation = false;
        reader->waiting = true;
        return status == LRP_OK && !isnan(reader->epoch)
                   ? lrp_rows_put(reader->rows, "epoch", reader->epoch, err)
                   : status;
    }
    if (lrp_skip_word(text, "--> ") != NULL) { /* a summary, or one batch of a validation */
        reader->in_validation = strstr(text, "EVAL PERFORMANCE") != NULL;
        reader->waiting = reader->in_validation;
        return LRP_OK;
    }
    at = lrp_skip_word(text, "| > ");
    if (at == NULL || !reader->waiting) {
        return LRP_OK;
    }
    const char *mean = reader->in_validation ? lrp_skip_word(at, "avg_") : NULL;
    at = mean != NULL ? mean : at;
    const char *end = strchr(at, '(') != NULL ? strchr(at, '(') : at + strlen(at);
    return set_field(reader, at, end, ':', reader->in_validation, err);
}

const struct lrp_log_format lrp_log_format_coqui = {
    .name = "coqui",
    .description = "trainer_0_log.txt of Coqui TTS",
    .is_line = coqui_is_line,
    .take_line = coqui_take,
};
