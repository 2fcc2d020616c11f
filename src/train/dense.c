/* SPDX-License-Identifier: MIT */
/* Dense layer: each row times the weights. */
#include "layer.h"

#include "activation.h"
#include "blas.h"

#include <string.h>

/* Parameters in a block of gradients: 128 KiB, so that it, the parameters and the optimizer's state
 * fit into a second-level cache together. Each block's product packs the errors again, which costs
 * more than the cache saves where there are many rows. */
enum { GRADIENT_BLOCK = 1 << 15, BLOCKS_UP_TO_ROWS = 64 };

static enum lrp_status plan(struct lrp_layer *layer, struct lrp_error *err)
{
    (void)err;
    layer->out.channels = layer->units;
    layer->weight_shape[0] = layer->in.channels;
    layer->weight_shape[1] = layer->units;
    layer->n_biases = layer->has_biases ? layer->units : 0;
    return LRP_OK;
}

static void initialise(struct lrp_layer *layer, struct lrp_random *random)
{
    lrp_layer_draw_weights(layer, layer->in.channels, layer->units, random);
}

static void forward(struct lrp_layer *layer, const struct lrp_forward *pass)
{
    size_t rows = lrp_rows(&layer->in, pass->batch);
    lrp_blas_product((int)rows, (int)layer->units, (int)layer->in.channels, layer->inputs,
                     layer->weights, layer->sums);
    lrp_activate(layer->activation, layer->sums, layer->biases, layer->outputs, rows, layer->units);
}

/* Gradients of the parameters, the last ones first; for a handler in blocks, so that it finds each
 * in the processor's cache. */
static void gradients(const struct lrp_layer *layer, const struct lrp_backward *pass)
{
    size_t rows = lrp_rows(&layer->in, pass->batch);
    size_t n_inputs = layer->in.channels;
    bool blocks = pass->handler != NULL && rows <= BLOCKS_UP_TO_ROWS;
    size_t n_blocks = blocks ? (layer->n_weights - 1) / GRADIENT_BLOCK + 1 : 1;
    size_t per_block = (n_inputs - 1) / n_blocks + 1;
    if (layer->has_biases) {
        memset(layer->bias_gradients, 0, layer->units * sizeof *layer->bias_gradients);
        lrp_add_rows(pass->error, rows, layer->units, layer->bias_gradients);
    }
    for (size_t end = n_inputs; end > 0;) {
        size_t first = end > per_block ? end - per_block : 0;
        size_t at = first * layer->units;
        lrp_blas_product_ta((int)rows, (int)layer->units, (int)(end - first), layer->inputs + first,
                            (int)n_inputs, pass->error, layer->weight_gradients + at);
        if (pass->handler != NULL) {
            size_t biases = end == n_inputs ? layer->n_biases : 0; /* behind the weights */
            pass->handler(pass->user, layer->offset + at, end * layer->units - at + biases);
        }
        end = first;
    }
}

static void backward(struct lrp_layer *layer, const struct lrp_backward *pass)
{
    if (pass->next != NULL) { /* before the handler may change the weights */
        lrp_blas_product_tb((int)lrp_rows(&layer->in, pass->batch), (int)layer->units,
                            (int)layer->in.channels, pass->error, layer->weights, pass->next);
    }
    gradients(layer, pass);
}

const struct lrp_layer_ops lrp_layer_dense = {
    .hands_over = true,
    .plan = plan,
    .initialise = initialise,
    .forward = forward,
    .backward = backward,
};
