/* SPDX-License-Identifier: MIT */
#include "network.h"

#include "number.h"

#include <string.h>

enum { WIDEST = 1 << 20, DEFAULT_WIDTH = 64 };

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

enum lrp_status lrp_model_parse(const char *text, struct lrp_model_spec *spec,
                                struct lrp_error *err)
{
    memset(spec, 0, sizeof *spec);
    spec->activation = LRP_RELU;
    if (strcmp(text, "mlp") == 0) {
        spec->hidden[0] = DEFAULT_WIDTH;
        spec->n_hidden = 1;
        return LRP_OK;
    }
    if (strncmp(text, "mlp:", 4) != 0) {
        return lrp_fail(err, LRP_E_ARG, 0,
                        "there is no model \"%.60s\"; mlp:128,64 or mlp:64:tanh was expected",
                        text);
    }
    const char *at = text + 4;
    size_t length = strcspn(at, ":");
    const char *end = at + length;
    if (*end == ':') {
        enum lrp_status status = parse_activation(end + 1, &spec->activation, err);
        if (status != LRP_OK) {
            return status;
        }
    }
    while (at < end) {
        size_t digits = strcspn(at, ",:");
        int64_t width = 0;
        if (!lrp_parse_int64(at, digits, 1, WIDEST, &width)) {
            return lrp_fail(err, LRP_E_ARG, 0,
                            "the model \"%.60s\" has a layer that is no whole number from 1 to %d",
                            text, WIDEST);
        }
        if (spec->n_hidden == LRP_LAYERS_MOST) {
            return lrp_fail(err, LRP_E_ARG, 0, "more than %d hidden layers", LRP_LAYERS_MOST);
        }
        spec->hidden[spec->n_hidden] = (size_t)width;
        spec->n_hidden++;
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
