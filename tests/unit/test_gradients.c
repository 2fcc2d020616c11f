/* SPDX-License-Identifier: MIT */
/* The gradients of every model, and so of every layer, against central differences. All of
 * src/train is built in double here (doubles.h): with a step of 1e-6 the differences are good to
 * about 1e-9 of the largest gradient, and a wrong formula is off by far more than the 1e-6 asked.
 *
 * ReLU and the maximum have kinks, where a difference across one says nothing: such a parameter is
 * tried again with a smaller step, which steps across fewer. */
#include "network.h"
#include "random.h"
#include "test_main.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH = 5, MOST_CHECKED = 400 };

struct problem {
    const char *model;
    const struct lrp_tensor_shape *inputs;
    size_t n_outputs;
    enum lrp_loss loss;
    double dropout, smoothing;
    enum lrp_mode mode;
};
static const struct lrp_tensor_shape vector = {1, 1, 6};
static const struct lrp_tensor_shape image = {6, 5, 2};
static const struct lrp_tensor_shape text = {1, 7, 1};
static const struct lrp_tensor_shape wide_image = {8, 33, 2}; /* in several blocks of columns */

/* clang-format off */
static const struct problem problems[] = {
    {"mlp:", &vector, 3, LRP_CROSS_ENTROPY, 0, 0, LRP_TRAINING},
    {"mlp:7,5", &vector, 3, LRP_CROSS_ENTROPY, 0, 0.1, LRP_TRAINING},
    {"mlp:7,5:tanh", &vector, 3, LRP_SQUARED_ERROR, 0.3, 0, LRP_TRAINING},
    {"mlp:7,5:gelu", &image, 3, LRP_CROSS_ENTROPY, 0.3, 0.2, LRP_TRAINING},
    {"mlp:7,5:bn", &vector, 3, LRP_CROSS_ENTROPY, 0, 0, LRP_TRAINING},
    {"mlp:7,5:bn", &vector, 3, LRP_CROSS_ENTROPY, 0.3, 0.1, LRP_EVALUATION},
    {"mlp:7,5:bn:gelu", &vector, 3, LRP_SQUARED_ERROR, 0, 0, LRP_TRAINING},
    {"mlp:7,5:bn:tanh", &vector, 3, LRP_CROSS_ENTROPY, 0, 0, LRP_TRAINING},
    {"mlp:9,11:ln", &vector, 3, LRP_CROSS_ENTROPY, 0, 0, LRP_TRAINING},
    {"mlp:9:ln:gelu", &vector, 3, LRP_CROSS_ENTROPY, 0, 0, LRP_TRAINING},
    {"cnn:3", &image, 3, LRP_CROSS_ENTROPY, 0, 0, LRP_TRAINING},
    {"cnn:3,4", &image, 3, LRP_CROSS_ENTROPY, 0.2, 0, LRP_TRAINING},
    {"cnn:3,4:average:tanh", &image, 3, LRP_CROSS_ENTROPY, 0, 0, LRP_TRAINING},
    {"cnn:3,4:kernel=1:gelu", &image, 3, LRP_CROSS_ENTROPY, 0, 0, LRP_TRAINING},
    {"cnn:3,4:kernel=5:dense=6", &image, 1, LRP_SQUARED_ERROR, 0, 0, LRP_TRAINING},
    {"cnn:3:kernel=7", &image, 3, LRP_CROSS_ENTROPY, 0, 0, LRP_TRAINING},
    {"cnn:2:kernel=15", &wide_image, 3, LRP_CROSS_ENTROPY, 0, 0, LRP_TRAINING},
    {"cnn:3,4:bn:dense=4", &image, 3, LRP_CROSS_ENTROPY, 0.2, 0, LRP_TRAINING},
    {"cnn:3,4:bn", &image, 3, LRP_CROSS_ENTROPY, 0, 0, LRP_EVALUATION},
    {"cnn:3,4:ln:gelu", &image, 3, LRP_CROSS_ENTROPY, 0, 0, LRP_TRAINING},
    {"resnet:3", &image, 3, LRP_CROSS_ENTROPY, 0, 0, LRP_TRAINING},
    {"resnet:3,5:blocks=2:tanh", &image, 3, LRP_CROSS_ENTROPY, 0.2, 0, LRP_TRAINING},
    {"resnet:3,4,5:ln:gelu", &image, 3, LRP_CROSS_ENTROPY, 0, 0, LRP_TRAINING},
    {"resnet:3,5", &image, 3, LRP_SQUARED_ERROR, 0, 0, LRP_EVALUATION},
    {"transformer:layers=1,heads=1,width=4,context=7", &text, 6, LRP_CROSS_ENTROPY, 0, 0, LRP_TRAINING},
    {"transformer:layers=2,heads=2,width=6,context=7", &text, 6, LRP_CROSS_ENTROPY, 0.2, 0.1, LRP_TRAINING},
    {"transformer:layers=1,heads=3,width=9,context=7:tanh", &text, 6, LRP_CROSS_ENTROPY, 0.1, 0, LRP_EVALUATION},
};
/* clang-format on */
enum { N_PROBLEMS = sizeof problems / sizeof problems[0] };

/* A fresh network each time: the same dropout, the same running averages. parameters: NULL, or what
 * it gets. */
static struct lrp_network *make(const struct problem *problem, const double *parameters)
{
    struct lrp_network *network = NULL;
    struct lrp_model_spec spec;
    struct lrp_random random;
    const struct lrp_task task = {.inputs = *problem->inputs,
                                  .n_outputs = problem->n_outputs,
                                  .loss = problem->loss,
                                  .label_smoothing = problem->smoothing,
                                  .max_batch = BATCH,
                                  .seed = 5};
    ck_assert_int_eq(lrp_model_parse(problem->model, &spec, NULL), LRP_OK);
    spec.dropout = problem->dropout;
    lrp_random_seed(&random, 3, 1);
    ck_assert_int_eq(lrp_network_new(&spec, &task, &random, &network, NULL), LRP_OK);
    double *own = lrp_network_parameters(network);
    for (size_t i = 0; i < lrp_network_n_parameters(network); i++) {
        /* biases are 0 and scales 1 at first, which hides mistakes */
        own[i] = parameters != NULL ? parameters[i] : own[i] + 0.2 * lrp_random_normal(&random);
    }
    return network;
}

static double loss_of(const struct problem *problem, struct lrp_network *network)
{
    struct lrp_random random;
    uint32_t classes[BATCH * 8];
    double values[BATCH * 8];
    const size_t n = problem->inputs->height * problem->inputs->width * problem->inputs->channels;
    const bool is_text = problem->inputs->channels == 1;
    lrp_random_seed(&random, 4, 1);
    for (size_t i = 0; i < BATCH * n; i++) {
        lrp_network_inputs(network)[i] = is_text
                                             ? (double)lrp_random_below(&random, problem->n_outputs)
                                             : lrp_random_normal(&random);
    }
    for (size_t i = 0; i < BATCH * 8; i++) {
        classes[i] = (uint32_t)lrp_random_below(&random, problem->n_outputs);
        values[i] = lrp_random_normal(&random);
    }
    const struct lrp_targets targets = {classes, values};
    return lrp_network_loss(network, &targets, BATCH, problem->mode, NULL);
}

static double slope_at(const struct problem *problem, double *parameters, size_t i, double h)
{
    const double kept = parameters[i];
    double loss[2];
    for (int side = 0; side < 2; side++) {
        parameters[i] = side == 0 ? kept - h : kept + h;
        struct lrp_network *network = make(problem, parameters);
        loss[side] = loss_of(problem, network);
        lrp_network_free(network);
    }
    parameters[i] = kept;
    return (loss[1] - loss[0]) / (2 * h);
}

struct spans {
    struct lrp_network *network;
    size_t next;
};

/* Handed over: the rest of the step must not look at these parameters. */
static void take_span(void *user, size_t first, size_t n)
{
    struct spans *spans = user;
    ck_assert_uint_eq(first + n, spans->next);
    for (size_t i = first; i < first + n; i++) {
        lrp_network_parameters(spans->network)[i] = (double)NAN;
    }
    spans->next = first;
}

START_TEST(gradients_are_those_of_finite_differences)
{
    const struct problem *problem = &problems[_i];
    struct lrp_network *network = make(problem, NULL);
    const size_t n = lrp_network_n_parameters(network);
    double *parameters = calloc(n, sizeof *parameters);
    double *gradients = calloc(n, sizeof *gradients);
    ck_assert(parameters != NULL && gradients != NULL);
    memcpy(parameters, lrp_network_parameters(network), n * sizeof *parameters);
    ck_assert(isfinite(loss_of(problem, network)));
    struct spans spans = {network, n};
    lrp_network_backward(network, BATCH, take_span, &spans);
    ck_assert_uint_eq(spans.next, 0);
    memcpy(gradients, lrp_network_gradients(network), n * sizeof *gradients);
    double largest = 0;
    for (size_t i = 0; i < n; i++) {
        largest = fmax(largest, fabs(gradients[i]));
    }
    ck_assert_double_gt(largest, 1e-3);
    const size_t every = n / MOST_CHECKED + 1;
    for (size_t i = 0; i < n; i += every) {
        double slope = slope_at(problem, parameters, i, 1e-6);
        if (!close_to(gradients[i], slope, 0, 1e-6 * largest)) {
            slope = slope_at(problem, parameters, i, 1e-8);
            ck_assert_msg(close_to(gradients[i], slope, 0, 1e-6 * largest),
                          "%s (problem %d): gradient %zu of %zu is %.10g, wanted %.10g",
                          problem->model, _i, i, n, gradients[i], slope);
        }
    }
    free(parameters);
    free(gradients);
    lrp_network_free(network);
}
END_TEST

/* Large images go through the layers a few examples at a time: the sums over these parts, the last
 * one shorter, must be those of the examples one by one. */
START_TEST(parts_of_a_batch_add_up)
{
    enum { LARGE_BATCH = 23, SIDE = 28, PIXELS = SIDE * SIDE };
    static const char *const models[] = {"cnn:16,4", "cnn:16,4:average:tanh", "cnn:12,16:bn"};
    struct lrp_network *network[2];
    struct lrp_model_spec spec;
    struct lrp_random random;
    uint32_t classes[LARGE_BATCH];
    const struct lrp_targets targets = {classes, NULL};
    const struct lrp_task task = {.inputs = {SIDE, SIDE, 1},
                                  .n_outputs = 3,
                                  .loss = LRP_CROSS_ENTROPY,
                                  .max_batch = LARGE_BATCH};
    ck_assert_int_eq(lrp_model_parse(models[_i], &spec, NULL), LRP_OK);
    for (int k = 0; k < 2; k++) {
        lrp_random_seed(&random, 1, 1);
        ck_assert_int_eq(lrp_network_new(&spec, &task, &random, &network[k], NULL), LRP_OK);
    }
    double *inputs = lrp_network_inputs(network[0]);
    for (size_t i = 0; i < LARGE_BATCH * PIXELS; i++) {
        classes[i / PIXELS] = (uint32_t)(i / PIXELS % 3);
        inputs[i] = lrp_random_normal(&random);
    }
    const size_t n = lrp_network_n_parameters(network[0]);
    double *sums = calloc(n, sizeof *sums);
    ck_assert_ptr_nonnull(sums);
    struct spans spans = {network[0], n};
    double loss = lrp_network_loss(network[0], &targets, LARGE_BATCH, LRP_EVALUATION, NULL);
    lrp_network_backward(network[0], LARGE_BATCH, take_span, &spans);
    ck_assert_uint_eq(spans.next, 0);
    for (size_t row = 0; row < LARGE_BATCH; row++) {
        const struct lrp_targets one = {classes + row, NULL};
        memcpy(lrp_network_inputs(network[1]), inputs + row * PIXELS, PIXELS * sizeof *inputs);
        loss -= lrp_network_loss(network[1], &one, 1, LRP_EVALUATION, NULL) / LARGE_BATCH;
        lrp_network_backward(network[1], 1, NULL, NULL);
        for (size_t i = 0; i < n; i++) {
            sums[i] += lrp_network_gradients(network[1])[i] / LARGE_BATCH;
        }
    }
    ck_assert_close(loss, 0, 0, 1e-12);
    for (size_t i = 0; i < n; i++) {
        ck_assert_close(lrp_network_gradients(network[0])[i], sums[i], 1e-9, 1e-12);
    }
    free(sums);
    lrp_network_free(network[0]);
    lrp_network_free(network[1]);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("gradients");
    TCase *tests = tcase_create("gradients");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, gradients_are_those_of_finite_differences, 0, N_PROBLEMS);
    tcase_add_loop_test(tests, parts_of_a_batch_add_up, 0, 3);
    suite_add_tcase(suite, tests);
    return suite;
}
