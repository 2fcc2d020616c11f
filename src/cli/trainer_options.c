/* SPDX-License-Identifier: MIT */
#include "trainer_options.h"

#include "alloc.h"
#include "number.h"
#include "training.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define AT(member) offsetof(struct lrp_trainer_options, member)

const struct lrp_option lrp_trainer_option_table[LRP_TRAINER_OPTIONS] = {
    {.name = "data",
     .type = LRP_OPTION_STRING,
     .offset = AT(data),
     .argument = "NAME|FILE",
     .default_text = "glyphs",
     .help = "a generated set (glyphs, regression, sentences, spirals), a table of numbers (CSV), "
             "IDX images, CIFAR-10 or CIFAR-100 (a .bin file, or the folder), or for a transformer "
             "any text; files also as .gz"},
    {.name = "labels",
     .type = LRP_OPTION_STRING,
     .offset = AT(labels),
     .argument = "FILE",
     .help = "IDX labels; else looked for beside the images"},
    {.name = "target",
     .type = LRP_OPTION_STRING,
     .offset = AT(target),
     .argument = "COLUMN",
     .help = "what is to be learnt from a table: name of the column or its number from 1; else "
             "the last"},
    {.name = "skip-lines",
     .type = LRP_OPTION_SIZE,
     .offset = AT(skip_lines),
     .high = 1e6,
     .argument = "N",
     .default_text = "0",
     .help = "lines at the top of a table to leave out"},
    {.name = "no-header",
     .type = LRP_OPTION_FLAG,
     .offset = AT(no_header),
     .help = "the first row of the table is data"},
    {.name = "image",
     .type = LRP_OPTION_STRING,
     .offset = AT(image),
     .argument = "SHAPE",
     .help = "the inputs of a table are the pixels of an image, as 8x8 or 3x32x32 (channels, "
             "height, width)"},
    {.name = "model",
     .letter = 'm',
     .type = LRP_OPTION_STRING,
     .offset = AT(model),
     .argument = "SPEC",
     .default_text = "mlp:64",
     .help = "mlp:256,128, cnn:16,32:bn, resnet:16,32, transformer:width=64, ...: see lrprobe list "
             "models"},
    {.name = "optimizer",
     .type = LRP_OPTION_STRING,
     .offset = AT(optimizer),
     .argument = "SPEC",
     .default_text = "momentum",
     .help = "optimizer, with options as in adam:beta2=0.99; lrprobe list optimizers shows all"},
    {.name = "init",
     .type = LRP_OPTION_STRING,
     .offset = AT(init),
     .argument = "FILE",
     .help = "start from a network that train --save wrote (safetensors) instead of fresh weights"},
    {.name = "fresh-last",
     .type = LRP_OPTION_FLAG,
     .offset = AT(fresh_last),
     .help = "with --init: the last layer begins with fresh weights, for other classes"},
    {.name = "loss",
     .type = LRP_OPTION_CHOICE,
     .offset = AT(loss),
     .argument = "NAME",
     .default_text = "auto",
     .choices = "auto|cross_entropy|squared_error",
     .help = "what a table's target is for; auto takes words and few whole numbers for classes"},
    {.name = "batch-size",
     .letter = 'b',
     .type = LRP_OPTION_SIZE,
     .offset = AT(batch_size),
     .low = 1,
     .high = 1e6,
     .argument = "N",
     .default_text = "64",
     .help = "examples in a mini-batch"},
    {.name = "weight-decay",
     .type = LRP_OPTION_REAL,
     .offset = AT(weight_decay),
     .high = 1e3,
     .argument = "X",
     .default_text = "0",
     .help = "weight decay, where the optimizer's own is not given; 0 leaves its default"},
    {.name = "clip-norm",
     .type = LRP_OPTION_REAL,
     .offset = AT(clip_norm),
     .high = 1e30,
     .argument = "X",
     .default_text = "0",
     .help = "largest norm of the gradient; 0 is no clipping"},
    {.name = "dropout",
     .type = LRP_OPTION_REAL,
     .offset = AT(dropout),
     .high = 0.95,
     .argument = "X",
     .default_text = "0",
     .help = "share of the hidden values that are left out at random while training"},
    {.name = "input-noise",
     .type = LRP_OPTION_REAL,
     .offset = AT(input_noise),
     .high = 1e6,
     .argument = "X",
     .default_text = "0",
     .help = "deviation of normal noise on the inputs while training"},
    {.name = "shift",
     .type = LRP_OPTION_SIZE,
     .offset = AT(shift),
     .high = 1000,
     .argument = "N",
     .default_text = "0",
     .unit = "pixels",
     .help = "images are moved at random by up to so much while training"},
    {.name = "label-smoothing",
     .type = LRP_OPTION_REAL,
     .offset = AT(label_smoothing),
     .high = 0.99,
     .argument = "X",
     .default_text = "0",
     .help = "share of the target that goes to all classes alike while training"},
    {.name = "val-split",
     .type = LRP_OPTION_REAL,
     .offset = AT(val_split),
     .high = 0.9,
     .argument = "X",
     .default_text = "0.2",
     .help = "share of the examples kept for validation"},
    {.name = "val-every",
     .type = LRP_OPTION_SIZE,
     .offset = AT(val_every),
     .high = 1e9,
     .argument = "N",
     .default_text = "0",
     .unit = "steps",
     .help = "validation after every N steps; 0 is only at the end of a training"},
    {.name = "seed",
     .type = LRP_OPTION_SEED,
     .offset = AT(seed),
     .argument = "N",
     .default_text = "1",
     .help = "seed of the weights and of the order of the mini-batches"},
};

/* "file:line: " in front of a message about the data. */
static void name_source(const char *path, struct lrp_error *err)
{
    char message[sizeof err->message];
    size_t line = err->line;
    (void)snprintf(message, sizeof message, "%s", err->message);
    if (line > 0) {
        (void)lrp_fail(err, err->status, 0, "%.150s:%zu: %.200s", path, line, message);
    } else {
        (void)lrp_fail(err, err->status, 0, "%.150s: %.240s", path, message);
    }
}

enum lrp_status lrp_trainer_prepare(const struct lrp_trainer_options *options,
                                    struct lrp_dataset **dataset,
                                    struct lrp_training_options *training, struct lrp_error *err)
{
    struct lrp_data_options data = {
        .data = options->data,
        .labels = options->labels,
        .target = options->target,
        .skip_lines = options->skip_lines,
        .no_header = options->no_header,
        .val_split = options->val_split,
        .loss = options->loss,
        .image = options->image,
    };
    memset(training, 0, sizeof *training);
    enum lrp_status status = lrp_model_parse(options->model, &training->model, err);
    status = status == LRP_OK ? lrp_optimizer_parse(options->optimizer, &training->optimizer, err)
                              : status;
    if (status != LRP_OK) {
        return status;
    }
    if (options->weight_decay > 0) {
        lrp_optimizer_set_default(&training->optimizer, "weight_decay", options->weight_decay);
    }
    training->model.dropout = options->dropout;
    training->init = options->init;
    training->fresh_last = options->fresh_last;
    training->label_smoothing = options->label_smoothing;
    training->augmentation = (struct lrp_augmentation){options->input_noise, options->shift};
    training->batch_size = options->batch_size;
    training->clip_norm = options->clip_norm;
    training->seed = options->seed;
    data.context = training->model.context;
    status = lrp_dataset_load(&data, dataset, err);
    if (status == LRP_E_FORMAT || status == LRP_E_NODATA || status == LRP_E_LIMIT) {
        name_source(options->data, err);
    } else if (status == LRP_E_IO) { /* names its file; bad input, not a broken system */
        err->status = status = LRP_E_NODATA;
    }
    return status;
}

enum lrp_status lrp_trainer_examine(const struct lrp_trainer_options *options,
                                    struct lrp_trainer_facts *facts, struct lrp_error *err)
{
    struct lrp_dataset *dataset = NULL;
    struct lrp_training_options training_options;
    struct lrp_training *training = NULL;
    memset(facts, 0, sizeof *facts);
    enum lrp_status status = lrp_trainer_prepare(options, &dataset, &training_options, err);
    status =
        status == LRP_OK ? lrp_training_new(dataset, &training_options, &training, err) : status;
    if (status == LRP_OK) {
        (void)snprintf(facts->model, sizeof facts->model, "%s", options->model);
        (void)snprintf(facts->data, sizeof facts->data, "%s", dataset->name);
        (void)snprintf(facts->optimizer, sizeof facts->optimizer, "%s", options->optimizer);
        facts->steps_per_epoch =
            (double)dataset->n_train / (double)lrp_training_batch_size(training);
        facts->n_parameters = lrp_training_n_parameters(training);
        facts->n_train = dataset->n_train;
        facts->n_validation = dataset->n - dataset->n_train;
        facts->n_inputs = dataset->n_inputs;
        facts->n_outputs = dataset->n_outputs;
    }
    lrp_training_free(training);
    lrp_dataset_free(dataset);
    return status;
}

/* The option's value as text; NULL where it is not to be passed on. */
static const char *value_text(const struct lrp_option *option,
                              const struct lrp_trainer_options *options, char *buffer, size_t size)
{
    const char *at = (const char *)options + option->offset;
    switch (option->type) {
    case LRP_OPTION_FLAG:
        return *(const bool *)(const void *)at ? "" : NULL;
    case LRP_OPTION_SIZE:
        (void)snprintf(buffer, size, "%zu", *(const size_t *)(const void *)at);
        return buffer;
    case LRP_OPTION_REAL:
        return lrp_format_double(*(const double *)(const void *)at, buffer);
    case LRP_OPTION_STRING:
    case LRP_OPTION_CHOICE:
        return *(const char *const *)(const void *)at;
    case LRP_OPTION_SEED:
    default:
        return NULL;
    }
}

enum lrp_status lrp_trainer_argv(const char *program, const struct lrp_trainer_options *options,
                                 char ***argv, struct lrp_error *err)
{
    char **list = lrp_calloc_array(2 * LRP_TRAINER_OPTIONS + 3, sizeof *list);
    size_t n = 0;
    bool whole = list != NULL;
    if (whole) {
        list[n++] = lrp_strdup(program);
        list[n++] = lrp_strdup("train");
    }
    for (size_t i = 0; whole && i < LRP_TRAINER_OPTIONS; i++) {
        const struct lrp_option *option = &lrp_trainer_option_table[i];
        char number[LRP_NUMBER_SIZE];
        char word[600];
        const char *value = value_text(option, options, number, sizeof number);
        if (value == NULL) {
            continue;
        }
        /* "--name=value" in one word: a value that begins with a minus stays a value */
        size_t length = strlen(option->name) + strlen(value) + 4;
        char *whole_word = length <= sizeof word ? word : lrp_calloc_array(length, 1);
        whole = whole_word != NULL;
        if (whole) {
            (void)snprintf(whole_word, length,
                           option->type == LRP_OPTION_FLAG ? "--%s%s" : "--%s=%s", option->name,
                           value);
            list[n] = lrp_strdup(whole_word);
            whole = list[n] != NULL;
            n++;
        }
        if (whole_word != word) {
            free(whole_word);
        }
    }
    if (!whole || list[0] == NULL || list[1] == NULL) {
        lrp_argv_free(list);
        return lrp_fail_memory(err, 0);
    }
    *argv = list;
    return LRP_OK;
}

void lrp_argv_free(char **argv)
{
    if (argv != NULL) {
        for (size_t i = 0; i < 2 * LRP_TRAINER_OPTIONS + 3; i++) {
            free(argv[i]);
        }
        free(argv);
    }
}
