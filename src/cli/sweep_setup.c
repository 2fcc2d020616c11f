/* SPDX-License-Identifier: MIT */
#include "sweep_setup.h"

#include "command_line.h"
#include "measures.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { AROUND_VALIDATION = 5 }; /* steps from one to the next */

static bool folder_is_taken(const char *folder)
{
    return access(folder, F_OK) == 0;
}

/* ./lrprobe-DATE-TIME, with a number behind it when that minute is taken. */
static void choose_folder(struct lrp_sweep *sweep, const struct tm *local)
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

void lrp_sweep_fact(struct lrp_sweep *sweep, const char *name, const char *format, ...)
{
    if (sweep->n_facts == LRP_SWEEP_FACTS) {
        return;
    }
    char *value = sweep->values[sweep->n_facts];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(value, LRP_SWEEP_FACT_SIZE, format, arguments);
    va_end(arguments);
    sweep->facts[2 * sweep->n_facts] = name;
    sweep->facts[2 * sweep->n_facts + 1] = value;
    sweep->n_facts++;
}

static void set_title(struct lrp_sweep *sweep, const char *subject)
{
    const char *given = sweep->options->range.title;
    if (given != NULL) {
        (void)snprintf(sweep->title, sizeof sweep->title, "%s", given);
    } else {
        (void)snprintf(sweep->title, sizeof sweep->title, "Range test: %.300s", subject);
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

static void take_options(struct lrp_sweep *sweep)
{
    struct lrp_session_options *session = &sweep->session;
    lrp_sweep_options_take(sweep->options, session);
    lrp_command_line(&sweep->command);
    session->command = lrp_text_string(&sweep->command);
    session->title = sweep->title;
    session->facts = sweep->facts;
    session->n_facts = sweep->n_facts;
}

static void add_range_facts(struct lrp_sweep *sweep)
{
    const struct lrp_session_options *session = &sweep->session;
    bool fresh = session->strategy == &lrp_strategy_fresh;
    lrp_sweep_fact(sweep, fresh ? "runs at each rate" : "repeats", "%zu of %zu steps%s",
                   session->repeats, session->steps,
                   session->repeats_most > session->repeats ? ", more while they disagree" : "");
    if (session->loss_pattern != NULL || session->log != NULL) {
        lrp_sweep_fact(sweep, "loss from", "%s",
                       session->log != NULL ? session->log : session->loss_pattern);
    }
    lrp_sweep_fact(sweep, "seed", "%" PRIu64, session->seed);
    lrp_sweep_fact(sweep, "lrprobe", "%s", LRP_VERSION);
}

/* A fact for each line, as facts are short; their names differ, as those of JSON members must. */
static void add_data_notes(struct lrp_sweep *sweep)
{
    static const char *const names[] = {"data note",   "data note 2", "data note 3", "data note 4",
                                        "data note 5", "data note 6", "data note 7", "data note 8"};
    const char *at = sweep->trainer.notes;
    for (size_t i = 0; i < sizeof names / sizeof names[0] && at[0] != '\0'; i++) {
        size_t length = strcspn(at, "\n");
        lrp_sweep_fact(sweep, names[i], "%.*s", (int)length, at);
        at += length + (at[length] == '\n' ? 1 : 0);
    }
    if (!sweep->options->common.quiet) {
        lrp_print_data_notes(sweep->trainer.notes);
    }
}

static enum lrp_status set_up_built_in(struct lrp_sweep *sweep, struct lrp_error *err)
{
    const struct lrp_trainer_facts *trainer = &sweep->trainer;
    const struct lrp_sweep_options *options = sweep->options;
    char program[4096];
    char subject[290];
    struct lrp_measure_set measures;
    if (options->command.record != NULL) {
        LRP_TRY(lrp_measures_parse(options->command.record, &measures, err));
    }
    struct lrp_trainer_options built_in = options->trainer;
    if (options->range.around > 0 && built_in.val_every == 0) {
        built_in.val_every = AROUND_VALIDATION; /* the advice goes by validation, too */
    }
    LRP_TRY(lrp_trainer_examine(&built_in, &sweep->trainer, err));
    LRP_TRY(lrp_trainer_argv(own_program(program, sizeof program), &built_in, &sweep->argv, err));
    sweep->session.argv = (const char *const *)sweep->argv;
    if (!(options->range.steps_per_epoch > 0)) {
        sweep->session.steps_per_epoch = trainer->steps_per_epoch;
    }
    lrp_sweep_fact(sweep, "model", "%s", trainer->model);
    lrp_sweep_fact(sweep, "data", "%s", trainer->data);
    add_data_notes(sweep);
    lrp_sweep_fact(sweep, "optimizer", "%s", trainer->optimizer);
    lrp_sweep_fact(sweep, "batch size", "%zu", options->trainer.training.batch_size);
    lrp_sweep_fact(sweep, "parameters", "%zu", trainer->n_parameters);
    lrp_sweep_fact(sweep, "training examples", "%zu", trainer->n_train);
    lrp_sweep_fact(sweep, "validation examples", "%zu", trainer->n_validation);
    add_range_facts(sweep);
    (void)snprintf(subject, sizeof subject, "%s on %.150s", trainer->model, trainer->data);
    set_title(sweep, subject);
    return LRP_OK;
}

/* The first words without their folders, as a title: the whole command stands among the facts. */
static const char *short_command(char **words, size_t n_words, char *out, size_t size)
{
    enum { LONGEST = 60 };
    size_t length = 0;
    size_t i = 0;
    for (; i < n_words && length < LONGEST; i++) {
        const char *slash = strrchr(words[i], '/');
        struct lrp_text clean;
        lrp_text_init(&clean, 1 << 16);
        const char *name = slash != NULL && slash[1] != '\0' ? slash + 1 : words[i];
        lrp_text_append_clean(&clean, name, strlen(name));
        size_t wide = strlen(lrp_text_string(&clean));
        bool fits = length + wide < LONGEST;
        if (fits) {
            (void)snprintf(out + length, size - length, "%s%s", i > 0 ? " " : "",
                           lrp_text_string(&clean));
            length += wide + (i > 0 ? 1 : 0);
        }
        lrp_text_fini(&clean);
        if (!fits) {
            break;
        }
    }
    (void)snprintf(out + length, size - length, "%s", i < n_words ? " ..." : "");
    return out;
}

static void set_up_command(struct lrp_sweep *sweep, char **words, size_t n_words)
{
    const char *hook = sweep->options->command.hook;
    char title[100];
    struct lrp_text shown;
    sweep->session.argv = (const char *const *)words;
    sweep->session.external = true;
    lrp_text_init(&shown, 1 << 16);
    for (size_t i = 0; i < n_words; i++) {
        lrp_text_append(&shown, i > 0 ? " " : "");
        lrp_text_append_clean(&shown, words[i], strlen(words[i]));
    }
    lrp_sweep_fact(sweep, "trainer", "%s", lrp_text_string(&shown));
    lrp_text_fini(&shown);
    if (hook != NULL) {
        lrp_sweep_fact(sweep, "hook", "%s", hook);
    }
    add_range_facts(sweep);
    set_title(sweep, short_command(words, n_words, title, sizeof title));
}

static enum lrp_status set_up_resumption(struct lrp_sweep *sweep, struct lrp_error *err)
{
    const struct lrp_sweep_options *options = sweep->options;
    LRP_TRY(lrp_saved_session_read(options->command.resume, &sweep->saved, err));
    char *folder = realpath(options->command.resume, NULL);
    if (folder == NULL) {
        return lrp_fail_errno(err, errno, "use the folder", options->command.resume);
    }
    (void)snprintf(sweep->folder, sizeof sweep->folder, "%s", folder);
    free(folder);
    /* the command's relative paths are meant from where the sweep began */
    const char *work = sweep->saved.folder_of_work;
    if (work != NULL && chdir(work) != 0) {
        return lrp_fail_errno(err, errno, "go to the folder where the sweep began,", work);
    }
    sweep->session = sweep->saved.options;
    lrp_text_init(&sweep->command, 1 << 16);
    lrp_text_append(&sweep->command, sweep->session.command == NULL ? "" : sweep->session.command);
    sweep->session.jobs = options->range.jobs > 0 ? options->range.jobs : sweep->saved.options.jobs;
    (void)snprintf(sweep->title, sizeof sweep->title, "%s",
                   sweep->session.title == NULL ? "Range test" : sweep->session.title);
    return LRP_OK;
}

static bool has_fact(const struct lrp_sweep *sweep, const char *name)
{
    for (size_t i = 0; i < sweep->n_facts; i++) {
        if (strcmp(sweep->facts[2 * i], name) == 0) {
            return true;
        }
    }
    return false;
}

void lrp_sweep_reported_facts(struct lrp_sweep *sweep, const struct lrp_record *record)
{
    static const char *const own[] = {"version", "seed",      "note",
                                      "warning", "no_effect", "schedule"};
    const char *key = NULL;
    const char *value = NULL;
    for (size_t i = 0; lrp_record_meta_at(record, i, &key, &value); i++) {
        bool wanted = !has_fact(sweep, key);
        for (size_t k = 0; k < sizeof own / sizeof own[0]; k++) {
            wanted = wanted && strcmp(key, own[k]) != 0;
        }
        if (wanted) {
            lrp_sweep_fact(sweep, key, "%s", value);
        }
    }
}

enum lrp_status lrp_sweep_set_up(struct lrp_sweep *sweep, char **words, size_t n_words,
                                 struct lrp_error *err)
{
    time_t t = time(NULL);
    struct tm local;
    struct tm utc;
    (void)localtime_r(&t, &local);
    (void)gmtime_r(&t, &utc);
    (void)strftime(sweep->date, sizeof sweep->date, "%Y-%m-%d %H:%M UTC", &utc);
    LRP_TRY(lrp_sweep_options_check(sweep->options, words, n_words, err));
    if (sweep->options->command.resume != NULL) {
        return set_up_resumption(sweep, err);
    }
    choose_folder(sweep, &local);
    take_options(sweep);
    if (n_words == 0) {
        LRP_TRY(set_up_built_in(sweep, err));
    } else {
        set_up_command(sweep, words, n_words);
    }
    sweep->session.n_facts = sweep->n_facts;
    return LRP_OK;
}

void lrp_sweep_fini(struct lrp_sweep *sweep)
{
    lrp_argv_free(sweep->argv);
    lrp_saved_session_fini(&sweep->saved);
    lrp_text_fini(&sweep->command);
}
