/* SPDX-License-Identifier: MIT */
/* What a training tells of its steps, against the definitions. */
#include "measures.h"
#include "random.h"
#include "sharpness.h"
#include "test_main.h"
#include "training.h"
#include "vector_sums.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { N = 5003 }; /* no multiple of any block */

static void fill(float *values, size_t n, uint64_t seed, double size)
{
    struct lrp_random random;
    lrp_random_seed(&random, seed, 0);
    for (size_t i = 0; i < n; i++) {
        values[i] = (float)(size * (lrp_random_normal(&random) + 0.2));
    }
}

static double plain_dot(const float *a, const float *b, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        sum += (double)a[i] * (double)b[i];
    }
    return sum;
}

/* Sizes of values, squares of which overflow or vanish in float32. */
START_TEST(sums_are_right_at_any_size)
{
    static const double sizes[] = {1, 1e-3, 1e3, 1e-18, 1e-25, 1e-37, 1e18, 1e25, 1e37};
    static float a[N];
    static float b[N];
    for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
        for (size_t n = 0; n <= N; n = n < 40 ? n + 1 : n + 709) {
            fill(a, n, 1, sizes[s]);
            fill(b, n, 2, sizes[s]);
            double squares = plain_dot(a, a, n);
            double lengths = sqrt(squares) * sqrt(plain_dot(b, b, n));
            ck_assert_msg(close_to(lrp_sum_squares(a, n), squares, 2e-6, 0), "%zu of %g", n,
                          sizes[s]);
            ck_assert_msg(close_to(lrp_dot(a, b, n), plain_dot(a, b, n), 0, 2e-6 * lengths),
                          "%zu of %g", n, sizes[s]);
        }
    }
    memset(a, 0, sizeof a);
    ck_assert_double_eq(lrp_sum_squares(a, N), 0);
    ck_assert_double_eq(lrp_dot(a, b, N), 0);
    a[700] = 1e-30F; /* one value among zeros */
    ck_assert(close_to(lrp_sum_squares(a, N), 1e-60, 1e-6, 0));
    a[700] = (float)HUGE_VAL;
    ck_assert(isinf(lrp_sum_squares(a, N)));
    a[700] = (float)NAN;
    ck_assert(isnan(lrp_sum_squares(a, N)));
    ck_assert(isnan(lrp_dot(a, b, N)));
}
END_TEST

START_TEST(names_are_parsed)
{
    static const char *const bad[] = {
        "",          "loss",        "grad_norm,", ",grad_norm", "grad_norm, clipped",
        "GRAD_NORM", "grad_normal", "all none"};
    struct lrp_measure_set set;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct lrp_error err = {0};
        ck_assert_msg(lrp_measures_parse(bad[i], &set, &err) == LRP_E_ARG, "\"%s\" was taken",
                      bad[i]);
        ck_assert_ptr_nonnull(strstr(err.message, "weight_norm"));
    }
    ck_assert_int_eq(lrp_measures_parse("clipped,sharpness", &set, NULL), LRP_OK);
    for (size_t i = 0; i < LRP_MEASURES; i++) {
        ck_assert_int_eq(set.wanted[i], i == LRP_CLIPPED || i == LRP_SHARPNESS);
    }
    ck_assert_int_eq(lrp_measures_parse("usual,grad_cosine", &set, NULL), LRP_OK);
    ck_assert(set.wanted[LRP_GRAD_NORM] && set.wanted[LRP_GRAD_COSINE]);
    ck_assert(!set.wanted[LRP_SHARPNESS]);
    ck_assert_int_eq(lrp_measures_parse("all", &set, NULL), LRP_OK);
    ck_assert(set.wanted[LRP_SHARPNESS]);
    ck_assert_int_eq(lrp_measures_parse("none", &set, NULL), LRP_OK);
    for (size_t i = 0; i < LRP_MEASURES; i++) {
        ck_assert(!set.wanted[i]);
    }
}
END_TEST

static double cosine(const float *a, const float *b, size_t n)
{
    return plain_dot(a, b, n) / sqrt(plain_dot(a, a, n) * plain_dot(b, b, n));
}

/* Steps that are updated in blocks, the last ones first, as a training does it: all measures are
 * those of the definitions, at the steps that are due. */
START_TEST(norms_and_cosines_are_those_of_the_definitions)
{
    static float parameters[N];
    static float gradients[2][N];
    static float updates[2][N];
    const size_t every = (size_t)_i;
    const size_t block = 1000;
    struct lrp_measure_set set;
    struct lrp_measures *measures = NULL;
    ck_assert_int_eq(lrp_measures_parse("all", &set, NULL), LRP_OK);
    ck_assert_int_eq(lrp_measures_new(&set, N, block, every, &measures, NULL), LRP_OK);
    fill(parameters, N, 1, 1);
    for (size_t step = 0; step < 10; step++) {
        float *gradient = gradients[step % 2];
        float *update = updates[step % 2];
        struct lrp_measurements out = {0};
        double weights = sqrt(plain_dot(parameters, parameters, N));
        fill(gradient, N, 10 + step, 3);
        bool called = lrp_measures_begin(measures);
        for (size_t end = N; end > 0;) {
            size_t first = end > block ? end - block : 0;
            size_t n = end - first;
            if (called) {
                lrp_measures_before(measures, first, parameters + first, gradient + first, n);
            }
            for (size_t i = first; i < end; i++) {
                float before = parameters[i];
                parameters[i] -= 0.01F * gradient[i] * (float)(i % 3);
                update[i] = parameters[i] - before;
            }
            if (called) {
                lrp_measures_after(measures, first, parameters + first, n);
            }
            end = first;
        }
        lrp_measures_end(measures, &out);
        bool due = step % every == 0;
        ck_assert(called || !due);
        ck_assert_int_eq(out.present[LRP_GRAD_NORM], due);
        ck_assert_int_eq(out.present[LRP_WEIGHT_NORM], due);
        ck_assert_int_eq(out.present[LRP_UPDATE_NORM], due);
        ck_assert_int_eq(out.present[LRP_GRAD_COSINE], due && step > 0);
        ck_assert_int_eq(out.present[LRP_UPDATE_COSINE], due && step > 0);
        ck_assert(!out.present[LRP_SHARPNESS] && !out.present[LRP_CLIPPED]);
        if (!due) {
            continue;
        }
        ck_assert(
            close_to(out.value[LRP_GRAD_NORM], sqrt(plain_dot(gradient, gradient, N)), 1e-6, 0));
        ck_assert(
            close_to(out.value[LRP_UPDATE_NORM], sqrt(plain_dot(update, update, N)), 1e-6, 0));
        ck_assert(close_to(out.value[LRP_WEIGHT_NORM], weights, 1e-6, 0));
        if (step > 0) {
            double want = cosine(gradients[0], gradients[1], N);
            ck_assert(close_to(out.value[LRP_GRAD_COSINE], want, 0, 1e-5));
            want = cosine(updates[0], updates[1], N);
            ck_assert(close_to(out.value[LRP_UPDATE_COSINE], want, 0, 1e-5));
        }
    }
    lrp_measures_free(measures);
}
END_TEST

START_TEST(a_gradient_of_zero_has_no_cosine)
{
    static const float zeros[8] = {0};
    static const float ones[8] = {1, 1, 1, 1, 1, 1, 1, 1};
    const float *gradients[3] = {ones, zeros, ones};
    struct lrp_measure_set set;
    struct lrp_measures *measures = NULL;
    ck_assert_int_eq(lrp_measures_parse("grad_cosine", &set, NULL), LRP_OK);
    ck_assert_int_eq(lrp_measures_new(&set, 8, 8, 1, &measures, NULL), LRP_OK);
    for (size_t step = 0; step < 3; step++) {
        struct lrp_measurements out = {0};
        ck_assert(lrp_measures_begin(measures));
        lrp_measures_before(measures, 0, ones, gradients[step], 8);
        lrp_measures_after(measures, 0, ones, 8);
        lrp_measures_end(measures, &out);
        ck_assert(!out.present[LRP_GRAD_COSINE]);
    }
    lrp_measures_free(measures);
    ck_assert_int_eq(lrp_measures_parse("clipped,dead_fraction", &set, NULL), LRP_OK);
    measures = NULL;
    ck_assert_int_eq(lrp_measures_new(&set, 8, 8, 1, &measures, NULL), LRP_OK);
    ck_assert_ptr_null(measures); /* neither is measured at the updates */
}
END_TEST

/* ---- sharpness ---------------------------------------------------------------------------------
 */

/* Half of x' A x with A = D - 2 (D u) u' - 2 u (D u)' + 4 (u' D u) u u': the diagonal D seen in a
 * mirror, so that no eigenvector lies along an axis. */
struct quadratic {
    float parameters[N];
    float gradients[N];
    double diagonal[N];
    double mirror[N]; /* of length 1 */
    size_t n;
    size_t evaluations;
};
static struct quadratic quadratic;

static void evaluate(void *user)
{
    struct quadratic *q = user;
    double along = 0;
    for (size_t i = 0; i < q->n; i++) {
        along += q->mirror[i] * (double)q->parameters[i];
    }
    double back = 0;
    for (size_t i = 0; i < q->n; i++) {
        back +=
            q->mirror[i] * q->diagonal[i] * ((double)q->parameters[i] - 2 * along * q->mirror[i]);
    }
    for (size_t i = 0; i < q->n; i++) {
        double seen = (double)q->parameters[i] - 2 * along * q->mirror[i];
        q->gradients[i] = (float)(q->diagonal[i] * seen - 2 * back * q->mirror[i]);
    }
    q->evaluations++;
}

static double sharpness_of(size_t n, uint64_t seed)
{
    struct lrp_sharpness *sharpness = NULL;
    static float kept[N];
    double length = 0;
    quadratic.n = n;
    quadratic.evaluations = 0;
    fill(quadratic.parameters, n, seed, 0.1);
    memcpy(kept, quadratic.parameters, n * sizeof(float));
    for (size_t i = 0; i < n; i++) {
        quadratic.mirror[i] = 1 + (double)(i % 7);
        length += quadratic.mirror[i] * quadratic.mirror[i];
    }
    for (size_t i = 0; i < n; i++) {
        quadratic.mirror[i] /= sqrt(length);
    }
    const struct lrp_surface surface = {.parameters = quadratic.parameters,
                                        .gradients = quadratic.gradients,
                                        .n = n,
                                        .evaluate = evaluate,
                                        .user = &quadratic};
    ck_assert_int_eq(lrp_sharpness_new(n, &sharpness, NULL), LRP_OK);
    double value = lrp_sharpness_measure(sharpness, &surface, seed);
    lrp_sharpness_free(sharpness);
    ck_assert_mem_eq(kept, quadratic.parameters, n * sizeof(float));
    ck_assert_uint_le(quadratic.evaluations, 41);
    return value;
}

START_TEST(sharpness_of_quadratic_functions)
{
    static const size_t sizes[] = {1, 2, 3, 40, 1000, N};
    for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
        size_t n = sizes[s];
        /* a few large eigenvalues above many small ones, some below 0: as in networks */
        for (size_t i = 0; i < n; i++) {
            quadratic.diagonal[i] = i < 3 ? 25.0 - 5 * (double)i : 0.5 * sin((double)i);
        }
        double value = sharpness_of(n, 3 + s);
        ck_assert_msg(close_to(value, 25, 0.01, 0), "%zu: %g", n, value);
        /* the largest, not the largest in size */
        for (size_t i = 0; i < n; i++) {
            quadratic.diagonal[i] = i == 0 ? 2 : i == 1 ? -20 : 0.1;
        }
        value = sharpness_of(n, 3 + s);
        ck_assert_msg(close_to(value, 2, 0.01, 0), "%zu: %g", n, value);
        /* a bowl upside down, a plane */
        for (size_t i = 0; i < n; i++) {
            quadratic.diagonal[i] = -3;
        }
        ck_assert(close_to(sharpness_of(n, 3 + s), -3, 0.01, 0));
        memset(quadratic.diagonal, 0, sizeof quadratic.diagonal);
        ck_assert(close_to(sharpness_of(n, 3 + s), 0, 0, 1e-6));
    }
    quadratic.diagonal[0] = HUGE_VAL;
    ck_assert(isnan(sharpness_of(40, 1)));
}
END_TEST

/* ---- in a training -----------------------------------------------------------------------------
 */

static struct lrp_dataset *load(const char *name)
{
    struct lrp_dataset *dataset = NULL;
    const struct lrp_data_options options = {.data = name, .val_split = 0.2};
    ck_assert_int_eq(lrp_dataset_load(&options, &dataset, NULL), LRP_OK);
    return dataset;
}

struct setting {
    const char *model;
    const char *optimizer;
    const char *record;
    double clip_norm;
    size_t every;
};

static struct lrp_training *start(const struct lrp_dataset *dataset, const struct setting *setting)
{
    struct lrp_training *training = NULL;
    struct lrp_training_options options = {.batch_size = 32,
                                           .clip_norm = setting->clip_norm,
                                           .seed = 4,
                                           .record_every = setting->every};
    ck_assert_int_eq(lrp_model_parse(setting->model, &options.model, NULL), LRP_OK);
    ck_assert_int_eq(lrp_optimizer_parse(setting->optimizer, &options.optimizer, NULL), LRP_OK);
    ck_assert_int_eq(lrp_measures_parse(setting->record, &options.record, NULL), LRP_OK);
    ck_assert_int_eq(lrp_training_new(dataset, &options, &training, NULL), LRP_OK);
    return training;
}

/* The Hessian of linear regression is the same everywhere: 2 / N of the sum of x x', with x = (the
 * inputs, 1), over the examples that the sharpness is measured on. */
static double sharpness_of_regression(const struct lrp_dataset *dataset, size_t n_examples)
{
    enum { MOST = 64 };
    size_t n = dataset->n_inputs + 1;
    double vector[MOST];
    double value = 0;
    ck_assert_uint_le(n, MOST);
    for (size_t i = 0; i < n; i++) {
        vector[i] = 1 + (double)i;
    }
    for (int round = 0; round < 2000; round++) {
        double next[MOST] = {0};
        double length = 0;
        for (size_t k = 0; k < n_examples; k++) {
            const float *row = dataset->inputs + k * dataset->n_inputs;
            double along = vector[n - 1];
            for (size_t i = 0; i + 1 < n; i++) {
                along += (double)row[i] * vector[i];
            }
            for (size_t i = 0; i < n; i++) {
                next[i] += 2 * along * (i + 1 < n ? (double)row[i] : 1) / (double)n_examples;
            }
        }
        for (size_t i = 0; i < n; i++) {
            length += next[i] * next[i];
        }
        value = sqrt(length);
        for (size_t i = 0; i < n; i++) {
            vector[i] = next[i] / value;
        }
    }
    return value;
}

START_TEST(sharpness_of_linear_regression)
{
    const struct setting setting = {"mlp:", "sgd", "all", 0, 1};
    struct lrp_dataset *dataset = load("regression");
    struct lrp_training *training = start(dataset, &setting);
    struct lrp_measurements measured;
    struct lrp_step_result result;
    double want = sharpness_of_regression(dataset, 512);
    for (int k = 0; k < 50; k++) {
        lrp_training_inspect(training, &measured);
        ck_assert(measured.present[LRP_SHARPNESS]);
        ck_assert_msg(close_to(measured.value[LRP_SHARPNESS], want, 0.01, 0), "%g, wanted %g",
                      measured.value[LRP_SHARPNESS], want);
        ck_assert(!measured.present[LRP_DEAD_FRACTION]); /* no ReLU */
        lrp_training_step(training, 0.02, (double)NAN, &result);
    }
    lrp_training_free(training);
    lrp_dataset_free(dataset);
}
END_TEST

/* Whatever is recorded, the run is the same to the bit. */
START_TEST(recording_changes_nothing)
{
    static const struct setting settings[] = {
        {"mlp:20,10", "momentum", "none", 0.1, 1}, {"mlp:20,10", "momentum", "all", 0.1, 1},
        {"mlp:20,10", "momentum", "all", 0.1, 7},  {"mlp:20,10", "adam", "none", 0, 1},
        {"mlp:20,10", "adam", "all", 0, 1},        {"mlp:20,10", "adam", "all", 0, 3}};
    struct lrp_dataset *dataset = load("spirals");
    double losses[60];
    for (size_t s = 0; s < sizeof settings / sizeof settings[0]; s++) {
        struct lrp_training *training = start(dataset, &settings[s]);
        bool first = strcmp(settings[s].record, "none") == 0;
        for (size_t k = 0; k < 60; k++) {
            struct lrp_step_result result;
            struct lrp_measurements measured;
            lrp_training_step(training, 0.01, (double)NAN, &result);
            lrp_training_inspect(training, &measured);
            ck_assert_int_eq(measured.present[LRP_SHARPNESS], !first);
            ck_assert_int_eq(measured.present[LRP_DEAD_FRACTION], !first);
            ck_assert(first || (measured.value[LRP_DEAD_FRACTION] >= 0 &&
                                measured.value[LRP_DEAD_FRACTION] <= 1));
            ck_assert_int_eq(result.measured.present[LRP_GRAD_NORM],
                             !first && k % settings[s].every == 0);
            losses[k] = first ? result.loss : losses[k];
            ck_assert_msg(result.loss == losses[k], "setting %zu, step %zu", s, k);
        }
        lrp_training_free(training);
    }
    lrp_dataset_free(dataset);
}
END_TEST

/* With plain gradient descent the update is the gradient times the rate, clipped or not; with
 * momentum successive updates are more alike than successive gradients. */
START_TEST(measures_of_a_training_fit_together)
{
    static const struct setting settings[] = {{"mlp:20", "sgd", "all", 0, 1},
                                              {"mlp:20", "sgd", "all", 0.2, 1},
                                              {"mlp:20", "momentum", "all", 0, 1}};
    struct lrp_dataset *dataset = load("spirals");
    for (size_t s = 0; s < 3; s++) {
        struct lrp_training *training = start(dataset, &settings[s]);
        double gradients = 0;
        double updates = 0;
        for (size_t k = 0; k < 100; k++) {
            struct lrp_step_result result;
            lrp_training_step(training, 0.05, (double)NAN, &result);
            const double *value = result.measured.value;
            bool clips = settings[s].clip_norm > 0;
            double most = clips ? 0.2 : HUGE_VAL;
            gradients += k > 0 ? value[LRP_GRAD_COSINE] : 0;
            updates += k > 0 ? value[LRP_UPDATE_COSINE] : 0;
            ck_assert(result.measured.present[LRP_CLIPPED]);
            ck_assert_double_eq(value[LRP_CLIPPED], clips && value[LRP_GRAD_NORM] > 0.2 ? 1 : 0);
            if (s < 2) { /* parameters of about 1 are rounded when they move by 1e-3 */
                ck_assert(close_to(value[LRP_UPDATE_NORM], 0.05 * fmin(value[LRP_GRAD_NORM], most),
                                   2e-4, 0));
                ck_assert(k == 0 ||
                          close_to(value[LRP_UPDATE_COSINE], value[LRP_GRAD_COSINE], 0, 1e-3));
            }
        }
        ck_assert(s < 2 || updates > gradients + 20);
        lrp_training_free(training);
    }
    lrp_dataset_free(dataset);
}
END_TEST

/* A huge step kills ReLU units for good. */
START_TEST(dead_units_are_counted)
{
    const struct setting setting = {"mlp:40", "sgd", "dead_fraction", 0, 1};
    struct lrp_dataset *dataset = load("glyphs");
    struct lrp_training *training = start(dataset, &setting);
    struct lrp_measurements measured;
    struct lrp_step_result result;
    lrp_training_inspect(training, &measured);
    ck_assert_double_lt(measured.value[LRP_DEAD_FRACTION], 0.1);
    for (int k = 0; k < 20; k++) {
        lrp_training_step(training, 100, (double)NAN, &result);
    }
    lrp_training_inspect(training, &measured);
    ck_assert_double_gt(measured.value[LRP_DEAD_FRACTION], 0.5);
    lrp_training_free(training);
    lrp_dataset_free(dataset);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("measures");
    TCase *tests = tcase_create("measures");
    tcase_add_test(tests, sums_are_right_at_any_size);
    tcase_add_test(tests, names_are_parsed);
    tcase_add_loop_test(tests, norms_and_cosines_are_those_of_the_definitions, 1, 5);
    tcase_add_test(tests, a_gradient_of_zero_has_no_cosine);
    tcase_add_test(tests, sharpness_of_quadratic_functions);
    tcase_add_test(tests, sharpness_of_linear_regression);
    tcase_add_test(tests, recording_changes_nothing);
    tcase_add_test(tests, measures_of_a_training_fit_together);
    tcase_add_test(tests, dead_units_are_counted);
    suite_add_tcase(suite, tests);
    return suite;
}
