/* SPDX-License-Identifier: MIT */
/* A training step of an MLP 784-256-128-10 against the bare matrix products of the same step, on
 * one thread: for batches of 32 and 128, with momentum and Adam, without and with what a run
 * records by default at every tenth step; with words "OPTIMIZER" or "OPTIMIZER RECORD": with these.
 *
 * Both take turns, ROUNDS times; a line gives the median times and the median of the ratios.
 * Targets: 1.25 with momentum, 1.4 with Adam, recording nothing. */
#include "blas.h"
#include "random.h"
#include "training.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { RECORD_EVERY = 10, ROUNDS = 41, STEPS = 60, ROWS = 6000, LAYERS = 3 };
static const size_t widths[LAYERS + 1] = {784, 256, 128, 10};

static double now(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static float *random_block(size_t n, double deviation, struct lrp_random *random)
{
    float *block = aligned_alloc(64, (n * sizeof *block + 63) / 64 * 64);
    if (block == NULL) {
        (void)fputs("bench_step: out of memory\n", stderr);
        exit(1);
    }
    for (size_t i = 0; i < n; i++) {
        block[i] = (float)(deviation * lrp_random_normal(random));
    }
    return block;
}

/* Images of ten classes: a random prototype each, and noise, so that the loss really falls. */
static void make_dataset(struct lrp_dataset *dataset, struct lrp_random *random)
{
    float *prototypes = random_block(10 * widths[0], 1, random);
    memset(dataset, 0, sizeof *dataset);
    dataset->inputs = random_block((size_t)ROWS * widths[0], 1, random);
    dataset->classes = calloc(ROWS, sizeof *dataset->classes);
    if (dataset->classes == NULL) {
        exit(1);
    }
    dataset->n = dataset->n_train = ROWS;
    dataset->n_inputs = widths[0];
    dataset->shape = (struct lrp_tensor_shape){1, 1, widths[0]};
    dataset->n_targets = 1;
    dataset->n_outputs = 10;
    for (size_t i = 0; i < ROWS; i++) {
        dataset->classes[i] = (uint32_t)(i % 10);
        for (size_t k = 0; k < widths[0]; k++) {
            dataset->inputs[i * widths[0] + k] += prototypes[i % 10 * widths[0] + k];
        }
    }
    free(prototypes);
}

struct products { /* blocks of the size that the step multiplies */
    float *activations[LAYERS + 1];
    float *errors[LAYERS + 1];
    float *weights[LAYERS];
    float *gradients[LAYERS];
};

static void make_products(struct products *products, struct lrp_random *random)
{
    for (size_t l = 0; l <= LAYERS; l++) {
        products->activations[l] = random_block(128 * widths[l], 1, random);
        products->errors[l] = random_block(128 * widths[l], 0.01, random);
    }
    for (size_t l = 0; l < LAYERS; l++) {
        products->weights[l] = random_block(widths[l] * widths[l + 1], 0.05, random);
        products->gradients[l] = random_block(widths[l] * widths[l + 1], 0.05, random);
    }
}

/* Three products forward, three for the weights' gradients, two for the errors: as in a step. */
static double seconds_of_products(struct products *p, int batch)
{
    double start = now();
    for (int k = 0; k < STEPS; k++) {
        for (size_t l = 0; l < LAYERS; l++) {
            lrp_blas_product(batch, (int)widths[l + 1], (int)widths[l], p->activations[l],
                             p->weights[l], p->activations[l + 1]);
        }
        for (size_t l = LAYERS; l > 0; l--) {
            lrp_blas_product_ta(batch, (int)widths[l], (int)widths[l - 1], p->activations[l - 1],
                                (int)widths[l - 1], p->errors[l], p->gradients[l - 1]);
            if (l > 1) {
                lrp_blas_product_tb(batch, (int)widths[l], (int)widths[l - 1], p->errors[l],
                                    p->weights[l - 1], p->errors[l - 1]);
            }
        }
    }
    double seconds = now() - start;
    for (size_t l = 1; l <= LAYERS; l++) { /* products of products would grow beyond all bounds */
        for (size_t i = 0; i < 128 * widths[l]; i++) {
            p->activations[l][i] = (float)(i % 7) - 3.0f;
            p->errors[l - 1][i % (128 * widths[l - 1])] = 0.01f * ((float)(i % 5) - 2.0f);
        }
    }
    return seconds;
}

static double seconds_of_steps(struct lrp_training *training, double *loss)
{
    struct lrp_step_result result = {0};
    double start = now();
    for (int k = 0; k < STEPS; k++) {
        lrp_training_step(training, 1e-3, (double)NAN, &result);
    }
    *loss = result.loss;
    return now() - start;
}

static int compare(const void *left, const void *right)
{
    const double a = *(const double *)left;
    const double b = *(const double *)right;
    return (a > b) - (a < b);
}

static double median(double *values)
{
    qsort(values, ROUNDS, sizeof *values, compare);
    return values[ROUNDS / 2];
}

static void measure(const struct lrp_dataset *dataset, struct products *products, size_t batch,
                    const char *optimizer, const char *record)
{
    struct lrp_training *training = NULL;
    struct lrp_training_options options = {
        .batch_size = batch, .seed = 1, .record_every = RECORD_EVERY};
    double step[ROUNDS];
    double bare[ROUNDS];
    double ratio[ROUNDS];
    double loss = 0;
    if (lrp_model_parse("mlp:256,128", &options.model, NULL) != LRP_OK ||
        lrp_optimizer_parse(optimizer, &options.optimizer, NULL) != LRP_OK ||
        lrp_measures_parse(record, &options.record, NULL) != LRP_OK ||
        lrp_training_new(dataset, &options, &training, NULL) != LRP_OK) {
        (void)fputs("bench_step: the training cannot be made\n", stderr);
        exit(1);
    }
    (void)seconds_of_steps(training, &loss); /* warm up */
    (void)seconds_of_products(products, (int)batch);
    for (int round = 0; round < ROUNDS; round++) {
        step[round] = seconds_of_steps(training, &loss) / STEPS;
        bare[round] = seconds_of_products(products, (int)batch) / STEPS;
        ratio[round] = step[round] / bare[round];
    }
    lrp_training_free(training);
    (void)printf(
        "batch %zu %s, records %s: step %.1f us, products %.1f us, ratio %.3f (loss %.3g)\n", batch,
        optimizer, record, 1e6 * median(step), 1e6 * median(bare), median(ratio), loss);
}

int main(int n_words, char **words)
{
    struct lrp_random random;
    struct lrp_dataset dataset;
    struct products products;
    lrp_random_seed(&random, 20261124, 0);
    lrp_blas_single_thread();
    make_dataset(&dataset, &random);
    make_products(&products, &random);
    for (size_t batch = 32; batch <= 128; batch *= 4) {
        if (n_words > 1) {
            measure(&dataset, &products, batch, words[1], n_words > 2 ? words[2] : "none");
            continue;
        }
        measure(&dataset, &products, batch, "momentum", "none");
        measure(&dataset, &products, batch, "adam", "none");
        measure(&dataset, &products, batch, "momentum", "usual");
        measure(&dataset, &products, batch, "adam", "usual");
    }
    for (size_t l = 0; l < LAYERS; l++) {
        free(products.weights[l]);
        free(products.gradients[l]);
    }
    for (size_t l = 0; l <= LAYERS; l++) {
        free(products.activations[l]);
        free(products.errors[l]);
    }
    free(dataset.inputs);
    free(dataset.classes);
    return 0;
}
