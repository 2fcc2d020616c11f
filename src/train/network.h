/* SPDX-License-Identifier: MIT */
/* Multi-layer perceptrons in float32. All parameters lie in one block and all gradients in another,
 * in the same order: for each layer its weights (inputs x outputs, row-major), then its biases. */
#ifndef LRP_TRAIN_NETWORK_H
#define LRP_TRAIN_NETWORK_H

#include "random.h"
#include "status.h"

#include <stdint.h>

enum lrp_activation { LRP_RELU, LRP_TANH, LRP_GELU };
enum lrp_loss { LRP_CROSS_ENTROPY, LRP_SQUARED_ERROR };
enum { LRP_LAYERS_MOST = 32 };

/* "mlp:256,128", "mlp:64:tanh", "mlp" (one hidden layer of 64), "mlp:" (no hidden layer). */
struct lrp_model_spec {
    size_t hidden[LRP_LAYERS_MOST];
    size_t n_hidden;
    enum lrp_activation activation;
};
enum lrp_status lrp_model_parse(const char *text, struct lrp_model_spec *spec,
                                struct lrp_error *err);

struct lrp_network;

/* max_batch: the largest batch that will be put through. Weights: He initialisation (Kaiming He et
 * al. 2015, eq. 10: normal, variance 2 / inputs) for ReLU and GELU, Xavier (Glorot and Bengio 2010,
 * eq. 16: uniform, limit sqrt(6 / (inputs + outputs))) for tanh and the last layer; biases 0. */
enum lrp_status lrp_network_new(const struct lrp_model_spec *spec, size_t n_inputs,
                                size_t n_outputs, enum lrp_loss loss, size_t max_batch,
                                struct lrp_random *random, struct lrp_network **out,
                                struct lrp_error *err);
void lrp_network_free(struct lrp_network *network);
size_t lrp_network_n_parameters(const struct lrp_network *network);
float *lrp_network_parameters(struct lrp_network *network);
float *lrp_network_gradients(struct lrp_network *network);
/* Room for a batch of inputs, max_batch x n_inputs, that the caller fills. */
float *lrp_network_inputs(struct lrp_network *network);

/* What is wanted of a batch: class numbers for cross-entropy, values for squared error. */
struct lrp_targets {
    const uint32_t *classes; /* batch */
    const float *values;     /* batch x n_outputs */
};
/* Forward and backward through the inputs: fills the gradients, returns the mean loss of the batch
 * (natural logarithm; squared error: mean over batch and outputs). Allocates nothing.
 * correct: NULL, or where the number of right classes goes. */
double lrp_network_step(struct lrp_network *network, const struct lrp_targets *targets,
                        size_t batch, size_t *correct);
/* The same without gradients: the forward half. */
double lrp_network_loss(struct lrp_network *network, const struct lrp_targets *targets,
                        size_t batch, size_t *correct);
/* The gradients of parameters first .. first + n - 1 are final, and this step needs these
 * parameters no more: the handler may change them. Each parameter comes once, the last ones first.
 */
typedef void (*lrp_gradient_handler)(void *user, size_t first, size_t n);
/* The backward half, after lrp_network_loss of the same batch. handler: NULL, or called block by
 * block while the gradients lie in the processor's cache. */
void lrp_network_backward(struct lrp_network *network, size_t batch, lrp_gradient_handler handler,
                          void *user);
#endif
