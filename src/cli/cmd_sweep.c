/* SPDX-License-Identifier: MIT */
/* lrprobe sweep: the range test, with the built-in trainer or any command. */
#include "answer.h"
#include "around.h"
#include "launcher.h"
#include "options.h"
#include "progress.h"
#include "range_report.h"
#include "show_range.h"
#include "signals.h"
#include "sweep_setup.h"

#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static volatile sig_atomic_t stop_wish;
static volatile sig_atomic_t jobs_can_be_left;

static void on_signal(int number)
{
    static const char offer[] = "\nlrprobe: leaving the jobs; Ctrl-C once more ends them\n";
    if (stop_wish == 0 && jobs_can_be_left && number == SIGINT) {
        ssize_t written = write(STDERR_FILENO, offer, sizeof offer - 1);
        (void)written; /* there is nobody to tell then */
    }
    /* The second one does not wait for anybody's grace. What ends an lrprobe that can leave its
     * jobs (a terminal that closes, a batch system) is no wish to end them. */
    if (stop_wish == 0 || (stop_wish == 1 && (!jobs_can_be_left || number == SIGINT))) {
        stop_wish = stop_wish + 1;
    }
}

static enum lrp_status run_session(struct lrp_sweep *sweep, struct lrp_session_result *result,
                                   struct lrp_error *err)
{
    sweep->session.folder = sweep->folder;
    sweep->session.stop = &stop_wish;
    jobs_can_be_left = lrp_launcher_of(&sweep->session.launch)->leave != NULL;
    struct lrp_progress progress;
    lrp_progress_init(&progress, stderr, sweep->options->common.quiet);
    struct lrp_session_handlers handlers = lrp_progress_handlers(&progress);
    enum lrp_status status = lrp_session_run(&sweep->session, &handlers, result, err);
    lrp_progress_close(&progress);
    return status;
}

/* Whether to go up or down from the rate of --around, by what fell and by what was validated. */
static void advise(const struct lrp_sweep *sweep, const struct lrp_session_result *result,
                   struct lrp_bounds *bounds)
{
    static const char *const metrics[] = {"loss", "val_accuracy", "val_loss"};
    struct lrp_bounds found[2];
    bool known[2] = {false, false}; /* by the loss, by validation */
    for (size_t i = 0; i < sizeof metrics / sizeof metrics[0]; i++) {
        struct lrp_bounds_options how;
        lrp_bounds_options_default(&how);
        how.steps_planned = sweep->session.steps_planned;
        how.metric = metrics[i];
        size_t which = i > 0 ? 1 : 0;
        /* what diverges at once has nothing to validate */
        bool wanted =
            i == 0 || (!known[1] && known[0] && found[0].outcome != LRP_OUTCOME_DIVERGED_AT_START &&
                       lrp_record_find_column(result->records[0], metrics[i]) != LRP_NO_COLUMN);
        if (wanted) {
            known[which] = lrp_bounds_find((const struct lrp_record *const *)result->records,
                                           result->n_records, &how, &found[which], NULL) == LRP_OK;
        }
    }
    if (known[0]) {
        lrp_around_conclude(sweep->session.around, &found[0], known[1] ? &found[1] : NULL, bounds);
    }
}

static int tell(struct lrp_sweep *sweep, const struct lrp_session_result *result)
{
    if (sweep->session.external) {
        bool elsewhere = sweep->session.facts != sweep->facts; /* in the manifest */
        for (size_t i = 0; elsewhere && i < sweep->session.n_facts; i++) {
            lrp_sweep_fact(sweep, sweep->session.facts[2 * i], "%s",
                           sweep->session.facts[2 * i + 1]);
        }
        lrp_sweep_reported_facts(sweep, result->records[0]);
        lrp_sweep_fact(sweep, "files", "%s", result->files);
        sweep->session.facts = sweep->facts;
        sweep->session.n_facts = sweep->n_facts;
    }
    struct lrp_bounds bounds = result->bounds;
    if (sweep->session.around > 0) {
        advise(sweep, result, &bounds);
    }
    const char *outputs[2 * LRP_SESSION_OUTPUTS];
    for (size_t i = 0; i < result->n_outputs; i++) {
        outputs[2 * i] = result->outputs[i].title;
        outputs[2 * i + 1] = result->outputs[i].lines;
    }
    const struct lrp_range_report report = {
        .title = sweep->title,
        .command = lrp_text_string(&sweep->command),
        .date = sweep->date,
        .bounds = &bounds,
        .curve = result->curve,
        .facts = sweep->session.facts,
        .n_facts = sweep->session.n_facts,
        .events = (const char *const *)result->events,
        .n_events = result->n_events,
        .outputs = outputs,
        .n_outputs = result->n_outputs,
    };
    return lrp_show_range(&report, &sweep->options->common, sweep->folder);
}

/* What a trainer that gave nothing printed, or where it is. */
static void tell_output(const struct lrp_sweep *sweep, const struct lrp_session_result *result)
{
    if (!result->withdrawn) {
        (void)fprintf(stderr, "lrprobe: what the trainer printed is in %s/logs\n", sweep->folder);
    } else if (result->n_outputs > 0 &&
               strchr(result->outputs[0].lines, '\n') != strrchr(result->outputs[0].lines, '\n')) {
        /* the error has the last line */
        (void)fprintf(stderr, "lrprobe: the trainer printed last:\n%s", result->outputs[0].lines);
    }
}

static int run(const void *parsed, char **words, size_t n_words)
{
    struct lrp_sweep sweep = {.options = parsed};
    struct lrp_error err;
    struct lrp_session_result result = {0};
    int code = LRP_EXIT_OK;
    enum lrp_status status = lrp_sweep_set_up(&sweep, words, n_words, &err);
    if (status == LRP_OK) {
        lrp_catch_signals(on_signal, false);
        status = run_session(&sweep, &result, &err);
    }
    if (status != LRP_OK && status != LRP_E_INTERRUPTED) {
        code = lrp_report_error(&err, NULL);
    }
    if (status == LRP_E_CHILD) {
        tell_output(&sweep, &result);
    }
    if (result.n_records > 0) { /* after an error, too: what was measured is worth telling */
        code = lrp_exit_worse(code, tell(&sweep, &result));
    }
    if (status == LRP_E_INTERRUPTED && jobs_can_be_left) {
        (void)lrp_report_error(&err, NULL); /* how to pick the jobs up */
        code = LRP_EXIT_INTERRUPTED;
    } else if (status == LRP_E_INTERRUPTED) {
        (void)fprintf(stderr,
                      "lrprobe: stopped; what there is is in %s, and lrprobe sweep --resume "
                      "continues it\n",
                      sweep.folder);
        code = LRP_EXIT_INTERRUPTED;
    }
    lrp_session_result_fini(&result);
    lrp_sweep_fini(&sweep);
    return code;
}

static const char description[] =
    "Raises the learning rate from step to step in short trainings and reports between which "
    "rates the model trains: base_lr, from which on it starts to learn, and max_lr, above "
    "which the loss stops falling. With the rates left to lrprobe a scout of one short sweep "
    "finds the decades that matter, then repeats with different seeds run over them, in "
    "parallel: two of them, and one more at a time, up to five, while they disagree. A range "
    "in which the loss does not diverge, or diverges at once, is moved and swept again; given "
    "ends are obeyed. Where a small fall hardly stands out of the noise, decades below the rates "
    "at "
    "which the loss rises far, a few short trainings at one rate each decide on max_lr. --around "
    "RATE sweeps a decade on both sides of a rate that you have, and "
    "says whether to go up or down.\n"
    "The trainer is the built-in one, or the command behind --: a program that uses one of "
    "the clients (see lrprobe client) or follows the protocol of two files by itself, or "
    "with --hook torch a PyTorch script as it is. Each repeat has a seed of its own and is ended "
    "when enough is known. One that ends by itself counts up to there, and later runs have no "
    "more steps than it gave. A PyTorch script is started once, and each run is a copy of that "
    "process from before its first module is made; --start anew starts it for each run, as what "
    "cannot be copied always is.\n"
    "What the command writes is kept from your files where the system allows it: in the folder of "
    "work by a private overlay for each run, and elsewhere where Python writes it; the line "
    "files says what holds for a sweep, and --files chooses. So a script that saves and resumes "
    "begins each run from your own checkpoint. Not protected are files that other programs than "
    "Python write by absolute paths outside of that folder, containers, jobs of a cluster, and "
    "services on a network; runs of Weights & Biases, Neptune and SwanLab are switched off "
    "unless WANDB_MODE, NEPTUNE_MODE or SWANLAB_MODE is set.\n"
    "On a cluster, --launcher slurm gives each set of runs to Slurm as one job array. "
    "Ctrl-C, a closed terminal or the end of lrprobe leave the jobs to run on; --resume "
    "picks them up, and Ctrl-C twice ends them. The output folder, the trainer and its data, "
    "and for the built-in trainer the program lrprobe, must lie where the nodes see them.\n"
    "With --mode fresh each run has one rate instead, from new weights, at three rates a "
    "decade with three seeds; max_lr is then halfway between the rates whose runs end lowest "
    "and the one from which on they end higher, or blow up on their way. That works with any "
    "command that takes a rate: in its words {lr}, {seed}, {steps} and {dir}, a folder of "
    "the run's own, are filled in; all else, ${lr} and {{lr}} too, stays as it is. The loss "
    "is taken from the report of a client, or from what is printed (--loss-pattern), or from "
    "a log (--log); with none of them what is printed is read as lrprobe diagnose would read "
    "it. --format and --map say how logs are read.\n"
    "The output folder keeps every run record (runs), what the trainers printed (logs), the "
    "manifest sweep.json, bounds.json and the report. Ctrl-C keeps what there is and reports "
    "it; a second one ends at once. A sweep that was stopped, or killed at any moment, is "
    "continued by --resume: what was finished is kept, and what was not is run again.";

static const char examples[] =
    "$ lrprobe sweep --data glyphs --model mlp:64 --optimizer momentum\n"
    "$ lrprobe sweep --data spirals --lr-min 1e-4 --lr-max 10 -o spirals\n"
    "$ lrprobe sweep --resume spirals\n"
    "$ lrprobe sweep --data glyphs --optimizer adam --around 1e-3 -o around\n"
    "$ lrprobe sweep --mode fresh --loss-pattern 'loss {loss}' -- ./train {lr}\n";

const struct lrp_command lrp_command_sweep = {
    .name = "sweep",
    .arguments = "[-- COMMAND...]",
    .summary = "run the range test, analyse it, write a report",
    .description = description,
    .examples = examples,
    .options_size = sizeof(struct lrp_sweep_options),
    .takes_command = true,
    .groups = lrp_sweep_groups,
    .n_groups = LRP_SWEEP_GROUPS,
    .run = run,
};
