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
    const char *at = lrp_behind(text, "Iteration ");
    at = at != NULL ? lrp_skip_number(at, step) : NULL;
    if (at != NULL && lrp_skip_word(at, "(") != NULL) {
        at = lrp_behind(at, ")");
    }
    return at != NULL && *at == ',' ? at + 1 : NULL;
}

static bool caffe_is_line(const char *text)
{
    double step = 0;
    const char *at = caffe_iteration(text, &step);
    return at != NULL &&
           (lrp_skip_word(at, "loss = ") != NULL || lrp_skip_word(at, "lr = ") != NULL ||
            lrp_skip_word(at, "Testing net") != NULL);
}

static enum lrp_status caffe_take(struct lrp_log_reader *reader, const struct lrp_line *line,
                                  struct lrp_error *err)
{
    double value = 0;
    double step = 0;
    const char *at = caffe_iteration(line->text, &step);
    const char *output = lrp_behind(line->text, "Test net output #");
    if (at != NULL) {
        enum lrp_status status = lrp_rows_at(reader->rows, "step", step, err);
        const char *loss = lrp_skip_word(at, "loss = ");
        const char *rate = lrp_skip_word(at, "lr = ");
        if (status == LRP_OK && loss != NULL && lrp_skip_number(loss, &value) != NULL) {
            return lrp_rows_put(reader->rows, "loss", value, err);
        }
        if (status == LRP_OK && rate != NULL && lrp_skip_number(rate, &value) != NULL) {
            return lrp_rows_put(reader->rows, "lr", value, err);
        }
        return status;
    }
    const char *name = output != NULL ? lrp_behind(output, ": ") : NULL;
    const char *number = name != NULL ? lrp_behind(name, " = ") : NULL;
    if (number == NULL || lrp_skip_number(number, &value) == NULL) {
        return LRP_OK;
    }
    return lrp_rows_set_validation(reader->rows, name, (size_t)(number - name) - 3, value, err);
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
    at = lrp_skip_number(at, &out->step);
    at = at != NULL && *at == ':' ? lrp_skip_number(at + 1, &out->loss) : NULL;
    at = at != NULL && *at == ',' ? lrp_skip_number(at + 1, &out->mean) : NULL;
    at = at != NULL ? lrp_skip_word(at, "avg") : NULL;
    at = at != NULL && lrp_behind(at, ",") != NULL
             ? lrp_skip_number(lrp_behind(at, ","), &out->rate)
             : NULL;
    return at != NULL && lrp_skip_word(at, "rate") != NULL;
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
    enum lrp_status status = lrp_rows_at(reader->rows, "step", values.step, err);
    status = status == LRP_OK ? lrp_rows_put(reader->rows, "loss", values.loss, err) : status;
    status =
        status == LRP_OK ? lrp_rows_put(reader->rows, "smoothed loss", values.mean, err) : status;
    return status == LRP_OK ? lrp_rows_put(reader->rows, "lr", values.rate, err) : status;
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
    const char *at = lrp_behind(text, "Epoch[");
    at = at != NULL ? lrp_skip_number(at, epoch) : NULL;
    return at != NULL && *at == ']' ? at + 1 : NULL;
}

static bool mxnet_is_line(const char *text)
{
    double epoch = 0;
    const char *at = mxnet_epoch(text, &epoch);
    return at != NULL &&
           (lrp_skip_word(at, "Batch [") != NULL || lrp_skip_word(at, "Train-") != NULL ||
            lrp_skip_word(at, "Validation-") != NULL || lrp_skip_word(at, "Time cost=") != NULL);
}

/* "name=number" fields between blanks. */
static enum lrp_status mxnet_fields(struct lrp_log_reader *reader, const char *at,
                                    struct lrp_error *err)
{
    static const char training[] = "Train-";
    static const char validation[] = "Validation-";
    enum lrp_status status = LRP_OK;
    struct lrp_pair pair;
    while (status == LRP_OK && lrp_next_pair(&at, &pair)) {
        const char *name = pair.name;
        size_t length = pair.name_length;
        if (pair.sign != '=' || memchr(name, ' ', length) != NULL) {
            continue;
        }
        if (length > sizeof validation - 1 &&
            memcmp(name, validation, sizeof validation - 1) == 0) {
            status = lrp_rows_set_validation(reader->rows, name + sizeof validation - 1,
                                             length - sizeof validation + 1, pair.value, err);
            continue;
        }
        size_t skip =
            length > sizeof training - 1 && memcmp(name, training, sizeof training - 1) == 0
                ? sizeof training - 1
                : 0;
        status = lrp_rows_set(reader->rows, name + skip, length - skip, pair.value, err);
    }
    return status;
}

static enum lrp_status mxnet_take(struct lrp_log_reader *reader, const struct lrp_line *line,
                                  struct lrp_error *err)
{
    double epoch = 0;
    double batch = 0;
    double rate = 0;
    const char *change = lrp_behind(line->text, "Change learning rate to ");
    const char *at = mxnet_epoch(line->text, &epoch);
    if (change != NULL && lrp_skip_number(change, &rate) != NULL) {
        enum lrp_status ended = lrp_rows_end(reader->rows, err);
        reader->lr = rate;
        return ended;
    }
    const char *start =
        strstr(line->text, "Namespace(") != NULL ? lrp_behind(line->text, " lr=") : NULL;
    if (start != NULL && lrp_skip_number(start, &rate) != NULL) {
        reader->lr = rate;
    }
    if (at == NULL || lrp_skip_word(at, "Time cost") != NULL || strchr(at, '=') == NULL) {
        return LRP_OK;
    }
    const char *words = lrp_skip_word(at, "Batch [");
    double before = 0;
    bool in_batch = words != NULL;
    const char *range = in_batch ? lrp_behind(words, "-") : NULL;
    if (range != NULL && range < words + strcspn(words, "]")) {
        words = range; /* newer versions print the range of batches */
    }
    in_batch = in_batch && lrp_skip_number(words, &batch) != NULL;
    bool same = lrp_rows_get(reader->rows, "epoch", &before) && before == epoch;
    if (in_batch) {
        same = same && lrp_rows_get(reader->rows, "batch", &before) && before == batch;
    }
    enum lrp_status status = same ? LRP_OK : lrp_rows_end(reader->rows, err);
    status = status == LRP_OK ? lrp_rows_put(reader->rows, "epoch", epoch, err) : status;
    if (status == LRP_OK && in_batch) {
        status = lrp_rows_put(reader->rows, "batch", batch, err);
    }
    if (status == LRP_OK && !isnan(reader->lr)) {
        status = lrp_rows_put(reader->rows, "lr", reader->lr, err);
    }
    return status == LRP_OK ? mxnet_fields(reader, at, err) : status;
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

static const char *torchvision_position(const char *text, double *epoch, double *batch,
                                        double *batches)
{
    const char *at = lrp_skip_word(text, "Epoch: [");
    at = at != NULL ? lrp_skip_number(at, epoch) : NULL;
    at = at != NULL && *at == ']' ? lrp_skip_word(at + 1, "[") : NULL;
    at = at != NULL ? lrp_skip_number(at, batch) : NULL;
    at = at != NULL && *at == '/' ? lrp_skip_number(at + 1, batches) : NULL;
    return at != NULL && *at == ']' ? at + 1 : NULL;
}

static bool torchvision_is_line(const char *text)
{
    double ignored[3];
    return torchvision_position(text, &ignored[0], &ignored[1], &ignored[2]) != NULL;
}

static bool is_clock(const struct lrp_pair *pair)
{
    static const char *const clocks[] = {"eta", "time", "Time", "data", "Data", "max mem"};
    for (size_t i = 0; i < sizeof clocks / sizeof clocks[0]; i++) {
        if (pair->name_length == strlen(clocks[i]) &&
            memcmp(pair->name, clocks[i], pair->name_length) == 0) {
            return true;
        }
    }
    return false;
}

/* "name: current (mean)" fields: of a training line the current value, of a test line the mean. */
static enum lrp_status torchvision_fields(struct lrp_log_reader *reader, const char *at,
                                          bool validation, struct lrp_error *err)
{
    enum lrp_status status = LRP_OK;
    struct lrp_pair pair;
    while (status == LRP_OK && lrp_next_pair(&at, &pair)) {
        double mean = pair.value;
        const char *bracket = lrp_skip_word(at, "(");
        if (bracket != NULL && lrp_skip_number(bracket, &mean) != NULL) {
            at = bracket;
        }
        if (is_clock(&pair)) {
            continue;
        }
        status = validation
                     ? lrp_rows_set_validation(reader->rows, pair.name, pair.name_length, mean, err)
                     : lrp_rows_set(reader->rows, pair.name, pair.name_length, pair.value, err);
    }
    return status;
}

static enum lrp_status torchvision_take(struct lrp_log_reader *reader, const struct lrp_line *line,
                                        struct lrp_error *err)
{
    double epoch = 0;
    double batch = 0;
    double batches = 0;
    const char *at = torchvision_position(line->text, &epoch, &batch, &batches);
    if (at != NULL) {
        enum lrp_status status = lrp_rows_at(reader->rows, "step", epoch * batches + batch, err);
        status = status == LRP_OK ? lrp_rows_put(reader->rows, "epoch", epoch, err) : status;
        return status == LRP_OK ? torchvision_fields(reader, at, false, err) : status;
    }
    at = lrp_skip_word(line->text, "Test:");
    if (at != NULL && strchr(at, ']') != NULL) {
        return torchvision_fields(reader, strchr(at, ']') + 1, true, err);
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
