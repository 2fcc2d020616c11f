/* SPDX-License-Identifier: MIT */
/* What layers do beside their gradients: chance, running averages, and values that are no numbers.
 */
#include "network.h"
#include "random.h"
#include "test_main.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 400 };
static const struct lrp_tensor_shape image = {8, 8, 2};
static const struct lrp_tensor_shape text = {1, 8, 1};

static struct lrp_network *make(const char *model, const struct lrp_tensor_shape *shape,
                                double dropout, uint64_t seed)
{
    struct lrp_network *network = NULL;
    struct lrp_model_spec spec;
    struct lrp_random random;
    struct lrp_error err = {0};
    const struct lrp_task task = {.inputs = *shape,
                                  .n_outputs = 5,
                                  .loss = LRP_CROSS_ENTROPY,
                                  .max_batch = MOST,
                                  .seed = seed};
    ck_assert_int_eq(lrp_model_parse(model, &spec, NULL), LRP_OK);
    spec.dropout = dropout;
    lrp_random_seed(&random, 1, 0);
    ck_assert_msg(lrp_network_new(&spec, &task, &random, &network, &err) == LRP_OK, "%s",
                  err.message);
    const size_t n = shape->height * shape->width * shape->channels;
    for (size_t i = 0; i < MOST * n; i++) {
        lrp_network_inputs(network)[i] = shape == &text
                                             ? (float)lrp_random_below(&random, 5)
                                             : (float)(3 + 2 * lrp_random_normal(&random));
    }
    return network;
}

static double loss_of(struct lrp_network *network, size_t batch, enum lrp_mode mode)
{
    static uint32_t classes[MOST * 8];
    const struct lrp_targets targets = {classes, NULL};
    for (uint32_t i = 0; i < MOST * 8; i++) {
        classes[i] = i % 5;
    }
    return lrp_network_loss(network, &targets, batch, mode, NULL);
}

START_TEST(dropout_is_seeded_and_off_in_evaluation)
{
    struct lrp_network *a = make("mlp:50,50", &image, 0.5, 1);
    struct lrp_network *same = make("mlp:50,50", &image, 0.5, 1);
    struct lrp_network *other = make("mlp:50,50", &image, 0.5, 2);
    struct lrp_network *none = make("mlp:50,50", &image, 0, 1);
    double first = loss_of(a, 20, LRP_TRAINING);
    ck_assert_double_eq(first, loss_of(same, 20, LRP_TRAINING));
    ck_assert_double_ne(first, loss_of(other, 20, LRP_TRAINING));
    ck_assert_double_ne(first, loss_of(a, 20, LRP_TRAINING)); /* another choice each time */
    /* the same weights, since chance has a stream of its own */
    ck_assert_double_eq(loss_of(a, 20, LRP_EVALUATION), loss_of(none, 20, LRP_EVALUATION));
    /* and evaluating draws nothing */
    (void)loss_of(same, 20, LRP_EVALUATION);
    (void)loss_of(same, 20, LRP_TRAINING);
    ck_assert_double_eq(loss_of(a, 20, LRP_TRAINING), loss_of(same, 20, LRP_TRAINING));
    lrp_network_free(a);
    lrp_network_free(same);
    lrp_network_free(other);
    lrp_network_free(none);
}
END_TEST

/* A hidden unit that always gives 1, handed on to class 0 with weight 1: an example's loss says
 * whether it came through, as 1 / (1 - rate). */
START_TEST(dropout_keeps_the_mean)
{
    static const double rates[] = {0.1, 0.5, 0.9};
    const double rate = rates[_i];
    struct lrp_network *network = make("mlp:1", &image, rate, 3);
    float *parameters = lrp_network_parameters(network);
    const size_t n = lrp_network_n_parameters(network);
    memset(parameters, 0, n * sizeof *parameters);
    parameters[n - 11] = 1;              /* bias of the hidden unit; then 5 weights and 5 biases */
    parameters[n - 10] = 1;              /* weight to class 0 */
    static const uint32_t classes[MOST]; /* all 0 */
    const struct lrp_targets targets = {classes, NULL};
    const double dropped_loss = log(5);
    const double kept_loss = log(exp(1 / (1 - rate)) + 4) - 1 / (1 - rate);
    double dropped = 0;
    for (int k = 0; k < 20; k++) { /* 8000 draws */
        double mean = lrp_network_loss(network, &targets, MOST, LRP_TRAINING, NULL);
        dropped += (mean - kept_loss) / (dropped_loss - kept_loss) / 20;
    }
    ck_assert_close(dropped, rate, 0, 5 * sqrt(rate * (1 - rate) / 8000));
    lrp_network_free(network);
}
END_TEST

START_TEST(running_averages_approach_the_batch)
{
    struct lrp_network *network = make("mlp:3:bn", &image, 0, 1);
    struct lrp_tensor tensor;
    double before = loss_of(network, MOST, LRP_EVALUATION);
    ck_assert_double_eq(before, loss_of(network, MOST, LRP_EVALUATION)); /* they stay */
    double batch = 0;
    for (int k = 0; k < 200; k++) {
        batch = loss_of(network, MOST, LRP_TRAINING);
    }
    /* the running variance is that with n - 1: a share of 1 / 400 more */
    ck_assert_close(loss_of(network, MOST, LRP_EVALUATION), batch, 2e-3, 0);
    ck_assert(fabs(before - batch) > 0.01);
    size_t found = 0;
    for (size_t i = 0; lrp_network_tensor(network, i, &tensor); i++) {
        found += strstr(tensor.name, "running_") != NULL ? 1 : 0;
    }
    ck_assert_uint_eq(found, 2);
    lrp_network_free(network);
}
END_TEST

START_TEST(one_example_can_be_normalised)
{
    struct lrp_network *network = make("mlp:3:bn", &image, 0, 1); /* variance 0 */
    ck_assert(isfinite(loss_of(network, 1, LRP_TRAINING)));
    lrp_network_backward(network, 1, NULL, NULL);
    for (size_t i = 0; i < lrp_network_n_parameters(network); i++) {
        ck_assert(isfinite(lrp_network_gradients(network)[i]));
    }
    lrp_network_free(network);
}
END_TEST

static const struct {
    const char *model;
    const struct lrp_tensor_shape *shape;
} models[] = {{"cnn:4,5", &image},
              {"cnn:4,5:average", &image},
              {"cnn:4,5:bn", &image},
              {"cnn:4,5:ln:gelu", &image},
              {"resnet:4,5", &image},
              {"resnet:4:tanh", &image},
              {"mlp:9:bn", &image},
              {"mlp:9:ln", &image},
              {"transformer:layers=2,heads=2,width=8,context=8", &text}};

/* A run that has broken down must not look sound: wherever a parameter is no number, the loss is
 * none. (Not so the vectors of characters and places that are not in the batch.) */
START_TEST(not_a_number_reaches_the_loss)
{
    struct lrp_network *network = make(models[_i].model, models[_i].shape, 0, 1);
    float *parameters = lrp_network_parameters(network);
    const size_t n = lrp_network_n_parameters(network);
    for (size_t i = 0; i < n; i += i < 64 ? 1 : 37) {
        float kept = parameters[i];
        parameters[i] = NAN;
        ck_assert_msg(!isfinite(loss_of(network, 10, LRP_EVALUATION)), "%s: parameter %zu of %zu",
                      models[_i].model, i, n);
        parameters[i] = kept;
    }
    ck_assert(isfinite(loss_of(network, 10, LRP_EVALUATION)));
    parameters[0] = NAN;
    ck_assert(!isfinite(loss_of(network, 10, LRP_TRAINING)));
    lrp_network_free(network);
}
END_TEST

START_TEST(dead_channels_are_counted)
{
    struct lrp_network *network = make("cnn:4,6", &image, 0, 1);
    struct lrp_tensor tensor;
    ck_assert(lrp_network_tensor(network, 1, &tensor));
    ck_assert_str_eq(tensor.name, "layers.0.bias");
    for (size_t j = 0; j < 4; j++) {
        tensor.values[j] = j == 2 ? -1e6f : 1e3f;
    }
    ck_assert(lrp_network_tensor(network, 3, &tensor));
    ck_assert_str_eq(tensor.name, "layers.1.bias");
    for (size_t j = 0; j < 6; j++) {
        tensor.values[j] = j < 2 ? -1e8f : 1e8f;
    }
    (void)loss_of(network, 10, LRP_EVALUATION);
    ck_assert_close(lrp_network_dead_fraction(network, 10), 3.0 / 10, 1e-12, 0);
    lrp_network_free(network);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("layers");
    TCase *tests = tcase_create("layers");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, dropout_is_seeded_and_off_in_evaluation);
    tcase_add_loop_test(tests, dropout_keeps_the_mean, 0, 3);
    tcase_add_test(tests, running_averages_approach_the_batch);
    tcase_add_test(tests, one_example_can_be_normalised);
    tcase_add_loop_test(tests, not_a_number_reaches_the_loss, 0, sizeof models / sizeof models[0]);
    tcase_add_test(tests, dead_channels_are_counted);
    suite_add_tcase(suite, tests);
    return suite;
}
