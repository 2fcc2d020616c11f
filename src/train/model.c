/* SPDX-License-Identifier: MIT */
#include "layer.h"

#include "number.h"
#include "suggest.h"

#include <stdio.h>
#include <string.h>

enum { WIDEST = 1 << 20, MODELS_MOST = 16 };

enum word_kind { ACTIVATION, NORMALISATION, POOLING, NUMBER };
#define AT(member) offsetof(struct lrp_model_spec, member)
static const struct model_word {
    const char *name;
    const char *help;
    enum word_kind kind;
    int value;           /* that the word stands for */
    size_t offset;       /* of a number, written NAME=N, in the spec */
    int64_t least, most; /* allowed for the number */
} words[] = {
    {"relu", "activation: 0 below 0", ACTIVATION, .value = LRP_RELU},
    {"tanh", "activation: hyperbolic tangent", ACTIVATION, .value = LRP_TANH},
    {"gelu", "activation: x times the normal distribution function", ACTIVATION, .value = LRP_GELU},
    {"bn", "batch normalisation before each activation", NORMALISATION, .value = LRP_BATCH_NORM},
    {"ln", "layer normalisation before each activation", NORMALISATION, .value = LRP_LAYER_NORM},
    {"max", "max pooling, the default", POOLING, .value = false},
    {"average", "average pooling", POOLING, .value = true},
    {"kernel", "kernel size of the convolutions, odd", NUMBER, 0, AT(kernel), 1, 15},
    {"dense", "size of a hidden dense layer before the last", NUMBER, 0, AT(dense), 1, WIDEST},
    {"blocks", "residual blocks for each number of channels", NUMBER, 0, AT(blocks), 1, 64},
    {"layers", "transformer blocks: attention and two dense layers each", NUMBER, 0, AT(layers), 1,
     64},
    {"heads", "attention heads, among which the width is divided", NUMBER, 0, AT(heads), 1, 256},
    {"width", "size of a character's embedding", NUMBER, 0, AT(width), 1, 16384},
    {"context", "length of the context, in characters", NUMBER, 0, AT(context), 1, 8192},
};

static bool is(const char *name, const char *item, size_t length)
{
    return strlen(name) == length && strncmp(name, item, length) == 0;
}

/* Word k of the row's list "a,b,c", *length characters; NULL past the last. */
static const char *listed(const struct lrp_model_row *row, size_t k, size_t *length)
{
    const char *at = row->words;
    for (; k > 0 && at != NULL; k--) {
        at = strchr(at, ',');
        at = at != NULL ? at + 1 : NULL;
    }
    *length = at != NULL ? strcspn(at, ",") : 0;
    return at;
}

/* What is known of a word; NULL where the row does not have it. */
static const struct model_word *find_word(const struct lrp_model_row *row, const char *item,
                                          size_t length)
{
    const char *at = NULL;
    size_t here = 0;
    for (size_t k = 0; (at = listed(row, k, &here)) != NULL; k++) {
        if (here != length || strncmp(at, item, length) != 0) {
            continue;
        }
        for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
            if (is(words[i].name, item, length)) {
                return &words[i];
            }
        }
    }
    return NULL;
}

bool lrp_model_word(const struct lrp_model_row *row, size_t k, struct lrp_model_word *out)
{
    size_t length = 0;
    const char *at = listed(row, k, &length);
    const struct model_word *word = at != NULL ? find_word(row, at, length) : NULL;
    if (word == NULL) {
        return false;
    }
    out->help = word->help;
    (void)snprintf(out->text, sizeof out->text, "%s", word->name);
    if (word->kind == NUMBER) {
        const char *defaults = (const char *)&row->defaults;
        size_t value = *(const size_t *)(const void *)(defaults + word->offset);
        (void)snprintf(out->text, sizeof out->text, value > 0 ? "%s=%zu" : "%s=N", word->name,
                       value);
    }
    return true;
}

static enum lrp_status take_size(struct lrp_model_spec *spec, const char *item, size_t length,
                                 struct lrp_error *err)
{
    int64_t size = 0;
    if (!lrp_parse_int64(item, length, 1, WIDEST, &size)) {
        return lrp_fail(err, LRP_E_ARG, 0,
                        "the size \"%.*s\" in the model is not an integer from 1 to %d",
                        (int)(length < 40 ? length : 40), item, WIDEST);
    }
    if (spec->n_sizes == LRP_SIZES_MOST) {
        return lrp_fail(err, LRP_E_ARG, 0, "the model has more than %d sizes", LRP_SIZES_MOST);
    }
    spec->sizes[spec->n_sizes] = (size_t)size;
    spec->n_sizes++;
    return LRP_OK;
}

/* text: the number of a word NAME=N, length characters. */
static enum lrp_status take_word(struct lrp_model_spec *spec, const struct model_word *word,
                                 const char *text, size_t length, struct lrp_error *err)
{
    int64_t number = 0;
    switch (word->kind) {
    case ACTIVATION:
        spec->activation = (enum lrp_activation)word->value;
        return LRP_OK;
    case NORMALISATION:
        spec->normalisation = (enum lrp_normalisation)word->value;
        return LRP_OK;
    case POOLING:
        spec->average_pool = word->value != 0;
        return LRP_OK;
    case NUMBER:
    default:
        break;
    }
    if (!lrp_parse_int64(text, length, word->least, word->most, &number)) {
        return lrp_fail(err, LRP_E_ARG, 0, "the model's %s is not an integer from %d to %d",
                        word->name, (int)word->least, (int)word->most);
    }
    *(size_t *)(void *)((char *)spec + word->offset) = (size_t)number;
    return LRP_OK;
}

/* One item between commas and colons. */
static enum lrp_status take_item(struct lrp_model_spec *spec, const char *item, size_t length,
                                 bool *sizes_end, struct lrp_error *err)
{
    const struct lrp_model_row *row = spec->row;
    const char *equals = memchr(item, '=', length);
    size_t name = equals != NULL ? (size_t)(equals - item) : length;
    if (length > 0 && item[0] >= '0' && item[0] <= '9' && row->defaults.n_sizes > 0 &&
        !*sizes_end) {
        return take_size(spec, item, length, err);
    }
    const struct model_word *word = find_word(row, item, name);
    if (word == NULL || (word->kind == NUMBER) != (equals != NULL)) {
        return lrp_fail(err, LRP_E_ARG, 0, "the model %s has no \"%.*s\", but it has %s", row->name,
                        (int)(length < 40 ? length : 40), item, row->words);
    }
    *sizes_end = true;
    return take_word(spec, word, equals != NULL ? equals + 1 : item,
                     equals != NULL ? length - name - 1 : 0, err);
}

static enum lrp_status find_row(const char *text, size_t name, struct lrp_model_spec *spec,
                                struct lrp_error *err)
{
    const char *names[MODELS_MOST];
    size_t n = 0;
    for (; lrp_model_table[n].name != NULL && n < MODELS_MOST; n++) {
        names[n] = lrp_model_table[n].name;
        if (is(names[n], text, name)) {
            *spec = lrp_model_table[n].defaults;
            spec->row = &lrp_model_table[n];
            return LRP_OK;
        }
    }
    return lrp_fail_unknown("there is no model", text, name, names, n,
                            "as in mlp:128,64 or cnn:16,32, one of", err);
}

enum lrp_status lrp_model_parse(const char *text, struct lrp_model_spec *spec,
                                struct lrp_error *err)
{
    struct lrp_model_spec parsed = {.row = NULL};
    size_t name = strcspn(text, ":");
    bool sizes_end = false;
    LRP_TRY(find_row(text, name, &parsed, err));
    const struct lrp_model_row *row = parsed.row;
    bool bare = text[name] == ':' && text[name + 1] == '\0'; /* "mlp:" */
    parsed.n_sizes = 0;
    for (const char *at = text + name; *at != '\0' && !bare;) {
        size_t length = strcspn(at + 1, ",:");
        LRP_TRY(take_item(&parsed, at + 1, length, &sizes_end, err));
        at += 1 + length;
    }
    if (bare && (row->needs_sizes || row->defaults.n_sizes == 0)) {
        return lrp_fail(err, LRP_E_ARG, 0, "\"%s\" ends too early; %s was expected", text,
                        row->help);
    }
    if (parsed.n_sizes == 0 && !bare) {
        memcpy(parsed.sizes, row->defaults.sizes, sizeof parsed.sizes);
        parsed.n_sizes = row->defaults.n_sizes;
    }
    *spec = parsed;
    return LRP_OK;
}

enum lrp_status lrp_model_build(const struct lrp_model_spec *spec, const struct lrp_task *task,
                                struct lrp_layers *layers, struct lrp_error *err)
{
    memset(layers, 0, sizeof *layers);
    layers->shape = task->inputs;
    layers->err = err;
    if (spec->row->needs == LRP_IMAGES && task->inputs.height * task->inputs.width == 1) {
        return lrp_fail(err, LRP_E_ARG, 0,
                        "the model %s is for images, and the data are not images; --image gives "
                        "the columns of a table a shape",
                        spec->row->name);
    }
    spec->row->build(spec, task, layers);
    return layers->status;
}
