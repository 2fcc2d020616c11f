/* SPDX-License-Identifier: MIT */
/* Toolkits for language and speech: fairseq, Coqui TTS. */
#include "json.h"
#include "log_reader.h"
#include "text_scan.h"

#include <math.h>
#include <string.h>

/* One "name: number" field of [begin, end) into the row; anything else is passed over. */
static enum lrp_status set_field(struct lrp_log_reader *reader, const char *begin, const char *end,
                                 bool validation, struct lrp_error *err)
{
    double value = 0;
    const char *colon = end;
    while (colon > begin && colon[-1] != ':') {
        colon--;
    }
    if (colon == begin || lrp_skip_number(colon, &value) == NULL) {
        return LRP_OK;
    }
    const char *name = begin + strspn(begin, " \t");
    const char *last = colon - 1;
    while (last > name && (last[-1] == ' ' || last[-1] == '\t')) {
        last--;
    }
    size_t length = last > name ? (size_t)(last - name) : 0;
    return validation ? lrp_rows_set_validation(reader->rows, name, length, value, err)
                      : lrp_rows_set(reader->rows, name, length, value, err);
}

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
    double ignored = 0;
    *out = (struct fairseq_line){NULL, (double)NAN, false, false, false};
    for (size_t i = 0; i < sizeof json / sizeof json[0]; i++) {
        const char *at = lrp_behind(text, json[i].mark);
        if (at != NULL) {
            *out = (struct fairseq_line){at - 1, (double)NAN, json[i].validation, json[i].summary,
                                         true};
            return true;
        }
    }
    const char *at = lrp_match(lrp_behind(text, "| epoch "), "%", &out->epoch);
    if (lrp_match(at, ":") != NULL) { /* a progress line */
        out->fields = lrp_match(at, ":% /%", &ignored, &ignored);
        return out->fields != NULL && strstr(out->fields, "loss=") != NULL;
    }
    out->fields = lrp_skip_word(at, "|");
    out->summary = true;
    out->validation = out->fields != NULL && strstr(out->fields, "valid on") != NULL;
    return out->fields != NULL && strstr(out->fields, "loss ") != NULL &&
           strstr(out->fields, "num_updates") != NULL;
}

static bool fairseq_is_line(const char *text)
{
    struct fairseq_line line;
    return fairseq_parse(text, &line);
}

/* One value; what is logged of a complete epoch of training is kept apart from the batches. */
static enum lrp_status fairseq_set(struct lrp_log_reader *reader, const struct fairseq_line *line,
                                   struct lrp_pair pair, struct lrp_error *err)
{
    if (lrp_match(pair.name, "train_") != NULL || lrp_match(pair.name, "valid_") != NULL) {
        if (pair.name_length > 6) {
            pair.name += 6;
            pair.name_length -= 6;
        }
    }
    bool position = lrp_has_name(&pair, "num_updates") || lrp_has_name(&pair, "epoch");
    if (line->validation && !position) {
        return lrp_rows_set_validation(reader->rows, pair.name, pair.name_length, pair.value, err);
    }
    if (line->summary && lrp_has_name(&pair, "loss")) {
        return lrp_rows_put(reader->rows, "loss_epoch", pair.value, err);
    }
    return lrp_rows_set(reader->rows, pair.name, pair.name_length, pair.value, err);
}

static enum lrp_status fairseq_json(struct lrp_log_reader *reader, const struct fairseq_line *line,
                                    struct lrp_error *err)
{
    struct lrp_json *root = NULL;
    const void *cursor = NULL;
    struct lrp_pair pair = {0};
    const struct lrp_json *value = NULL;
    enum lrp_status status = lrp_json_parse(line->fields, strlen(line->fields), &root, err);
    if (status != LRP_OK) { /* a line that was cut off or mixed with another */
        return status == LRP_E_NOMEM ? status : LRP_OK;
    }
    while (status == LRP_OK && lrp_json_next_member(root, &cursor, &pair.name, &value)) {
        pair.name_length = strlen(pair.name);
        if (lrp_json_as_number(value, &pair.value)) {
            status = fairseq_set(reader, line, pair, err);
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
    LRP_TRY(lrp_rows_end(reader->rows, err));
    if (!isnan(parsed.epoch)) {
        LRP_TRY(lrp_rows_put(reader->rows, "epoch", parsed.epoch, err));
    }
    if (parsed.json) {
        return fairseq_json(reader, &parsed, err);
    }
    for (const char *at = parsed.fields; lrp_next_pair(&at, &pair);) {
        LRP_TRY(fairseq_set(reader, &parsed, pair, err));
    }
    return LRP_OK;
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
    return lrp_match(lrp_behind(lrp_skip_word(text, "--> "), "-- GLOBAL_STEP: "), "%", step);
}

static bool coqui_is_line(const char *text)
{
    double step = 0;
    return coqui_step(text, &step) != NULL || lrp_skip_word(text, "--> EVAL PERFORMANCE") != NULL;
}

static enum lrp_status coqui_take(struct lrp_log_reader *reader, const struct lrp_line *line,
                                  struct lrp_error *err)
{
    double step = 0;
    const char *text = line->text;
    if (lrp_skip_number(lrp_skip_word(text, "> EPOCH: "), &reader->epoch) != NULL) {
        reader->waiting = false;
        return lrp_rows_end(reader->rows, err);
    }
    if (coqui_step(text, &step) != NULL) {
        reader->in_validation = false;
        reader->waiting = true;
        LRP_TRY(lrp_rows_at(reader->rows, "step", step, err));
        return isnan(reader->epoch) ? LRP_OK
                                    : lrp_rows_put(reader->rows, "epoch", reader->epoch, err);
    }
    if (lrp_skip_word(text, "--> ") != NULL) { /* a summary, or one batch of a validation */
        reader->in_validation = strstr(text, "EVAL PERFORMANCE") != NULL;
        reader->waiting = reader->in_validation;
        return LRP_OK;
    }
    const char *at = lrp_skip_word(text, "| > ");
    if (at == NULL || !reader->waiting) {
        return LRP_OK;
    }
    const char *mean = reader->in_validation ? lrp_skip_word(at, "avg_") : NULL;
    at = mean != NULL ? mean : at;
    return set_field(reader, at, at + strcspn(at, "("), reader->in_validation, err);
}

const struct lrp_log_format lrp_log_format_coqui = {
    .name = "coqui",
    .description = "trainer_0_log.txt of Coqui TTS",
    .is_line = coqui_is_line,
    .take_line = coqui_take,
};
