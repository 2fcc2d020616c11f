/* SPDX-License-Identifier: MIT */
/* Processor time of a training step of one model, on one thread.
 *
 * usage: bench_models MODEL BATCH OPTIMIZER [SECONDS]
 * Prints microseconds: the median of rounds of a few steps each, for so many seconds (2). Images
 * are 28 x 28 pixels of ten classes, texts those of the data set sentences. step_pytorch.py does
 * the same in PyTorch, and makes a table of both. */
#include "blas.h"
#include "data_readers.h"
#include "number.h"
#include "random.h"
#include "training.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ROWS = 6000, SIDE = 28, ROUNDS_MOST = 2000 };

static double processor_time(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void fail(const char *what)
{
    (void)fprintf(stderr, "bench_models: %s\n", what);
    exit(2);
}

/* Images of ten classes: a random prototype each, and noise. */
static struct lrp_dataset *make_images(void)
{
    enum { N = SIDE * SIDE };
    struct lrp_random random;
    struct lrp_dataset *data = calloc(1, sizeof *data);
    static float prototypes[10 * N];
    lrp_random_seed(&random, 1, 0);
    if (data == NULL || lrp_dataset_reserve(data, ROWS, N, 1, NULL) != LRP_OK) {
        fail("out of memory");
    }
    for (size_t k = 0; k < sizeof prototypes / sizeof prototypes[0]; k++) {
        prototypes[k] = (float)lrp_random_normal(&random);
    }
    data->shape = (struct lrp_tensor_shape){SIDE, SIDE, 1};
    data->n_train = ROWS;
    data->n_outputs = 10;
    for (size_t i = 0; i < ROWS; i++) {
        data->classes[i] = (uint32_t)(i % 10);
        for (size_t k = 0; k < N; k++) {
            data->inputs[i * N + k] =
                prototypes[i % 10 * N + k] + (float)lrp_random_normal(&random);
        }
    }
    return data;
}

static int compare(const void *left, const void *right)
{
    const double a = *(const double *)left;
    const double b = *(const double *)right;
    return (a > b) - (a < b);
}

int main(int argc, char **argv)
{
    struct lrp_training_options options = {.seed = 1};
    struct lrp_training *training = NULL;
    struct lrp_dataset *data = NULL;
    struct lrp_error err = {0};
    static double rounds[ROUNDS_MOST];
    int64_t batch = 0;
    double seconds = 2;
    if (argc < 4 || !lrp_parse_int64(argv[2], strlen(argv[2]), 1, ROWS, &batch) ||
        (argc > 4 && !lrp_parse_double(argv[4], strlen(argv[4]), &seconds))) {
        fail("MODEL BATCH OPTIMIZER [SECONDS] was expected");
    }
    lrp_blas_single_thread();
    if (lrp_model_parse(argv[1], &options.model, &err) != LRP_OK ||
        lrp_optimizer_parse(argv[3], &options.optimizer, &err) != LRP_OK) {
        fail(err.message);
    }
    const struct lrp_data_options text = {.data = "sentences", .context = options.model.context};
    options.batch_size = (size_t)batch;
    if (options.model.context == 0) {
        data = make_images();
    } else if (lrp_dataset_load(&text, &data, &err) != LRP_OK) {
        fail(err.message);
    }
    if (lrp_training_new(data, &options, &training, &err) != LRP_OK) {
        fail(err.message);
    }
    struct lrp_step_result result;
    const size_t steps = batch < 64 ? 8 : 2; /* in a round */
    size_t n = 0;
    lrp_training_step(training, 1e-3, (double)NAN, &result); /* warm up */
    for (double begin = processor_time(); n < ROUNDS_MOST; n++) {
        double start = processor_time();
        for (size_t k = 0; k < steps; k++) {
            lrp_training_step(training, 1e-3, (double)NAN, &result);
        }
        double end = processor_time();
        rounds[n] = (end - start) / (double)steps;
        if (end - begin > seconds && n > 4) {
            break;
        }
    }
    qsort(rounds, n, sizeof rounds[0], compare);
    (void)printf("%.1f\n", 1e6 * rounds[n / 2]);
    lrp_training_free(training);
    lrp_dataset_free(data);
    return 0;
}
