/* SPDX-License-Identifier: MIT */
#include "layer.h"
#include "models.h"

#include "number.h"

#include <stdio.h>
#include <string.h>

enum { WIDEST = 1 << 20, NAME_SIZE = 24 };

const struct lrp_model_row lrp_model_table[] = {
    {.name = "cnn",
     .syntax = "cnn:CHANNELS[:OPTIONS]",
     .help = "for images: a block of convolution, activation and pooling of 2 x 2 pixels for each "
             "number of channels, then a dense layer (default cnn:16,32)",
     .example = "--data glyphs --model cnn:8,16:bn:dense=32 --schedule constant:lr=0.05",
     .words = "relu,tanh,gelu,bn,ln,max,average,kernel,dense",
     .needs = LRP_IMAGES,
     .needs_sizes = true,
     .defaults = {.sizes = {16, 32}, .n_sizes = 2, .activation = LRP_RELU, .kernel = 3},
     .build = lrp_build_cnn},
    {.name = "mlp",
     .syntax = "mlp:SIZES[:OPTIONS]",
     .help = "multi-layer perceptron with hidden layers of these sizes (default mlp:64; mlp: has "
             "none)",
     .example = "--data spirals --model mlp:64,32:tanh --schedule constant:lr=0.1",
     .words = "relu,tanh,gelu,bn,ln",
     .defaults = {.sizes = {64}, .n_sizes = 1, .activation = LRP_RELU},
     .build = lrp_build_mlp},
    {.name = "resnet",
     .syntax = "resnet:CHANNELS[:OPTIONS]",
     .help = "residual network for images, with batch normalisation (default resnet:16,32); "
             "resnet:16,32,64:blocks=3 is the ResNet-20 of He et al. 2016 for CIFAR-10",
     .example = "--data glyphs --model resnet:8,16:blocks=2 --schedule constant:lr=0.05",
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
     .help = "causal transformer that foretells the next character of a text; normalisation in "
             "front, as in GPT-2",
     .example = "--data sentences --model transformer:width=32,context=32 --optimizer adam "
                "--schedule constant:lr=0.003",
     .words = "gelu,relu,tanh,layers,heads,width,context",
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
    const char *help;
} words[] = {
    {"relu", ACTIVATION, LRP_RELU, "activation: 0 below 0"},
    {"tanh", ACTIVATION, LRP_TANH, "activation: hyperbolic tangent"},
    {"gelu", ACTIVATION, LRP_GELU, "activation: x times the normal distribution function"},
    {"bn", NORMALISATION, LRP_BATCH_NORM, "batch normalisation in front of each activation"},
    {"ln", NORMALISATION, LRP_LAYER_NORM, "layer normalisation in front of each activation"},
    {"max", POOLING, false, "pooling by the maximum, the default"},
    {"average", POOLING, true, "pooling by the mean"},
};
#define AT(member) offsetof(struct lrp_model_spec, member)
static const struct {
    const char *name;
    size_t offset;
    int64_t low, high;
    const char *help;
} keys[] = {
    {"kernel", AT(kernel), 1, 15, "side of the window of the convolutions, odd"},
    {"dense", AT(dense), 1, WIDEST, "size of a hidden dense layer in front of the last"},
    {"blocks", AT(blocks), 1, 64, "residual blocks for each number of channels"},
    {"layers", AT(layers), 1, 64, "blocks of attention and two dense layers"},
    {"heads", AT(heads), 1, 256, "heads of the attention, which share the width"},
    {"width", AT(width), 1, 16384, "channels of a character"},
    {"context", AT(context), 1, 8192, "characters that are looked at together"},
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

bool lrp_model_word(const struct lrp_model_row *row, size_t k, struct lrp_model_word *word)
{
    const char *at = row->words;
    for (; k > 0 && at != NULL; k--) {
        at = strchr(at, ',');
        at = at != NULL ? at + 1 : NULL;
    }
    size_t length = at != NULL ? strcspn(at, ",") : 0;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (is(words[i].name, at, length)) {
            (void)snprintf(word->text, sizeof word->text, "%s", words[i].name);
            word->help = words[i].help;
        }
    }
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        if (is(keys[i].name, at, length)) {
            const char *defaults = (const char *)&row->defaults;
            size_t value = *(const size_t *)(const void *)(defaults + keys[i].offset);
            (void)snprintf(word->text, sizeof word->text, value > 0 ? "%s=%zu" : "%s=N",
                           keys[i].name, value);
            word->help = keys[i].help;
        }
    }
    return length > 0;
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
