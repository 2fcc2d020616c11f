/* SPDX-License-Identifier: MIT */
/* FANN, the Fast Artificial Neural Network library, as a trainer for lrprobe: a network of
 * two layers learns z = x - y + x y / 2 by mini-batches, with FANN's learning rate set for each
 * step.
 *
 *   cc fann_trainer.c -lfann -lm -o fann_trainer
 *   lrprobe sweep -- ./fann_trainer              batch training, 32 examples a step
 *   lrprobe sweep -- ./fann_trainer incremental  an update for each of these 32 examples */
#include "lrprobe_client.h"

#include <fann.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BATCHES = 16, BATCH = 32 };

static fann_type uniform(void)
{
    return (fann_type)(rand() % 10000) / 10000;
}

static void FANN_API example(unsigned number, unsigned n_in, unsigned n_out, fann_type *in,
                             fann_type *out)
{
    (void)number;
    (void)n_in;
    (void)n_out;
    in[0] = 4 * uniform() - 2;
    in[1] = 4 * uniform() - 2;
    out[0] = in[0] - in[1] + in[0] * in[1] / 2 + (uniform() - (fann_type)0.5) / 5;
}

int main(int argc, char **argv)
{
    struct lrp_client probe;
    if (lrp_client_open(&probe, NULL) != 0) {
        (void)fprintf(stderr, "%s\n", probe.error);
        return 1;
    }
    struct fann *network = fann_create_standard(3, 2, 24, 1);
    srand((unsigned)lrp_client_seed(&probe, 1)); /* after that, which seeds rand() from the clock */
    struct fann_train_data *batches[BATCHES];
    bool made = network != NULL;
    for (int i = 0; i < BATCHES; i++) {
        batches[i] = fann_create_train_from_callback(BATCH, 2, 1, example);
        made = made && batches[i] != NULL;
    }
    if (!made) {
        (void)fputs("fann_trainer: no memory\n", stderr);
        return 1;
    }
    bool incremental = argc > 1 && strcmp(argv[1], "incremental") == 0;
    fann_set_training_algorithm(network, incremental ? FANN_TRAIN_INCREMENTAL : FANN_TRAIN_BATCH);
    fann_set_activation_function_hidden(network, FANN_SIGMOID_SYMMETRIC);
    fann_set_activation_function_output(network, FANN_LINEAR);
    fann_set_train_error_function(network, FANN_ERRORFUNC_LINEAR);
    fann_randomize_weights(network, -0.5, 0.5);
    (void)lrp_client_fact(&probe, "model", "FANN 2-24-1");
    for (int step = 0; lrp_client_going(&probe, step < 2000); step++) {
        /* the mean squared error that an epoch gives is the one before its update */
        fann_set_learning_rate(network, (float)lrp_client_rate(&probe, 0.1));
        float loss = fann_train_epoch(network, batches[step % BATCHES]);
        (void)lrp_client_report(&probe, (double)loss);
    }
    (void)printf("mean squared error %g\n", (double)fann_test_data(network, batches[0]));
    for (int i = 0; i < BATCHES; i++) {
        fann_destroy_train(batches[i]);
    }
    fann_destroy(network);
    if (lrp_client_close(&probe) != 0) {
        (void)fprintf(stderr, "%s\n", probe.error);
        return 1;
    }
    return 0;
}
