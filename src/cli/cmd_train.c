/* SPDX-License-Identifier: MIT */
/* The built-in trainer: by itself with a schedule, or as lrprobe's trainer process with a plan. */
#include "commands.h"
#include "trainer_options.h"

#include "checkpoint.h"
#include "curve.h"
#include "files.h"
#include "json.h"
#include "loop.h"
#include "number.h"
#include "range_report.h"
#include "robust.h"
#include "schedule.h"

#include <inttypes.h>
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
struct record_options {
    const char *record;   /* names, NULL = the usual ones */
    size_t record_every;  /* steps; 0 = see choose_measures */
    size_t inspect_every; /* steps */
};
struct train_options {
    struct lrp_common_options common;
    struct lrp_trainer_options trainer;
    struct run_options run;
    struct record_options record;
};

/* Without --record the measures are taken at every tenth step. */
enum { USUAL_EVERY = 10, FACTS = 18, NOTES_MOST = 3000 };
/* The end of a training is the median of its last losses. */
enum { LAST = 9 };

struct facts { /* for the top of a record */
    const char *words[2 * FACTS];
    char numbers[FACTS][LRP_NUMBER_SIZE];
    size_t n;
};

struct train { /* one run */
    const struct train_options *options;
    struct lrp_trainer_options trainer; /* with the seed that counts */
    bool as_trainer;                    /* of lrprobe, by the two-file protocol */
    struct lrp_dataset *dataset;
    struct lrp_training *training;
    struct lrp_schedule schedule;
    struct lrp_bounds bounds; /* of --from */
    struct lrp_loop_options loop;
    struct lrp_record *plan;        /* NULL: the schedule decides */
    struct lrp_schedule_run *rates; /* the schedule in this run */
    char *record_path;              /* in the folder of -o */
    struct lrp_text notes;          /* on a table, in one line for the record */
    struct lrp_divergence divergence;
    double first_loss;        /* before the first update; NaN until then */
    double last_losses[LAST]; /* a ring */
    struct lrp_loop_result result;
    bool diverged, by_validation;
};

static enum lrp_status read_seed(struct train *train, struct lrp_error *err)
{
    const char *text = getenv("LRPROBE_SEED");
    int64_t seed = 0;
    if (text == NULL || text[0] == '\0') {
        return LRP_OK;
    }
    if (!lrp_parse_int64(text, strlen(text), 0, INT64_MAX, &seed)) {
        return lrp_fail(err, LRP_E_ARG, 0, "LRPROBE_SEED is not an integer from 0 up");
    }
    train->trainer.training.seed = (uint64_t)seed;
    return LRP_OK;
}

/* The plan of --plan, or of the lrprobe that started us; NULL = the schedule decides. */
static const char *plan_path(const struct run_options *run)
{
    const char *plan = run->plan != NULL ? run->plan : getenv("LRPROBE_PLAN");
    return run->schedule == NULL && plan != NULL && plan[0] != '\0' ? plan : NULL;
}

static enum lrp_status read_plan(struct train *train, const char *path, struct lrp_error *err)
{
    const char *report = getenv("LRPROBE_REPORT");
    train->as_trainer = report != NULL && report[0] != '\0';
    if (train->as_trainer) {
        train->loop.record_path = report;
        train->loop.bare_end = true;
        LRP_TRY(read_seed(train, err));
    }
    LRP_TRY(lrp_loop_read_plan(path, &train->plan, err));
    train->loop.plan = train->plan;
    train->loop.n_steps = lrp_record_rows(train->plan);
    return LRP_OK;
}

static enum lrp_status set_up_rates(struct train *train, struct lrp_error *err)
{
    const struct run_options *run = &train->options->run;
    const char *plan = plan_path(run);
    if (run->schedule != NULL && run->plan != NULL) {
        return lrp_fail(err, LRP_E_ARG, 0, "--schedule and --plan cannot be given together");
    }
    if (plan != NULL) {
        return read_plan(train, plan, err);
    }
    if (run->schedule == NULL) {
        return lrp_fail(err, LRP_E_ARG, 0,
                        "train needs --schedule, for example --schedule constant:lr=0.01");
    }
    if (run->steps > 0 && run->epochs > 0) {
        return lrp_fail(err, LRP_E_ARG, 0, "--steps and --epochs cannot be given together");
    }
    return lrp_schedule_parse(run->schedule, run->from != NULL ? &train->bounds : NULL,
                              &train->schedule, err);
}

/* What a schedule goes by has to be measured. */
static enum lrp_status check_metric(const struct train *train, struct lrp_error *err)
{
    enum lrp_schedule_metric metric = lrp_schedule_metric(&train->schedule);
    bool validation = metric == LRP_SCHEDULE_BY_VAL_LOSS || metric == LRP_SCHEDULE_BY_VAL_ACCURACY;
    bool accuracy = metric == LRP_SCHEDULE_BY_ACCURACY || metric == LRP_SCHEDULE_BY_VAL_ACCURACY;
    if (validation &&
        (train->trainer.val_every == 0 || train->dataset->n == train->dataset->n_train)) {
        return lrp_fail(
            err, LRP_E_ARG, 0,
            "the schedule %s watches %s, which needs --val-every N and a --val-split above "
            "0",
            train->schedule.row->name, lrp_schedule_metric_name(metric));
    }
    if (accuracy && train->dataset->classes == NULL) {
        return lrp_fail(err, LRP_E_ARG, 0,
                        "the schedule %s watches %s, but the data have no classes",
                        train->schedule.row->name, lrp_schedule_metric_name(metric));
    }
    return LRP_OK;
}

/* The number of steps, and with it the schedule's run. */
static enum lrp_status begin_schedule(struct train *train, struct lrp_error *err)
{
    const struct run_options *run = &train->options->run;
    double per_epoch =
        floor((double)train->dataset->n_train / (double)lrp_training_batch_size(train->training));
    double epochs = run->epochs > 0 ? run->epochs : 1;
    train->loop.n_steps = run->steps > 0 ? run->steps : (size_t)fmax(1, round(epochs * per_epoch));
    LRP_TRY(check_metric(train, err));
    LRP_TRY(lrp_schedule_begin(&train->schedule, train->loop.n_steps, (size_t)per_epoch,
                               &train->rates, err));
    train->loop.schedule = train->rates;
    return LRP_OK;
}

/* What is measured beside loss and accuracy: by the options, or where they say nothing and lrprobe
 * started us by LRPROBE_RECORD; without either the usual set, and whether gradients were clipped
 * only where they can be. */
static enum lrp_status choose_measures(struct train *train, struct lrp_training_options *training,
                                       struct lrp_error *err)
{
    const struct record_options *options = &train->options->record;
    const char *text = options->record;
    if (text == NULL && train->as_trainer) {
        text = getenv("LRPROBE_RECORD");
    }
    bool given = text != NULL && text[0] != '\0';
    struct lrp_measure_set set;
    LRP_TRY(lrp_measures_parse(given ? text : "usual", &set, err));
    set.wanted[LRP_CLIPPED] = set.wanted[LRP_CLIPPED] && (given || training->clip_norm > 0);
    if (set.wanted[LRP_DEAD_FRACTION] || set.wanted[LRP_SHARPNESS]) {
        train->loop.inspect_every = options->inspect_every;
    }
    if (train->loop.record_path != NULL || train->options->common.output != NULL) {
        training->record = set;
        training->record_every = given ? 1 : USUAL_EVERY;
    }
    if (options->record_every > 0) {
        training->record_every = options->record_every;
    }
    return LRP_OK;
}

static void add_text(struct facts *facts, const char *name, const char *text)
{
    facts->words[2 * facts->n] = name;
    facts->words[2 * facts->n + 1] = text;
    facts->n++;
}

static void add_number(struct facts *facts, const char *name, double value)
{
    add_text(facts, name, lrp_format_double(value, facts->numbers[facts->n]));
}

/* Batch size, validation, clipping and classes are what a diagnosis goes by; what changes the
 * examples stands there where it was asked for. */
static void collect_facts(const struct train *train, struct facts *facts)
{
    const struct lrp_trainer_options *trainer = &train->trainer;
    const struct lrp_dataset *dataset = train->dataset;
    const char *schedule = train->options->run.schedule;
    char *seed = facts->numbers[FACTS - 1];
    (void)snprintf(seed, LRP_NUMBER_SIZE, "%" PRIu64, trainer->training.seed);
    add_text(facts, "version", LRP_VERSION);
    add_text(facts, "model", trainer->model);
    add_text(facts, "data", dataset->name);
    add_text(facts, "optimizer", trainer->optimizer);
    add_text(facts, "seed", seed);
    add_text(facts, "schedule", schedule != NULL ? schedule : "plan");
    if (train->notes.length > 0) {
        add_text(facts, "data_note", lrp_text_string(&train->notes));
    }
    add_number(facts, "batch_size", (double)lrp_training_batch_size(train->training));
    add_number(facts, "val_size", (double)(dataset->n - dataset->n_train));
    add_number(facts, "clip_norm", trainer->training.clip_norm);
    if (dataset->classes != NULL) {
        add_number(facts, "classes", (double)dataset->n_outputs);
    }
    const struct {
        const char *name;
        double value;
    } changes[] = {{"dropout", trainer->dropout},
                   {"input_noise", trainer->training.augmentation.noise},
                   {"shift", (double)trainer->training.augmentation.shift},
                   {"label_smoothing", trainer->training.label_smoothing}};
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        if (changes[i].value > 0) {
            add_number(facts, changes[i].name, changes[i].value);
        }
    }
    if (trainer->training.init != NULL) {
        add_text(facts, "init", trainer->training.init);
    }
}

/* The file of the run record: the protocol's, or run.csv in the folder of -o, which is made. */
static enum lrp_status choose_path(struct train *train, struct lrp_error *err)
{
    const char *folder = train->options->common.output;
    if (train->loop.record_path != NULL || folder == NULL) {
        return LRP_OK;
    }
    LRP_TRY(lrp_make_folder(folder, err));
    train->loop.record_path = train->record_path = lrp_path_join(folder, "run.csv");
    LRP_TRY_MEMORY(train->record_path, err);
    return LRP_OK;
}

static void take_loss(void *user, double loss)
{
    struct train *train = user;
    size_t step = train->result.steps - 1;
    train->first_loss = step == 0 ? loss : train->first_loss;
    train->last_losses[step % LAST] = loss;
    (void)lrp_divergence_feed(&train->divergence, loss);
}

/* Median of the last losses, that of the first step not among them unless there is no other. */
static double end_level(const struct train *train)
{
    double sorted[LAST];
    size_t n = train->result.steps < LAST ? train->result.steps : (size_t)LAST;
    size_t from = train->result.steps <= LAST && n > 1 ? 1 : 0;
    return lrp_median_of(train->last_losses + from, n - from, sorted);
}

/* What the loss is compared with: the first one, or what a network that has learnt nothing has
 * where that is more, as after --init. */
static double start_level(const struct train *train)
{
    bool classes = train->dataset->classes != NULL;
    double untrained = classes ? log((double)train->dataset->n_outputs) : 1;
    return fmax(train->first_loss, untrained);
}

/* Three ways: the loss is not finite; it rose above its start by more than its noise, and stayed
 * there; or it ends far above its start, which the second way does not see in less than 16 steps or
 * when the rise is over by then. float32 can take long to overflow. The two factors are set by
 * design, not fitted: 10 times the loss of guessing is no noise, and no overfitting that we have
 * seen reaches 100 times of it in validation. */
static void judge_end(struct train *train)
{
    static const double far_above = 10;
    static const double far_above_in_validation = 100;
    const struct lrp_loop_result *result = &train->result;
    double start = start_level(train);
    bool validated = train->dataset->n > train->dataset->n_train && !train->loop.bare_end;
    train->diverged = result->ended ||
                      (train->divergence.diverged && result->loss > train->divergence.start) ||
                      end_level(train) > far_above * start;
    train->by_validation = !train->diverged && validated && !result->ended &&
                           !(result->val_loss <= far_above_in_validation * start);
    train->diverged = train->diverged || train->by_validation;
}

static enum lrp_status run_loop(struct train *train, struct lrp_error *err)
{
    struct facts facts = {.n = 0};
    LRP_TRY(choose_path(train, err));
    collect_facts(train, &facts);
    train->loop.meta = facts.words;
    train->loop.n_meta = facts.n;
    train->loop.val_every = train->trainer.val_every;
    train->loop.on_step = take_loss;
    train->loop.user = train;
    lrp_divergence_init(&train->divergence);
    LRP_TRY(lrp_loop_run(train->training, &train->loop, &train->result, err));
    judge_end(train);
    return LRP_OK;
}

static void take_notes(struct train *train)
{
    const char *notes = lrp_text_string(&train->dataset->notes);
    if (!train->as_trainer && !train->options->common.quiet) {
        lrp_print_data_notes(notes);
    }
    while (notes[0] != '\0') {
        size_t length = strcspn(notes, "\n");
        lrp_text_append(&train->notes, train->notes.length > 0 ? "; " : "");
        lrp_text_append_bytes(&train->notes, notes, length);
        notes += length + (notes[length] == '\n' ? 1 : 0);
    }
}

static enum lrp_status run_all(struct train *train, struct lrp_error *err)
{
    struct lrp_training_options training;
    const char *save = train->options->run.save;
    LRP_TRY(set_up_rates(train, err));
    LRP_TRY(lrp_trainer_prepare(&train->trainer, &train->dataset, &training, err));
    take_notes(train);
    LRP_TRY(choose_measures(train, &training, err));
    LRP_TRY(lrp_training_new(train->dataset, &training, &train->training, err));
    if (train->plan == NULL) {
        LRP_TRY(begin_schedule(train, err));
    }
    LRP_TRY(run_loop(train, err));
    return save == NULL ? LRP_OK
                        : lrp_checkpoint_save(save, lrp_training_network(train->training),
                                              train->trainer.model, train->dataset->name, err);
}

static void print_json(const struct train *train)
{
    const struct lrp_loop_result *result = &train->result;
    struct lrp_json *root = lrp_json_object();
    char *text = NULL;
    lrp_json_set_string(root, "schema", "lrprobe.train/1");
    lrp_json_set_string(root, "model", train->trainer.model);
    lrp_json_set_string(root, "data", train->dataset->name);
    lrp_json_set_string(root, "optimizer", train->trainer.optimizer);
    lrp_json_set_integer(root, "seed", (long long)train->trainer.training.seed);
    lrp_json_set_integer(root, "steps", (long long)result->steps);
    lrp_json_set_number(root, "epochs", result->epochs);
    lrp_json_set_number(root, "seconds", result->seconds);
    lrp_json_set_number(root, "loss", result->loss);
    lrp_json_set_number(root, "val_loss", result->val_loss);
    lrp_json_set_number(root, "val_accuracy", result->val_accuracy);
    lrp_json_set_bool(root, "diverged", train->diverged);
    if (lrp_json_text(root, &text, NULL) == LRP_OK) {
        (void)fputs(text, stdout);
    }
    free(text);
    lrp_json_free(root);
}

static void print_words(const struct lrp_loop_result *result)
{
    (void)printf("%zu steps, %.2f epochs, %.1f s: loss %.4g", result->steps, result->epochs,
                 result->seconds, result->loss);
    if (!isnan(result->val_loss)) {
        (void)printf(", validation loss %.4g", result->val_loss);
    }
    if (!isnan(result->val_accuracy)) {
        (void)printf(", validation accuracy %.2f %%", 100 * result->val_accuracy);
    }
    (void)printf("\n");
}

static void tell_divergence(const struct train *train)
{
    const struct lrp_loop_result *result = &train->result;
    (void)fprintf(stderr, "lrprobe: the training diverged: ");
    if (result->ended) {
        (void)fprintf(stderr, "the loss at step %zu is not finite\n", result->steps - 1);
    } else if (train->by_validation) {
        (void)fprintf(stderr, "the validation loss ended at %.4g, and the loss began at %.4g\n",
                      result->val_loss, train->first_loss);
    } else {
        (void)fprintf(stderr, "the loss ended at %.4g, and it began at %.4g\n", end_level(train),
                      train->first_loss);
    }
}

static int conclude(const struct train *train)
{
    const struct lrp_loop_result *result = &train->result;
    if (train->as_trainer) {
        return LRP_EXIT_OK; /* a sweep is meant to diverge */
    }
    if (train->options->common.json) {
        print_json(train);
    } else {
        print_words(result);
    }
    if (train->diverged) {
        tell_divergence(train);
    }
    return train->diverged ? LRP_EXIT_FINDINGS : LRP_EXIT_OK;
}

static int run_train(const void *options, char **operands, size_t n_operands)
{
    struct train train = {.options = options};
    struct lrp_error err = {0};
    const char *from = train.options->run.from;
    train.trainer = train.options->trainer;
    lrp_text_init(&train.notes, NOTES_MOST);
    if (from != NULL && lrp_read_bounds_file(from, &train.bounds, &err) != LRP_OK) {
        return lrp_report_reference(&err, from);
    }
    enum lrp_status status =
        n_operands == 0 ? run_all(&train, &err)
                        : lrp_fail(&err, LRP_E_ARG, 0,
                                   "train takes no operands, but \"%.60s\" was given", operands[0]);
    int code = status == LRP_OK ? conclude(&train) : lrp_report_error(&err, NULL);
    lrp_training_free(train.training);
    lrp_dataset_free(train.dataset);
    lrp_record_free(train.plan);
    lrp_schedule_run_free(train.rates);
    free(train.record_path);
    lrp_text_fini(&train.notes);
    return code;
}

#define LRP_OPTIONS_OF struct run_options
static const struct lrp_option run_table[] = {
    LRP_STRING("schedule", schedule, "SPEC", NULL,
               "such as constant:lr=0.1, onecycle:max_lr=0.5 or cosine:max_lr=0.1,warmup=200; "
               "lrprobe list schedules shows all of them with their keys",
               .letter = 's'),
    LRP_STRING("from", from, "FILE", NULL,
               "bounds.json of a range test: fills in the rates that SPEC leaves out"),
    LRP_STRING("plan", plan, "FILE", NULL,
               "rates from a table step,lr,momentum instead of a schedule"),
    LRP_SIZE("steps", steps, 0, 1e12, "N", "0", "length of the training; 0: given by --epochs"),
    LRP_REAL("epochs", epochs, 0, 1e9, "X", "0", "length of the training in epochs; 0 is 1"),
    LRP_STRING("save", save, "FILE", NULL,
               "write the network at the end (safetensors), for --init"),
};
#undef LRP_OPTIONS_OF
#define LRP_OPTIONS_OF struct record_options
static const struct lrp_option record_table[] = {
    LRP_STRING(
        "record", record, "NAMES", NULL,
        "what to record beside loss and accuracy: grad_norm, update_norm, weight_norm, "
        "grad_cosine, update_cosine, clipped, dead_fraction, sharpness, or usual (all but the "
        "cosines and sharpness, which cost time), all, none"),
    LRP_SIZE("record-every", record_every, 0, 1e9, "N", "0",
             "record at every Nth step; 0: every step with --record, every tenth without",
             .unit = "steps"),
    LRP_SIZE("inspect-every", inspect_every, 0, 1e9, "N", "100",
             "measure dead_fraction and sharpness, which need extra passes, after every Nth step "
             "and at the end; 0: never",
             .unit = "steps"),
};
static const struct lrp_option_group groups[] = {
    LRP_OPTION_GROUP("Trainer", lrp_trainer_option_table, struct train_options, trainer),
    LRP_OPTION_GROUP("Run", run_table, struct train_options, run),
    LRP_OPTION_GROUP("Record", record_table, struct train_options, record),
};
const struct lrp_command lrp_command_train = {
    .name = "train",
    .arguments = "",
    .summary = "train with the built-in trainer and a schedule",
    .description =
        "Trains a network and reports how it ends. With -o DIR the run record goes to DIR/run.csv, "
        "with the norms of gradient, update and weights at every tenth step for lrprobe diagnose; "
        "--record adds to them or leaves them out. The same seed on the same machine gives "
        "bit-identical results, whatever is recorded.\n"
        "A training whose loss is no longer finite ends there, with exit code 1; one whose loss "
        "ends far above its start, in training or in validation, has that exit code, too.",
    .examples = "$ lrprobe train --data glyphs --optimizer adam --schedule constant:lr=0.003\n"
                "$ lrprobe train --data glyphs --model cnn:8,16 --schedule constant:lr=0.02\n"
                "$ lrprobe train --data spirals --schedule onecycle:max_lr=0.5 --epochs 20\n",
    .groups = groups,
    .n_groups = sizeof groups / sizeof groups[0],
    .options_size = sizeof(struct train_options),
    .run = run_train,
};
