/* SPDX-License-Identifier: MIT */
#include "network_internal.h"

#include <stdio.h>
#include <string.h>

enum { PARTS = 4 };

/* Part 0 to 3 of a layer; n is 0 where it has none. */
static struct lrp_tensor part_of(const struct lrp_layer *layer, size_t part, const char **name)
{
    static const char *const names[PARTS] = {"weight", "bias", "running_mean", "running_var"};
    struct lrp_tensor tensor;
    memset(&tensor, 0, sizeof tensor);
    *name = names[part];
    tensor.n_dimensions = 1;
    if (part == 0) {
        tensor.n = layer->n_weights;
        tensor.values = layer->weights;
        tensor.n_dimensions = 0;
        while (tensor.n_dimensions < 4 && layer->weight_shape[tensor.n_dimensions] > 0) {
            tensor.shape[tensor.n_dimensions] = layer->weight_shape[tensor.n_dimensions];
            tensor.n_dimensions++;
        }
        return tensor;
    }
    if (part == 1) {
        tensor.n = layer->n_biases;
        tensor.values = layer->biases;
        if (layer->ops == &lrp_layer_embedding) {
            *name = "positions";
            tensor.n_dimensions = 2;
            tensor.shape[0] = layer->in.width;
            tensor.shape[1] = layer->units;
            return tensor;
        }
    } else {
        tensor.n = layer->n_statistics / 2;
        tensor.values = layer->statistics + (part - 2) * tensor.n;
    }
    tensor.shape[0] = tensor.n;
    return tensor;
}

bool lrp_network_tensor(struct lrp_network *network, size_t i, struct lrp_tensor *tensor)
{
    size_t number = 0; /* of the layer, among those with parameters */
    for (size_t l = 0; l < network->n_layers; l++) {
        const struct lrp_layer *layer = &network->layers[l];
        for (size_t part = 0; part < PARTS; part++) {
            const char *name = NULL;
            struct lrp_tensor here = part_of(layer, part, &name);
            if (here.n == 0) {
                continue;
            }
            if (i == 0) {
                *tensor = here;
                tensor->is_last_layer = l + 1 == network->n_layers;
                (void)snprintf(tensor->name, sizeof tensor->name, "layers.%zu.%s", number, name);
                return true;
            }
            i--;
        }
        number += layer->n_weights > 0 ? 1 : 0;
    }
    return false;
}
