/* SPDX-License-Identifier: MIT */
/* Networks in float32: a sequence of layers. All parameters lie in one block and all gradients in
 * another, in the same order: for each layer its weights (inputs x outputs, row-major), then its
 * biases. */
#ifndef LRP_TRAIN_NETWORK_H
#define LRP_TRAIN_NETWORK_H

#include "model.h"
#include "random.h"
#include "status.h"

#include <stdint.h>

enum lrp_loss { LRP_CROSS_ENTROPY, LRP_SQUARED_ERROR };
/* TRAINING: statistics of the batch, dropout. EVALUATION: as in validation. */
enum lrp_mode { LRP_TRAINING, LRP_EVALUATION };
struct lrp_task { /* what a network is for */
    struct lrp_tensor_shape inputs;
    size_t n_outputs; /* classes, or values */
    enum lrp_loss loss;
    double label_smoothing; /* share of the target that all classes have together; in training */
    size_t max_batch;       /* the largest batch of any pass */
    uint64_t seed;          /* of dropout */
};
struct lrp_network;

/* Weights: He initialisation (Kaiming He et al. 2015, eq. 10: normal, variance 2 / inputs) in
 * front of ReLU and GELU, Xavier (Glorot and Bengio 2010, eq. 16: uniform, limit sqrt(6 / (inputs +
 * outputs))) in front of tanh and for the last layer; biases 0. */
enum lrp_status lrp_network_new(const struct lrp_model_spec *spec, const struct lrp_task *task,
                                struct lrp_random *random, struct lrp_network **out,
                                struct lrp_error *err);
void lrp_network_free(struct lrp_network *network);
size_t lrp_network_n_parameters(const struct lrp_network *network);
/* Between steps the caller may change the parameters: the next pass uses what it finds. */
float *lrp_network_parameters(struct lrp_network *network);
float *lrp_network_gradients(struct lrp_network *network);
/* Room for a batch of inputs, max_batch x height x width x channels, that the caller fills. */
float *lrp_network_inputs(struct lrp_network *network);

/* A named part of the parameters or of the running averages, for files. */
struct lrp_tensor {
    char name[48]; /* "layers.3.weight": layers with parameters, counted from 0 */
    size_t shape[4];
    size_t n_dimensions, n;
    float *values;
    bool is_last_layer;
};
/* Tensor i in the order of the layers; false past the end. */
bool lrp_network_tensor(struct lrp_network *network, size_t i, struct lrp_tensor *tensor);

/* What is wanted of a batch: class numbers for cross-entropy, values for squared error. */
struct lrp_targets {
    const uint32_t *classes; /* batch; of a text: one for each character, batch x width */
    const float *values;     /* batch x n_outputs */
};
/* Forward: the mean loss of the batch (natural logarithm; squared error: mean over batch and
 * outputs). Allocates nothing. correct: NULL, or where the number of right classes goes. */
double lrp_network_loss(struct lrp_network *network, const struct lrp_targets *targets,
                        size_t batch, enum lrp_mode mode, size_t *correct);
/* The gradients of parameters first .. first + n - 1 are final, and this step needs these
 * parameters no more: the handler may change them. Each parameter comes once, the last ones first.
 */
typedef void (*lrp_gradient_handler)(void *user, size_t first, size_t n);
/* The backward half, after lrp_network_loss of the same batch and in its mode: fills the gradients.
 * handler: NULL, or called block by block while the gradients lie in the processor's cache. */
void lrp_network_backward(struct lrp_network *network, size_t batch, lrp_gradient_handler handler,
                          void *user);
/* Share of the ReLU units (with images: channels) that were 0 for every row of the batch of the
 * last forward pass; NaN for a network without ReLU. */
double lrp_network_dead_fraction(const struct lrp_network *network, size_t batch);
#endif
