/* SPDX-License-Identifier: MIT */
/* Trainers of small language models: llm.c (main.log and what it prints), nanoGPT and its
 * descendants. */
#include "log_reader.h"
#include "text_scan.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

/* ---- llm.c, main.log: "s:250 trl:4.1 lr:0.0006 norm:0.5", "s:250 tel:4.0", "s:250 eval:0.25" */

static const char *llmc_step(const char *text, double *step)
{
    const char *at = strncmp(text, "s:", 2) == 0 ? lrp_skip_number(text + 2, step) : NULL;
    return at != NULL && *at == ' ' ? at + 1 : NULL;
}

static bool llmc_is_line(const char *text)
{
    double step = 0;
    const char *at = llmc_step(text, &step);
    return at != NULL && (strncmp(at, "trl:", 4) == 0 || strncmp(at, "tel:", 4) == 0 ||
                          strncmp(at, "eval:", 5) == 0);
}

static enum lrp_status llmc_take(struct lrp_log_reader *reader, const struct lrp_line *line,
                                 struct lrp_error *err)
{
    static const struct {
        const char *mark;
        const char *name;
    } fields[] = {{"trl:", "loss"},
                  {"tel:", "val_loss"},
                  {"lr:", "lr"},
                  {"norm:", "grad_norm"},
                  {"eval:", "hellaswag_accuracy"}};
    double step = 0;
    double value = 0;
    const char *at = llmc_step(line->text, &step);
    if (at == NULL || !llmc_is_line(line->text)) {
        return LRP_OK;
    }
    enum lrp_status status = lrp_rows_at(reader->rows, "step", step, err);
    for (size_t i = 0; i < sizeof fields / sizeof fields[0] && status == LRP_OK; i++) {
        const char *found = lrp_behind(at, fields[i].mark);
        bool whole = found != NULL && (found == at + strlen(fields[i].mark) ||
                                       found[-(ptrdiff_t)strlen(fields[i].mark) - 1] == ' ');
        if (whole && lrp_skip_number(found, &value) != NULL) {
            status = lrp_rows_put(reader->rows, fields[i].name, value, err);
        }
    }
    return status;
}

const struct lrp_log_format lrp_log_format_llmc = {
    .name = "llmc",
    .description = "llm.c's main.log: s:STEP trl:LOSS lr:RATE norm:NORM",
    .is_line = llmc_is_line,
    .take_line = llmc_take,
};

/* ---- llm.c, printed: "step 1/18865 | loss 10.9 (+nanz)| norm 15.1 (+nanz)| lr 8.57e-07 | ..." */

static const char *printed_step(const char *text, double *step)
{
    double steps = 0;
    const char *at = strncmp(text, "step", 4) == 0 ? lrp_skip_number(text + 4, step) : NULL;
    at = at != NULL && *at == '/' ? lrp_skip_number(at + 1, &steps) : NULL;
    at = at != NULL ? lrp_skip_word(at, "|") : NULL;
    return at;
}

static bool llmc_stdout_is_line(const char *text)
{
    double step = 0;
    const char *at = printed_step(text, &step);
    return at != NULL &&
           (lrp_skip_word(at, "loss ") != NULL || lrp_skip_word(at, "train loss ") != NULL);
}

static enum lrp_status llmc_stdout_take(struct lrp_log_reader *reader, const struct lrp_line *line,
                                        struct lrp_error *err)
{
    double value = 0;
    const char *at = printed_step(line->text, &value);
    if (at == NULL) { /* measured after the step that was printed before it */
        at = lrp_skip_word(line->text, "val loss ");
        if (at == NULL || lrp_skip_number(at, &value) == NULL) {
            return LRP_OK;
        }
        enum lrp_status ready =
            isnan(reader->step) ? lrp_rows_at(reader->rows, "step", 0, err) : LRP_OK;
        return ready == LRP_OK ? lrp_rows_put(reader->rows, "val_loss", value, err) : ready;
    }
    reader->step = value;
    enum lrp_status status = lrp_rows_at(reader->rows, "step", value, err);
    /* between the bars "name number (z-score)": the z-scores are no data */
    while (at != NULL && status == LRP_OK) {
        static const struct {
            const char *mark;
            const char *name;
        } fields[] = {
            {"train loss ", "loss"}, {"loss ", "loss"}, {"norm ", "grad_norm"}, {"lr ", "lr"}};
        for (size_t i = 0; i < sizeof fields / sizeof fields[0] && status == LRP_OK; i++) {
            const char *number = lrp_skip_word(at, fields[i].mark);
            if (number != NULL && lrp_skip_number(number, &value) != NULL) {
                status = lrp_rows_put(reader->rows, fields[i].name, value, err);
            }
        }
        at = lrp_behind(at, "|");
    }
    return status;
}

const struct lrp_log_format lrp_log_format_llmc_stdout = {
    .name = "llmc-stdout",
    .description = "what llm.c prints: step 1/1000 | loss 10.9 | lr ...",
    .is_line = llmc_stdout_is_line,
    .take_line = llmc_stdout_take,
};

/* ---- nanoGPT: "step 250: train loss 2.1, val loss 2.2", "iter 10: loss 2.3, time 5ms, mfu ..." */

static const char *nanogpt_position(const char *text, const char *word, double *step)
{
    const char *at = lrp_skip_word(text, word);
    at = at != NULL ? lrp_skip_number(at, step) : NULL;
    return at != NULL && *at == ':' ? at + 1 : NULL;
}

static bool nanogpt_is_line(const char *text)
{
    double step = 0;
    const char *at = nanogpt_position(text, "iter ", &step);
    if (at != NULL) {
        return lrp_skip_word(at, "loss ") != NULL;
    }
    at = nanogpt_position(text, "step ", &step);
    return at != NULL && lrp_skip_word(at, "train loss ") != NULL &&
           strstr(at, ", val loss ") != NULL;
}

static enum lrp_status nanogpt_take(struct lrp_log_reader *reader, const struct lrp_line *line,
                                    struct lrp_error *err)
{
    /* the mean over some batches beside the validation loss is no batch's loss */
    static const struct {
        const char *mark;
        const char *name;
    } fields[] = {{"train loss ", "estimated loss"},
                  {"val loss ", "val_loss"},
                  {": loss ", "loss"},
                  {"lr ", "lr"},
                  {"norm ", "grad_norm"}};
    double step = 0;
    double value = 0;
    if (!nanogpt_is_line(line->text)) {
        return LRP_OK;
    }
    if (nanogpt_position(line->text, "iter ", &step) == NULL) {
        (void)nanogpt_position(line->text, "step ", &step);
    }
    enum lrp_status status = lrp_rows_at(reader->rows, "step", step, err);
    for (size_t i = 0; i < sizeof fields / sizeof fields[0] && status == LRP_OK; i++) {
        const char *at = lrp_behind(line->text, fields[i].mark);
        if (at != NULL && lrp_skip_number(at, &value) != NULL) {
            status = lrp_rows_put(reader->rows, fields[i].name, value, err);
        }
    }
    return status;
}

const struct lrp_log_format lrp_log_format_nanogpt = {
    .name = "nanogpt",
    .description = "what nanoGPT prints: iter 10: loss 2.3, time 5ms",
    .is_line = nanogpt_is_line,
    .take_line = nanogpt_take,
};

/* ---- modded-nanogpt: "step:125/6200 train_loss:4.1 train_time:24000ms step_avg:213.3ms" */

static const char *modded_step(const char *text, double *step)
{
    double steps = 0;
    const char *at = strncmp(text, "step:", 5) == 0 ? lrp_skip_number(text + 5, step) : NULL;
    at = at != NULL && *at == '/' ? lrp_skip_number(at + 1, &steps) : NULL;
    return at;
}

static bool modded_is_line(const char *text)
{
    double step = 0;
    const char *at = modded_step(text, &step);
    return at != NULL && (strstr(at, " train_loss:") != NULL || strstr(at, " val_loss:") != NULL ||
                          strstr(at, " loss:") != NULL || strstr(at, " train_time:") != NULL);
}

static enum lrp_status modded_take(struct lrp_log_reader *reader, const struct lrp_line *line,
                                   struct lrp_error *err)
{
    double step = 0;
    double value = 0;
    const char *at = modded_step(line->text, &step);
    if (at == NULL || !modded_is_line(line->text)) {
        return LRP_OK;
    }
    enum lrp_status status = LRP_OK;
    bool begun = false;
    while (*at == ' ' && status == LRP_OK) { /* name:number, then a unit or a blank */
        const char *name = at + 1;
        size_t length = strcspn(name, " :");
        const char *number = name[length] == ':' ? name + length + 1 : "";
        at = name + length + (name[length] == ':' ? 1 : 0);
        const char *behind = lrp_skip_number(number, &value);
        at += strcspn(at, " ");
        if (behind == NULL || *behind != *at) {
            continue; /* with a unit: no metric */
        }
        status = begun ? LRP_OK : lrp_rows_at(reader->rows, "step", step, err);
        begun = true;
        status = status == LRP_OK ? lrp_rows_set(reader->rows, name, length, value, err) : status;
    }
    return status;
}

const struct lrp_log_format lrp_log_format_modded_nanogpt = {
    .name = "modded-nanogpt",
    .description = "what modded-nanogpt prints: step:125/6200 train_loss:4.1",
    .is_line = modded_is_line,
    .take_line = modded_take,
};
