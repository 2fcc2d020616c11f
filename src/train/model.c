/* SPDX-License-Identifier: MIT */
#include "layer.h"
#include "models.h"

#include "number.h"

#include <string.h>

enum { WIDEST = 1 << 20 };

const struct lrp_model_row lrp_model_table[] = {
    {.name = "mlp",
     .syntax = "mlp:SIZES[:ACTIVATION]",
     .help = "multi-layer perceptron, as mlp:128,64 or mlp:64:tanh (relu, tanh, gelu)",
     .default_size = 64,
     .build = lrp_build_mlp},
    {.name = NULL},
};

static enum lrp_status parse_activation(const char *name, enum lrp_activation *out,
                                        struct lrp_error *err)
{
    static const struct {
        const char *name;
        enum lrp_activation activation;
    } names[] = {{"relu", LRP_RELU}, {"tanh", LRP_TANH}, {"gelu", LRP_GELU}};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(names[i].name, name) == 0) {
            *out = names[i].activation;
            return LRP_OK;
        }
    }
    return lrp_fail(err, LRP_E_ARG, 0,
                    "the activation is \"%.40s\", but relu, tanh or gelu was "
                    "expected",
                    name);
}

static enum lrp_status parse_sizes(const char *text, const char *at, const char *end,
                                   struct lrp_model_spec *spec, struct lrp_error *err)
{
    while (at < end) {
        size_t digits = strcspn(at, ",:");
        int64_t size = 0;
        if (!lrp_parse_int64(at, digits, 1, WIDEST, &size)) {
            return lrp_fail(err, LRP_E_ARG, 0,
                            "the model \"%.60s\" has a layer that is no whole number from 1 to %d",
                            text, WIDEST);
        }
        if (spec->n_sizes == LRP_SIZES_MOST) {
            return lrp_fail(err, LRP_E_ARG, 0, "more than %d hidden layers", LRP_SIZES_MOST);
        }
        spec->sizes[spec->n_sizes] = (size_t)size;
        spec->n_sizes++;
        at += digits;
        if (at < end && *at == ',') {
            at++;
            if (at == end) {
                return lrp_fail(err, LRP_E_ARG, 0, "the model \"%.60s\" ends in a comma", text);
            }
        }
    }
    return LRP_OK;
}

enum lrp_status lrp_model_parse(const char *text, struct lrp_model_spec *spec,
                                struct lrp_error *err)
{
    size_t name = strcspn(text, ":");
    memset(spec, 0, sizeof *spec);
    spec->activation = LRP_RELU;
    for (size_t i = 0; lrp_model_table[i].name != NULL; i++) {
        const struct lrp_model_row *row = &lrp_model_table[i];
        if (strlen(row->name) == name && strncmp(row->name, text, name) == 0) {
            spec->row = row;
        }
    }
    if (spec->row == NULL) {
        return lrp_fail(err, LRP_E_ARG, 0,
                        "there is no model \"%.60s\"; mlp:128,64 or mlp:64:tanh was expected",
                        text);
    }
    if (text[name] == '\0') {
        spec->sizes[0] = spec->row->default_size;
        spec->n_sizes = 1;
        return LRP_OK;
    }
    const char *at = text + name + 1;
    const char *end = at + strcspn(at, ":");
    if (*end == ':') {
        enum lrp_status status = parse_activation(end + 1, &spec->activation, err);
        if (status != LRP_OK) {
            return status;
        }
    }
    return parse_sizes(text, at, end, spec, err);
}

enum lrp_status lrp_model_build(const struct lrp_model_spec *spec, const struct lrp_task *task,
                                struct lrp_layers *layers, struct lrp_error *err)
{
    memset(layers, 0, sizeof *layers);
    layers->shape = task->inputs;
    layers->err = err;
    spec->row->build(spec, task, layers);
    return layers->status;
}
