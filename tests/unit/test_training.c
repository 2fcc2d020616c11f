/* SPDX-License-Identifier: MIT */
#include "test_main.h"
#include "training.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* The linker sends all allocations of our code here (--wrap): a step must make none. */
static size_t allocations;
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);

void *__wrap_malloc(size_t size)
{
    allocations++;
    return __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    allocations++;
    return __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
    allocations++;
    return __real_realloc(old, size);
}

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
    allocations++;
    return __real_aligned_alloc(alignment, size);
}

static struct lrp_dataset *load(const char *name)
{
    struct lrp_dataset *dataset = NULL;
    const struct lrp_data_options options = {.data = name, .val_split = 0.2};
    ck_assert_int_eq(lrp_dataset_load(&options, &dataset, NULL), LRP_OK);
    return dataset;
}

/* What the trainings of a test record. */
static const char *record = "all";

static double norm_of(const struct lrp_step_result *result)
{
    ck_assert(result->measured.present[LRP_GRAD_NORM]);
    return result->measured.value[LRP_GRAD_NORM];
}

static struct lrp_training *start(const struct lrp_dataset *dataset, const char *model,
                                  const char *optimizer, size_t batch, double clip, uint64_t seed)
{
    struct lrp_training *training = NULL;
    struct lrp_training_options options = {.batch_size = batch, .clip_norm = clip, .seed = seed};
    ck_assert_int_eq(lrp_model_parse(model, &options.model, NULL), LRP_OK);
    ck_assert_int_eq(lrp_optimizer_parse(optimizer, &options.optimizer, NULL), LRP_OK);
    ck_assert_int_eq(lrp_measures_parse(record, &options.record, NULL), LRP_OK);
    ck_assert_int_eq(lrp_training_new(dataset, &options, &training, NULL), LRP_OK);
    return training;
}

static const struct {
    const char *spec;
    double lr; /* a rate at which it learns the spirals in 1,500 steps */
} optimizers[] = {
    {"sgd", 0.3},        {"momentum", 0.05},
    {"nesterov", 0.05},  {"adam", 0.003},
    {"adamw", 0.003},    {"adadelta", 3},
    {"adagrad", 0.05},   {"amsgrad", 0.003},
    {"diffgrad", 0.006}, {"lion", 0.001},
    {"nadam", 0.003},    {"radam", 0.003},
    {"rmsprop", 0.003},  {"rmsprop:momentum=0.9,centered=1", 0.0005},
};
enum { N_OPTIMIZERS = sizeof optimizers / sizeof optimizers[0] };

START_TEST(each_optimizer_is_tried)
{
    for (size_t i = 0; lrp_optimizers[i] != NULL; i++) {
        bool tried = false;
        for (size_t k = 0; k < N_OPTIMIZERS; k++) {
            tried = tried || strcmp(optimizers[k].spec, lrp_optimizers[i]->name) == 0;
        }
        ck_assert_msg(tried, "%s has no row in optimizers[] of tests/unit/test_training.c",
                      lrp_optimizers[i]->name);
    }
}
END_TEST

START_TEST(a_step_allocates_nothing)
{
    struct lrp_dataset *dataset = load("spirals");
    size_t before = allocations;
    struct lrp_training *training = start(dataset, "mlp:20,10:gelu", optimizers[_i].spec, 32, 1, 1);
    ck_assert_uint_gt(allocations, before); /* the counter counts */
    struct lrp_step_result result;
    double loss = 0;
    double accuracy = 0;
    before = allocations;
    for (int k = 0; k < 200; k++) { /* more than an epoch: the order is shuffled too */
        lrp_training_step(training, 0.01, (double)NAN, &result);
    }
    (void)lrp_training_validate(training, &loss, &accuracy);
    lrp_training_inspect(training, &result.measured);
    ck_assert_uint_eq(allocations, before);
    lrp_training_free(training);
    lrp_dataset_free(dataset);
}
END_TEST

START_TEST(every_optimizer_learns)
{
    struct lrp_dataset *dataset = load("spirals");
    struct lrp_training *training = start(dataset, "mlp:32", optimizers[_i].spec, 32, 0, 3);
    struct lrp_step_result result;
    double first = 0;
    double last = 0;
    double accuracy = 0;
    (void)lrp_training_validate(training, &first, &accuracy);
    for (int k = 0; k < 1500; k++) {
        lrp_training_step(training, optimizers[_i].lr, (double)NAN, &result);
    }
    (void)lrp_training_validate(training, &last, &accuracy);
    ck_assert_msg(last < 0.5 * first, "%s: loss %g after %g", optimizers[_i].spec, last, first);
    ck_assert_double_gt(accuracy, 0.8); /* three arms: 0.33 by chance */
    lrp_training_free(training);
    lrp_dataset_free(dataset);
}
END_TEST

START_TEST(the_same_seed_gives_the_same_bits)
{
    struct lrp_dataset *dataset = load("glyphs");
    const uint64_t seeds[3] = {5, 5, 6};
    double losses[3][60];
    for (size_t run = 0; run < 3; run++) {
        struct lrp_training *training =
            start(dataset, "mlp:48,24:tanh", "momentum", 50, 0, seeds[run]);
        for (size_t k = 0; k < 60; k++) {
            struct lrp_step_result result;
            lrp_training_step(training, 0.05, (double)NAN, &result);
            losses[run][k] = result.loss;
        }
        lrp_training_free(training);
    }
    ck_assert_mem_eq(losses[0], losses[1], sizeof losses[0]);
    for (size_t k = 0; k < 60; k++) {
        ck_assert_double_ne(losses[0][k], losses[2][k]);
    }
    lrp_dataset_free(dataset);
}
END_TEST

/* With rate 0 the batches of an epoch have together the loss of the whole training part, whatever
 * their order: each row comes once. */
START_TEST(an_epoch_sees_each_row_once_in_a_new_order)
{
    struct lrp_dataset *dataset = load("spirals"); /* 2400 rows to train on */
    struct lrp_training *training = start(dataset, "mlp:16", "sgd", 100, 0, 9);
    struct lrp_training *whole = start(dataset, "mlp:16", "sgd", dataset->n_train, 0, 9);
    struct lrp_step_result result;
    lrp_training_step(whole, 0, (double)NAN, &result);
    ck_assert_uint_eq(dataset->n_train, 2400);
    double want = result.loss;
    double first_batch[3];
    for (int epoch = 0; epoch < 3; epoch++) {
        double total = 0;
        for (int k = 0; k < 24; k++) {
            lrp_training_step(training, 0, (double)NAN, &result);
            total += result.loss / 24;
            first_batch[epoch] = k == 0 ? result.loss : first_batch[epoch];
        }
        ck_assert_msg(close_to(total, want, 1e-6, 0), "%.9g, wanted %.9g", total, want);
        ck_assert(close_to(lrp_training_epoch(training), epoch + 1, 1e-12, 0));
    }
    ck_assert_double_ne(first_batch[0], first_batch[1]);
    ck_assert_double_ne(first_batch[1], first_batch[2]);
    lrp_training_free(training);
    lrp_training_free(whole);
    lrp_dataset_free(dataset);
}
END_TEST

START_TEST(the_gradient_is_clipped_to_its_norm)
{
    struct lrp_dataset *dataset = load("spirals");
    struct lrp_training *free_run = start(dataset, "mlp:16", "sgd", 64, 1e9, 2);
    struct lrp_training *clipped = start(dataset, "mlp:16", "sgd", 64, 0.01, 2);
    struct lrp_step_result result;
    struct lrp_step_result other;
    lrp_training_step(free_run, 1, (double)NAN, &result);
    ck_assert_double_gt(norm_of(&result), 0.01);
    /* a step of rate r with the gradient cut to 0.01 is one of rate r 0.01 / norm without cut */
    lrp_training_free(free_run);
    free_run = start(dataset, "mlp:16", "sgd", 64, 1e9, 2);
    lrp_training_step(free_run, 5 * 0.01 / norm_of(&result), (double)NAN, &other);
    lrp_training_step(clipped, 5, (double)NAN, &other);
    ck_assert_double_eq(norm_of(&other), norm_of(&result)); /* as it was before the cut */
    lrp_training_step(free_run, 0, (double)NAN, &result);
    lrp_training_step(clipped, 0, (double)NAN, &other);
    ck_assert(close_to(result.loss, other.loss, 1e-6, 0));
    ck_assert(close_to(norm_of(&result), norm_of(&other), 1e-5, 0));
    lrp_training_free(free_run);
    lrp_training_free(clipped);
    lrp_dataset_free(dataset);
}
END_TEST

START_TEST(a_diverged_run_stays_not_a_number_and_alive)
{
    struct lrp_dataset *dataset = load("regression");
    struct lrp_training *training = start(dataset, "mlp:16", optimizers[_i].spec, 32, 0, 4);
    struct lrp_step_result result = {0};
    double loss = 0;
    double accuracy = 0;
    bool finite = true;
    for (int k = 0; k < 400; k++) {
        lrp_training_step(training, 1e20, (double)NAN, &result);
        finite = finite && isfinite(result.loss);
        if (!finite) { /* it never comes back: nothing would be worse than a healthy-looking row */
            ck_assert(!isfinite(result.loss));
        }
    }
    ck_assert(!finite);
    ck_assert(isnan(result.accuracy)); /* of a regression */
    (void)lrp_training_validate(training, &loss, &accuracy);
    ck_assert(!isfinite(loss));
    lrp_training_free(training);
    lrp_dataset_free(dataset);
}
END_TEST

START_TEST(momentum_can_be_cycled)
{
    struct lrp_dataset *dataset = load("spirals");
    struct lrp_training *own = start(dataset, "mlp:16", "momentum:momentum=0.5", 64, 0, 2);
    struct lrp_training *same = start(dataset, "mlp:16", "momentum", 64, 0, 2);
    struct lrp_training *other = start(dataset, "mlp:16", "momentum", 64, 0, 2);
    struct lrp_step_result result[3];
    for (int k = 0; k < 10; k++) {
        lrp_training_step(own, 0.05, (double)NAN, &result[0]);
        lrp_training_step(same, 0.05, 0.5, &result[1]);
        lrp_training_step(other, 0.05, (double)NAN, &result[2]);
    }
    ck_assert_double_eq(result[0].loss, result[1].loss);
    ck_assert_double_ne(result[0].loss, result[2].loss);
    lrp_training_free(own);
    lrp_training_free(same);
    lrp_training_free(other);
    lrp_dataset_free(dataset);
}
END_TEST

START_TEST(validating_changes_nothing)
{
    struct lrp_dataset *dataset = load("glyphs");
    struct lrp_training *with = start(dataset, "mlp:16", "adam", 64, 0, 2);
    struct lrp_training *without = start(dataset, "mlp:16", "adam", 64, 0, 2);
    struct lrp_step_result result[2];
    double loss = 0;
    double accuracy = 0;
    for (int k = 0; k < 30; k++) {
        lrp_training_step(with, 0.01, (double)NAN, &result[0]);
        lrp_training_step(without, 0.01, (double)NAN, &result[1]);
        (void)lrp_training_validate(with, &loss, &accuracy);
    }
    ck_assert_double_eq(result[0].loss, result[1].loss);
    ck_assert(accuracy >= 0 && accuracy <= 1 && loss > 0);
    lrp_training_free(with);
    lrp_training_free(without);
    lrp_dataset_free(dataset);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("training");
    TCase *tests = tcase_create("training");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, each_optimizer_is_tried);
    tcase_add_loop_test(tests, a_step_allocates_nothing, 0, N_OPTIMIZERS);
    tcase_add_loop_test(tests, every_optimizer_learns, 0, N_OPTIMIZERS);
    tcase_add_test(tests, the_same_seed_gives_the_same_bits);
    tcase_add_test(tests, an_epoch_sees_each_row_once_in_a_new_order);
    tcase_add_test(tests, the_gradient_is_clipped_to_its_norm);
    tcase_add_loop_test(tests, a_diverged_run_stays_not_a_number_and_alive, 0, N_OPTIMIZERS);
    tcase_add_test(tests, momentum_can_be_cycled);
    tcase_add_test(tests, validating_changes_nothing);
    suite_add_tcase(suite, tests);
    return suite;
}
