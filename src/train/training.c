/* SPDX-License-Identifier: MIT */
#include "training.h"

#include "alloc.h"
#include "batches.h"
#include "blas.h"
#include "checkpoint.h"
#include "random.h"
#include "random_streams.h"
#include "sharpness.h"
#include "vector_sums.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Examples in a batch of the validation; images and texts, whose values are many, come in batches
 * of the training's own size, up to the second number. */
enum { VALIDATION_BATCH = 512, SMALL_VALIDATION_BATCH = 64 };
enum { UPDATE_BLOCK = 1 << 14, MEASURED_BLOCK = 1 << 12 };

struct lrp_training {
    struct lrp_training_options options; /* the batch no larger than the training part */
    const struct lrp_dataset *dataset;
    struct lrp_network *network;
    struct lrp_batches *batches;
    size_t validation_batch;
    unsigned long long steps;
    unsigned long long updates; /* steps whose loss was finite */
    double carried;             /* by the optimizer from update to update */
    float *state[LRP_OPTIMIZER_STATES];
    struct lrp_measures *measures;   /* NULL: nothing is measured at the updates */
    struct lrp_sharpness *sharpness; /* NULL: not asked for */
};

/* What is kept for a network of n parameters. */
static enum lrp_status reserve(struct lrp_training *training, size_t n, struct lrp_error *err)
{
    const struct lrp_training_options *options = &training->options;
    for (size_t i = 0; i < lrp_optimizer_n_state(&options->optimizer); i++) {
        training->state[i] = lrp_calloc_aligned(n, sizeof(float));
        LRP_TRY_MEMORY(training->state[i], err);
    }
    LRP_TRY(lrp_measures_new(&options->record, n, MEASURED_BLOCK, options->record_every,
                             &training->measures, err));
    return options->record.wanted[LRP_SHARPNESS] ? lrp_sharpness_new(n, &training->sharpness, err)
                                                 : LRP_OK;
}

static enum lrp_status set_up(struct lrp_training *training, struct lrp_error *err)
{
    struct lrp_random weights;
    struct lrp_training_options *options = &training->options;
    const struct lrp_dataset *dataset = training->dataset;
    options->record_every = options->record_every > 0 ? options->record_every : 1;
    if (options->batch_size > dataset->n_train) {
        options->batch_size = dataset->n_train;
    }
    training->validation_batch = VALIDATION_BATCH;
    if (options->model.row->needs != LRP_ANY_DATA) {
        training->validation_batch = options->batch_size < SMALL_VALIDATION_BATCH
                                         ? options->batch_size
                                         : (size_t)SMALL_VALIDATION_BATCH;
    }
    const size_t largest = options->batch_size > training->validation_batch
                               ? options->batch_size
                               : training->validation_batch;
    const struct lrp_task task = {
        .inputs = dataset->shape,
        .n_outputs = dataset->n_outputs,
        .loss = dataset->classes != NULL ? LRP_CROSS_ENTROPY : LRP_SQUARED_ERROR,
        .label_smoothing = options->label_smoothing,
        .max_batch = largest,
        .seed = options->seed,
    };
    lrp_random_seed(&weights, options->seed, LRP_STREAM_WEIGHTS);
    LRP_TRY(lrp_network_new(&options->model, &task, &weights, &training->network, err));
    if (options->init != NULL) {
        LRP_TRY(lrp_checkpoint_load(options->init, options->fresh_last, training->network, err));
    }
    LRP_TRY(lrp_batches_new(dataset, options->batch_size, largest, &options->augmentation,
                            options->seed, &training->batches, err));
    return reserve(training, lrp_network_n_parameters(training->network), err);
}

enum lrp_status lrp_training_new(const struct lrp_dataset *dataset,
                                 const struct lrp_training_options *options,
                                 struct lrp_training **out, struct lrp_error *err)
{
    struct lrp_training *training = lrp_calloc_array(1, sizeof *training);
    LRP_TRY_MEMORY(training, err);
    lrp_blas_single_thread();
    training->options = *options;
    training->dataset = dataset;
    training->carried = 1;
    enum lrp_status status = set_up(training, err);
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
        lrp_measures_free(training->measures);
        lrp_sharpness_free(training->sharpness);
        for (size_t i = 0; i < LRP_OPTIMIZER_STATES; i++) {
            free(training->state[i]);
        }
        free(training);
    }
}

struct sample { /* what sharpness and dead units are measured on */
    struct lrp_training *training;
    struct lrp_targets targets;
    size_t n;
};
struct update { /* of this step */
    struct lrp_training *training;
    struct lrp_optimizer_step step; /* without its parameters */
    bool measured;
};

/* Updates parameters first .. first + n - 1 as the step at user says, the last ones first: the
 * products of the next step begin with the first ones, which then still lie in the processor's
 * cache. */
static void update_span(void *user, size_t first, size_t n)
{
    const struct update *update = user;
    struct lrp_training *training = update->training;
    const struct lrp_optimizer_spec *optimizer = &training->options.optimizer;
    struct lrp_optimizer_step step = update->step;
    /* measuring reads a block several times: a first-level cache should hold it */
    const size_t block = update->measured ? MEASURED_BLOCK : UPDATE_BLOCK;
    for (size_t left = n; left > 0;) {
        step.n = left < block ? left : block;
        left -= step.n;
        size_t at = first + left;
        step.parameters = lrp_network_parameters(training->network) + at;
        step.gradients = lrp_network_gradients(training->network) + at;
        for (size_t i = 0; i < LRP_OPTIMIZER_STATES; i++) {
            step.state[i] = training->state[i] != NULL ? training->state[i] + at : NULL;
        }
        if (update->measured) {
            lrp_measures_before(training->measures, at, step.parameters, step.gradients, step.n);
        }
        optimizer->row->update(optimizer->options, &step);
        if (update->measured) {
            lrp_measures_after(training->measures, at, step.parameters, step.n);
        }
    }
}

/* The complete gradient first, for its norm: two passes. */
static bool update_clipped(struct lrp_training *training, struct update *update)
{
    size_t n = lrp_network_n_parameters(training->network);
    lrp_network_backward(training->network, training->options.batch_size, NULL, NULL);
    double norm = sqrt(lrp_sum_squares(lrp_network_gradients(training->network), n));
    update->step.gradient_scale = lrp_clip_factor(norm, training->options.clip_norm);
    update_span(update, 0, n);
    return update->step.gradient_scale < 1;
}

void lrp_training_step(struct lrp_training *training, double lr, double momentum,
                       struct lrp_step_result *result)
{
    size_t batch = training->options.batch_size;
    size_t correct = 0;
    struct lrp_targets targets =
        lrp_batches_next(training->batches, lrp_network_inputs(training->network));
    result->loss = lrp_network_loss(training->network, &targets, batch, LRP_TRAINING, &correct);
    result->accuracy = training->dataset->classes != NULL
                           ? (double)correct / (double)(batch * training->dataset->n_targets)
                           : (double)NAN;
    double own = lrp_optimizer_momentum(&training->options.optimizer);
    result->momentum = isnan(momentum) || isnan(own) ? own : momentum;
    memset(&result->measured, 0, sizeof result->measured);
    training->steps++;
    if (!isfinite(result->loss)) {
        return;
    }
    training->updates++;
    struct update update = {
        .training = training,
        .step = {.lr = lr,
                 .momentum = result->momentum,
                 .gradient_scale = 1,
                 .step = training->updates},
    };
    training->carried =
        lrp_optimizer_carry(&training->options.optimizer, &update.step, training->carried);
    update.step.carried = training->carried;
    update.measured = training->measures != NULL && lrp_measures_begin(training->measures);
    bool clipped = false;
    if (training->options.clip_norm > 0) {
        clipped = update_clipped(training, &update);
    } else {
        lrp_network_backward(training->network, batch, update_span, &update);
    }
    if (training->measures != NULL) {
        lrp_measures_end(training->measures, &result->measured);
    }
    result->measured.value[LRP_CLIPPED] = clipped ? 1 : 0;
    result->measured.present[LRP_CLIPPED] =
        training->options.record.wanted[LRP_CLIPPED] &&
        (training->updates - 1) % training->options.record_every == 0;
}

static void evaluate_sample(void *user)
{
    struct sample *sample = user;
    (void)lrp_network_loss(sample->training->network, &sample->targets, sample->n, LRP_EVALUATION,
                           NULL);
    lrp_network_backward(sample->training->network, sample->n, NULL, NULL);
}

void lrp_training_inspect(struct lrp_training *training, struct lrp_measurements *measured)
{
    size_t n_train = training->dataset->n_train;
    struct sample sample = {.training = training};
    memset(measured, 0, sizeof *measured);
    if (!training->options.record.wanted[LRP_DEAD_FRACTION] && training->sharpness == NULL) {
        return;
    }
    sample.n = n_train < training->validation_batch ? n_train : training->validation_batch;
    sample.targets =
        lrp_batches_rows(training->batches, 0, sample.n, lrp_network_inputs(training->network));
    if (training->options.record.wanted[LRP_DEAD_FRACTION]) {
        (void)lrp_network_loss(training->network, &sample.targets, sample.n, LRP_EVALUATION, NULL);
        double share = lrp_network_dead_fraction(training->network, sample.n);
        measured->value[LRP_DEAD_FRACTION] = share;
        measured->present[LRP_DEAD_FRACTION] = !isnan(share); /* a network without ReLU */
    }
    if (training->sharpness != NULL) {
        const struct lrp_surface surface = {
            .parameters = lrp_network_parameters(training->network),
            .gradients = lrp_network_gradients(training->network),
            .n = lrp_network_n_parameters(training->network),
            .evaluate = evaluate_sample,
            .user = &sample,
        };
        measured->value[LRP_SHARPNESS] =
            lrp_sharpness_measure(training->sharpness, &surface, LRP_SEED_SHARPNESS);
        measured->present[LRP_SHARPNESS] = true;
    }
}

bool lrp_training_validate(struct lrp_training *training, double *loss, double *accuracy)
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
    return n > 0;
}

const struct lrp_measure_set *lrp_training_record(const struct lrp_training *training)
{
    return &training->options.record;
}

double lrp_training_epoch(const struct lrp_training *training)
{
    return (double)training->steps * (double)training->options.batch_size /
           (double)training->dataset->n_train;
}

size_t lrp_training_batch_size(const struct lrp_training *training)
{
    return training->options.batch_size;
}

struct lrp_network *lrp_training_network(struct lrp_training *training)
{
    return training->network;
}
