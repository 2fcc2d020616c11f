/* SPDX-License-Identifier: MIT */
#include "optimizer.h"
#include "test_main.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { N = 3 };

static void make_step(struct lrp_optimizer_step *step, float *parameters, float *gradients,
                      float *first, float *second)
{
    memset(step, 0, sizeof *step);
    step->parameters = parameters;
    step->gradients = gradients;
    step->state[0] = first;
    step->state[1] = second;
    step->n = N;
    step->gradient_scale = 1;
}

struct expected {
    const char *optimizer;
    double after[3][N]; /* 1, 2 and 20 steps */
};
/* What PyTorch 1.13 (double precision) makes of p = (1, -2, 0.5) with the gradient c p - b,
 * c = (1, 3, 0.2), b = (0.3, 0, -1), at the rates 0.05 (1 + sin(t) / 2), t = 0, 1, ... */
static const struct expected pytorch[] = {
    {"sgd",
     {{0.965, -1.7, 0.445},
      {0.917760545, -1.33771245, 0.367640952},
      {0.549558295, -0.0741470687, -0.503991577}}},
    {"sgd:weight_decay=0.1",
     {{0.96, -1.69, 0.4425},
      {0.906296198, -1.31783834, 0.362033094},
      {0.505812573, -0.0656788663, -0.502592842}}},
    {"momentum",
     {{0.965, -1.7, 0.445},
      {0.873007377, -0.954113866, 0.297314546},
      {0.194536504, -0.0509500796, -4.26298922}}},
    {"momentum:momentum=0.8,dampening=0.3,weight_decay=0.05",
     {{0.9625, -1.695, 0.44375},
      {0.88454158, -1.09127088, 0.324574711},
      {0.20277075, -0.197656555, -2.02419162}}},
    {"nesterov",
     {{0.9335, -1.43, 0.3955},
      {0.807718735, -0.505740525, 0.186560245},
      {0.242211978, 0.0272907453, -4.29268834}}},
    {"nesterov:momentum=0.5,weight_decay=0.1",
     {{0.94, -1.535, 0.41375},
      {0.847581156, -0.917850261, 0.273545606},
      {0.33621658, 0.000326660847, -1.23384154}}},
    {"adam",
     {{0.950000001, -1.95, 0.45},
      {0.879148967, -1.87901579, 0.378980877},
      {0.203508896, -1.03681232, -0.490616746}}},
    {"adam:beta1=0.8,beta2=0.9,eps=0.001,weight_decay=0.1",
     {{0.950062422, -1.95000806, 0.45004344},
      {0.879310118, -1.87904117, 0.379097563},
      {0.221793056, -1.03433463, -0.485601697}}},
    {"adamw",
     {{0.949500001, -1.949, 0.44975},
      {0.877976906, -1.87663246, 0.378411481},
      {0.200703291, -1.0223883, -0.490884097}}},
    {"adamw:beta1=0.5,weight_decay=0.3",
     {{0.935000001, -1.92, 0.4425},
      {0.84527131, -1.80854325, 0.362158314},
      {0.296820958, -0.762164897, -0.468856676}}},
};

START_TEST(updates_are_those_of_pytorch)
{
    const struct expected *expected = &pytorch[_i];
    static const double slope[N] = {1, 3, 0.2};
    static const double shift[N] = {0.3, 0, -1};
    float parameters[N] = {1, -2, 0.5};
    float gradients[N] = {0};
    float first[N] = {0};
    float second[N] = {0};
    struct lrp_optimizer_spec spec;
    struct lrp_optimizer_step step;
    size_t compared = 0;
    ck_assert_int_eq(lrp_optimizer_parse(expected->optimizer, &spec, NULL), LRP_OK);
    make_step(&step, parameters, gradients, first, second);
    step.momentum = lrp_optimizer_momentum(&spec);
    for (unsigned t = 0; t < 20; t++) {
        for (size_t i = 0; i < N; i++) {
            gradients[i] = (float)(slope[i] * (double)parameters[i] - shift[i]);
        }
        step.lr = 0.05 * (1 + 0.5 * sin(t));
        step.step = t + 1;
        spec.row->update(&spec.settings, &step);
        if (t != 0 && t != 1 && t != 19) {
            continue;
        }
        for (size_t i = 0; i < N; i++) { /* float: 20 roundings of 6e-8 each, and a margin */
            ck_assert_msg(close_to((double)parameters[i], expected->after[compared][i], 5e-6, 1e-6),
                          "%s, step %u, parameter %zu: %.9g, wanted %.9g", expected->optimizer, t,
                          i, (double)parameters[i], expected->after[compared][i]);
        }
        compared++;
    }
    ck_assert_uint_eq(compared, 3);
}
END_TEST

/* With a constant gradient of 1 each rule has a closed form. */
static double moved(const char *optimizer, unsigned steps, double lr, double gradient, double scale)
{
    float parameters[N] = {0};
    float gradients[N] = {(float)gradient, (float)gradient, (float)gradient};
    float first[N] = {0};
    float second[N] = {0};
    struct lrp_optimizer_spec spec;
    struct lrp_optimizer_step step;
    ck_assert_int_eq(lrp_optimizer_parse(optimizer, &spec, NULL), LRP_OK);
    make_step(&step, parameters, gradients, first, second);
    step.momentum = lrp_optimizer_momentum(&spec);
    step.lr = lr;
    step.gradient_scale = scale;
    for (unsigned t = 1; t <= steps; t++) {
        step.step = t;
        spec.row->update(&spec.settings, &step);
    }
    return -(double)parameters[N - 1];
}

START_TEST(updates_have_their_closed_forms)
{
    const double m = 0.9;
    double sum = 0; /* of (1 - m^t) / (1 - m) for t = 1 .. 50 */
    double ahead = 0;
    for (int t = 1; t <= 50; t++) {
        sum += (1 - pow(m, t)) / (1 - m);
        ahead += 1 + m * (1 - pow(m, t)) / (1 - m);
    }
    ck_assert(close_to(moved("sgd", 50, 0.01, 1, 1), 0.5, 1e-5, 0));
    ck_assert(close_to(moved("momentum", 50, 0.01, 1, 1), 0.01 * sum, 1e-5, 0));
    ck_assert(close_to(moved("nesterov", 50, 0.01, 1, 1), 0.01 * ahead, 1e-5, 0));
    /* Adam's step is the rate, whatever the size of the gradient */
    ck_assert(close_to(moved("adam", 50, 0.01, 1, 1), 0.5, 1e-4, 0));
    ck_assert(close_to(moved("adam", 50, 0.01, 1000, 1), 0.5, 1e-4, 0));
    ck_assert(close_to(moved("adam", 50, 0.01, 1e-3, 1), 0.5, 1e-4, 0));
    /* clipping scales the gradient */
    ck_assert(close_to(moved("sgd", 50, 0.01, 8, 0.125), 0.5, 1e-5, 0));
    ck_assert(close_to(moved("momentum", 50, 0.01, 8, 0.125), 0.01 * sum, 1e-5, 0));
    ck_assert(close_to(moved("adam:eps=1", 1, 1, 8, 0.125), 0.5, 1e-5, 0));
}
END_TEST

START_TEST(weight_decay_shrinks_without_a_gradient)
{
    static const struct {
        const char *optimizer;
        double want; /* of 1, after one step at rate 0.1 */
    } cases[] = {{"sgd:weight_decay=0.5", 0.95},
                 {"momentum:weight_decay=0.5", 0.95},
                 {"nesterov:weight_decay=0.5", 1 - 0.1 * 0.5 * 1.9},
                 {"adam:weight_decay=0.5", 0.9},
                 {"adamw:weight_decay=0.5", 0.95},
                 {"adamw", 0.999},
                 {"adam", 1}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        float parameters[N] = {1, 1, 1};
        float gradients[N] = {0};
        float first[N] = {0};
        float second[N] = {0};
        struct lrp_optimizer_spec spec;
        struct lrp_optimizer_step step;
        ck_assert_int_eq(lrp_optimizer_parse(cases[i].optimizer, &spec, NULL), LRP_OK);
        make_step(&step, parameters, gradients, first, second);
        step.momentum = lrp_optimizer_momentum(&spec);
        step.lr = 0.1;
        step.step = 1;
        spec.row->update(&spec.settings, &step);
        ck_assert_msg(close_to((double)parameters[0], cases[i].want, 1e-6, 0), "%s: %.9g",
                      cases[i].optimizer, (double)parameters[0]);
    }
}
END_TEST

START_TEST(options_are_parsed)
{
    static const char *const bad[] = {"",
                                      "rmsprop",
                                      "sgd:momentum=0.9",
                                      "momentum:momentum=1",
                                      "momentum:momentum=-0.1",
                                      "momentum:momentum=nan",
                                      "momentum:momentum",
                                      "momentum:momentum=",
                                      "momentum:momentum=0.9x",
                                      "nesterov:dampening=0.1",
                                      "adam:beta1=1",
                                      "adam:beta3=0.5",
                                      "adam:eps=inf",
                                      "adam:weight_decay=-1",
                                      "ADAM",
                                      "adam beta1=0.5"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct lrp_optimizer_spec spec;
        struct lrp_error err = {0};
        ck_assert_msg(lrp_optimizer_parse(bad[i], &spec, &err) == LRP_E_ARG, "%s was taken",
                      bad[i]);
        ck_assert_uint_gt(strlen(err.message), 10);
    }
    struct lrp_optimizer_spec spec;
    ck_assert_int_eq(lrp_optimizer_parse("adamw:beta1=0.5,eps=1e-6", &spec, NULL), LRP_OK);
    ck_assert_double_eq(spec.settings.beta1, 0.5);
    ck_assert_double_eq(spec.settings.eps, 1e-6);
    ck_assert_double_eq(spec.settings.beta2, 0.999);
    ck_assert_double_eq(spec.settings.weight_decay, 0.01);
    ck_assert_double_eq(lrp_optimizer_momentum(&spec), 0.5);
    ck_assert_int_eq(lrp_optimizer_parse("sgd", &spec, NULL), LRP_OK);
    ck_assert(isnan(lrp_optimizer_momentum(&spec)));
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("optimizer");
    TCase *tests = tcase_create("optimizer");
    tcase_add_loop_test(tests, updates_are_those_of_pytorch, 0,
                        (int)(sizeof pytorch / sizeof pytorch[0]));
    tcase_add_test(tests, updates_have_their_closed_forms);
    tcase_add_test(tests, weight_decay_shrinks_without_a_gradient);
    tcase_add_test(tests, options_are_parsed);
    suite_add_tcase(suite, tests);
    return suite;
}
