/* SPDX-License-Identifier: MIT */
#include "layer.h"
#include "models.h"

#include "number.h"

#include <string.h>

enum { WIDEST = 1 << 20, NAME_SIZE = 24 };

const struct lrp_model_row lrp_model_table[] = {
    {.name = "cnn",
     .syntax = "cnn:CHANNELS[:OPTIONS]",
     .help = "blocks of convolution and pooling, then a dense layer, for images: cnn:16,32 or "
             "cnn:16,32:bn:dense=128; relu, tanh, gelu; bn, ln; max, average; kernel=3, dense=N",
     .words = "relu,tanh,gelu,bn,ln,max,average,kernel,dense",
     .needs = LRP_IMAGES,
     .needs_sizes = true,
     .defaults = {.sizes = {16, 32}, .n_sizes = 2, .activation = LRP_RELU, .kernel = 3},
     .build = lrp_build_cnn},
    {.name = "mlp",
     .syntax = "mlp:SIZES[:OPTIONS]",
     .help = "multi-layer perceptron: mlp:128,64 or mlp:64:tanh or mlp:256,128:bn; relu, tanh, "
             "gelu; bn, ln",
     .words = "relu,tanh,gelu,bn,ln",
     .defaults = {.sizes = {64}, .n_sizes = 1, .activation = LRP_RELU},
     .build = lrp_build_mlp},
    {.name = "resnet",
     .syntax = "resnet:CHANNELS[:OPTIONS]",
     .help = "residual network with batch normalisation, for images: resnet:16,32,64:blocks=3 is "
             "the ResNet-20 of CIFAR-10; relu, tanh, gelu; bn, ln; blocks=1",
     .words = "relu,tanh,gelu,bn,ln,blocks",
     .needs = LRP_IMAGES,
     .needs_sizes = true,
     .defaults = {.sizes = {16, 32},
                  .n_sizes = 2,
                  .activation = LRP_RELU,
                  .normalisation = LRP_BATCH_NORM,
                  .blocks = 1},
     .build = lrp_build_resnet},
    {.name = "transformer",
     .syntax = "transformer[:OPTIONS]",
     .help = "causal transformer for the characters of a text: "
             "transformer:layers=2,heads=4,width=64,context=64; gelu, relu, tanh",
     .words = "relu,tanh,gelu,layers,heads,width,context",
     .needs = LRP_CHARACTERS,
     .defaults = {.activation = LRP_GELU, .layers = 2, .heads = 4, .width = 64, .context = 64},
     .build = lrp_build_transformer},
    {.name = NULL},
};

enum word_kind { ACTIVATION, NORMALISATION, POOLING };
static const struct {
    const char *name;
    enum word_kind kind;
    int value;
} words[] = {
    {"relu", ACTIVATION, LRP_RELU},
    {"tanh", ACTIVATION, LRP_TANH},
    {"gelu", ACTIVATION, LRP_GELU},
    {"bn", NORMALISATION, LRP_BATCH_NORM},
    {"ln", NORMALISATION, LRP_LAYER_NORM},
    {"max", POOLING, false},
    {"average", POOLING, true},
};
#define AT(member) offsetof(struct lrp_model_spec, member)
static const struct {
    const char *name;
    size_t offset;
    int64_t low, high;
} keys[] = {
    {"kernel", AT(kernel), 1, 15},     {"dense", AT(dense), 1, WIDEST},
    {"blocks", AT(blocks), 1, 64},     {"layers", AT(layers), 1, 64},
    {"heads", AT(heads), 1, 256},      {"width", AT(width), 1, 16384},
    {"context", AT(context), 1, 8192},
};

/* Whether a list "a,b,c" has the word. */
static bool has_word(const char *list, const char *word, size_t length)
{
    for (const char *at = list; *at != '\0';) {
        size_t here = strcspn(at, ",");
        if (here == length && strncmp(at, word, length) == 0) {
            return true;
        }
        at += here + (at[here] == ',' ? 1 : 0);
    }
    return false;
}

static bool is(const char *name, const char *item, size_t length)
{
    return strlen(name) == length && strncmp(name, item, length) == 0;
}

static enum lrp_status take_size(struct lrp_model_spec *spec, const char *item, size_t length,
                                 struct lrp_error *err)
{
    int64_t size = 0;
    if (!lrp_parse_int64(item, length, 1, WIDEST, &size)) {
        return lrp_fail(err, LRP_E_ARG, 0,
                        "the size \"%.*s\" in the model is no whole number from 1 to %d",
                        (int)(length < 40 ? length : 40), item, WIDEST);
    }
    if (spec->n_sizes == LRP_SIZES_MOST) {
        return lrp_fail(err, LRP_E_ARG, 0, "the model has more than %d sizes", LRP_SIZES_MOST);
    }
    spec->sizes[spec->n_sizes] = (size_t)size;
    spec->n_sizes++;
    return LRP_OK;
}

static enum lrp_status take_key(struct lrp_model_spec *spec, const char *item, size_t name,
                                size_t length, struct lrp_error *err)
{
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        int64_t value = 0;
        if (!is(keys[i].name, item, name)) {
            continue;
        }
        if (!lrp_parse_int64(item + name + 1, length - name - 1, keys[i].low, keys[i].high,
                             &value)) {
            return lrp_fail(err, LRP_E_ARG, 0, "the model's %s is no whole number from %d to %d",
                            keys[i].name, (int)keys[i].low, (int)keys[i].high);
        }
        *(size_t *)(void *)((char *)spec + keys[i].offset) = (size_t)value;
    }
    return LRP_OK;
}

static void take_word(struct lrp_model_spec *spec, const char *item, size_t length)
{
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (!is(words[i].name, item, length)) {
            continue;
        }
        switch (words[i].kind) {
        case ACTIVATION:
            spec->activation = (enum lrp_activation)words[i].value;
            break;
        case NORMALISATION:
            spec->normalisation = (enum lrp_normalisation)words[i].value;
            break;
        case POOLING:
        default:
            spec->average_pool = words[i].value != 0;
            break;
        }
    }
}

/* One item between commas and colons. */
static enum lrp_status take_item(struct lrp_model_spec *spec, const char *item, size_t length,
                                 bool *sizes_end, struct lrp_error *err)
{
    const char *equals = memchr(item, '=', length);
    size_t name = equals != NULL ? (size_t)(equals - item) : length;
    bool is_key = false;
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        is_key = is_key || is(keys[i].name, item, name);
    }
    if (length > 0 && item[0] >= '0' && item[0] <= '9' && spec->row->defaults.n_sizes > 0 &&
        !*sizes_end) {
        return take_size(spec, item, length, err);
    }
    if (!has_word(spec->row->words, item, name) || is_key != (equals != NULL)) {
        return lrp_fail(err, LRP_E_ARG, 0, "the model %s has no \"%.*s\", but it has %s",
                        spec->row->name, (int)(length < 40 ? length : 40), item, spec->row->words);
    }
    *sizes_end = true;
    if (is_key) {
        return take_key(spec, item, name, length, err);
    }
    take_word(spec, item, length);
    return LRP_OK;
}

static enum lrp_status find_row(const char *text, size_t name, struct lrp_model_spec *spec,
                                struct lrp_error *err)
{
    for (size_t i = 0; lrp_model_table[i].name != NULL; i++) {
        if (is(lrp_model_table[i].name, text, name)) {
            *spec = lrp_model_table[i].defaults;
            spec->row = &lrp_model_table[i];
            return LRP_OK;
        }
    }
    return lrp_fail(err, LRP_E_ARG, 0,
                    "there is no model \"%.60s\"; as in mlp:128,64 or cnn:16,32, one of cnn, mlp, "
                    "resnet, transformer was expected",
                    text);
}

enum lrp_status lrp_model_parse(const char *text, struct lrp_model_spec *spec,
                                struct lrp_error *err)
{
    struct lrp_model_spec parsed = {.row = NULL};
    size_t name = strcspn(text, ":");
    bool sizes_end = false;
    enum lrp_status status = find_row(text, name, &parsed, err);
    if (status != LRP_OK) {
        return status;
    }
    const struct lrp_model_row *row = parsed.row;
    bool bare = text[name] == ':' && text[name + 1] == '\0'; /* "mlp:" */
    parsed.n_sizes = 0;
    for (const char *at = text + name; *at != '\0' && !bare;) {
        size_t length = strcspn(at + 1, ",:");
        status = take_item(&parsed, at + 1, length, &sizes_end, err);
        if (status != LRP_OK) {
            return status;
        }
        at += 1 + length;
    }
    if (bare && (row->needs_sizes || row->defaults.n_sizes == 0)) {
        return lrp_fail(err, LRP_E_ARG, 0, "nothing comes after \"%s\"; %s was expected", text,
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
                        "the model %s is for images, and the data are none; --image tells the "
                        "shape of a table's columns",
                        spec->row->name);
    }
    spec->row->build(spec, task, layers);
    return layers->status;
}
