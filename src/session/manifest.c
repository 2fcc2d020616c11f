/* SPDX-License-Identifier: MIT */
/* The manifest sweep.json: written anew, whole, when something has ended; read by --resume. */
#include "manifest.h"

#include "alloc.h"
#include "files.h"
#include "gz.h"
#include "json.h"
#include "launcher.h"
#include "text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const end_names[] = {
    [LRP_RUN_COMPLETE] = "complete",
    [LRP_RUN_ENOUGH] = "enough",
    [LRP_RUN_SHORT] = "short",
    [LRP_RUN_FAILED] = "failed",
    [LRP_RUN_BAD_REPORT] = "bad-report",
    [LRP_RUN_TIMEOUT] = "timeout",
    [LRP_RUN_INTERRUPTED] = "interrupted",
    [LRP_RUN_LEFT] = "left",
    [LRP_RUN_NOT_STARTED] = "not-started",
};

static struct lrp_json *strings_json(const char *const *strings, size_t n)
{
    struct lrp_json *list = lrp_json_array();
    for (size_t i = 0; i < n; i++) {
        lrp_json_add_string(list, strings[i]);
    }
    return list;
}

static struct lrp_json *options_json(const struct lrp_session_options *options)
{
    struct lrp_json *json = lrp_json_object();
    lrp_json_set_bool(json, "external", options->external);
    lrp_json_set_string(json, "hook", options->hook);
    lrp_json_set_string(json, "record", options->record);
    lrp_json_set_string(json, "mode", options->fresh ? "fresh" : "inline");
    lrp_json_set_integer(json, "rates", (long long)options->rates);
    lrp_json_set_string(json, "loss_pattern", options->loss_pattern);
    lrp_json_set_string(json, "log", options->log);
    lrp_json_set_number(json, "lr_min", options->lr_min); /* null = left to lrprobe */
    lrp_json_set_number(json, "lr_max", options->lr_max);
    lrp_json_set_integer(json, "steps", (long long)options->steps);
    lrp_json_set_integer(json, "scout_steps", (long long)options->scout_steps);
    lrp_json_set_integer(json, "repeats", (long long)options->repeats);
    lrp_json_set_integer(json, "jobs", (long long)options->jobs);
    lrp_json_set_string(json, "shape", options->shape == LRP_SWEEP_LINEAR ? "linear" : "exp");
    lrp_json_set_integer(json, "seed", (long long)options->seed);
    lrp_json_set_number(json, "around", options->around);
    lrp_json_set_number(json, "steps_planned", options->steps_planned);
    lrp_json_set_number(json, "steps_per_epoch", options->steps_per_epoch);
    lrp_json_set_number(json, "start_limit", options->limits.start_seconds);
    lrp_json_set_number(json, "step_limit", options->limits.step_seconds);
    lrp_json_set_string(json, "launcher", lrp_launcher_of(&options->launch)->name);
    lrp_json_set_string(json, "partition", options->launch.partition);
    lrp_json_set_string(json, "time_limit", options->launch.time_limit);
    lrp_json_set(json, "sbatch", strings_json(options->launch.extra, options->launch.n_extra));
    return json;
}

static struct lrp_json *phases_json(const struct lrp_session *session)
{
    struct lrp_json *list = lrp_json_array();
    for (size_t i = 0; i < session->n_phases; i++) {
        const struct lrp_phase *phase = &session->phases[i];
        char plan[64];
        (void)snprintf(plan, sizeof plan, "plans/%03zu.csv", i);
        struct lrp_json *json = lrp_json_object();
        lrp_json_set_string(json, "phase", phase->name);
        lrp_json_set_number(json, "lr_min", phase->lr_min);
        lrp_json_set_number(json, "lr_max", phase->lr_max);
        lrp_json_set_integer(json, "steps", (long long)phase->steps);
        lrp_json_set_string(json, "plan", session->options.fresh ? NULL : plan);
        lrp_json_set_string(json, "outcome", phase->outcome);
        lrp_json_add(list, json);
    }
    return list;
}

static struct lrp_json *runs_json(const struct lrp_session *session)
{
    struct lrp_json *list = lrp_json_array();
    for (size_t p = 0; p < session->n_phases; p++) {
        const struct lrp_phase *phase = &session->phases[p];
        for (size_t i = phase->first_run; i < phase->first_run + phase->n_runs; i++) {
            const struct lrp_trainer_run *run = &session->runs[i].run;
            char file[64];
            (void)snprintf(file, sizeof file, "runs/%03zu.csv", i);
            struct lrp_json *json = lrp_json_object();
            lrp_json_set_string(json, "file", file);
            lrp_json_set_integer(json, "phase", (long long)p);
            if (session->options.fresh) {
                lrp_json_set_number(json, "lr", session->runs[i].lr);
            }
            lrp_json_set_integer(json, "seed", (long long)run->seed);
            lrp_json_set_integer(json, "steps", (long long)run->steps);
            lrp_json_set_integer(json, "rows", (long long)run->rows);
            lrp_json_set_string(json, "end", end_names[run->end]);
            lrp_json_set_bool(json, "diverged", session->runs[i].diverged);
            lrp_json_set_string(json, "reason", run->reason[0] != '\0' ? run->reason : NULL);
            lrp_json_add(list, json);
        }
    }
    return list;
}

/* Whether JSON, which is UTF-8, can hold these words to the last byte. */
static bool are_exact(const struct lrp_json *list, const char *const *strings, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const char *kept = lrp_json_string(lrp_json_element(list, i));
        if (kept == NULL || strcmp(kept, strings[i]) != 0) {
            return false;
        }
    }
    return true;
}

static struct lrp_json *manifest_json(const struct lrp_session *session)
{
    const struct lrp_session_options *options = &session->options;
    const struct lrp_session_result *result = session->result;
    size_t n_arguments = 0;
    while (options->argv[n_arguments] != NULL) {
        n_arguments++;
    }
    struct lrp_json *facts = lrp_json_object();
    for (size_t i = 0; i < options->n_facts; i++) {
        lrp_json_set_string(facts, options->facts[2 * i], options->facts[2 * i + 1]);
    }
    char *cwd = getcwd(NULL, 0);
    struct lrp_json *argv = strings_json(options->argv, n_arguments);
    struct lrp_json *json = lrp_json_object();
    lrp_json_set_string(json, "schema", "lrprobe.sweep/1");
    lrp_json_set_string(json, "version", LRP_VERSION);
    lrp_json_set_string(json, "command", options->command);
    lrp_json_set_string(json, "title", options->title);
    lrp_json_set_string(json, "folder_of_work", cwd);
    lrp_json_set_bool(json, "argv_exact", are_exact(argv, options->argv, n_arguments));
    lrp_json_set(json, "argv", argv);
    lrp_json_set(json, "options", options_json(options));
    lrp_json_set(json, "facts", facts);
    lrp_json_set_number(json, "steps_per_decade", session->steps_per_decade);
    lrp_json_set(json, "phases", phases_json(session));
    lrp_json_set(json, "runs", runs_json(session));
    lrp_json_set(json, "events",
                 strings_json((const char *const *)result->events, result->n_events));
    lrp_json_set_bool(json, "interrupted", result->interrupted);
    free(cwd);
    return json;
}

enum lrp_status lrp_manifest_write(const struct lrp_session *session, struct lrp_error *err)
{
    struct lrp_json *json = manifest_json(session);
    char *text = NULL;
    enum lrp_status status = lrp_json_text(json, &text, err);
    char *path = lrp_path_join(session->options.folder, "sweep.json");
    if (status == LRP_OK && path == NULL) {
        status = lrp_fail_memory(err, 0);
    }
    if (status == LRP_OK) {
        status = lrp_write_whole(path, text, strlen(text), err);
    }
    free(path);
    free(text);
    lrp_json_free(json);
    return status;
}

static size_t member_size(const struct lrp_json *object, const char *key)
{
    double value = lrp_json_number(lrp_json_member(object, key));
    return value >= 0 && value < 1e15 ? (size_t)value : 0;
}

static double member_real(const struct lrp_json *object, const char *key)
{
    return lrp_json_number(lrp_json_member(object, key));
}

static const char *member_text(const struct lrp_json *object, const char *key)
{
    return lrp_json_string(lrp_json_member(object, key));
}

static bool member_bool(const struct lrp_json *object, const char *key)
{
    return lrp_json_is_true(lrp_json_member(object, key));
}

static void take_options(const struct lrp_json *json, struct lrp_session_options *options)
{
    const char *shape = member_text(json, "shape");
    const char *mode = member_text(json, "mode");
    options->fresh = mode != NULL && strcmp(mode, "fresh") == 0;
    options->rates = member_size(json, "rates");
    options->loss_pattern = member_text(json, "loss_pattern");
    options->log = member_text(json, "log");
    options->external = member_bool(json, "external");
    options->hook = member_text(json, "hook");
    options->record = member_text(json, "record");
    options->lr_min = member_real(json, "lr_min");
    options->lr_max = member_real(json, "lr_max");
    options->steps = member_size(json, "steps");
    options->scout_steps = member_size(json, "scout_steps");
    options->repeats = member_size(json, "repeats");
    options->jobs = member_size(json, "jobs");
    options->shape =
        shape != NULL && strcmp(shape, "linear") == 0 ? LRP_SWEEP_LINEAR : LRP_SWEEP_EXP;
    options->seed = lrp_json_integer(lrp_json_member(json, "seed"));
    options->around = member_real(json, "around");
    options->steps_planned = member_real(json, "steps_planned");
    options->steps_per_epoch = member_real(json, "steps_per_epoch");
    options->limits.start_seconds = member_real(json, "start_limit");
    options->limits.step_seconds = member_real(json, "step_limit");
    const char *launcher = member_text(json, "launcher");
    options->launch.launcher = launcher == NULL ? NULL : lrp_launcher_find(launcher);
    options->launch.partition = member_text(json, "partition");
    options->launch.time_limit = member_text(json, "time_limit");
}

/* Lists of strings of the manifest, borrowed from it. */
static enum lrp_status take_lists(const struct lrp_json *json, struct lrp_saved_session *saved,
                                  struct lrp_error *err)
{
    const struct lrp_json *argv = lrp_json_member(json, "argv");
    const struct lrp_json *facts = lrp_json_member(json, "facts");
    const struct lrp_json *extra = lrp_json_member(lrp_json_member(json, "options"), "sbatch");
    size_t n_extra = lrp_json_length(extra);
    size_t n = lrp_json_length(argv);
    size_t n_facts = 0;
    const void *cursor = NULL;
    const char *key = NULL;
    const struct lrp_json *value = NULL;
    while (lrp_json_next_member(facts, &cursor, &key, &value)) {
        n_facts++;
    }
    saved->argv = lrp_calloc_array(n + 1, sizeof *saved->argv);
    saved->facts = lrp_calloc_array(2 * n_facts + 1, sizeof *saved->facts);
    saved->extra = lrp_calloc_array(n_extra + 1, sizeof *saved->extra);
    if (saved->argv == NULL || saved->facts == NULL || saved->extra == NULL) {
        return lrp_fail_memory(err, 0);
    }
    for (size_t i = 0; i < n; i++) {
        saved->argv[i] = lrp_json_string(lrp_json_element(argv, i));
        if (saved->argv[i] == NULL) {
            n = 0;
        }
    }
    cursor = NULL;
    for (size_t i = 0; lrp_json_next_member(facts, &cursor, &key, &value); i++) {
        const char *text = lrp_json_string(value);
        saved->facts[2 * i] = key;
        saved->facts[2 * i + 1] = text == NULL ? "" : text;
    }
    for (size_t i = 0; i < n_extra; i++) {
        const char *text = lrp_json_string(lrp_json_element(extra, i));
        saved->extra[i] = text == NULL ? "" : text;
    }
    saved->options.launch.extra = saved->extra;
    saved->options.launch.n_extra = n_extra;
    saved->options.argv = saved->argv;
    saved->options.facts = saved->facts;
    saved->options.n_facts = n_facts;
    return n > 0 ? LRP_OK
                 : lrp_fail(err, LRP_E_FORMAT, 0, "the manifest names no command of a trainer");
}

static enum lrp_status take_manifest(struct lrp_saved_session *saved, struct lrp_error *err)
{
    const struct lrp_json *json = saved->json;
    const char *schema = member_text(json, "schema");
    if (schema == NULL || strcmp(schema, "lrprobe.sweep/1") != 0) {
        return lrp_fail(err, LRP_E_FORMAT, 0, "it is no manifest of a sweep (lrprobe.sweep/1)");
    }
    if (!member_bool(json, "argv_exact")) {
        return lrp_fail(err, LRP_E_FORMAT, 0,
                        "the trainer's command has bytes that are no UTF-8, so it could not be "
                        "kept: begin anew in another folder");
    }
    take_options(lrp_json_member(json, "options"), &saved->options);
    saved->options.command = member_text(json, "command");
    saved->options.title = member_text(json, "title");
    saved->folder_of_work = member_text(json, "folder_of_work");
    saved->options.resume = true;
    return take_lists(json, saved, err);
}

enum lrp_status lrp_saved_session_read(const char *folder, struct lrp_saved_session *saved,
                                       struct lrp_error *err)
{
    enum { MANIFEST_MOST = 1 << 28 };
    *saved = (struct lrp_saved_session){0};
    char *path = lrp_path_join(folder, "sweep.json");
    if (path == NULL) {
        return lrp_fail_memory(err, 0);
    }
    unsigned char *bytes = NULL;
    size_t length = 0;
    enum lrp_status status = lrp_read_whole(path, MANIFEST_MOST, &bytes, &length, err);
    if (status == LRP_OK) {
        status = lrp_json_parse((const char *)bytes, length, &saved->json, err);
    }
    if (status == LRP_OK) {
        status = take_manifest(saved, err);
    }
    if (status != LRP_OK && status != LRP_E_NOMEM) {
        char message[sizeof err->message];
        (void)snprintf(message, sizeof message, "%s", err->message);
        status = lrp_fail(err, LRP_E_NODATA, 0, "cannot resume %.150s: %.200s", folder, message);
    }
    if (status != LRP_OK) {
        lrp_saved_session_fini(saved);
    }
    free(bytes);
    free(path);
    return status;
}

void lrp_saved_session_fini(struct lrp_saved_session *saved)
{
    lrp_json_free(saved->json);
    free(saved->argv);
    free(saved->facts);
    free(saved->extra);
    *saved = (struct lrp_saved_session){0};
}
