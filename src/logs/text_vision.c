/* SPDX-License-Identifier: MIT */
/* Frameworks of computer vision: Caffe, Darknet, MXNet, and the loops of torchvision and DeiT. */
#include "log_reader.h"
#include "text_scan.h"

#include <math.h>
#include <string.h>

/* ---- Caffe: "Iteration 100 (2 iter/s, 50s/100 iters), loss = 1.2", "Iteration 100, lr = 0.01",
 * "Iteration 100, Testing net (#0)" and "Test net output #0: accuracy = 0.9" */

static const char *caffe_iteration(const char *text, double *step)
{
    const char *at = lrp_match(lrp_behind(text, "Iteration "), "%", step);
    at = lrp_skip_word(at, "(") != NULL ? lrp_behind(at, ")") : at;
    return lrp_match(at, ",");
}

static bool caffe_is_line(const char *text)
{
    double step = 0;
    const char *at = caffe_iteration(text, &step);
    return lrp_skip_word(at, "loss = ") != NULL || lrp_skip_word(at, "lr = ") != NULL ||
           lrp_skip_word(at, "Testing net") != NULL;
}

static enum lrp_status caffe_take(struct lrp_log_reader *reader, const struct lrp_line *line,
                                  struct lrp_error *err)
{
    double value = 0;
    const char *at = caffe_iteration(line->text, &value);
    if (at != NULL) {
        LRP_TRY(lrp_rows_at(reader->rows, "step", value, err));
        LRP_TRY(lrp_put_number(reader->rows, "loss", lrp_skip_word(at, "loss = "), err));
        return lrp_put_number(reader->rows, "lr", lrp_skip_word(at, "lr = "), err);
    }
    const char *name = lrp_behind(lrp_behind(line->text, "Test net output #"), ": ");
    const char *number = lrp_behind(name, " = ");
    return lrp_skip_number(number, &value) == NULL
               ? LRP_OK
               : lrp_rows_set_validation(reader->rows, name, (size_t)(number - name) - 3, value,
                                         err);
}

const struct lrp_log_format lrp_log_format_caffe = {
    .name = "caffe",
    .description = "what Caffe prints: Iteration 100, loss = 1.2",
    .is_line = caffe_is_line,
    .take_line = caffe_take,
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

/* ---- MXNet: "Epoch[3] Batch [50] Speed: 700 samples/sec Train-accuracy=0.5",
 * "Epoch[3] Validation-accuracy=0.6", "Update[8580]: Change learning rate to 1.0e-02" */

static const char *mxnet_epoch(const char *text, double *epoch)
{
    return lrp_match(lrp_behind(text, "Epoch["), "%]", epoch);
}

static bool mxnet_is_line(const char *text)
{
    double epoch = 0;
    const char *at = mxnet_epoch(text, &epoch);
    return lrp_skip_word(at, "Batch [") != NULL || lrp_skip_word(at, "Train-") != NULL ||
           lrp_skip_word(at, "Validation-") != NULL || lrp_skip_word(at, "Time cost=") != NULL;
}

/* "name=number" fields between blanks. */
static enum lrp_status mxnet_fields(struct lrp_log_reader *reader, const char *at,
                                    struct lrp_error *err)
{
    struct lrp_pair pair;
    while (lrp_next_pair(&at, &pair)) {
        const char *end = pair.name + pair.name_length;
        if (pair.sign != '=' || memchr(pair.name, ' ', pair.name_length) != NULL) {
            continue;
        }
        const char *validation = lrp_match(pair.name, "Validation-");
        const char *training = lrp_match(pair.name, "Train-");
        if (validation != NULL && validation < end) {
            LRP_TRY(lrp_rows_set_validation(reader->rows, validation, (size_t)(end - validation),
                                            pair.value, err));
        } else {
            const char *name = training != NULL && training < end ? training : pair.name;
            LRP_TRY(lrp_rows_set(reader->rows, name, (size_t)(end - name), pair.value, err));
        }
    }
    return LRP_OK;
}

/* The rate is printed where it changes, and once at the start. */
static bool mxnet_rate(const char *text, double *rate)
{
    return lrp_skip_number(lrp_behind(text, "Change learning rate to "), rate) != NULL;
}

static enum lrp_status mxnet_take(struct lrp_log_reader *reader, const struct lrp_line *line,
                                  struct lrp_error *err)
{
    double epoch = 0;
    double batch = 0;
    double before = 0;
    if (mxnet_rate(line->text, &reader->lr)) {
        return lrp_rows_end(reader->rows, err);
    }
    if (strstr(line->text, "Namespace(") != NULL) {
        (void)lrp_skip_number(lrp_behind(line->text, " lr="), &reader->lr);
    }
    const char *at = mxnet_epoch(line->text, &epoch);
    if (at == NULL || lrp_skip_word(at, "Time cost") != NULL || strchr(at, '=') == NULL) {
        return LRP_OK;
    }
    const char *words = lrp_skip_word(at, "Batch [");
    const char *range = lrp_behind(words, "-");
    if (range != NULL && range < words + strcspn(words, "]")) {
        words = range; /* newer versions print the range of batches */
    }
    bool in_batch = lrp_skip_number(words, &batch) != NULL;
    bool same = lrp_rows_get(reader->rows, "epoch", &before) && before == epoch;
    if (in_batch) {
        same = same && lrp_rows_get(reader->rows, "batch", &before) && before == batch;
    }
    LRP_TRY(same ? LRP_OK : lrp_rows_end(reader->rows, err));
    LRP_TRY(lrp_rows_put(reader->rows, "epoch", epoch, err));
    LRP_TRY(in_batch ? lrp_rows_put(reader->rows, "batch", batch, err) : LRP_OK);
    LRP_TRY(isnan(reader->lr) ? LRP_OK : lrp_rows_put(reader->rows, "lr", reader->lr, err));
    return mxnet_fields(reader, at, err);
}

const struct lrp_log_format lrp_log_format_mxnet = {
    .name = "mxnet",
    .description = "what MXNet prints: Epoch[3] Batch [50] ... Train-accuracy=0.5",
    .is_line = mxnet_is_line,
    .take_line = mxnet_take,
};

/* ---- torchvision, DeiT, PyTorch's ImageNet example: "Epoch: [0]  [ 10/1251]  eta: 0:10:00
 * lr: 0.1  loss: 6.9 (7.0)  time: ...", "Epoch: [0][ 10/5005] Time 0.5 (0.6) Loss 6.9 (7.0)",
 * "Test:  [10/50] ... loss: 6.2 (6.3)", "* Acc@1 1.620 Acc@5 5.984 loss 6.224" */

struct torchvision_place {
    double epoch, batch, batches;
};

static const char *torchvision_parse(const char *text, struct torchvision_place *out)
{
    return lrp_match(lrp_skip_word(text, "Epoch: ["), "%] [%/%]", &out->epoch, &out->batch,
                     &out->batches);
}

static bool torchvision_is_line(const char *text)
{
    struct torchvision_place place;
    return torchvision_parse(text, &place) != NULL;
}

static bool is_time_or_memory(const struct lrp_pair *pair)
{
    static const char *const names[] = {"eta", "time", "Time", "data", "Data", "max mem"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (lrp_has_name(pair, names[i])) {
            return true;
        }
    }
    return false;
}

/* "name: current (mean)" fields: of a training line the current value, of a test line the mean. */
static enum lrp_status torchvision_fields(struct lrp_log_reader *reader, const char *at,
                                          bool validation, struct lrp_error *err)
{
    struct lrp_pair pair;
    while (lrp_next_pair(&at, &pair)) {
        double mean = pair.value;
        const char *bracket = lrp_skip_word(at, "(");
        if (lrp_skip_number(bracket, &mean) != NULL) {
            at = bracket;
        }
        if (!is_time_or_memory(&pair)) {
            LRP_TRY(
                validation
                    ? lrp_rows_set_validation(reader->rows, pair.name, pair.name_length, mean, err)
                    : lrp_rows_set(reader->rows, pair.name, pair.name_length, pair.value, err));
        }
    }
    return LRP_OK;
}

static enum lrp_status torchvision_take(struct lrp_log_reader *reader, const struct lrp_line *line,
                                        struct lrp_error *err)
{
    struct torchvision_place place;
    const char *at = torchvision_parse(line->text, &place);
    if (at != NULL) {
        double step = place.epoch * place.batches + place.batch;
        LRP_TRY(lrp_rows_at(reader->rows, "step", step, err));
        LRP_TRY(lrp_rows_put(reader->rows, "epoch", place.epoch, err));
        return torchvision_fields(reader, at, false, err);
    }
    at = lrp_behind(lrp_skip_word(line->text, "Test:"), "]");
    if (at != NULL) {
        return torchvision_fields(reader, at, true, err);
    }
    at = lrp_skip_word(line->text, "* Acc@1 ");
    return at != NULL ? torchvision_fields(reader, at - strlen("Acc@1 "), true, err) : LRP_OK;
}

const struct lrp_log_format lrp_log_format_torchvision = {
    .name = "torchvision",
    .description =
        "what torchvision's and DeiT's loops print: Epoch: [0]  [10/1251]  loss: 6.9 (7.0)",
    .is_line = torchvision_is_line,
    .take_line = torchvision_take,
};
