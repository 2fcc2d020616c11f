/* SPDX-License-Identifier: MIT */
#include "loop.h"

#include "clock.h"
#include "record_reader.h"
#include "record_writer.h"

#include <math.h>
#include <string.h>

/* A row of the run record; behind these columns stand the measures that the training takes. */
enum { STEP, EPOCH, TIME, LR, MOMENTUM, LOSS, ACCURACY, VAL_LOSS, VAL_ACCURACY, COLUMNS };
static const char *const column_names[COLUMNS] = {
    [STEP] = "step",
    [EPOCH] = "epoch",
    [TIME] = "time_s",
    [LR] = "lr",
    [MOMENTUM] = "momentum",
    [LOSS] = "loss",
    [ACCURACY] = "accuracy",
    [VAL_LOSS] = "val_loss",
    [VAL_ACCURACY] = "val_accuracy",
};

struct training_loop {
    struct lrp_training *training;
    const struct lrp_loop_options *options;
    struct lrp_loop_result *result;
    struct lrp_record_writer *writer; /* NULL: no record */
    const double *planned_lr;         /* NULL: the schedule decides */
    const double *planned_momentum;   /* NULL: the optimizer's own */
    size_t observed;                  /* column that the schedule goes by; COLUMNS = none */
    double begin;
    double values[COLUMNS + LRP_MEASURES];
    unsigned char present[COLUMNS + LRP_MEASURES];
};

/* Values of a plan's column, NULL where it has none of that name. */
static const double *column_of(const struct lrp_record *plan, const char *name)
{
    size_t column = lrp_record_find_column(plan, name);
    return column != LRP_NO_COLUMN ? lrp_record_values(plan, column) : NULL;
}

static enum lrp_status check_plan(const struct lrp_record *plan, struct lrp_error *err)
{
    const double *lr = column_of(plan, "lr");
    if (lr == NULL) {
        return lrp_fail(err, LRP_E_NODATA, 0, "the plan has no column lr");
    }
    for (size_t k = 0; k < lrp_record_rows(plan); k++) {
        if (!(lr[k] >= 0) || !isfinite(lr[k])) {
            return lrp_fail(err, LRP_E_FORMAT, 0,
                            "the plan's rate at step %zu is not a learning rate", k);
        }
    }
    return LRP_OK;
}

enum lrp_status lrp_loop_read_plan(const char *path, struct lrp_record **out, struct lrp_error *err)
{
    struct lrp_record *plan = NULL;
    LRP_TRY(lrp_run_record_read(path, &plan, err));
    enum lrp_status status = check_plan(plan, err);
    if (status != LRP_OK) {
        lrp_record_free(plan);
        return status;
    }
    *out = plan;
    return LRP_OK;
}

static void find_columns(struct training_loop *loop)
{
    const struct lrp_loop_options *options = loop->options;
    const char *metric = NULL;
    loop->observed = COLUMNS;
    if (options->plan != NULL) {
        loop->planned_lr = column_of(options->plan, "lr");
        loop->planned_momentum = column_of(options->plan, "momentum");
    } else {
        metric = lrp_schedule_run_metric(options->schedule);
    }
    for (size_t i = 0; metric != NULL && i < COLUMNS; i++) {
        loop->observed = strcmp(column_names[i], metric) == 0 ? i : loop->observed;
    }
}

static enum lrp_status open_record(struct training_loop *loop, struct lrp_error *err)
{
    const struct lrp_loop_options *options = loop->options;
    const struct lrp_measure_set *set = lrp_training_record(loop->training);
    const char *names[COLUMNS + LRP_MEASURES];
    size_t n = COLUMNS;
    memcpy(names, column_names, sizeof column_names);
    for (size_t i = 0; i < LRP_MEASURES; i++) {
        if (set->wanted[i]) {
            names[n] = lrp_measure_table[i].name;
            n++;
        }
    }
    return lrp_record_writer_open(options->record_path, names, n, options->meta, options->n_meta,
                                  &loop->writer, err);
}

static void put(struct training_loop *loop, size_t column, double value, bool present)
{
    loop->values[column] = value;
    loop->present[column] = present ? 1 : 0;
}

/* What was measured at an update, and at an inspection where there was one (else NULL). */
static void put_measures(struct training_loop *loop, const struct lrp_measurements *update,
                         const struct lrp_measurements *inspection)
{
    const struct lrp_measure_set *set = lrp_training_record(loop->training);
    size_t column = COLUMNS;
    for (size_t i = 0; i < LRP_MEASURES; i++) {
        const struct lrp_measurements *from =
            inspection != NULL && inspection->present[i] ? inspection : update;
        if (set->wanted[i]) {
            put(loop, column, from->value[i], from->present[i]);
            column++;
        }
    }
}

static struct lrp_schedule_point rate_of(const struct training_loop *loop, size_t step)
{
    if (loop->planned_lr == NULL) {
        return lrp_schedule_run_at(loop->options->schedule, step);
    }
    return (struct lrp_schedule_point){loop->planned_lr[step], loop->planned_momentum != NULL
                                                                   ? loop->planned_momentum[step]
                                                                   : (double)NAN};
}

static enum lrp_status do_step(struct training_loop *loop, size_t step, struct lrp_error *err)
{
    const struct lrp_loop_options *options = loop->options;
    struct lrp_loop_result *result = loop->result;
    struct lrp_step_result update;
    struct lrp_measurements inspection;
    const struct lrp_schedule_point rate = rate_of(loop, step);
    lrp_training_step(loop->training, rate.lr, rate.momentum, &update);
    result->steps = step + 1;
    result->epochs = lrp_training_epoch(loop->training);
    result->loss = update.loss;
    result->ended = !isfinite(update.loss);
    const bool last = (step + 1 == options->n_steps || result->ended) && !options->bare_end;
    bool validated = last || (options->val_every > 0 && (step + 1) % options->val_every == 0);
    validated = validated &&
                lrp_training_validate(loop->training, &result->val_loss, &result->val_accuracy);
    put(loop, STEP, (double)step, true);
    put(loop, EPOCH, result->epochs, true);
    put(loop, TIME, lrp_clock_seconds() - loop->begin, true);
    put(loop, LR, rate.lr, true);
    put(loop, MOMENTUM, update.momentum, update.momentum >= 0); /* NaN: the optimizer has none */
    put(loop, LOSS, update.loss, true);
    put(loop, ACCURACY, update.accuracy, !isnan(update.accuracy)); /* NaN: regression */
    put(loop, VAL_LOSS, result->val_loss, validated);
    put(loop, VAL_ACCURACY, result->val_accuracy, validated && !isnan(result->val_accuracy));
    if (options->on_step != NULL) {
        options->on_step(options->user, update.loss);
    }
    if (loop->observed < COLUMNS && loop->present[loop->observed]) {
        lrp_schedule_run_observe(options->schedule, step, loop->values[loop->observed]);
    }
    if (loop->writer == NULL) {
        return LRP_OK;
    }
    bool inspected = options->inspect_every > 0 && !result->ended &&
                     (last || step % options->inspect_every == 0);
    if (inspected) {
        lrp_training_inspect(loop->training, &inspection);
    }
    put_measures(loop, &update.measured, inspected ? &inspection : NULL);
    return lrp_record_writer_row(loop->writer, loop->values, loop->present, err);
}

static enum lrp_status run_steps(struct training_loop *loop, struct lrp_error *err)
{
    if (loop->options->record_path != NULL) {
        LRP_TRY(open_record(loop, err));
    }
    loop->begin = lrp_clock_seconds();
    for (size_t step = 0; step < loop->options->n_steps && !loop->result->ended; step++) {
        LRP_TRY(do_step(loop, step, err));
    }
    loop->result->seconds = lrp_clock_seconds() - loop->begin;
    return LRP_OK;
}

enum lrp_status lrp_loop_run(struct lrp_training *training, const struct lrp_loop_options *options,
                             struct lrp_loop_result *result, struct lrp_error *err)
{
    struct training_loop loop = {.training = training, .options = options, .result = result};
    *result = (struct lrp_loop_result){.val_loss = (double)NAN, .val_accuracy = (double)NAN};
    find_columns(&loop);
    enum lrp_status status = run_steps(&loop, err);
    enum lrp_status closed = lrp_record_writer_close(loop.writer, status == LRP_OK ? err : NULL);
    return status == LRP_OK ? closed : status;
}
