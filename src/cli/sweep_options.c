/* SPDX-License-Identifier: MIT */
#include "sweep_options.h"

#include "launcher.h"
#include "plan.h"
#include "template.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

/* --around sweeps a decade on both sides. */
static const double AROUND = 10;

/* ---- tables -------------------------------------------------------------------------------- */

#define LRP_OPTIONS_OF struct lrp_range_options
static const struct lrp_option range_table[] = {
    LRP_REAL("lr-min", lr_min, 0, HUGE_VAL, "RATE", NULL,
             "lowest rate of the sweep; left out, a scout finds it", .open_low = true),
    /* weights and their products are float */
    LRP_REAL("lr-max", lr_max, 0, 1e30, "RATE", NULL,
             "highest rate of the sweep, reached at the last step; left out, a scout finds it",
             .open_low = true),
    LRP_REAL("around", around, 0, 1e29, "RATE", NULL,
             "sweep a decade on both sides of a rate that you have, and say whether to go up or "
             "down, by convergence and by validation",
             .open_low = true),
    LRP_SIZE("steps", steps, 2, LRP_PLAN_MAX_STEPS, "N", LRP_AS_TEXT(LRP_SWEEP_STEPS),
             "length of each repeat; given, no run is longer; left out, a range that has to be "
             "wider is swept in more steps, as far as the trainer gives them",
             .unit = "steps"),
    LRP_SIZE("scout-steps", scout_steps, 2, LRP_PLAN_MAX_STEPS, "N", NULL,
             "length of the scout over 1e-7 .. 10; left out, " LRP_AS_TEXT(
                 LRP_SCOUT_STEPS) ", or --steps where that is less",
             .unit = "steps"),
    LRP_CHOICE("shape", shape, "SHAPE", "exp|linear", "exp", "how the rate rises"),
    LRP_SIZE(
        "repeats", repeats, 1, 1000, "N", LRP_AS_TEXT(LRP_SWEEP_REPEATS),
        "sweeps with different seeds, from --seed on; the scout has that of the first one. Left "
        "out, one more is run while they disagree, up to " LRP_AS_TEXT(LRP_SWEEP_REPEATS_MOST)),
    LRP_SIZE("jobs", jobs, 0, 4096, "N", "0",
             "runs at the same time; 0 is one a processor, but one at a time for the command of a "
             "trainer, which may need all of the machine"),
    LRP_REAL("steps-planned", steps_planned, 0, 1e15, "N", NULL,
             "length of the training to come, since long runs tolerate only lower rates",
             .unit = "steps"),
    LRP_REAL("steps-per-epoch", steps_per_epoch, 0, 1e15, "N", NULL,
             "for the step size of a cyclical schedule, where a command is the trainer; the "
             "built-in one's is known",
             .unit = "steps"),
    LRP_STRING("title", title, "TEXT", NULL, "title of the report"),
};
#undef LRP_OPTIONS_OF
#define LRP_OPTIONS_OF struct lrp_fresh_options
static const struct lrp_option fresh_table[] = {
    LRP_CHOICE("mode", mode, "MODE", "inline|fresh", "inline",
               "inline: the rate rises within each run; fresh: one short run per rate, each from "
               "new weights. With fresh --steps is the length of each run, and " LRP_AS_TEXT(
                   LRP_FRESH_STEPS) " where it is left out; --repeats is the number of runs at "
                                    "each rate, and " LRP_AS_TEXT(
                                        LRP_FRESH_REPEATS) " where it is left out"),
    LRP_SIZE("rates", rates, 4, 1000, "N", NULL,
             "rates from the lowest to the highest; left out, three a decade"),
    LRP_STRING("loss-pattern", loss_pattern, "REGEX", NULL,
               "where the loss is in what the trainer prints, a POSIX extended regular expression "
               "for a line: 'step {step} .*loss {loss}', where {loss} is any number, nan and inf "
               "too; or with groups: one is the loss, two are step and loss"),
    LRP_STRING("log", log, "FILE", NULL,
               "log that the trainer writes, in a format that diagnose reads, as in "
               "'{dir}/log.csv'; * and ? as in a shell"),
};
#undef LRP_OPTIONS_OF
#define LRP_OPTIONS_OF struct lrp_command_options
static const struct lrp_option command_table[] = {
    LRP_CHOICE("hook", hook, "NAME", "torch", NULL,
               "sweep a Python script that knows nothing of lrprobe"),
    LRP_STRING("record", record, "COLUMNS", NULL,
               "what is to be measured beside the loss: with the hook grad_norm, with the built-in "
               "trainer what lrprobe train --record takes"),
    LRP_CHOICE(
        "files", files, "HOW", "auto|overlay|redirect|copy|in-place", "auto",
        "how your files are kept from what the command writes. overlay: private overlays over "
        "the folder of work, for all programs, and what Python writes elsewhere goes to a "
        "private folder; redirect: only what Python writes; copy: each run works in a copy of "
        "the folder of work; in-place: nothing is kept. auto: the first of them that is "
        "possible, and in-place the sweep stops when a file has changed"),
    LRP_STRING("validate", validate, "FUNCTION", NULL,
               "with the hook: a function of the script that takes nothing, or the model, and "
               "returns the validation loss; FUNCTION:val_accuracy for another column; auto "
               "evaluates as the script itself does, on its first batches. --val-every says how "
               "often. The bounds go by it then"),
    LRP_CHOICE("start", start, "HOW", "copy|anew", "copy",
               "copy: Python and its libraries start once, and each run is a copy of that process "
               "from before its first module, with a seed of its own, where the script can be "
               "copied; anew: each run starts the command"),
    LRP_REAL("start-limit", start_limit, 0, 1e7, "X", LRP_AS_TEXT(LRP_PROBE_LIMIT_SECONDS),
             "a trainer that has reported no step by then is ended", .unit = "seconds",
             .open_low = true),
    LRP_REAL("step-limit", step_limit, 0, 1e7, "X", LRP_AS_TEXT(LRP_PROBE_LIMIT_SECONDS),
             "a trainer that has reported nothing more for so long is ended", .unit = "seconds",
             .open_low = true),
    LRP_STRING("resume", resume, "DIR", NULL,
               "continue a sweep that was stopped or killed, with the options it began with"),
};
#undef LRP_OPTIONS_OF
#define LRP_OPTIONS_OF struct lrp_cluster_options
static const struct lrp_option cluster_table[] = {
    LRP_CHOICE("launcher", launcher, "NAME", "local|slurm", "local",
               "where runs are done: on this machine, or as one Slurm job array for each set of "
               "them; then -o, the trainer and its data must be on a file system that the nodes "
               "see"),
    LRP_STRING("partition", partition, "NAME", NULL, "of the cluster, for sbatch"),
    LRP_STRING("time-limit", time_limit, "TIME", NULL,
               "of each run's job, as sbatch --time has it: minutes, or hours:minutes:seconds"),
    LRP_LIST("sbatch", sbatch, "OPTION",
             "one more option of sbatch, such as --sbatch=--gres=gpu:1"),
};
const struct lrp_option_group lrp_sweep_groups[LRP_SWEEP_GROUPS] = {
    {"Trainer", lrp_trainer_option_table, LRP_TRAINER_OPTIONS,
     offsetof(struct lrp_sweep_options, trainer)},
    LRP_OPTION_GROUP("Range test", range_table, struct lrp_sweep_options, range),
    LRP_OPTION_GROUP("Command per rate", fresh_table, struct lrp_sweep_options, fresh),
    {"Logs", lrp_log_option_table, LRP_TRAINER_LOG_OPTIONS,
     offsetof(struct lrp_sweep_options, logs)},
    LRP_OPTION_GROUP("Any trainer", command_table, struct lrp_sweep_options, command),
    LRP_OPTION_GROUP("Cluster", cluster_table, struct lrp_sweep_options, cluster),
};

/* ---- what goes together -------------------------------------------------------------------- */

static bool is_given(const struct lrp_common_options *common, const char *name)
{
    for (size_t i = 0; i < common->n_given; i++) {
        if (strcmp(common->given[i]->name, name) == 0) {
            return true;
        }
    }
    return false;
}

/* What may stand beside --resume: all else was decided when the sweep began. */
static enum lrp_status check_resumption(const struct lrp_common_options *common, size_t n_words,
                                        struct lrp_error *err)
{
    static const char *const allowed[] = {"resume", "json", "quiet", "plot", "jobs"};
    for (size_t i = 0; i < common->n_given; i++) {
        bool fits = false;
        for (size_t k = 0; k < sizeof allowed / sizeof allowed[0]; k++) {
            fits |= strcmp(common->given[i]->name, allowed[k]) == 0;
        }
        if (!fits) {
            return lrp_fail(err, LRP_E_ARG, 0,
                            "--%s was decided when the sweep began; beside --resume there may be "
                            "--jobs, --plot, --json and --quiet",
                            common->given[i]->name);
        }
    }
    return n_words == 0 ? LRP_OK
                        : lrp_fail(err, LRP_E_ARG, 0,
                                   "--resume takes no command: it goes on with the one that the "
                                   "sweep began with");
}

/* Options that mean something with one value of another option only. */
static enum lrp_status check_companions(const struct lrp_sweep_options *options,
                                        struct lrp_error *err)
{
    static const struct {
        const char *name, *companion, *value;
    } pairs[] = {
        {"partition", "launcher", "slurm"}, {"time-limit", "launcher", "slurm"},
        {"sbatch", "launcher", "slurm"},    {"rates", "mode", "fresh"},
        {"loss-pattern", "mode", "fresh"},  {"log", "mode", "fresh"},
        {"format", "mode", "fresh"},        {"map", "mode", "fresh"},
        {"shape", "mode", "inline"},        {"scout-steps", "mode", "inline"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        bool mode = strcmp(pairs[i].companion, "mode") == 0;
        const char *value = mode ? options->fresh.mode : options->cluster.launcher;
        if (strcmp(value, pairs[i].value) != 0 && is_given(&options->common, pairs[i].name)) {
            return lrp_fail(err, LRP_E_ARG, 0, "--%s is for --%s %s", pairs[i].name,
                            pairs[i].companion, pairs[i].value);
        }
    }
    return LRP_OK;
}

/* Options of sbatch that lrprobe sets itself, or that would have it wait or do something else. */
static bool is_reserved(const char *option)
{
    static const char *const reserved[] = {"--array", "--job-name",  "--parsable", "--wait",
                                           "--wrap",  "--test-only", "--output",   "--error"};
    static const char letters[] = "aJWoe";
    const size_t length = strcspn(option, "=");
    if (option[1] != '-') {
        return strchr(letters, option[1]) != NULL;
    }
    for (size_t i = 0; i < sizeof reserved / sizeof reserved[0]; i++) {
        if (strlen(reserved[i]) == length && memcmp(reserved[i], option, length) == 0) {
            return true;
        }
    }
    return false;
}

static enum lrp_status check_sbatch(const struct lrp_option_list *given, struct lrp_error *err)
{
    for (size_t i = 0; i < given->n; i++) {
        const char *option = given->values[i];
        if (option[0] != '-' || option[1] == '\0' || strcmp(option, "--") == 0) {
            return lrp_fail(err, LRP_E_ARG, 0,
                            "--sbatch takes one whole option of sbatch, such as --sbatch=--mem=4G, "
                            "but '%.100s' is none",
                            option);
        }
        if (is_reserved(option)) {
            return lrp_fail(err, LRP_E_ARG, 0,
                            "--sbatch=%.100s: lrprobe gives sbatch that option itself", option);
        }
    }
    return LRP_OK;
}

/* Python's options that keep the hook out: isolated, without its environment, without site. NULL =
 * none, or another program. */
static const char *isolating_option(char *const *words)
{
    const char *slash = strrchr(words[0], '/');
    if (strncmp(slash != NULL ? slash + 1 : words[0], "python", strlen("python")) != 0) {
        return NULL;
    }
    for (size_t i = 1; words[i] != NULL && words[i][0] == '-'; i++) {
        const char *letters = words[i] + 1;
        size_t own = strcspn(letters, "cmWX"); /* what follows these is their argument */
        if (letters[0] != '-' && strcspn(letters, "IES") < own) {
            return words[i];
        }
        if (letters[own] == 'c' || letters[own] == 'm') {
            return NULL;
        }
        if (letters[own] != '\0' && letters[own + 1] == '\0' && words[i + 1] != NULL) {
            i++;
        }
    }
    return NULL;
}

/* The built-in trainer's options say nothing to another one; the seed does, and to the hook how
 * often to validate. */
static enum lrp_status check_command(const struct lrp_sweep_options *options, char **words,
                                     struct lrp_error *err)
{
    for (size_t i = 0; i < options->common.n_given; i++) {
        const struct lrp_option *option = options->common.given[i];
        if (option >= lrp_trainer_option_table &&
            option < lrp_trainer_option_table + LRP_TRAINER_OPTIONS &&
            option->type != LRP_OPTION_SEED &&
            !(options->command.hook != NULL && strcmp(option->name, "val-every") == 0)) {
            return lrp_fail(err, LRP_E_ARG, 0,
                            "--%s is for the built-in trainer; the command behind -- is run as it "
                            "stands",
                            option->name);
        }
    }
    const char *isolating = options->command.hook != NULL ? isolating_option(words) : NULL;
    if (isolating != NULL) {
        return lrp_fail(
            err, LRP_E_ARG, 0,
            "python %.20s keeps the hook out; leave that option away, or put lrprobe.py "
            "into the script (lrprobe client python)",
            isolating);
    }
    if (strcmp(options->fresh.mode, "fresh") != 0 &&
        lrp_template_any_has((const char *const *)words, "lr")) {
        return lrp_fail(err, LRP_E_ARG, 0,
                        "{lr} in the command asks for one run per rate; add --mode fresh");
    }
    return LRP_OK;
}

enum lrp_status lrp_sweep_options_check(const struct lrp_sweep_options *options, char **words,
                                        size_t n_words, struct lrp_error *err)
{
    const struct lrp_range_options *range = &options->range;
    if (options->command.resume != NULL) {
        return check_resumption(&options->common, n_words, err);
    }
    if (n_words > 0) {
        LRP_TRY(check_command(options, words, err));
        if (options->command.validate != NULL && options->command.hook == NULL) {
            return lrp_fail(err, LRP_E_ARG, 0, "--validate needs --hook");
        }
    } else if (options->command.validate != NULL) {
        return lrp_fail(err, LRP_E_ARG, 0,
                        "--validate is for the hook; the built-in trainer validates by itself, "
                        "--val-every says how often");
    } else if (options->command.hook != NULL) {
        return lrp_fail(err, LRP_E_ARG, 0,
                        "--hook is for the command of a trainer, which stands behind --");
    }
    LRP_TRY(check_companions(options, err));
    LRP_TRY(check_sbatch(&options->cluster.sbatch, err));
    if (range->around > 0 && (range->lr_min > 0 || range->lr_max > 0)) {
        return lrp_fail(err, LRP_E_ARG, 0,
                        "--around sets both ends of the sweep; leave --lr-min and --lr-max out");
    }
    return LRP_OK;
}

/* ---- what they ask for --------------------------------------------------------------------- */

static double or_nan(double given)
{
    return given > 0 ? given : (double)NAN;
}

void lrp_sweep_options_take(const struct lrp_sweep_options *options,
                            struct lrp_session_options *session)
{
    const struct lrp_range_options *range = &options->range;
    const struct lrp_cluster_options *cluster = &options->cluster;
    const bool around = range->around > 0;
    session->hook = options->command.hook;
    session->record = options->command.record;
    session->anew = strcmp(options->command.start, "anew") == 0;
    session->files = lrp_files_way_find(options->command.files);
    session->validate = options->command.validate;
    if (around && session->hook != NULL && session->validate == NULL) {
        session->validate = "auto"; /* the advice goes by validation, too */
    }
    session->val_every = session->hook != NULL ? options->trainer.val_every : 0;
    session->strategy = lrp_strategy_find(options->fresh.mode);
    session->rates = options->fresh.rates;
    session->loss_pattern = options->fresh.loss_pattern;
    session->log = options->fresh.log;
    session->format = options->logs.format;
    session->maps = options->logs.maps.values;
    session->n_maps = options->logs.maps.n;
    session->around = range->around;
    session->lr_min = or_nan(around ? range->around / AROUND : range->lr_min);
    session->lr_max = or_nan(around ? range->around * AROUND : range->lr_max);
    /* the table's defaults are those of sweeps; the mode may have others */
    session->steps = is_given(&options->common, "steps") ? range->steps : 0;
    session->steps_most = session->strategy == &lrp_strategy_sweep ? session->steps : 0;
    session->repeats = is_given(&options->common, "repeats") ? range->repeats : 0;
    session->scout_steps = range->scout_steps;
    session->jobs = range->jobs;
    session->shape = strcmp(range->shape, "linear") == 0 ? LRP_SWEEP_LINEAR : LRP_SWEEP_EXP;
    session->seed = options->trainer.training.seed;
    session->steps_planned = range->steps_planned;
    session->steps_per_epoch = range->steps_per_epoch;
    session->limits.start_seconds = options->command.start_limit;
    session->limits.step_seconds = options->command.step_limit;
    session->launch = (struct lrp_launch_options){.launcher = lrp_launcher_find(cluster->launcher),
                                                  .partition = cluster->partition,
                                                  .time_limit = cluster->time_limit,
                                                  .extra = cluster->sbatch.values,
                                                  .n_extra = cluster->sbatch.n};
    lrp_session_fill_defaults(session);
}
