/* SPDX-License-Identifier: MIT */
/* Trainers of small language models: llm.c (main.log and what it prints), nanoGPT and its
 * descendants. */
#include "log_reader.h"
#include "text_scan.h"

#include <math.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* ---- llm.c, main.log: "s:250 trl:4.1 lr:0.0006 norm:0.5", "s:250 tel:4.0", "s:250 eval:0.25" */

static const char *llmc_step(const char *text, double *step)
{
    const char *at = lrp_match(text, "s:%", step);
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
    static const struct lrp_text_field fields[] = {{" trl:", "loss"},
                                                   {" tel:", "val_loss"},
                                                   {" lr:", "lr"},
                                                   {" norm:", "grad_norm"},
                                                   {" eval:", "hellaswag_accuracy"}};
    double step = 0;
    if (!llmc_is_line(line->text)) {
        return LRP_OK;
    }
    (void)llmc_step(line->text, &step);
    LRP_TRY(lrp_rows_at(reader->rows, "step", step, err));
    return lrp_put_fields(reader->rows, line->text, fields, COUNT(fields), err);
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
    return lrp_match(text, "step%/% |", step, &steps);
}

static bool llmc_stdout_is_line(const char *text)
{
    double step = 0;
    const char *at = printed_step(text, &step);
    return lrp_skip_word(at, "loss ") != NULL || lrp_skip_word(at, "train loss ") != NULL;
}

static enum lrp_status llmc_stdout_take(struct lrp_log_reader *reader, const struct lrp_line *line,
                                        struct lrp_error *err)
{
    static const struct lrp_text_field fields[] = {
        {"train loss ", "loss"}, {"loss ", "loss"}, {"norm ", "grad_norm"}, {"lr ", "lr"}};
    double value = 0;
    const char *at = printed_step(line->text, &value);
    if (at == NULL) { /* measured after the step that was printed before it */
        at = lrp_skip_word(line->text, "val loss ");
        if (lrp_skip_number(at, &value) != NULL && isnan(reader->step)) {
            LRP_TRY(lrp_rows_at(reader->rows, "step", 0, err));
        }
        return lrp_put_number(reader->rows, "val_loss", at, err);
    }
    reader->step = value;
    LRP_TRY(lrp_rows_at(reader->rows, "step", value, err));
    /* between the bars "name number (z-score)": the z-scores are no data */
    for (; at != NULL; at = lrp_behind(at, "|")) {
        for (size_t i = 0; i < COUNT(fields); i++) {
            LRP_TRY(lrp_put_number(reader->rows, fields[i].name, lrp_skip_word(at, fields[i].mark),
                                   err));
        }
    }
    return LRP_OK;
}

const struct lrp_log_format lrp_log_format_llmc_stdout = {
    .name = "llmc-stdout",
    .description = "what llm.c prints: step 1/1000 | loss 10.9 | lr ...",
    .is_line = llmc_stdout_is_line,
    .take_line = llmc_stdout_take,
};

/* ---- nanoGPT: "step 250: train loss 2.1, val loss 2.2", "iter 10: loss 2.3, time 5ms, mfu ..." */

static bool nanogpt_parse(const char *text, double *step)
{
    const char *at = lrp_match(lrp_skip_word(text, "iter "), "%:", step);
    if (at != NULL) {
        return lrp_skip_word(at, "loss ") != NULL;
    }
    at = lrp_match(lrp_skip_word(text, "step "), "%:", step);
    return lrp_skip_word(at, "train loss ") != NULL && strstr(at, ", val loss ") != NULL;
}

static bool nanogpt_is_line(const char *text)
{
    double step = 0;
    return nanogpt_parse(text, &step);
}

static enum lrp_status nanogpt_take(struct lrp_log_reader *reader, const struct lrp_line *line,
                                    struct lrp_error *err)
{
    /* the mean over some batches beside the validation loss is no batch's loss */
    static const struct lrp_text_field fields[] = {{"train loss ", "estimated loss"},
                                                   {"val loss ", "val_loss"},
                                                   {": loss ", "loss"},
                                                   {"lr ", "lr"},
                                                   {"norm ", "grad_norm"}};
    double step = 0;
    if (!nanogpt_parse(line->text, &step)) {
        return LRP_OK;
    }
    LRP_TRY(lrp_rows_at(reader->rows, "step", step, err));
    return lrp_put_fields(reader->rows, line->text, fields, COUNT(fields), err);
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
    const char *at = lrp_match(text, "step:%/%", step, &steps);
    bool known =
        at != NULL && (strstr(at, " train_loss:") != NULL || strstr(at, " val_loss:") != NULL ||
                       strstr(at, " loss:") != NULL || strstr(at, " train_time:") != NULL);
    return known ? at : NULL;
}

static bool modded_is_line(const char *text)
{
    double step = 0;
    return modded_step(text, &step) != NULL;
}

static enum lrp_status modded_take(struct lrp_log_reader *reader, const struct lrp_line *line,
                                   struct lrp_error *err)
{
    double step = 0;
    double value = 0;
    const char *at = modded_step(line->text, &step);
    bool begun = false;
    while (at != NULL && *at == ' ') { /* name:number, then a unit or a blank */
        const char *name = at + 1;
        size_t length = strcspn(name, " :");
        const char *number = name[length] == ':' ? name + length + 1 : NULL;
        const char *behind = lrp_skip_number(number, &value);
        at = number != NULL ? number : name + length;
        at += strcspn(at, " ");
        if (behind == NULL || *behind != *at) {
            continue; /* with a unit: no metric */
        }
        if (!begun) {
            LRP_TRY(lrp_rows_at(reader->rows, "step", step, err));
            begun = true;
        }
        LRP_TRY(lrp_rows_set(reader->rows, name, length, value, err));
    }
    return LRP_OK;
}

const struct lrp_log_format lrp_log_format_modded_nanogpt = {
    .name = "modded-nanogpt",
    .description = "what modded-nanogpt prints: step:125/6200 train_loss:4.1",
    .is_line = modded_is_line,
    .take_line = modded_take,
};
