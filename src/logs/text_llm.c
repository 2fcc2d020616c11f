/* SPDX-License-Identifier: MIT */
/* Printed logs whose values stand before their names, or whose names are not words: Darknet, llm.c
 * (main.log and what it prints). */
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

/* ---- Darknet: "100: 2.3, 2.4 avg loss, 0.001 rate, 1.2 seconds, 6400 images" */

struct darknet_line {
    double step, loss, mean, rate;
};

static bool darknet_parse(const char *text, struct darknet_line *out)
{
    const char *at = lrp_skip_word(text, "");
    if (*at < '0' || *at > '9') {
        return false;
    }
    at = lrp_match(at, "%:%,% avg", &out->step, &out->loss, &out->mean);
    return lrp_match(lrp_behind(at, ","), "% rate", &out->rate) != NULL;
}

static bool darknet_is_line(const char *text)
{
    struct darknet_line line;
    return darknet_parse(text, &line);
}

static enum lrp_status darknet_take(struct lrp_log_reader *reader, const struct lrp_line *line,
                                    struct lrp_error *err)
{
    struct darknet_line values;
    if (!darknet_parse(line->text, &values)) {
        return LRP_OK;
    }
    LRP_TRY(lrp_rows_at(reader->rows, "step", values.step, err));
    LRP_TRY(lrp_rows_put(reader->rows, "loss", values.loss, err));
    LRP_TRY(lrp_rows_put(reader->rows, "smoothed loss", values.mean, err));
    return lrp_rows_put(reader->rows, "lr", values.rate, err);
}

const struct lrp_log_format lrp_log_format_darknet = {
    .name = "darknet",
    .description = "what Darknet prints: 100: 2.3, 2.4 avg loss, 0.001 rate",
    .is_line = darknet_is_line,
    .take_line = darknet_take,
};
