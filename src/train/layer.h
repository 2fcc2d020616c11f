/* SPDX-License-Identifier: MIT */
/* The layers of a network: one layer, and the operations of each kind of layer. One file per kind.
 *
 * Letters of dimensions: B examples of the batch, H x W pixels (1 x T characters of a text, 1 x 1
 * for a plain vector), C channels. A block of values is B x H x W x C, the channels innermost: to
 * most layers it is R = B H W rows of C values. */
#ifndef LRP_TRAIN_LAYER_H
#define LRP_TRAIN_LAYER_H

#include "network.h"
#include "vector.h"

struct lrp_layer;
struct lrp_forward { /* forward pass of a batch */
    size_t batch;
    enum lrp_mode mode;
    struct lrp_random *noise; /* of dropout */
};
struct lrp_backward { /* backward pass */
    size_t batch;
    enum lrp_mode mode;           /* of the forward half */
    float *error;                 /* gradient by the layer's outputs, before their activation */
    float *next;                  /* where the gradient by its inputs goes; NULL: not needed */
    bool more;                    /* the gradients of the parameters add to what is there */
    lrp_gradient_handler handler; /* NULL, or called with gradients that are final */
    void *user;
};
struct lrp_layer_ops {
    /* Both passes handle each example by itself: the batch may come in parts, and backward obeys
     * .more. */
    bool by_examples;
    bool in_place;   /* backward: next is error itself, changed where it lies */
    bool hands_over; /* backward calls the handler itself, block by block */
    /* From the layer's settings and .in: the sizes, and .out where it is not .in. NULL: there is
     * nothing to do. LRP_E_ARG: it cannot be built so. */
    enum lrp_status (*plan)(struct lrp_layer *layer, struct lrp_error *err);
    /* Initial parameters and statistics, which are 0 before; NULL: they stay 0. */
    void (*initialise)(struct lrp_layer *layer, struct lrp_random *random);
    /* inputs -> outputs, biases and activation included. NULL: outputs are the inputs' block. */
    void (*forward)(struct lrp_layer *layer, const struct lrp_forward *pass);
    /* Fills pass->next and the gradients of its parameters. The handler gets each of them once, the
     * last ones first, when the layer needs these parameters no more. */
    void (*backward)(struct lrp_layer *layer, const struct lrp_backward *pass);
};
extern const struct lrp_layer_ops lrp_layer_dense;       /* weights C_in x C_out, for each row */
extern const struct lrp_layer_ops lrp_layer_convolution; /* weights K x K x C_in x C_out */
extern const struct lrp_layer_ops lrp_layer_max_pool, lrp_layer_average_pool;
extern const struct lrp_layer_ops lrp_layer_batch_norm, lrp_layer_layer_norm;
extern const struct lrp_layer_ops lrp_layer_fork, lrp_layer_join; /* ends of a residual block */
extern const struct lrp_layer_ops lrp_layer_dropout;
extern const struct lrp_layer_ops lrp_layer_embedding, lrp_layer_attention;

struct lrp_layer {
    const struct lrp_layer_ops *ops;
    /* Settings. */
    struct lrp_tensor_shape in;
    size_t units;                   /* output channels */
    enum lrp_activation activation; /* at its end */
    enum lrp_activation then;       /* what its weights are drawn for: behind a normalisation */
    bool has_biases;
    size_t kernel, stride; /* of windows on images; join: of the pixels that go past */
    size_t vocabulary, heads;
    double rate;      /* of dropout */
    double deviation; /* of normal weights at first; 0: by He or Xavier, see network.h */
    /* A maximum over ReLUs: where its output is 0 it passes no error on, which is all that the
     * ReLUs' own gradient would do, on a block of four times the size. */
    bool masks_below, is_masked;
    size_t partner_number; /* fork and join: the other one's place in the list */
    /* Sizes in floats, from plan. */
    struct lrp_tensor_shape out;
    size_t weight_shape[4]; /* ends with a 0 if there are fewer */
    size_t n_weights;       /* by that shape, not from plan */
    size_t n_biases;
    size_t n_statistics; /* learned, but not by gradients */
    size_t n_kept;       /* from forward to backward, for each example */
    size_t n_kept_once;  /* for all examples of the batch together */
    size_t n_scratch;    /* shared by all layers, lost after each call */
    /* Places, from the network. */
    float *weights;
    float *biases;
    float *weight_gradients;
    float *bias_gradients;
    float *statistics;
    struct lrp_layer *partner; /* of fork and join */
    size_t offset; /* of the first weight in the network's parameters; the biases follow */
    const float *inputs;
    float *outputs;
    float *sums; /* before the activation, for GELU then its slopes; else the outputs' own block */
    float *kept;
    float *scratch;
};

/* Rows of a batch of that shape, and values of one example. */
size_t lrp_rows(const struct lrp_tensor_shape *shape, size_t batch);
size_t lrp_values(const struct lrp_tensor_shape *shape);
/* The row of the inputs where the window of row `row` of the outputs begins, which are `down` lines
 * and `across` pixels apart. */
static inline size_t lrp_window_row(const struct lrp_tensor_shape *in,
                                    const struct lrp_tensor_shape *out, size_t row, size_t down,
                                    size_t across)
{
    size_t line = row / out->width % out->height;
    size_t image = row / out->width / out->height;
    return (image * in->height + line * down) * in->width + row % out->width * across;
}
/* Weights by He or Xavier (network.h), or with layer->deviation, for so many inputs and outputs. */
void lrp_layer_draw_weights(struct lrp_layer *layer, size_t n_inputs, size_t n_outputs,
                            struct lrp_random *random);

/* A growing list of layers; the first error stays, and what is added behind it is ignored. */
struct lrp_layers {
    struct lrp_layer *items;
    size_t n, capacity;
    struct lrp_tensor_shape shape; /* of the top's outputs */
    enum lrp_status status;
    struct lrp_error *err;
};
/* A layer on top; its place in the list. settings.in is set here. */
size_t lrp_layers_add(struct lrp_layers *layers, struct lrp_layer settings);
/* The top's outputs become one vector: no layer, the memory is the same. */
void lrp_layers_flatten(struct lrp_layers *layers);
/* A fork, and the join on top that adds the fork's outputs; the stride follows from the shapes. */
size_t lrp_layers_fork(struct lrp_layers *layers);
void lrp_layers_join(struct lrp_layers *layers, size_t fork, enum lrp_activation activation);
/* The layers of a model, in heap memory that the caller frees. */
enum lrp_status lrp_model_build(const struct lrp_model_spec *spec, const struct lrp_task *task,
                                struct lrp_layers *layers, struct lrp_error *err);
#endif
