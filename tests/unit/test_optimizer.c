/* SPDX-License-Identifier: MIT */
#include "optimizer.h"
#include "test_main.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { N = 3 };

struct bench { /* an optimizer, and N parameters that it updates */
    struct lrp_optimizer_spec spec;
    struct lrp_optimizer_step step;
    float parameters[N];
    float gradients[N];
    float state[LRP_OPTIMIZER_STATES][N];
};

static void set_up(struct bench *bench, const char *optimizer)
{
    memset(bench, 0, sizeof *bench);
    ck_assert_int_eq(lrp_optimizer_parse(optimizer, &bench->spec, NULL), LRP_OK);
    bench->step.parameters = bench->parameters;
    bench->step.gradients = bench->gradients;
    /* what it does not ask for it must not touch */
    for (size_t i = 0; i < lrp_optimizer_n_state(&bench->spec); i++) {
        bench->step.state[i] = bench->state[i];
    }
    bench->step.n = N;
    bench->step.gradient_scale = 1;
    bench->step.carried = 1;
    bench->step.momentum = lrp_optimizer_momentum(&bench->spec);
}

static void update(struct bench *bench, double lr)
{
    struct lrp_optimizer_step *step = &bench->step;
    step->lr = lr;
    step->step++;
    step->carried = lrp_optimizer_carry(&bench->spec, step, step->carried);
    bench->spec.row->update(bench->spec.options, step);
}

static void set_gradients(struct bench *bench, double gradient)
{
    for (size_t i = 0; i < N; i++) {
        bench->gradients[i] = (float)gradient;
    }
}

struct expected {
    const char *optimizer;
    double after[3][N]; /* 1, 2 and 20 steps */
};
/* What PyTorch 1.13 (double precision) makes of p = (1, -2, 0.5) with the gradient c p - b,
 * c = (1, 3, 0.2), b = (0.3, 0, -1), at the rates 0.05 (1 + sin(t) / 2), t = 0, 1, ...; diffgrad
 * and lion: what their papers' rules make of it. The suite 'integration' compares all with PyTorch
 * step by step. */
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
    {"adagrad",
     {{0.95, -1.95, 0.45},
      {0.901662949, -1.90040922, 0.3999993},
      {0.655228737, -1.62199233, 0.112057375}}},
    {"adagrad:lr_decay=0.05,initial_accumulator_value=0.3,weight_decay=0.1,eps=1e-6",
     {{0.958743193, -1.95019398, 0.454858587},
      {0.917189326, -1.90305646, 0.409818474},
      {0.737630439, -1.70101248, 0.207319666}}},
    {"rmsprop",
     {{0.500000071, -1.50000001, 4.54545415e-08},
      {0.303938579, -1.07240888, -0.479158505},
      {0.3, -0.0357316295, -2.84111592}}},
    {"rmsprop:momentum=0.6,centered=1,weight_decay=0.05",
     {{0.49748116, -1.4974811, -0.00251886274},
      {-0.135314779, -0.637754623, -0.908749102},
      {0.281595894, 0.010692035, -4.03010508}}},
    {"adadelta:rho=0.7,eps=1e-4,weight_decay=0.1",
     {{0.999087367, -1.99908713, 0.499087244},
      {0.997681755, -1.99768067, 0.497680837},
      {0.974628329, -1.97447163, 0.474436021}}},
    {"amsgrad:beta2=0.9,weight_decay=0.1",
     {{0.950000001, -1.95, 0.45},
      {0.879008239, -1.87896891, 0.378964754},
      {0.196653135, -1.01458424, -0.500199648}}},
    {"nadam:beta2=0.99,weight_decay=0.1,momentum_decay=0.02",
     {{0.947172323, -1.94717232, 0.447172323},
      {0.893400496, -1.89217532, 0.391855688},
      {0.362099747, -1.21041893, -0.323152398}}},
    {"radam:beta1=0.8,beta2=0.95,weight_decay=0.1",
     {{0.96, -1.69, 0.4425},
      {0.904907035, -1.28749774, 0.361488478},
      {0.528130572, -0.376530991, -0.108452265}}},
    {"diffgrad",
     {{0.966590626, -1.95012363, 0.462487006},
      {0.930535779, -1.91198107, 0.426841955},
      {0.518450985, -1.4626929, -0.0121021635}}},
    {"diffgrad:paper_bug=1",
     {{0.966590626, -1.95012363, 0.462487006},
      {0.931128114, -1.91463146, 0.42697517},
      {0.52362669, -1.48271025, -0.0108081645}}},
    {"lion:beta1=0.95,beta2=0.98,weight_decay=0.3",
     {{0.935, -1.92, 0.4425},
      {0.84403741, -1.80804604, 0.362033094},
      {-0.133365821, -0.60508822, -0.502592842}}},
};

START_TEST(updates_are_those_of_pytorch)
{
    const struct expected *expected = &pytorch[_i];
    static const double slope[N] = {1, 3, 0.2};
    static const double shift[N] = {0.3, 0, -1};
    static const float begin[N] = {1, -2, 0.5F};
    struct bench bench;
    size_t compared = 0;
    set_up(&bench, expected->optimizer);
    memcpy(bench.parameters, begin, sizeof begin);
    const float *parameters = bench.parameters;
    for (unsigned t = 0; t < 20; t++) {
        for (size_t i = 0; i < N; i++) {
            bench.gradients[i] = (float)(slope[i] * (double)parameters[i] - shift[i]);
        }
        update(&bench, 0.05 * (1 + 0.5 * sin(t)));
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
    struct bench bench;
    set_up(&bench, optimizer);
    set_gradients(&bench, gradient);
    bench.step.gradient_scale = scale;
    for (unsigned t = 1; t <= steps; t++) {
        update(&bench, lr);
    }
    return -(double)bench.parameters[N - 1];
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
    /* the rate, divided by the root of the number of steps */
    double roots = 0;
    for (int t = 1; t <= 50; t++) {
        roots += 1 / sqrt(t);
    }
    ck_assert(close_to(moved("adagrad", 50, 0.01, 30, 1), 0.01 * roots, 1e-5, 0));
    /* a first step of rate / sqrt(1 - alpha), a thousandth step of the rate */
    ck_assert(close_to(moved("rmsprop:alpha=0.99", 1, 0.01, 7, 1), 0.1, 1e-5, 0));
    ck_assert(close_to(moved("rmsprop:alpha=0.9", 1000, 0.01, 7, 1) -
                           moved("rmsprop:alpha=0.9", 999, 0.01, 7, 1),
                       0.01, 1e-3, 0));
    /* its first step is in the parameters' units: sqrt(eps) / sqrt(1 - rho), not the gradient's */
    ck_assert(close_to(moved("adadelta", 1, 1, 5, 1), sqrt(1e-6 / 0.1), 1e-4, 0));
    ck_assert(close_to(moved("adadelta", 1, 1, 500, 1), sqrt(1e-6 / 0.1), 1e-4, 0));
    /* what only the variance divides is large without one, as long as rounding leaves it */
    ck_assert_double_gt(moved("rmsprop:centered=1", 100, 0.01, 1, 1),
                        moved("rmsprop", 100, 0.01, 1, 1));
    ck_assert(isfinite(moved("rmsprop:centered=1,alpha=0.5", 400, 0.01, 1, 1)));
    /* before the variance is known RAdam is a mean of gradients: 5 steps at beta2 = 0.999 */
    ck_assert(close_to(moved("radam", 5, 0.01, 3, 1), 5 * 0.01 * 3, 1e-4, 0));
    ck_assert(close_to(moved("lion", 50, 0.01, 1e-9, 1), 0.5, 1e-4, 0));
    ck_assert(close_to(moved("nadam:momentum_decay=0", 1, 0.01, 5, 1),
                       0.01 * (0.55 / 0.55 + 0.45 * 0.1 / (1 - 0.45 * 0.45)), 1e-4, 0));
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
                 {"adagrad:weight_decay=0.5", 0.9},
                 {"adagrad:weight_decay=0.5,decoupled_weight_decay=1", 0.95},
                 {"sgd:weight_decay=0.5,decoupled_weight_decay=1", 0.95},
                 {"nesterov:weight_decay=0.5,decoupled_weight_decay=1", 0.95},
                 {"rmsprop:weight_decay=0.5,decoupled_weight_decay=1", 0.95},
                 {"adadelta:weight_decay=0.5,decoupled_weight_decay=1", 0.95},
                 {"amsgrad:weight_decay=0.5,decoupled_weight_decay=1", 0.95},
                 {"nadam:weight_decay=0.5,decoupled_weight_decay=1", 0.95},
                 {"radam:weight_decay=0.5,decoupled_weight_decay=1", 0.95},
                 {"radam:weight_decay=0.5", 0.95},
                 {"diffgrad:weight_decay=0.5,decoupled_weight_decay=1", 0.95},
                 {"lion:weight_decay=0.5", 0.95},
                 {"lion", 1},
                 {"adam", 1}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bench bench;
        set_up(&bench, cases[i].optimizer);
        bench.parameters[0] = 1;
        update(&bench, 0.1);
        ck_assert_msg(close_to((double)bench.parameters[0], cases[i].want, 1e-6, 0), "%s: %.9g",
                      cases[i].optimizer, (double)bench.parameters[0]);
    }
}
END_TEST

/* The mistake of the paper's code: after the first step, in which there is no gradient before, the
 * friction is a half: diffGrad is Adam at half the rate. */
START_TEST(the_bug_of_diffgrad_is_adam_at_half_the_rate)
{
    struct bench bench;
    struct bench adam;
    set_up(&bench, "diffgrad:paper_bug=1,eps=0");
    set_up(&adam, "adam:eps=0");
    for (unsigned t = 0; t < 100; t++) {
        float before = bench.parameters[0];
        float adam_before = adam.parameters[0];
        set_gradients(&bench, cos(t) + 2.0 / (t + 1));
        set_gradients(&adam, cos(t) + 2.0 / (t + 1));
        update(&bench, 0.01);
        update(&adam, 0.01);
        double share = ((double)bench.parameters[0] - (double)before) /
                       ((double)adam.parameters[0] - (double)adam_before);
        double want = t == 0 ? 1 / (1 + exp(-3.0)) : 0.5; /* the first gradient is 3 */
        ck_assert_msg(close_to(share, want, 2e-3, 0), "step %u: %.9g", t, share);
    }
}
END_TEST

/* Without the mistake the friction is between a half and 1, and grows with the change of the
 * gradient. */
START_TEST(the_friction_of_diffgrad_follows_the_change_of_the_gradient)
{
    static const double changes[] = {0, 0.1, 0.5, 1, 2, 5, 20, 200, 1e15};
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        struct bench bench;
        struct bench adam;
        set_up(&bench, "diffgrad:eps=0,beta1=0");
        set_up(&adam, "adam:eps=0,beta1=0");
        for (int t = 0; t < 2; t++) {
            set_gradients(&bench, 1 + t * changes[i]);
            set_gradients(&adam, 1 + t * changes[i]);
            if (t == 1) {
                memset(bench.parameters, 0, sizeof bench.parameters);
                memset(adam.parameters, 0, sizeof adam.parameters);
            }
            update(&bench, 1);
            update(&adam, 1);
        }
        double share = (double)bench.parameters[0] / (double)adam.parameters[0];
        ck_assert_msg(close_to(share, 1 / (1 + exp(-changes[i])), 1e-6, 0), "%g: %.9g", changes[i],
                      share);
    }
}
END_TEST

/* AMSGrad's divisor never falls: after one large gradient small ones move the weights less than
 * with Adam. */
START_TEST(amsgrad_remembers_the_largest_gradient)
{
    double after[2];
    static const char *const optimizers[2] = {"adam:beta1=0,beta2=0.5",
                                              "amsgrad:beta1=0,beta2=0.5"};
    for (size_t k = 0; k < 2; k++) {
        struct bench bench;
        set_up(&bench, optimizers[k]);
        set_gradients(&bench, 100);
        update(&bench, 0.01);
        set_gradients(&bench, 1);
        for (int t = 0; t < 30; t++) {
            update(&bench, 0.01);
        }
        after[k] = -(double)bench.parameters[0];
    }
    ck_assert_double_gt(after[0], 0.1);
    ck_assert(close_to(after[1], 0.01 + 30 * 0.01 / sqrt(5000), 0.1, 0));
}
END_TEST

/* A gradient that is not a number must be seen: no optimizer may go on as if nothing had been. */
START_TEST(what_is_not_a_number_stays_visible)
{
    for (size_t i = 0; lrp_optimizers[i] != NULL; i++) {
        struct bench bench;
        set_up(&bench, lrp_optimizers[i]->name);
        set_gradients(&bench, (double)NAN);
        update(&bench, 0.1);
        ck_assert_msg(isnan(bench.parameters[0]), "%s", lrp_optimizers[i]->name);
    }
}
END_TEST

/* The name, the help, and the options of each row are there to be shown. */
START_TEST(the_table_is_whole)
{
    for (size_t i = 0; lrp_optimizers[i] != NULL; i++) {
        const struct lrp_optimizer_row *row = lrp_optimizers[i];
        ck_assert_msg(i == 0 || strcmp(lrp_optimizers[i - 1]->name, row->name) < 0,
                      "%s is not at its place in lrp_optimizers: they are sorted by name",
                      row->name);
        ck_assert_uint_gt(strlen(row->help), 10);
        ck_assert_uint_le(row->n_options, LRP_OPTIMIZER_OPTIONS);
        ck_assert_msg(lrp_optimizer_find(row, "weight_decay", strlen("weight_decay")) <
                          row->n_options,
                      "%s has no option weight_decay", row->name);
        ck_assert_uint_eq(lrp_optimizer_find(row, "weight", strlen("weight")), row->n_options);
        for (size_t k = 0; k < row->n_options; k++) {
            const struct lrp_optimizer_option *option = &row->options[k];
            ck_assert_msg(option->name == NULL || strlen(option->help) > 10, "%s", row->name);
            ck_assert(option->below == 0 || option->value < option->below);
        }
    }
}
END_TEST

START_TEST(each_optimizer_has_its_expected_values)
{
    for (size_t i = 0; lrp_optimizers[i] != NULL; i++) {
        const char *name = lrp_optimizers[i]->name;
        size_t rows = 0;
        for (size_t k = 0; k < sizeof pytorch / sizeof pytorch[0]; k++) {
            size_t length = strcspn(pytorch[k].optimizer, ":");
            rows += strlen(name) == length && strncmp(pytorch[k].optimizer, name, length) == 0;
        }
        ck_assert_msg(rows > 0, "%s has no row in pytorch[] of tests/unit/test_optimizer.c", name);
    }
}
END_TEST

START_TEST(momentum_of_rmsprop_is_cycled_only_where_it_is_wanted)
{
    struct lrp_optimizer_spec spec;
    ck_assert_int_eq(lrp_optimizer_parse("rmsprop", &spec, NULL), LRP_OK);
    ck_assert(isnan(lrp_optimizer_momentum(&spec)));
    ck_assert_uint_eq(lrp_optimizer_n_state(&spec), 1);
    ck_assert_int_eq(lrp_optimizer_parse("rmsprop:momentum=0.9,centered=1", &spec, NULL), LRP_OK);
    ck_assert_double_eq(lrp_optimizer_momentum(&spec), 0.9);
    ck_assert_uint_eq(lrp_optimizer_n_state(&spec), 3);
}
END_TEST

static double value_of(const struct lrp_optimizer_spec *spec, const char *name)
{
    return spec->options[lrp_optimizer_find(spec->row, name, strlen(name))];
}

START_TEST(options_are_parsed)
{
    static const char *const bad[] = {"",
                                      "rmsprop:beta1=0.9",
                                      "rmsprop:centered=0.5",
                                      "diffgrad:paper_bug=yes",
                                      "adamw:decoupled_weight_decay=0",
                                      "adam:amsgrad=2",
                                      "sgd2",
                                      "lion:eps=1e-8",
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
    ck_assert_double_eq(value_of(&spec, "beta1"), 0.5);
    ck_assert_double_eq(value_of(&spec, "eps"), 1e-6);
    ck_assert_double_eq(value_of(&spec, "beta2"), 0.999);
    ck_assert_double_eq(value_of(&spec, "weight_decay"), 0.01);
    lrp_optimizer_set_default(&spec, "eps", 1);
    lrp_optimizer_set_default(&spec, "weight_decay", 0.3);
    ck_assert_double_eq(value_of(&spec, "eps"), 1e-6); /* the user's own stays */
    ck_assert_double_eq(value_of(&spec, "weight_decay"), 0.3);
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
    tcase_add_test(tests, the_bug_of_diffgrad_is_adam_at_half_the_rate);
    tcase_add_test(tests, the_friction_of_diffgrad_follows_the_change_of_the_gradient);
    tcase_add_test(tests, amsgrad_remembers_the_largest_gradient);
    tcase_add_test(tests, what_is_not_a_number_stays_visible);
    tcase_add_test(tests, the_table_is_whole);
    tcase_add_test(tests, each_optimizer_has_its_expected_values);
    tcase_add_test(tests, momentum_of_rmsprop_is_cycled_only_where_it_is_wanted);
    tcase_add_test(tests, options_are_parsed);
    suite_add_tcase(suite, tests);
    return suite;
}
