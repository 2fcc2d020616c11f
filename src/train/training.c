/* SPDX-License-Identifier: MIT */
#include "training.h"

#include "alloc.h"
#include "batches.h"
#include "blas.h"
#include "checkpoint.h"
#include "random.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Examples in a batch of the validation: images and texts have many rows each. */
enum { VALIDATION_BATCH = 512, SMALL_VALIDATION_BATCH = 64 };
enum { STREAM_WEIGHTS = 1, UPDATE_BLOCK = 1 << 14 };

struct lrp_training {
    const struct lrp_dataset *dataset;
    struct lrp_network *network;
    struct lrp_optimizer_spec optimizer;
    size_t batch_size;
    double clip_norm;
    struct lrp_batches *batches;
    size_t validation_batch;
    unsigned long long steps;
    unsigned long long updates; /* steps whose loss was finite */
    double carried;             /* by the optimizer from update to update */
    float *state[LRP_OPTIMIZER_STATES];
};

static bool reserve_state(struct lrp_training *training)
{
    size_t n = lrp_network_n_parameters(training->network);
    bool whole = true;
    for (size_t i = 0; i < lrp_optimizer_n_state(&training->optimizer); i++) {
        training->state[i] = lrp_calloc_aligned(n, sizeof(float));
        whole = whole && training->state[i] != NULL;
    }
    return whole;
}

enum lrp_status lrp_training_new(const struct lrp_dataset *dataset,
                                 const struct lrp_training_options *options,
                                 struct lrp_training **out, struct lrp_error *err)
{
    struct lrp_random weights;
    struct lrp_training *training = lrp_calloc_array(1, sizeof *training);
    if (training == NULL) {
        return lrp_fail_memory(err, sizeof *training);
    }
    lrp_blas_single_thread();
    training->dataset = dataset;
    training->optimizer = options->optimizer;
    training->carried = 1;
    training->clip_norm = options->clip_norm;
    training->batch_size =
        options->batch_size < dataset->n_train ? options->batch_size : dataset->n_train;
    training->validation_batch = options->model.row->needs == LRP_ANY_DATA
                                     ? (size_t)VALIDATION_BATCH
                                     : (size_t)SMALL_VALIDATION_BATCH;
    size_t largest = training->batch_size > training->validation_batch ? training->batch_size
                                                                       : training->validation_batch;
    const struct lrp_task task = {
        .inputs = dataset->shape,
        .n_outputs = dataset->n_outputs,
        .loss = dataset->classes != NULL ? LRP_CROSS_ENTROPY : LRP_SQUARED_ERROR,
        .label_smoothing = options->label_smoothing,
        .max_batch = largest,
        .seed = options->seed,
    };
    lrp_random_seed(&weights, options->seed, STREAM_WEIGHTS);
    enum lrp_status status =
        lrp_network_new(&options->model, &task, &weights, &training->network, err);
    if (status == LRP_OK && options->init != NULL) {
        status = lrp_checkpoint_load(options->init, options->fresh_last, training->network, err);
    }
    status = status == LRP_OK
                 ? lrp_batches_new(dataset, training->batch_size, largest, &options->augmentation,
                                   options->seed, &training->batches, err)
                 : status;
    if (status == LRP_OK && !reserve_state(training)) {
        status = lrp_fail_memory(err, lrp_network_n_parameters(training->network) * sizeof(float));
    }
    if (status != LRP_OK) {
        lrp_training_free(training);
        return status;
    }
    *out = training;
    return LRP_OK;
}

void lrp_training_free(struct lrp_training *training)
{
    if (training != NULL) {
        lrp_network_free(training->network);
        lrp_batches_free(training->batches);
        for (size_t i = 0; i < LRP_OPTIMIZER_STATES; i++) {
            free(training->state[i]);
        }
        free(training);
    }
}

/* Factor that brings the gradient's norm down to clip_norm. */
static double clip_factor(const struct lrp_training *training, double *norm)
{
    const float *gradients = lrp_network_gradients(training->network);
    double squares = 0;
    for (size_t i = 0; i < lrp_network_n_parameters(training->network); i++) {
        squares += (double)gradients[i] * (double)gradients[i];
    }
    *norm = sqrt(squares);
    return *norm > training->clip_norm ? training->clip_norm / *norm : 1;
}

struct update { /* of this step */
    struct lrp_training *training;
    struct lrp_optimizer_step step; /* without its parameters */
};

/* Updates parameters first .. first + n - 1 as the step at user says, the last ones first: the
 * products of the next step begin with the first ones, which then still lie in the processor's
 * cache. */
static void update_span(void *user, size_t first, size_t n)
{
    const struct update *update = user;
    struct lrp_training *training = update->training;
    const struct lrp_optimizer_spec *optimizer = &training->optimizer;
    struct lrp_optimizer_step step = update->step;
    for (size_t left = n; left > 0;) {
        step.n = left < UPDATE_BLOCK ? left : (size_t)UPDATE_BLOCK;
        left -= step.n;
        size_t at = first + left;
        step.parameters = lrp_network_parameters(training->network) + at;
        step.gradients = lrp_network_gradients(training->network) + at;
        for (size_t i = 0; i < LRP_OPTIMIZER_STATES; i++) {
            step.state[i] = training->state[i] != NULL ? training->state[i] + at : NULL;
        }
        optimizer->row->update(&optimizer->settings, &step);
    }
}

void lrp_training_step(struct lrp_training *training, double lr, double momentum,
                       struct lrp_step_result *result)
{
    size_t batch = training->batch_size;
    size_t correct = 0;
    struct lrp_targets targets =
        lrp_batches_next(training->batches, lrp_network_inputs(training->network));
    result->loss = lrp_network_loss(training->network, &targets, batch, LRP_TRAINING, &correct);
    result->accuracy = training->dataset->classes != NULL
                           ? (double)correct / (double)(batch * training->dataset->n_targets)
                           : (double)NAN;
    result->grad_norm = (double)NAN;
    training->steps++;
    if (!isfinite(result->loss)) {
        return;
    }
    double own = lrp_optimizer_momentum(&training->optimizer);
    training->updates++;
    struct update update = {
        .training = training,
        .step = {.lr = lr,
                 .momentum = isnan(momentum) || isnan(own) ? own : momentum,
                 .gradient_scale = 1,
                 .step = training->updates},
    };
    training->carried = lrp_optimizer_carry(&training->optimizer, &update.step, training->carried);
    update.step.carried = training->carried;
    if (training->clip_norm > 0) { /* the norm is of the whole gradient: two passes */
        lrp_network_backward(training->network, batch, NULL, NULL);
        update.step.gradient_scale = clip_factor(training, &result->grad_norm);
        update_span(&update, 0, lrp_network_n_parameters(training->network));
    } else {
        lrp_network_backward(training->network, batch, update_span, &update);
    }
}

void lrp_training_validate(struct lrp_training *training, double *loss, double *accuracy)
{
    const struct lrp_dataset *data = training->dataset;
    size_t n = data->n - data->n_train;
    double total = 0;
    size_t right = 0;
    for (size_t done = 0; done < n;) {
        size_t most = training->validation_batch;
        size_t batch = n - done < most ? n - done : most;
        size_t correct = 0;
        struct lrp_targets targets = lrp_batches_rows(training->batches, data->n_train + done,
                                                      batch, lrp_network_inputs(training->network));
        double loss_here =
            lrp_network_loss(training->network, &targets, batch, LRP_EVALUATION, &correct);
        total += loss_here * (double)batch;
        right += correct;
        done += batch;
    }
    *loss = n > 0 ? total / (double)n : (double)NAN;
    *accuracy = n > 0 && data->classes != NULL ? (double)right / (double)(n * data->n_targets)
                                               : (double)NAN;
}

double lrp_training_epoch(const struct lrp_training *training)
{
    return (double)training->steps * (double)training->batch_size /
           (double)training->dataset->n_train;
}

size_t lrp_training_batch_size(const struct lrp_training *training)
{
    return training->batch_size;
}

size_t lrp_training_n_parameters(const struct lrp_training *training)
{
    return lrp_network_n_parameters(training->network);
}

enum lrp_status lrp_training_save(struct lrp_training *training, const char *path,
                                  const char *model, const char *data, struct lrp_error *err)
{
    return lrp_checkpoint_save(path, training->network, model, data, err);
}
