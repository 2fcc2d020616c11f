/* SPDX-License-Identifier: MIT */
/* Dropout (Srivastava et al. 2014): in training each value is set to 0 with the layer's rate, and
 * the others are divided by the share that is kept, so that validation uses the same weights. */
#include "layer.h"

#include <string.h>

/* kept: the factors of this pass, 0 or 1 / (1 - rate) (B x H x W x C). */

static enum lrp_status plan(struct lrp_layer *layer, struct lrp_error *err)
{
    if (!(layer->rate > 0) || layer->rate >= 1) {
        return lrp_fail(err, LRP_E_ARG, 0, "the dropout rate must lie between 0 and 1");
    }
    layer->n_kept = lrp_values(&layer->in);
    return LRP_OK;
}

static void forward(struct lrp_layer *layer, const struct lrp_forward *pass)
{
    const size_t n = lrp_values(&layer->in) * pass->batch;
    const uint32_t limit = (uint32_t)(layer->rate * 4294967296.0);
    const float factor = (float)(1 / (1 - layer->rate));
    if (pass->mode == LRP_EVALUATION) {
        memcpy(layer->outputs, layer->inputs, n * sizeof *layer->outputs);
        return;
    }
    for (size_t i = 0; i < n; i += 2) {
        uint64_t bits = lrp_random_bits(pass->noise);
        layer->kept[i] = (uint32_t)bits < limit ? 0 : factor;
        if (i + 1 < n) {
            layer->kept[i + 1] = (uint32_t)(bits >> 32) < limit ? 0 : factor;
        }
    }
    for (size_t i = 0; i < n; i++) {
        layer->outputs[i] = layer->inputs[i] * layer->kept[i];
    }
}

static void backward(struct lrp_layer *layer, const struct lrp_backward *pass)
{
    const size_t n = lrp_values(&layer->in) * pass->batch;
    for (size_t i = 0; pass->mode == LRP_TRAINING && i < n; i++) {
        pass->error[i] *= layer->kept[i];
    }
}

const struct lrp_layer_ops lrp_layer_dropout = {
    .in_place = true,
    .plan = plan,
    .forward = forward,
    .backward = backward,
};
