/* SPDX-License-Identifier: MIT */
/* The inside of a network: one layer, and what each kind of layer can do. One file a kind.
 *
 * Letters of dimensions: B examples of the batch, H x W pixels (1 x T characters of a text, 1 x 1
 * for a plain vector), C channels. A block of values is B x H x W x C, the channels innermost: to
 * most layers it is R = B H W rows of C values. */
#ifndef LRP_TRAIN_LAYER_H
#define LRP_TRAIN_LAYER_H

#include "network.h"

struct lrp_layer;
struct lrp_forward { /* a batch on its way up */
    size_t batch;
    enum lrp_mode mode;
    struct lrp_random *noise; /* of dropout */
};
struct lrp_backward { /* and down */
    size_t batch;
    enum lrp_mode mode;           /* of the forward half */
    float *error;                 /* gradient by the layer's outputs, before their activation */
    float *next;                  /* where the gradient by its inputs goes; NULL: nobody asks */
    lrp_gradient_handler handler; /* NULL, or told of gradients that are final */
    void *user;
};
struct lrp_layer_ops {
    const char *name;
    bool in_place; /* backward: next is error itself, changed where it lies */
    /* From the layer's settings and .in: .out and the sizes. LRP_E_ARG: it cannot be built so. */
    enum lrp_status (*plan)(struct lrp_layer *layer, struct lrp_error *err);
    /* Fresh parameters and statistics, which are 0 before; NULL: they stay so. */
    void (*initialise)(struct lrp_layer *layer, struct lrp_random *random);
    /* inputs -> outputs, biases and activation included. */
    void (*forward)(struct lrp_layer *layer, const struct lrp_forward *pass);
    /* Fills the gradients of its parameters and hands each to the handler once, the last ones
     * first, when it needs these parameters no more. */
    void (*backward)(struct lrp_layer *layer, const struct lrp_backward *pass);
};
/* Matrix product with weights (C_in x C_out), at each row by itself. */
extern const struct lrp_layer_ops lrp_layer_dense;

struct lrp_layer {
    const struct lrp_layer_ops *ops;
    /* Settings. */
    struct lrp_shape in;
    size_t units; /* channels that come out */
    enum lrp_activation activation;
    bool has_biases;
    double deviation; /* of normal weights at first; 0: by He or Xavier, see network.h */
    /* Sizes in floats, from plan. */
    struct lrp_shape out;
    size_t n_weights, n_biases;
    size_t n_scratch; /* shared by all layers, lost after each call */
    /* Places, from the network. */
    float *weights;
    float *biases;
    float *weight_gradients;
    float *bias_gradients;
    size_t offset; /* of the first weight in the network's parameters; the biases follow */
    const float *inputs;
    float *outputs;
    float *sums; /* before the activation: GELU needs them; else the outputs' own block */
    float *scratch;
};

/* Rows of a batch that come out of a layer, or go in. */
size_t lrp_rows(const struct lrp_shape *shape, size_t batch);
/* Weights by He or Xavier (network.h), or with layer->deviation, for so many inputs and outputs. */
void lrp_layer_draw_weights(struct lrp_layer *layer, size_t n_inputs, size_t n_outputs,
                            struct lrp_random *random);

/* A growing list of layers; the first error stays, and what is added behind it is ignored. */
struct lrp_layers {
    struct lrp_layer *items;
    size_t n, capacity;
    struct lrp_shape shape; /* of what comes out so far */
    enum lrp_status status;
    struct lrp_error *err;
};
/* A layer on top; its place in the list. settings.in is set here. */
size_t lrp_layers_add(struct lrp_layers *layers, struct lrp_layer settings);
/* What comes out so far as one vector: no layer, the memory is the same. */
void lrp_layers_flatten(struct lrp_layers *layers);
/* The layers of a model, in heap memory that the caller frees. */
enum lrp_status lrp_model_build(const struct lrp_model_spec *spec, const struct lrp_task *task,
                                struct lrp_layers *layers, struct lrp_error *err);
#endif
