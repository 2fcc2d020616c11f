/* SPDX-License-Identifier: MIT */
/* The built-in trainer: by itself with a schedule, or as lrprobe's trainer process with a plan. */
#include "bounds_file.h"
#include "commands.h"
#include "train_record.h"
#include "trainer_options.h"

#include "alloc.h"
#include "clock.h"
#include "curve.h"
#include "files.h"
#include "json.h"
#include "number.h"
#include "record_reader.h"
#include "record_writer.h"
#include "schedule.h"
#include "training.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct run_options {
    const char *schedule;
    const char *from;
    const char *plan;
    size_t steps;
    double epochs;
    const char *save;
};
struct train_options {
    struct lrp_common_options common;
    struct lrp_trainer_options trainer;
    struct run_options run;
    struct lrp_record_options record;
};

enum { COLUMNS = 9, STEP = 0, EPOCH, TIME, LR, MOMENTUM, LOSS, ACCURACY, VAL_LOSS, VAL_ACCURACY };
static const char *const column_names[COLUMNS] = {
    "step", "epoch", "time_s", "lr", "momentum", "loss", "accuracy", "val_loss", "val_accuracy"};

/* Facts at the top of a record: always there, and told where they were asked for. */
enum { USUAL_FACTS = 9, MORE_FACTS = 4 };

struct train { /* one run */
    const struct train_options *options;
    struct lrp_trainer_options trainer; /* with the seed that counts */
    struct lrp_dataset *dataset;
    struct lrp_training *training;
    struct lrp_schedule schedule;
    struct lrp_schedule_run *rates; /* the schedule in this run */
    struct lrp_bounds *bounds;      /* of --from, NULL = none */
    struct lrp_record *plan;        /* NULL: the schedule decides */
    size_t n_steps;
    const char *report; /* path of the run record, NULL = none */
    bool as_trainer;    /* of lrprobe, by the two-file protocol */
    struct lrp_record_writer *writer;
    struct lrp_record_choice record; /* the columns behind the others */
    double row[COLUMNS + LRP_MEASURES];
    double seconds;
    size_t steps_done;
    struct lrp_divergence divergence;
    bool ended; /* at a loss that is not finite */
    bool diverged;
};

static enum lrp_status read_plan(struct train *train, const char *path, struct lrp_error *err)
{
    enum lrp_status status = lrp_run_record_read(path, &train->plan, err);
    if (status != LRP_OK) {
        return status;
    }
    size_t column = lrp_record_find_column(train->plan, "lr");
    if (column == LRP_NO_COLUMN) {
        return lrp_fail(err, LRP_E_NODATA, 0, "the plan has no column lr");
    }
    const double *lr = lrp_record_values(train->plan, column);
    train->n_steps = lrp_record_rows(train->plan);
    for (size_t k = 0; k < train->n_steps; k++) {
        if (!(lr[k] >= 0) || !isfinite(lr[k])) {
            return lrp_fail(err, LRP_E_FORMAT, 0, "the plan's rate of step %zu is no rate", k);
        }
    }
    return LRP_OK;
}

static enum lrp_status read_seed(struct train *train, struct lrp_error *err)
{
    const char *text = getenv("LRPROBE_SEED");
    int64_t seed = 0;
    if (text == NULL || text[0] == '\0') {
        return LRP_OK;
    }
    if (!lrp_parse_int64(text, strlen(text), 0, INT64_MAX, &seed)) {
        return lrp_fail(err, LRP_E_ARG, 0, "LRPROBE_SEED is no whole number from 0 on");
    }
    train->trainer.seed = (uint64_t)seed;
    return LRP_OK;
}

/* Where the rates come from: --schedule, --plan, or the plan of the lrprobe that started us. */
static enum lrp_status set_up_rates(struct train *train, struct lrp_error *err)
{
    const struct run_options *run = &train->options->run;
    const char *plan = run->plan != NULL ? run->plan : getenv("LRPROBE_PLAN");
    if (run->schedule != NULL && run->plan != NULL) {
        return lrp_fail(err, LRP_E_ARG, 0, "--schedule and --plan exclude each other");
    }
    if (run->schedule == NULL && plan != NULL && plan[0] != '\0') {
        const char *report = getenv("LRPROBE_REPORT");
        train->as_trainer = report != NULL && report[0] != '\0';
        train->report = train->as_trainer ? report : NULL;
        enum lrp_status status = train->as_trainer ? read_seed(train, err) : LRP_OK;
        return status == LRP_OK ? read_plan(train, plan, err) : status;
    }
    if (run->schedule == NULL) {
        return lrp_fail(err, LRP_E_ARG, 0,
                        "train needs --schedule, for example --schedule constant:lr=0.01");
    }
    if (run->steps > 0 && run->epochs > 0) {
        return lrp_fail(err, LRP_E_ARG, 0, "--steps and --epochs exclude each other");
    }
    return lrp_schedule_parse(run->schedule, train->bounds, &train->schedule, err);
}

/* What a schedule goes by has to be measured. */
static enum lrp_status check_metric(const struct train *train, struct lrp_error *err)
{
    enum lrp_schedule_metric metric = lrp_schedule_metric(&train->schedule);
    bool validation = metric == LRP_SCHEDULE_BY_VAL_LOSS || metric == LRP_SCHEDULE_BY_VAL_ACCURACY;
    bool accuracy = metric == LRP_SCHEDULE_BY_ACCURACY || metric == LRP_SCHEDULE_BY_VAL_ACCURACY;
    if (validation &&
        (train->trainer.val_every == 0 || train->dataset->n == train->dataset->n_train)) {
        return lrp_fail(err, LRP_E_ARG, 0,
                        "the schedule %s watches %s, which takes --val-every N and a share of the "
                        "examples in --val-split",
                        train->schedule.row->name, lrp_schedule_run_metric(train->rates));
    }
    if (accuracy && train->dataset->classes == NULL) {
        return lrp_fail(err, LRP_E_ARG, 0,
                        "the schedule %s watches %s, but the data have no classes",
                        train->schedule.row->name, lrp_schedule_run_metric(train->rates));
    }
    return LRP_OK;
}

/* The number of steps, and with it the schedule's run. */
static enum lrp_status begin_rates(struct train *train, struct lrp_error *err)
{
    const struct run_options *run = &train->options->run;
    if (train->plan != NULL) {
        return LRP_OK;
    }
    double per_epoch =
        floor((double)train->dataset->n_train / (double)lrp_training_batch_size(train->training));
    double epochs = run->epochs > 0 ? run->epochs : 1;
    train->n_steps = run->steps > 0 ? run->steps : (size_t)fmax(1, round(epochs * per_epoch));
    enum lrp_status status =
        lrp_schedule_begin(&train->schedule, train->n_steps, (size_t)per_epoch, &train->rates, err);
    return status == LRP_OK ? check_metric(train, err) : status;
}

/* What was asked for beside the usual, behind the n facts of meta; numbers: room for their texts.
 * How many facts there are then. */
static size_t add_facts(const struct train *train, const char **meta, size_t n,
                        char (*numbers)[LRP_NUMBER_SIZE])
{
    const struct lrp_trainer_options *trainer = &train->trainer;
    const struct {
        const char *name;
        double value;
    } facts[MORE_FACTS] = {{"dropout", trainer->dropout},
                           {"input_noise", trainer->input_noise},
                           {"shift", (double)trainer->shift},
                           {"label_smoothing", trainer->label_smoothing}};
    for (size_t i = 0; i < MORE_FACTS; i++) {
        if (facts[i].value > 0) {
            meta[2 * n] = facts[i].name;
            meta[2 * n + 1] = lrp_format_double(facts[i].value, numbers[i]);
            n++;
        }
    }
    if (trainer->init != NULL) {
        meta[2 * n] = "init";
        meta[2 * n + 1] = trainer->init;
        n++;
    }
    return n;
}

static enum lrp_status open_record(struct train *train, char **path, struct lrp_error *err)
{
    const char *folder = train->options->common.output;
    char seed[32];
    if (train->report == NULL && folder == NULL) {
        return LRP_OK;
    }
    if (train->report == NULL) {
        enum lrp_status status = lrp_make_folder(folder, err);
        if (status != LRP_OK) {
            return status;
        }
        *path = lrp_path_join(folder, "run.csv");
        if (*path == NULL) {
            return lrp_fail_memory(err, strlen(folder));
        }
        train->report = *path;
    }
    (void)snprintf(seed, sizeof seed, "%llu", (unsigned long long)train->trainer.seed);
    const struct lrp_dataset *dataset = train->dataset;
    char batch[LRP_NUMBER_SIZE];
    char val_size[LRP_NUMBER_SIZE];
    char clip[LRP_NUMBER_SIZE];
    char classes[LRP_NUMBER_SIZE];
    char numbers[MORE_FACTS][LRP_NUMBER_SIZE];
    (void)lrp_format_double((double)lrp_training_batch_size(train->training), batch);
    (void)lrp_format_double((double)(dataset->n - dataset->n_train), val_size);
    (void)lrp_format_double(train->trainer.clip_norm, clip);
    (void)lrp_format_double((double)dataset->n_outputs, classes);
    /* these and classes are what a diagnosis goes by */
    const char *meta[2 * (USUAL_FACTS + 2 + MORE_FACTS)] = {
        "version",    LRP_VERSION,
        "model",      train->trainer.model,
        "data",       train->dataset->name,
        "optimizer",  train->trainer.optimizer,
        "seed",       seed,
        "schedule",   train->options->run.schedule != NULL ? train->options->run.schedule : "plan",
        "batch_size", batch,
        "val_size",   val_size,
        "clip_norm",  clip,
    };
    size_t n_meta = USUAL_FACTS;
    if (dataset->classes != NULL) {
        meta[2 * n_meta] = "classes";
        meta[2 * n_meta + 1] = classes;
        n_meta++;
    }
    n_meta = add_facts(train, meta, n_meta, numbers);
    const char *names[COLUMNS + LRP_MEASURES];
    memcpy(names, column_names, sizeof column_names);
    size_t n_names = COLUMNS + lrp_record_names(&train->record, names + COLUMNS);
    return lrp_record_writer_open(train->report, names, n_names, meta, n_meta, &train->writer, err);
}

static struct lrp_schedule_point rate_of(const struct train *train, size_t step)
{
    if (train->plan == NULL) {
        return lrp_schedule_run_at(train->rates, step);
    }
    size_t momentum = lrp_record_find_column(train->plan, "momentum");
    struct lrp_schedule_point point = {
        lrp_record_values(train->plan, lrp_record_find_column(train->plan, "lr"))[step],
        (double)NAN};
    if (momentum != LRP_NO_COLUMN) {
        point.momentum = lrp_record_values(train->plan, momentum)[step];
    }
    return point;
}

/* What else is recorded of a step. */
static void fill_measured(struct train *train, const struct lrp_step_result *result, size_t step,
                          bool last, unsigned char *present)
{
    struct lrp_measurements inspection;
    size_t every = train->record.inspect_every;
    bool due = every > 0 && (step % every == 0 || (last && !train->as_trainer));
    bool inspected = due && train->writer != NULL && !train->ended;
    if (inspected) {
        lrp_training_inspect(train->training, &inspection);
    }
    lrp_record_fill(&train->record, &result->measured, inspected ? &inspection : NULL,
                    train->row + COLUMNS, present + COLUMNS);
}

/* What the schedule goes by, where it was measured at this step. */
static void tell_schedule(struct train *train, size_t step, const unsigned char *present)
{
    static const int columns[] = {[LRP_SCHEDULE_BY_LOSS] = LOSS,
                                  [LRP_SCHEDULE_BY_VAL_LOSS] = VAL_LOSS,
                                  [LRP_SCHEDULE_BY_ACCURACY] = ACCURACY,
                                  [LRP_SCHEDULE_BY_VAL_ACCURACY] = VAL_ACCURACY};
    enum lrp_schedule_metric metric =
        train->rates != NULL ? lrp_schedule_metric(&train->schedule) : LRP_SCHEDULE_BY_NONE;
    if (metric != LRP_SCHEDULE_BY_NONE && present[columns[metric]]) {
        lrp_schedule_run_observe(train->rates, step, train->row[columns[metric]]);
    }
}

/* One step and its row. */
static enum lrp_status do_step(struct train *train, size_t step, double begin,
                               struct lrp_error *err)
{
    unsigned char present[COLUMNS + LRP_MEASURES];
    struct lrp_step_result result;
    struct lrp_schedule_point point = rate_of(train, step);
    size_t every = train->trainer.val_every;
    memset(present, 1, sizeof present);
    lrp_training_step(train->training, point.lr, point.momentum, &result);
    train->ended = !isfinite(result.loss);
    (void)lrp_divergence_feed(&train->divergence, result.loss);
    bool last = step + 1 == train->n_steps || train->ended;
    bool validate = (every > 0 && (step + 1) % every == 0) || (last && !train->as_trainer);
    double val_loss = (double)NAN;
    double val_accuracy = (double)NAN;
    if (validate) {
        lrp_training_validate(train->training, &val_loss, &val_accuracy);
        train->row[VAL_LOSS] = val_loss;
        train->row[VAL_ACCURACY] = val_accuracy;
    }
    bool classes = train->dataset->classes != NULL;
    bool has_validation = train->dataset->n > train->dataset->n_train;
    present[MOMENTUM] = result.momentum >= 0 ? 1 : 0; /* NaN: it has none */
    present[ACCURACY] = classes ? 1 : 0;
    present[VAL_LOSS] = validate && has_validation ? 1 : 0;
    present[VAL_ACCURACY] = validate && has_validation && classes ? 1 : 0;
    train->row[STEP] = (double)step;
    train->row[EPOCH] = lrp_training_epoch(train->training);
    train->row[TIME] = lrp_clock_seconds() - begin;
    train->row[LR] = point.lr;
    train->row[MOMENTUM] = result.momentum;
    train->row[LOSS] = result.loss;
    train->row[ACCURACY] = result.accuracy;
    train->steps_done = step + 1;
    fill_measured(train, &result, step, last, present);
    tell_schedule(train, step, present);
    return train->writer != NULL ? lrp_record_writer_row(train->writer, train->row, present, err)
                                 : LRP_OK;
}

static enum lrp_status run_steps(struct train *train, struct lrp_error *err)
{
    double begin = lrp_clock_seconds();
    enum lrp_status status = LRP_OK;
    train->row[VAL_LOSS] = train->row[VAL_ACCURACY] = (double)NAN;
    lrp_divergence_init(&train->divergence);
    for (size_t step = 0; status == LRP_OK && step < train->n_steps && !train->ended; step++) {
        status = do_step(train, step, begin, err);
    }
    train->seconds = lrp_clock_seconds() - begin;
    /* risen far above its start and not come down again: float32 can take long to overflow */
    train->diverged =
        train->ended || (train->divergence.diverged && train->row[LOSS] > train->divergence.start);
    return status;
}

static void print_json(const struct train *train)
{
    struct lrp_json *root = lrp_json_object();
    char *text = NULL;
    lrp_json_set_string(root, "schema", "lrprobe.train/1");
    lrp_json_set_string(root, "model", train->trainer.model);
    lrp_json_set_string(root, "data", train->dataset->name);
    lrp_json_set_string(root, "optimizer", train->trainer.optimizer);
    lrp_json_set_integer(root, "seed", (long long)train->trainer.seed);
    lrp_json_set_integer(root, "steps", (long long)train->steps_done);
    lrp_json_set_number(root, "epochs", train->row[EPOCH]);
    lrp_json_set_number(root, "seconds", train->seconds);
    lrp_json_set_number(root, "loss", train->row[LOSS]);
    lrp_json_set_number(root, "val_loss", train->row[VAL_LOSS]);
    lrp_json_set_number(root, "val_accuracy", train->row[VAL_ACCURACY]);
    lrp_json_set_bool(root, "diverged", train->diverged);
    if (lrp_json_text(root, &text, NULL) == LRP_OK) {
        (void)fputs(text, stdout);
    }
    free(text);
    lrp_json_free(root);
}

static int conclude(const struct train *train)
{
    if (train->as_trainer) {
        return LRP_EXIT_OK; /* a sweep is meant to diverge */
    }
    if (train->options->common.json) {
        print_json(train);
    } else {
        (void)printf("%zu steps, %.2f epochs, %.1f s: loss %.4g", train->steps_done,
                     train->row[EPOCH], train->seconds, train->row[LOSS]);
        if (!isnan(train->row[VAL_LOSS])) {
            (void)printf(", validation loss %.4g", train->row[VAL_LOSS]);
        }
        if (!isnan(train->row[VAL_ACCURACY])) {
            (void)printf(", validation accuracy %.2f %%", 100 * train->row[VAL_ACCURACY]);
        }
        (void)printf("\n");
    }
    if (train->ended) {
        (void)fprintf(stderr,
                      "lrprobe: the training diverged: at step %zu the loss is not finite "
                      "any more\n",
                      train->steps_done - 1);
    } else if (train->diverged) {
        (void)fprintf(
            stderr,
            "lrprobe: the training diverged: it ends at a loss of %.4g, its first steps lay at "
            "%.4g\n",
            train->row[LOSS], train->divergence.start);
    }
    if (train->diverged) {
        return LRP_EXIT_FINDINGS;
    }
    return LRP_EXIT_OK;
}

static int run(const void *options, char **operands, size_t n_operands)
{
    struct train train;
    struct lrp_bounds bounds;
    struct lrp_training_options training;
    struct lrp_error err = {0};
    char *path = NULL;
    memset(&train, 0, sizeof train);
    train.options = options;
    train.trainer = train.options->trainer;
    enum lrp_status status = LRP_OK;
    const char *from = train.options->run.from;
    if (from != NULL && lrp_read_bounds_file(from, &bounds, &err) != LRP_OK) {
        return lrp_report_reference(&err, from);
    }
    train.bounds = from != NULL ? &bounds : NULL;
    if (n_operands > 0) {
        status = lrp_fail(&err, LRP_E_ARG, 0, "train takes no operand, but \"%.60s\" was given",
                          operands[0]);
    }
    status = status == LRP_OK ? set_up_rates(&train, &err) : status;
    status = status == LRP_OK ? lrp_trainer_prepare(&train.trainer, &train.dataset, &training, &err)
                              : status;
    if (status == LRP_OK) {
        status = lrp_record_choose(&train.options->record, train.as_trainer, training.clip_norm > 0,
                                   &train.record, &err);
    }
    bool recorded = train.report != NULL || train.options->common.output != NULL;
    if (status == LRP_OK && recorded) {
        training.record = train.record.set;
        training.record_every = train.record.every;
    }
    status = status == LRP_OK ? lrp_training_new(train.dataset, &training, &train.training, &err)
                              : status;
    status = status == LRP_OK ? begin_rates(&train, &err) : status;
    status = status == LRP_OK ? open_record(&train, &path, &err) : status;
    status = status == LRP_OK ? run_steps(&train, &err) : status;
    enum lrp_status closed = lrp_record_writer_close(train.writer, status == LRP_OK ? &err : NULL);
    status = status == LRP_OK ? closed : status;
    if (status == LRP_OK && train.options->run.save != NULL) {
        status = lrp_training_save(train.training, train.options->run.save, train.trainer.model,
                                   train.dataset->name, &err);
    }
    int code = status == LRP_OK ? conclude(&train) : lrp_report_error(&err, NULL);
    lrp_training_free(train.training);
    lrp_dataset_free(train.dataset);
    lrp_record_free(train.plan);
    lrp_schedule_run_free(train.rates);
    free(path);
    return code;
}

static const struct lrp_option run_table[] = {
    {.name = "schedule",
     .letter = 's',
     .type = LRP_OPTION_STRING,
     .offset = offsetof(struct run_options, schedule),
     .argument = "SPEC",
     .help = "as constant:lr=0.1, onecycle:max_lr=0.5 or cosine:max_lr=0.1,warmup=200; lrprobe "
             "list schedules shows all and their keys"},
    {.name = "from",
     .type = LRP_OPTION_STRING,
     .offset = offsetof(struct run_options, from),
     .argument = "FILE",
     .help = "bounds.json of a range test: fills in the rates that SPEC leaves out"},
    {.name = "plan",
     .type = LRP_OPTION_STRING,
     .offset = offsetof(struct run_options, plan),
     .argument = "FILE",
     .help = "rates from a table step,lr,momentum instead of a schedule"},
    {.name = "steps",
     .type = LRP_OPTION_SIZE,
     .offset = offsetof(struct run_options, steps),
     .high = 1e12,
     .argument = "N",
     .default_text = "0",
     .help = "length of the training; 0 is by epochs"},
    {.name = "epochs",
     .type = LRP_OPTION_REAL,
     .offset = offsetof(struct run_options, epochs),
     .high = 1e9,
     .argument = "X",
     .default_text = "0",
     .help = "length of the training in passes through the data; 0 is 1"},
    {.name = "save",
     .type = LRP_OPTION_STRING,
     .offset = offsetof(struct run_options, save),
     .argument = "FILE",
     .help = "write the network at the end (safetensors), for --init"},
};
static const struct lrp_option_group groups[] = {
    {.heading = "Trainer",
     .options = lrp_trainer_option_table,
     .n_options = LRP_TRAINER_OPTIONS,
     .offset = offsetof(struct train_options, trainer)},
    {.heading = "Run",
     .options = run_table,
     .n_options = sizeof run_table / sizeof run_table[0],
     .offset = offsetof(struct train_options, run)},
    {.heading = "Record",
     .options = lrp_record_option_table,
     .n_options = LRP_RECORD_OPTIONS,
     .offset = offsetof(struct train_options, record)},
};
const struct lrp_command lrp_command_train = {
    .name = "train",
    .arguments = "",
    .summary = "train with the built-in trainer and a schedule",
    .description =
        "Trains a network and tells how it ends. With -o DIR the run record goes to DIR/run.csv, "
        "with the norms of gradient, update and weights at every tenth step for lrprobe diagnose; "
        "--record adds to them or leaves them out. The same seed on the same machine gives the "
        "same bits, whatever is recorded.\n"
        "A training whose loss stops being finite ends there, with exit code 1; one that ends far "
        "above the loss it began with has that exit code, too.",
    .examples = "$ lrprobe train --data glyphs --optimizer adam --schedule constant:lr=0.003\n"
                "$ lrprobe train --data glyphs --model cnn:8,16 --schedule constant:lr=0.02\n"
                "$ lrprobe train --data spirals --schedule onecycle:max_lr=0.5 --epochs 20\n",
    .groups = groups,
    .n_groups = sizeof groups / sizeof groups[0],
    .options_size = sizeof(struct train_options),
    .run = run,
};
