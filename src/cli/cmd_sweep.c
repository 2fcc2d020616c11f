/* SPDX-License-Identifier: MIT */
/* lrprobe sweep: the range test with the built-in trainer. */
#include "command_line.h"
#include "files.h"
#include "number.h"
#include "options.h"
#include "progress.h"
#include "range_report.h"
#include "session.h"
#include "show_range.h"
#include "text.h"
#include "trainer_options.h"

#include <inttypes.h>
#include <math.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { FACTS_MAX = 12, FACT_SIZE = 160 };

struct range_options {
    double lr_min, lr_max; /* 0 = left to lrprobe */
    size_t steps, scout_steps, repeats, jobs;
    const char *shape;
    double steps_planned;
    const char *title;
};
struct sweep_options {
    struct lrp_common_options common;
    struct lrp_trainer_options trainer;
    struct range_options range;
};
struct sweep { /* what is known before the first step */
    const struct sweep_options *options;
    struct lrp_trainer_facts trainer;
    char folder[4096];
    char date[40];
    struct lrp_text command;
    char title[300];
    char values[FACTS_MAX][FACT_SIZE];
    const char *facts[2 * FACTS_MAX];
    size_t n_facts;
};

static volatile sig_atomic_t stop_wish;

static void on_signal(int number)
{
    (void)number;
    if (stop_wish < 2) { /* the second one does not wait for anybody's grace */
        stop_wish = stop_wish + 1;
    }
}

static void catch_signals(void)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = on_signal;
    (void)sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++) {
        struct sigaction old;
        /* what nohup or a background shell ignores stays ignored */
        if (sigaction(signals[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN) {
            (void)sigaction(signals[i], &action, NULL);
        }
    }
}

static bool folder_is_taken(const char *folder)
{
    return access(folder, F_OK) == 0;
}

/* ./lrprobe-DATE-TIME, with a number behind it when that minute is taken. */
static void choose_folder(struct sweep *sweep, const struct tm *local)
{
    if (sweep->options->common.output != NULL) {
        (void)snprintf(sweep->folder, sizeof sweep->folder, "%s", sweep->options->common.output);
        return;
    }
    char stamp[40];
    (void)strftime(stamp, sizeof stamp, "lrprobe-%Y-%m-%d-%H%M", local);
    (void)snprintf(sweep->folder, sizeof sweep->folder, "%s", stamp);
    for (unsigned n = 2; n < 1000 && folder_is_taken(sweep->folder); n++) {
        (void)snprintf(sweep->folder, sizeof sweep->folder, "%s-%u", stamp, n);
    }
}

LRP_PRINTF(3, 4)
static void add_fact(struct sweep *sweep, const char *name, const char *format, ...)
{
    if (sweep->n_facts == FACTS_MAX) {
        return;
    }
    char *value = sweep->values[sweep->n_facts];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(value, FACT_SIZE, format, arguments);
    va_end(arguments);
    sweep->facts[2 * sweep->n_facts] = name;
    sweep->facts[2 * sweep->n_facts + 1] = value;
    sweep->n_facts++;
}

static void collect_facts(struct sweep *sweep)
{
    const struct lrp_trainer_facts *trainer = &sweep->trainer;
    const struct sweep_options *options = sweep->options;
    add_fact(sweep, "model", "%s", trainer->model);
    add_fact(sweep, "data", "%s", trainer->data);
    add_fact(sweep, "optimizer", "%s", trainer->optimizer);
    add_fact(sweep, "batch size", "%zu", options->trainer.batch_size);
    add_fact(sweep, "parameters", "%zu", trainer->n_parameters);
    add_fact(sweep, "training examples", "%zu", trainer->n_train);
    add_fact(sweep, "validation examples", "%zu", trainer->n_validation);
    add_fact(sweep, "repeats", "%zu of %zu steps", options->range.repeats, options->range.steps);
    add_fact(sweep, "seed", "%" PRIu64, options->trainer.seed);
    add_fact(sweep, "lrprobe", "%s", LRP_VERSION);
    if (options->range.title != NULL) {
        (void)snprintf(sweep->title, sizeof sweep->title, "%s", options->range.title);
    } else {
        (void)snprintf(sweep->title, sizeof sweep->title, "Range test: %s on %s", trainer->model,
                       trainer->data);
    }
}

/* Our own program, to be started again as the trainer. */
static const char *own_program(char *buffer, size_t size)
{
    ssize_t length = readlink("/proc/self/exe", buffer, size - 1);
    if (length > 0) {
        buffer[length] = '\0';
        if (access(buffer, X_OK) == 0) {
            return buffer;
        }
    }
    return "/proc/self/exe"; /* replaced or deleted while it runs: this still names it */
}

static double or_nothing(double given)
{
    return given > 0 ? given : (double)NAN;
}

static enum lrp_status run_session(struct sweep *sweep, struct lrp_session_result *result,
                                   struct lrp_error *err)
{
    const struct sweep_options *options = sweep->options;
    char program[4096];
    char **argv = NULL;
    enum lrp_status status =
        lrp_trainer_argv(own_program(program, sizeof program), &options->trainer, &argv, err);
    if (status != LRP_OK) {
        return status;
    }
    const struct lrp_session_options session = {
        .argv = (const char *const *)argv,
        .folder = sweep->folder,
        .lr_min = or_nothing(options->range.lr_min),
        .lr_max = or_nothing(options->range.lr_max),
        .steps = options->range.steps,
        .scout_steps = options->range.scout_steps,
        .repeats = options->range.repeats,
        .jobs = options->range.jobs,
        .shape = strcmp(options->range.shape, "linear") == 0 ? LRP_SHAPE_LINEAR : LRP_SHAPE_EXP,
        .seed = options->trainer.seed,
        .steps_planned = options->range.steps_planned,
        .steps_per_epoch = sweep->trainer.steps_per_epoch,
        .facts = sweep->facts,
        .n_facts = sweep->n_facts,
        .stop = &stop_wish,
    };
    struct lrp_progress progress;
    lrp_progress_init(&progress, stderr, options->common.quiet);
    struct lrp_session_handlers handlers = lrp_progress_handlers(&progress);
    status = lrp_session_run(&session, &handlers, result, err);
    lrp_progress_close(&progress);
    lrp_argv_free(argv);
    return status;
}

static int tell(const struct sweep *sweep, const struct lrp_session_result *result)
{
    const struct lrp_range_report report = {
        .title = sweep->title,
        .command = lrp_text_string(&sweep->command),
        .date = sweep->date,
        .bounds = &result->bounds,
        .curve = result->curve,
        .records = (const struct lrp_record *const *)result->records,
        .n_records = result->n_records,
        .facts = sweep->facts,
        .n_facts = sweep->n_facts,
        .events = (const char *const *)result->events,
        .n_events = result->n_events,
    };
    return lrp_show_range(&report, &sweep->options->common, sweep->folder);
}

static int run(const void *parsed, char **operands, size_t n_operands)
{
    const struct sweep_options *options = parsed;
    struct lrp_error err;
    if (n_operands > 0) {
        (void)lrp_fail(&err, LRP_E_ARG, 0,
                       "sweep takes options only, but '%.100s' is none; data go to --data",
                       operands[0]);
        return lrp_report_error(&err, NULL);
    }
    struct sweep sweep = {.options = options};
    time_t t = time(NULL);
    struct tm local;
    struct tm utc;
    (void)localtime_r(&t, &local);
    (void)gmtime_r(&t, &utc);
    (void)strftime(sweep.date, sizeof sweep.date, "%Y-%m-%d %H:%M UTC", &utc);
    /* results depend on the number of BLAS threads, and so would the same seed's records */
    (void)setenv("OPENBLAS_NUM_THREADS", "1", 0);
    if (lrp_trainer_examine(&options->trainer, &sweep.trainer, &err) != LRP_OK) {
        return lrp_report_error(&err, NULL);
    }
    choose_folder(&sweep, &local);
    lrp_command_line(&sweep.command);
    collect_facts(&sweep);
    catch_signals();
    struct lrp_session_result result;
    enum lrp_status status = run_session(&sweep, &result, &err);
    int code = LRP_EXIT_OK;
    if (status != LRP_OK && status != LRP_E_INTERRUPTED) {
        code = lrp_report_error(&err, NULL);
    }
    if (result.n_records > 0) { /* after an error, too: what was measured is worth telling */
        code = lrp_exit_worse(code, tell(&sweep, &result));
    }
    if (status == LRP_E_INTERRUPTED) {
        (void)fprintf(stderr, "lrprobe: stopped; what there is is in %s\n", sweep.folder);
        code = LRP_EXIT_INTERRUPTED;
    }
    lrp_session_result_fini(&result);
    lrp_text_fini(&sweep.command);
    return code;
}

#define AT(member) offsetof(struct range_options, member)
static const struct lrp_option range_table[] = {
    {.name = "lr-min",
     .type = LRP_OPTION_REAL,
     .offset = AT(lr_min),
     .high = HUGE_VAL,
     .open_low = true,
     .argument = "RATE",
     .help = "lowest rate of the sweep; left out, a scout finds it"},
    {.name = "lr-max",
     .type = LRP_OPTION_REAL,
     .offset = AT(lr_max),
     .high = 1e30, /* weights and their products are float */
     .open_low = true,
     .argument = "RATE",
     .help = "highest rate of the sweep, reached at the last step; left out, a scout finds it"},
    {.name = "steps",
     .type = LRP_OPTION_SIZE,
     .offset = AT(steps),
     .low = 2,
     .high = LRP_PLAN_MAX_STEPS,
     .argument = "N",
     .unit = "steps",
     .default_text = "200",
     .help = "length of each repeat; kept per decade when the range changes"},
    {.name = "scout-steps",
     .type = LRP_OPTION_SIZE,
     .offset = AT(scout_steps),
     .low = 2,
     .high = LRP_PLAN_MAX_STEPS,
     .argument = "N",
     .unit = "steps",
     .default_text = "100",
     .help = "length of the scout over 1e-7 .. 10"},
    {.name = "shape",
     .type = LRP_OPTION_CHOICE,
     .offset = AT(shape),
     .argument = "SHAPE",
     .default_text = "exp",
     .choices = "exp|linear",
     .help = "how the rate rises"},
    {.name = "repeats",
     .type = LRP_OPTION_SIZE,
     .offset = AT(repeats),
     .low = 1,
     .high = 1000,
     .argument = "N",
     .default_text = "5",
     .help = "sweeps with different seeds: repeat r has seed + r, the scout has seed"},
    {.name = "jobs",
     .type = LRP_OPTION_SIZE,
     .offset = AT(jobs),
     .high = 4096,
     .argument = "N",
     .default_text = "0",
     .help = "repeats that run at the same time; 0 is one a processor"},
    {.name = "steps-planned",
     .type = LRP_OPTION_REAL,
     .offset = AT(steps_planned),
     .high = 1e15,
     .argument = "N",
     .unit = "steps",
     .help = "length of the training to come, since long runs bear lower rates"},
    {.name = "title",
     .type = LRP_OPTION_STRING,
     .offset = AT(title),
     .argument = "TEXT",
     .help = "title of the report"},
};
static const struct lrp_option_group groups[] = {
    {.heading = "Trainer",
     .options = lrp_trainer_option_table,
     .n_options = LRP_TRAINER_OPTIONS,
     .offset = offsetof(struct sweep_options, trainer)},
    {.heading = "Range test",
     .options = range_table,
     .n_options = sizeof range_table / sizeof range_table[0],
     .offset = offsetof(struct sweep_options, range)},
};
const struct lrp_command lrp_command_sweep = {
    .name = "sweep",
    .arguments = "",
    .summary = "run the range test, analyse it, write a report",
    .description =
        "Raises the learning rate from step to step in short trainings and reports between which "
        "rates the model trains: base_lr, from which on it starts to learn, and max_lr, above "
        "which the loss stops falling. With the rates left to lrprobe a scout of one short sweep "
        "finds the decades that matter, then repeats with different seeds run over them, in "
        "parallel. A range in which the loss does not diverge, or diverges at once, is moved and "
        "swept again; given ends are obeyed.\n"
        "The output folder keeps every run record (runs), what the trainers printed (logs), the "
        "manifest sweep.json, bounds.json and the report. Ctrl-C keeps what there is and reports "
        "it; a second one ends at once.",
    .examples = "$ lrprobe sweep --data glyphs --model mlp:64 --optimizer momentum\n"
                "$ lrprobe sweep --data spirals --model mlp:16 --lr-min 1e-4 --lr-max 10\n",
    .options_size = sizeof(struct sweep_options),
    .groups = groups,
    .n_groups = sizeof groups / sizeof groups[0],
    .run = run,
};
