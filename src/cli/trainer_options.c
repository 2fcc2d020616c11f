/* SPDX-License-Identifier: MIT */
#include "trainer_options.h"

#include "alloc.h"
#include "number.h"
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WORD_MOST = 1 << 20 }; /* bytes of an option with its value */

#define LRP_OPTIONS_OF struct lrp_trainer_options
const struct lrp_option lrp_trainer_option_table[LRP_TRAINER_OPTIONS] = {
    LRP_STRING("data", data.data, "NAME|FILE", "glyphs",
               "a generated set (glyphs, regression, sentences, spirals), a table (CSV), IDX "
               "images, CIFAR-10 or CIFAR-100 (a .bin file, or the folder), or for a transformer "
               "any text; files also as .gz"),
    LRP_STRING("labels", data.labels, "FILE", NULL,
               "IDX labels; by default looked for in the folder of the images"),
    LRP_STRING("target", data.target, "COLUMN", NULL,
               "column of a table to predict: its name, or its number from 1; by default the last "
               "one that is not empty"),
    LRP_LIST(
        "drop", drop, "COLUMN",
        "column of a table to leave out: its name, or its number from 1; for several, separate "
        "them by commas or give the option again"),
    LRP_SIZE("skip-lines", data.skip_lines, 0, 1e6, "N", "0",
             "lines to skip at the top of a table"),
    LRP_FLAG("no-header", data.no_header,
             "the first row of the table is data, whatever it looks like"),
    LRP_STRING(
        "image", data.image, "SHAPE", NULL,
        "the inputs of a table are the pixels of an image, such as 8x8 or 3x32x32 (channels, "
        "height, width)"),
    LRP_STRING(
        "model", model, "SPEC", "mlp:64",
        "mlp:256,128, cnn:16,32:bn, resnet:16,32, transformer:width=64, ...: see lrprobe list "
        "models",
        .letter = 'm'),
    LRP_STRING("optimizer", optimizer, "SPEC", "momentum",
               "optimizer, with options as in adam:beta2=0.99; see lrprobe list optimizers"),
    LRP_STRING("init", training.init, "FILE", NULL,
               "start from a network saved by train --save (safetensors) instead of fresh weights"),
    LRP_FLAG("fresh-last", training.fresh_last,
             "with --init: the last layer starts from fresh weights, for other classes"),
    LRP_CHOICE("loss", data.loss, "NAME", "auto|cross_entropy|squared_error", "auto",
               "loss for a table's target; auto takes words and a few integers as classes"),
    LRP_SIZE("batch-size", training.batch_size, 1, 1e6, "N", "64", "examples in a mini-batch",
             .letter = 'b'),
    LRP_REAL("weight-decay", weight_decay, 0, 1e3, "X", "0",
             "weight decay, unless given in --optimizer; 0 leaves the optimizer's default"),
    LRP_REAL("clip-norm", training.clip_norm, 0, 1e30, "X", "0",
             "clip the norm of the gradient at this value; 0: no clipping"),
    LRP_REAL("dropout", dropout, 0, 0.95, "X", "0",
             "probability with which a hidden value is set to 0 in training"),
    LRP_REAL("input-noise", training.augmentation.noise, 0, 1e6, "X", "0",
             "standard deviation of Gaussian noise added to the inputs in training"),
    LRP_SIZE("shift", training.augmentation.shift, 0, 1000, "N", "0",
             "images are shifted at random by up to this much in training", .unit = "pixels"),
    LRP_REAL("label-smoothing", training.label_smoothing, 0, 0.99, "X", "0",
             "share of the target that is spread evenly over all classes in training"),
    LRP_REAL("val-split", data.val_split, 0, 0.9, "X", "0.2",
             "share of the examples kept for validation"),
    LRP_SIZE("val-every", val_every, 0, 1e9, "N", "0",
             "validate after every N steps; 0: only at the end of a training", .unit = "steps"),
    LRP_SEED("seed", training.seed, "N", "1",
             "seed of the weights and of the order of the mini-batches"),
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
    struct lrp_data_options data = options->data;
    *training = options->training;
    LRP_TRY(lrp_model_parse(options->model, &training->model, err));
    LRP_TRY(lrp_optimizer_parse(options->optimizer, &training->optimizer, err));
    if (options->weight_decay > 0) {
        lrp_optimizer_set_default(&training->optimizer, "weight_decay", options->weight_decay);
    }
    training->model.dropout = options->dropout;
    data.context = training->model.context;
    data.drop = options->drop.values;
    data.n_drop = options->drop.n;
    enum lrp_status status = lrp_dataset_load(&data, dataset, err);
    if (status == LRP_E_FORMAT || status == LRP_E_NODATA || status == LRP_E_LIMIT) {
        name_source(data.data, err);
    } else if (status == LRP_E_IO) { /* names its file; bad input, not a broken system */
        err->status = status = LRP_E_NODATA;
    }
    return status;
}

void lrp_print_data_notes(const char *notes)
{
    while (notes[0] != '\0') {
        size_t length = strcspn(notes, "\n");
        (void)fprintf(stderr, "data      %.*s\n", (int)length, notes);
        notes += length + (notes[length] == '\n' ? 1 : 0);
    }
}

/* As many whole lines as there is room for. */
static void copy_lines(const char *lines, char notes[LRP_DATA_NOTES_SIZE])
{
    size_t length = strlen(lines);
    while (length >= LRP_DATA_NOTES_SIZE || (length > 0 && lines[length - 1] != '\n')) {
        length--;
    }
    memcpy(notes, lines, length);
    notes[length] = '\0';
}

enum lrp_status lrp_trainer_examine(const struct lrp_trainer_options *options,
                                    struct lrp_trainer_facts *facts, struct lrp_error *err)
{
    struct lrp_dataset *dataset = NULL;
    struct lrp_training_options training_options;
    struct lrp_training *training = NULL;
    memset(facts, 0, sizeof *facts);
    LRP_TRY(lrp_trainer_prepare(options, &dataset, &training_options, err));
    enum lrp_status status = lrp_training_new(dataset, &training_options, &training, err);
    if (status == LRP_OK) {
        (void)snprintf(facts->model, sizeof facts->model, "%s", options->model);
        (void)snprintf(facts->data, sizeof facts->data, "%s", dataset->name);
        (void)snprintf(facts->optimizer, sizeof facts->optimizer, "%s", options->optimizer);
        facts->steps_per_epoch =
            (double)dataset->n_train / (double)lrp_training_batch_size(training);
        facts->n_parameters = lrp_network_n_parameters(lrp_training_network(training));
        facts->n_train = dataset->n_train;
        facts->n_validation = dataset->n - dataset->n_train;
        copy_lines(lrp_text_string(&dataset->notes), facts->notes);
    }
    lrp_training_free(training);
    lrp_dataset_free(dataset);
    return status;
}

/* "--name=value" in one word, so that a value that begins with a minus stays a value. false: the
 * option is not to be passed on. */
static bool append_option(struct lrp_text *out, const struct lrp_option *option,
                          const struct lrp_trainer_options *options)
{
    const void *at = (const char *)options + option->offset;
    const char *text = NULL;
    char number[LRP_NUMBER_SIZE];
    switch (option->type) {
    case LRP_OPTION_FLAG:
        lrp_text_printf(out, "--%s", option->name);
        return *(const bool *)at;
    case LRP_OPTION_SIZE:
        lrp_text_printf(out, "--%s=%zu", option->name, *(const size_t *)at);
        return true;
    case LRP_OPTION_REAL:
        lrp_text_printf(out, "--%s=%s", option->name,
                        lrp_format_double(*(const double *)at, number));
        return true;
    case LRP_OPTION_STRING:
    case LRP_OPTION_CHOICE:
        text = *(const char *const *)at;
        lrp_text_printf(out, "--%s=%s", option->name, text != NULL ? text : "");
        return text != NULL;
    case LRP_OPTION_SEED:
    case LRP_OPTION_LIST: /* see append_list */
    default:
        return false;
    }
}

/* Takes the word over, a copy of it being in the list. */
static enum lrp_status append_word(char **list, size_t *n, struct lrp_text *word,
                                   struct lrp_error *err)
{
    enum lrp_status status = lrp_text_check(word, err);
    if (status == LRP_OK) {
        list[*n] = lrp_strdup(lrp_text_string(word));
        status = list[(*n)++] == NULL ? lrp_fail_memory(err, 0) : LRP_OK;
    }
    lrp_text_fini(word);
    return status;
}

static enum lrp_status append_list(char **list, size_t *n, const struct lrp_option *option,
                                   const struct lrp_option_list *values, struct lrp_error *err)
{
    for (size_t i = 0; i < values->n; i++) {
        struct lrp_text word;
        lrp_text_init(&word, WORD_MOST);
        lrp_text_printf(&word, "--%s=%s", option->name, values->values[i]);
        LRP_TRY(append_word(list, n, &word, err));
    }
    return LRP_OK;
}

static enum lrp_status append_words(const char *program, const struct lrp_trainer_options *options,
                                    char **list, struct lrp_error *err)
{
    size_t n = 0;
    LRP_TRY_MEMORY(list[n++] = lrp_strdup(program), err);
    LRP_TRY_MEMORY(list[n++] = lrp_strdup("train"), err);
    for (size_t i = 0; i < LRP_TRAINER_OPTIONS; i++) {
        const struct lrp_option *option = &lrp_trainer_option_table[i];
        struct lrp_text word;
        lrp_text_init(&word, WORD_MOST);
        if (option->type == LRP_OPTION_LIST) {
            const void *at = (const char *)options + option->offset;
            LRP_TRY(append_list(list, &n, option, at, err));
        } else if (append_option(&word, option, options)) {
            LRP_TRY(append_word(list, &n, &word, err));
        }
        lrp_text_fini(&word);
    }
    return LRP_OK;
}

enum lrp_status lrp_trainer_argv(const char *program, const struct lrp_trainer_options *options,
                                 char ***argv, struct lrp_error *err)
{
    /* program, command, and a NULL at the end; one list option */
    const size_t most = LRP_TRAINER_OPTIONS + LRP_OPTION_LIST_MOST + 3;
    char **list = lrp_calloc_array(most, sizeof *list);
    LRP_TRY_MEMORY(list, err);
    enum lrp_status status = append_words(program, options, list, err);
    if (status != LRP_OK) {
        lrp_argv_free(list);
        return status;
    }
    *argv = list;
    return LRP_OK;
}

void lrp_argv_free(char **argv)
{
    for (size_t i = 0; argv != NULL && argv[i] != NULL; i++) {
        free(argv[i]);
    }
    free(argv);
}
