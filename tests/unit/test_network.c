/* SPDX-License-Identifier: MIT */
/* The network against an independent one in double precision, and its gradients against finite
 * differences of that one. */
#include "activation.h"
#include "blas.h"
#include "network.h"
#include "random.h"
#include "test_main.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { N_INPUTS = 5, MOST = 64 };

struct oracle { /* what the oracle needs to know of a network */
    const struct lrp_model_spec *spec;
    size_t n_outputs;
    enum lrp_loss loss;
};

/* Forward and backward, in training mode. */
static double step(struct lrp_network *network, const struct lrp_targets *targets, size_t batch,
                   size_t *correct)
{
    double loss = lrp_network_loss(network, targets, batch, LRP_TRAINING, correct);
    lrp_network_backward(network, batch, NULL, NULL);
    return loss;
}

static double activation_of(enum lrp_activation activation, double x)
{
    switch (activation) {
    case LRP_RELU:
        return x > 0 ? x : 0;
    case LRP_TANH:
        return tanh(x);
    case LRP_GELU:
    default:
        return x * 0.5 * erfc(-x / sqrt(2.0));
    }
}

static double loss_of_row(const struct oracle *oracle, const double *outputs, uint32_t class_number,
                          const float *values)
{
    double total = 0;
    double largest = -HUGE_VAL;
    if (oracle->loss == LRP_SQUARED_ERROR) {
        for (size_t j = 0; j < oracle->n_outputs; j++) {
            double difference = outputs[j] - (double)values[j];
            total += difference * difference / (double)oracle->n_outputs;
        }
        return total;
    }
    for (size_t j = 0; j < oracle->n_outputs; j++) {
        largest = fmax(largest, outputs[j]);
    }
    for (size_t j = 0; j < oracle->n_outputs; j++) {
        total += exp(outputs[j] - largest);
    }
    return largest + log(total) - outputs[class_number];
}

/* Mean loss of a batch, in double throughout, straight from the definitions. */
static double oracle_loss(const struct oracle *oracle, const double *parameters,
                          const float *inputs, const struct lrp_targets *targets, size_t batch)
{
    double total = 0;
    for (size_t row = 0; row < batch; row++) {
        double in[MOST];
        double out[MOST] = {0};
        const double *at = parameters;
        size_t n_in = N_INPUTS;
        for (size_t i = 0; i < N_INPUTS; i++) {
            in[i] = (double)inputs[row * N_INPUTS + i];
        }
        for (size_t l = 0; l <= oracle->spec->n_sizes; l++) {
            bool last = l == oracle->spec->n_sizes;
            size_t n_out = last ? oracle->n_outputs : oracle->spec->sizes[l];
            for (size_t j = 0; j < n_out; j++) {
                double sum = at[n_in * n_out + j];
                for (size_t i = 0; i < n_in; i++) {
                    sum += in[i] * at[i * n_out + j];
                }
                out[j] = last ? sum : activation_of(oracle->spec->activation, sum);
            }
            at += n_in * n_out + n_out;
            memcpy(in, out, sizeof in);
            n_in = n_out;
        }
        total +=
            loss_of_row(oracle, out, targets->classes != NULL ? targets->classes[row] : 0,
                        targets->values != NULL ? targets->values + row * oracle->n_outputs : NULL);
    }
    return total / (double)batch;
}

struct problem {
    struct lrp_network *network;
    struct lrp_model_spec spec;
    struct oracle oracle;
    uint32_t classes[MOST];
    float values[MOST * 4];
    struct lrp_targets targets;
    size_t batch;
};

static void make_problem(struct problem *problem, const char *model, enum lrp_loss loss,
                         size_t batch)
{
    struct lrp_random random;
    lrp_random_seed(&random, 7, 3);
    memset(problem, 0, sizeof *problem);
    ck_assert_int_eq(lrp_model_parse(model, &problem->spec, NULL), LRP_OK);
    size_t n_outputs = loss == LRP_CROSS_ENTROPY ? 4 : 2;
    const struct lrp_task task = {
        .inputs = {1, 1, N_INPUTS}, .n_outputs = n_outputs, .loss = loss, .max_batch = MOST};
    ck_assert_int_eq(lrp_network_new(&problem->spec, &task, &random, &problem->network, NULL),
                     LRP_OK);
    problem->oracle = (struct oracle){&problem->spec, n_outputs, loss};
    problem->batch = batch;
    float *parameters = lrp_network_parameters(problem->network);
    for (size_t i = 0; i < lrp_network_n_parameters(problem->network); i++) {
        parameters[i] += (float)(0.1 * lrp_random_normal(&random)); /* biases are 0 at first */
    }
    for (size_t i = 0; i < batch * N_INPUTS; i++) {
        lrp_network_inputs(problem->network)[i] = (float)lrp_random_normal(&random);
    }
    for (size_t i = 0; i < batch * n_outputs; i++) {
        problem->classes[i / n_outputs] = (uint32_t)lrp_random_below(&random, n_outputs);
        problem->values[i] = (float)lrp_random_normal(&random);
    }
    problem->targets = loss == LRP_CROSS_ENTROPY ? (struct lrp_targets){problem->classes, NULL}
                                                 : (struct lrp_targets){NULL, problem->values};
}

static double *doubles_of(struct lrp_network *network)
{
    size_t n = lrp_network_n_parameters(network);
    double *copy = calloc(n, sizeof *copy);
    ck_assert_ptr_nonnull(copy);
    for (size_t i = 0; i < n; i++) {
        copy[i] = (double)lrp_network_parameters(network)[i];
    }
    return copy;
}

/* Central differences in double at the float parameters. Float rounding through four layers of at
 * most 16 terms stays below 2e-6 of the largest gradient; a wrong formula is off by far more. */
static void check_gradients(const char *model, enum lrp_loss loss, size_t batch)
{
    struct problem problem;
    const double h = 1e-6;
    make_problem(&problem, model, loss, batch);
    size_t n = lrp_network_n_parameters(problem.network);
    double *parameters = doubles_of(problem.network);
    const float *inputs = lrp_network_inputs(problem.network);
    double got = step(problem.network, &problem.targets, batch, NULL);
    double want = oracle_loss(&problem.oracle, parameters, inputs, &problem.targets, batch);
    ck_assert_msg(close_to(got, want, 2e-6, 0), "%s: loss %.9g, wanted %.9g", model, got, want);
    double largest = 0;
    for (size_t i = 0; i < n; i++) {
        largest = fmax(largest, fabs((double)lrp_network_gradients(problem.network)[i]));
    }
    for (size_t i = 0; i < n; i++) {
        double kept = parameters[i];
        parameters[i] = kept + h;
        double above = oracle_loss(&problem.oracle, parameters, inputs, &problem.targets, batch);
        parameters[i] = kept - h;
        double below = oracle_loss(&problem.oracle, parameters, inputs, &problem.targets, batch);
        parameters[i] = kept;
        double slope = (above - below) / (2 * h);
        double gradient = (double)lrp_network_gradients(problem.network)[i];
        ck_assert_msg(close_to(gradient, slope, 2e-5, 2e-6 * largest),
                      "%s, loss %d, batch %zu: gradient %zu of %zu is %.9g, wanted %.9g", model,
                      (int)loss, batch, i, n, gradient, slope);
    }
    free(parameters);
    lrp_network_free(problem.network);
}

static const char *const models[] = {"mlp:",     "mlp:9",     "mlp:9:tanh",     "mlp:9:gelu",
                                     "mlp:16,8", "mlp:7,6,5", "mlp:7,6,5:tanh", "mlp:1,16,3:gelu"};

START_TEST(gradients_are_those_of_finite_differences)
{
    static const size_t batches[] = {1, 7, 32};
    for (size_t b = 0; b < sizeof batches / sizeof batches[0]; b++) {
        check_gradients(models[_i], LRP_CROSS_ENTROPY, batches[b]);
        check_gradients(models[_i], LRP_SQUARED_ERROR, batches[b]);
    }
}
END_TEST

struct spans { /* what a handler of gradients was told */
    struct lrp_network *network;
    size_t next; /* one past the parameter that has to come next */
    size_t n_calls;
};

/* Checks that the spans come without a gap from the end, and spoils the parameters: the rest of the
 * step must not look at them. */
static void take_span(void *user, size_t first, size_t n)
{
    struct spans *spans = user;
    ck_assert_uint_eq(first + n, spans->next);
    for (size_t i = first; i < first + n; i++) {
        lrp_network_parameters(spans->network)[i] = (float)NAN;
    }
    spans->next = first;
    spans->n_calls++;
}

START_TEST(gradients_in_blocks_are_those_of_the_whole)
{
    enum { BATCH = 9 };
    struct problem problem;
    make_problem(&problem, "mlp:4000,41,3", LRP_CROSS_ENTROPY, BATCH);
    size_t n = lrp_network_n_parameters(problem.network);
    const float *gradients = lrp_network_gradients(problem.network);
    (void)step(problem.network, &problem.targets, BATCH, NULL);
    float *whole = calloc(n, sizeof *whole);
    ck_assert_ptr_nonnull(whole);
    memcpy(whole, gradients, n * sizeof *whole);
    memset(lrp_network_gradients(problem.network), 0, n * sizeof *whole);
    struct spans spans = {problem.network, n, 0};
    (void)lrp_network_loss(problem.network, &problem.targets, BATCH, LRP_TRAINING, NULL);
    lrp_network_backward(problem.network, BATCH, take_span, &spans);
    ck_assert_uint_eq(spans.next, 0);
    ck_assert_uint_gt(spans.n_calls, 4); /* the layer of 4000 x 41 comes in parts */
    for (size_t i = 0; i < n; i++) {
        ck_assert_close((double)gradients[i], (double)whole[i], 1e-5, 1e-7);
    }
    free(whole);
    lrp_network_free(problem.network);
}
END_TEST

/* Loss and gradients of mlp:16,8 with ReLU, product by product, with the formulas written out. */
static double plain_step(const struct problem *problem, float *gradients)
{
    enum { LAYERS = 3 };
    static const size_t widths[LAYERS + 1] = {N_INPUTS, 16, 8, 4};
    static float values[LAYERS + 1][MOST * 16];
    static float errors[LAYERS + 1][MOST * 16];
    const float *weights[LAYERS];
    size_t batch = problem->batch;
    const float *at = lrp_network_parameters(problem->network);
    memcpy(values[0], lrp_network_inputs(problem->network), batch * N_INPUTS * sizeof(float));
    for (size_t l = 0; l < LAYERS; l++) {
        size_t n = widths[l + 1];
        weights[l] = at;
        lrp_blas_product((int)batch, (int)n, (int)widths[l], values[l], at, values[l + 1]);
        for (size_t i = 0; i < batch * n; i++) {
            float sum = values[l + 1][i] + at[widths[l] * n + i % n];
            values[l + 1][i] = l + 1 == LAYERS || sum > 0 ? sum : 0;
        }
        at += (widths[l] + 1) * n;
    }
    double loss = lrp_cross_entropy(values[LAYERS], problem->targets.classes, batch, 4, 0,
                                    errors[LAYERS], NULL);
    gradients += at - weights[0];
    for (size_t l = LAYERS; l > 0; l--) {
        size_t n = widths[l];
        gradients -= (widths[l - 1] + 1) * n;
        for (size_t i = 0; i < batch * n && l < LAYERS; i++) {
            errors[l][i] = values[l][i] > 0 ? errors[l][i] : 0;
        }
        lrp_blas_product_ta((int)batch, (int)n, (int)widths[l - 1], values[l - 1],
                            (int)widths[l - 1], errors[l], gradients);
        memset(gradients + widths[l - 1] * n, 0, n * sizeof *gradients);
        for (size_t i = 0; i < batch * n; i++) {
            gradients[widths[l - 1] * n + i % n] += errors[l][i];
        }
        lrp_blas_product_tb((int)batch, (int)n, (int)widths[l - 1], errors[l], weights[l - 1],
                            errors[l - 1]);
    }
    return loss;
}

/* What stands between the layers of a network must not change a bit of a perceptron: records of
 * earlier versions are compared with new ones. */
START_TEST(a_perceptron_has_the_bits_of_its_plain_products)
{
    struct problem problem;
    make_problem(&problem, "mlp:16,8", LRP_CROSS_ENTROPY, 33);
    size_t n = lrp_network_n_parameters(problem.network);
    float *gradients = calloc(n, sizeof *gradients);
    ck_assert_ptr_nonnull(gradients);
    double want = plain_step(&problem, gradients);
    double loss = step(problem.network, &problem.targets, problem.batch, NULL);
    ck_assert_double_eq(loss, want);
    ck_assert_mem_eq(lrp_network_gradients(problem.network), gradients, n * sizeof *gradients);
    free(gradients);
    lrp_network_free(problem.network);
}
END_TEST

START_TEST(dead_units_are_counted)
{
    struct problem problem;
    make_problem(&problem, "mlp:16,8", LRP_CROSS_ENTROPY, 20);
    float *biases = lrp_network_parameters(problem.network) + (size_t)N_INPUTS * 16;
    for (size_t j = 0; j < 16; j++) {
        biases[j] = j < 6 ? -1e6f : 1e6f; /* six units never, ten always on */
    }
    float *second = biases + 16 + (size_t)16 * 8;
    for (size_t j = 0; j < 8; j++) {
        second[j] = 1e9f;
    }
    (void)lrp_network_loss(problem.network, &problem.targets, 20, LRP_EVALUATION, NULL);
    ck_assert(close_to(lrp_network_dead_fraction(problem.network, 20), 6.0 / 24, 1e-12, 0));
    lrp_network_free(problem.network);
    make_problem(&problem, "mlp:16:tanh", LRP_CROSS_ENTROPY, 20);
    (void)lrp_network_loss(problem.network, &problem.targets, 20, LRP_EVALUATION, NULL);
    ck_assert(isnan(lrp_network_dead_fraction(problem.network, 20)));
    lrp_network_free(problem.network);
}
END_TEST

START_TEST(loss_without_gradients_is_the_same)
{
    struct problem problem;
    make_problem(&problem, models[_i], LRP_CROSS_ENTROPY, 20);
    size_t right = 99;
    size_t right_again = 98;
    double loss = lrp_network_loss(problem.network, &problem.targets, 20, LRP_TRAINING, &right);
    double again = step(problem.network, &problem.targets, 20, &right_again);
    ck_assert_double_eq(loss, again);
    ck_assert_uint_eq(right, right_again);
    ck_assert_uint_le(right, 20);
    lrp_network_free(problem.network);
}
END_TEST

START_TEST(softmax_neither_overflows_nor_loses_small_classes)
{
    const float outputs[2][3] = {{30000, 29999, -30000}, {-1e30f, -1e30f, -1e30f}};
    const uint32_t classes[2] = {1, 2};
    float error[6];
    size_t right = 9;
    double loss = lrp_cross_entropy(outputs[0], classes, 1, 3, 0, error, &right);
    ck_assert(close_to(loss, 1.3132616875182228, 1e-6, 0)); /* ln(1 + e) */
    ck_assert(close_to((double)error[0], 0.7310585786300049, 1e-6, 0));
    ck_assert(close_to((double)error[1], -0.7310585786300049, 1e-6, 0));
    ck_assert_double_eq((double)error[2], 0);
    ck_assert_uint_eq(right, 0);
    loss = lrp_cross_entropy(outputs[0], classes, 2, 3, 0, error, NULL);
    ck_assert(close_to(loss, (1.3132616875182228 + log(3)) / 2, 1e-6, 0));
    /* the wrong class by far: the loss is the distance, not infinite */
    const uint32_t last = 2;
    loss = lrp_cross_entropy(outputs[0], &last, 1, 3, 0, error, NULL);
    ck_assert(close_to(loss, 60000.3132616875182228, 1e-6, 0));
}
END_TEST

START_TEST(not_a_number_reaches_the_loss)
{
    for (size_t i = 0; i < sizeof models / sizeof models[0]; i++) {
        struct problem problem;
        make_problem(&problem, models[i], LRP_SQUARED_ERROR, 4);
        lrp_network_parameters(problem.network)[0] = NAN;
        ck_assert(
            isnan(lrp_network_loss(problem.network, &problem.targets, 4, LRP_TRAINING, NULL)));
        lrp_network_free(problem.network);
    }
    const float outputs[3] = {0, NAN, 1};
    const uint32_t class_number = 0;
    float error[3];
    ck_assert(isnan(lrp_cross_entropy(outputs, &class_number, 1, 3, 0, error, NULL)));
}
END_TEST

/* Mean, variance and largest size of the weights of the first layer, and whether biases are 0. */
static void weights_of(const char *model, double *mean, double *variance, double *largest)
{
    enum { WIDE = 400 };
    struct lrp_random random;
    struct lrp_model_spec spec;
    struct lrp_network *network = NULL;
    lrp_random_seed(&random, 11, 0);
    ck_assert_int_eq(lrp_model_parse(model, &spec, NULL), LRP_OK);
    const struct lrp_task task = {
        .inputs = {1, 1, WIDE}, .n_outputs = 3, .loss = LRP_CROSS_ENTROPY, .max_batch = 1};
    ck_assert_int_eq(lrp_network_new(&spec, &task, &random, &network, NULL), LRP_OK);
    const float *weights = lrp_network_parameters(network);
    size_t n = WIDE * (spec.n_sizes > 0 ? spec.sizes[0] : 3);
    double sum = 0;
    double squares = 0;
    *largest = 0;
    for (size_t i = 0; i < n; i++) {
        sum += (double)weights[i];
        squares += (double)weights[i] * (double)weights[i];
        *largest = fmax(*largest, fabs((double)weights[i]));
    }
    *mean = sum / (double)n;
    *variance = squares / (double)n - *mean * *mean;
    for (size_t j = 0; j < (spec.n_sizes > 0 ? spec.sizes[0] : 3); j++) {
        ck_assert_double_eq((double)weights[n + j], 0);
    }
    lrp_network_free(network);
}

START_TEST(weights_begin_as_he_and_xavier_say)
{
    double mean = 0;
    double variance = 0;
    double largest = 0;
    weights_of("mlp:300", &mean, &variance, &largest); /* 120,000 weights: 5 sigma are 2 % */
    ck_assert(close_to(variance, 2.0 / 400, 0.03, 0));
    ck_assert(fabs(mean) < 5 * sqrt(2.0 / 400 / 120000));
    ck_assert(largest > 4 * sqrt(2.0 / 400)); /* normal, not uniform */
    weights_of("mlp:300:gelu", &mean, &variance, &largest);
    ck_assert(close_to(variance, 2.0 / 400, 0.03, 0));
    weights_of("mlp:300:tanh", &mean, &variance, &largest);
    ck_assert(close_to(variance, 2.0 / 700, 0.03, 0));
    ck_assert(largest <= sqrt(6.0 / 700) && largest > 0.99 * sqrt(6.0 / 700));
    weights_of("mlp:", &mean, &variance, &largest); /* the last layer, 1200 weights */
    ck_assert(close_to(variance, 2.0 / 403, 0.15, 0));
    ck_assert(largest <= sqrt(6.0 / 403));
}
END_TEST

START_TEST(too_large_a_model_is_refused)
{
    struct lrp_random random;
    struct lrp_model_spec spec;
    struct lrp_network *network = NULL;
    struct lrp_error err = {0};
    lrp_random_seed(&random, 1, 0);
    ck_assert_int_eq(lrp_model_parse("mlp:1048576,1048576", &spec, NULL), LRP_OK);
    const struct lrp_task task = {
        .inputs = {1, 1, 10}, .n_outputs = 2, .loss = LRP_CROSS_ENTROPY, .max_batch = 1};
    ck_assert_int_ne(lrp_network_new(&spec, &task, &random, &network, &err), LRP_OK);
    ck_assert_ptr_null(network);
    ck_assert_uint_gt(strlen(err.message), 10);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("network");
    TCase *tests = tcase_create("network");
    tcase_set_timeout(tests, 60);
    const int n_models = (int)(sizeof models / sizeof models[0]);
    tcase_add_loop_test(tests, gradients_are_those_of_finite_differences, 0, n_models);
    tcase_add_test(tests, gradients_in_blocks_are_those_of_the_whole);
    tcase_add_test(tests, a_perceptron_has_the_bits_of_its_plain_products);
    tcase_add_test(tests, dead_units_are_counted);
    tcase_add_loop_test(tests, loss_without_gradients_is_the_same, 0, n_models);
    tcase_add_test(tests, softmax_neither_overflows_nor_loses_small_classes);
    tcase_add_test(tests, not_a_number_reaches_the_loss);
    tcase_add_test(tests, weights_begin_as_he_and_xavier_say);
    tcase_add_test(tests, too_large_a_model_is_refused);
    suite_add_tcase(suite, tests);
    return suite;
}
