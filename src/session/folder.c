/* SPDX-License-Identifier: MIT */
#include "folder.h"

#include "alloc.h"
#include "files.h"
#include "json.h"
#include "number.h"
#include "text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const end_names[] = {
    [LRP_RUN_COMPLETE] = "complete",
    [LRP_RUN_ENOUGH] = "enough",
    [LRP_RUN_SHORT] = "short",
    [LRP_RUN_FAILED] = "failed",
    [LRP_RUN_TIMEOUT] = "timeout",
    [LRP_RUN_INTERRUPTED] = "interrupted",
    [LRP_RUN_NOT_STARTED] = "not-started",
};

enum lrp_status lrp_session_event(struct lrp_session *session, struct lrp_error *err,
                                  const char *format, ...)
{
    struct lrp_session_result *result = session->result;
    enum lrp_status status =
        lrp_grow_array((void **)&result->events, result->n_events, &session->event_capacity,
                       sizeof *result->events, 100000, err);
    if (status != LRP_OK) {
        return status;
    }
    char sentence[600];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    char *copy = lrp_strdup(sentence);
    if (copy == NULL) {
        return lrp_fail_memory(err, 0);
    }
    result->events[result->n_events++] = copy;
    return LRP_OK;
}

enum lrp_status lrp_folder_make(const struct lrp_session *session, struct lrp_error *err)
{
    static const char *const parts[] = {"plans", "runs", "logs"};
    const char *folder = session->options.folder;
    char *manifest = lrp_path_join(folder, "sweep.json");
    if (manifest == NULL) {
        return lrp_fail_memory(err, 0);
    }
    bool taken = access(manifest, F_OK) == 0;
    free(manifest);
    if (taken) {
        return lrp_fail(err, LRP_E_ARG, 0,
                        "the folder %.200s holds a sweep already; name another one with -o",
                        folder);
    }
    enum lrp_status status = lrp_make_folder(folder, err);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0] && status == LRP_OK; i++) {
        char *path = lrp_path_join(folder, parts[i]);
        status = path == NULL ? lrp_fail_memory(err, 0) : lrp_make_folder(path, err);
        free(path);
    }
    return status;
}

/* folder/part/NNN.extension, NULL when memory is short. */
static char *numbered_path(const char *folder, const char *part, size_t number,
                           const char *extension)
{
    char name[64];
    (void)snprintf(name, sizeof name, "%s/%03zu.%s", part, number, extension);
    return lrp_path_join(folder, name);
}

static enum lrp_status write_plan(const struct lrp_session *session, const struct lrp_phase *phase,
                                  const char *path, struct lrp_error *err)
{
    double *rates = NULL;
    /* the scout looks for decades: in a linear plan all but the last one pass in a few steps */
    enum lrp_shape shape =
        strcmp(phase->name, "scout") == 0 ? LRP_SHAPE_EXP : session->options.shape;
    enum lrp_status status =
        lrp_plan_sweep(shape, phase->lr_min, phase->lr_max, phase->steps, &rates, err);
    if (status != LRP_OK) {
        return status;
    }
    struct lrp_text text;
    lrp_text_init(&text, (size_t)1 << 30);
    lrp_text_append(&text, "step,lr\n");
    for (size_t k = 0; k < phase->steps; k++) {
        char number[LRP_NUMBER_SIZE];
        lrp_text_printf(&text, "%zu,%s\n", k, lrp_format_double(rates[k], number));
    }
    status = lrp_text_check(&text, err);
    if (status == LRP_OK) {
        status = lrp_write_whole(path, text.bytes, text.length, err);
    }
    lrp_text_fini(&text);
    free(rates);
    return status;
}

enum lrp_status lrp_folder_prepare(struct lrp_session *session, size_t index, struct lrp_error *err)
{
    const struct lrp_phase *phase = &session->phases[index];
    const char *folder = session->options.folder;
    for (size_t i = 0; i < phase->n_runs; i++) {
        struct lrp_session_run *item = &session->runs[phase->first_run + i];
        size_t number = phase->first_run + i;
        item->paths[0] = numbered_path(folder, "plans", index, "csv");
        item->paths[1] = numbered_path(folder, "runs", number, "csv");
        item->paths[2] = numbered_path(folder, "logs", number, "out");
        item->paths[3] = numbered_path(folder, "logs", number, "err");
        for (size_t k = 0; k < 4; k++) {
            if (item->paths[k] == NULL) {
                return lrp_fail_memory(err, 0);
            }
        }
        item->run.plan_path = item->paths[0];
        item->run.report_path = item->paths[1];
        item->run.out_path = item->paths[2];
        item->run.err_path = item->paths[3];
    }
    return write_plan(session, phase, session->runs[phase->first_run].paths[0], err);
}

static struct lrp_json *options_json(const struct lrp_session_options *options)
{
    struct lrp_json *json = lrp_json_object();
    lrp_json_set_number(json, "lr_min", options->lr_min); /* null = left to lrprobe */
    lrp_json_set_number(json, "lr_max", options->lr_max);
    lrp_json_set_integer(json, "steps", (long long)options->steps);
    lrp_json_set_integer(json, "scout_steps", (long long)options->scout_steps);
    lrp_json_set_integer(json, "repeats", (long long)options->repeats);
    lrp_json_set_integer(json, "jobs", (long long)options->jobs);
    lrp_json_set_string(json, "shape", options->shape == LRP_SHAPE_LINEAR ? "linear" : "exp");
    lrp_json_set_integer(json, "seed", (long long)options->seed);
    lrp_json_set_number(json, "steps_planned", options->steps_planned);
    lrp_json_set_number(json, "steps_per_epoch", options->steps_per_epoch);
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
        lrp_json_set_string(json, "plan", plan);
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

static struct lrp_json *strings_json(const char *const *strings, size_t n)
{
    struct lrp_json *list = lrp_json_array();
    for (size_t i = 0; i < n; i++) {
        lrp_json_add_string(list, strings[i]);
    }
    return list;
}

enum lrp_status lrp_folder_write_manifest(const struct lrp_session *session, struct lrp_error *err)
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
    struct lrp_json *json = lrp_json_object();
    lrp_json_set_string(json, "schema", "lrprobe.sweep/1");
    lrp_json_set_string(json, "version", LRP_VERSION);
    lrp_json_set(json, "argv", strings_json(options->argv, n_arguments));
    lrp_json_set(json, "options", options_json(options));
    lrp_json_set(json, "facts", facts);
    lrp_json_set_number(json, "steps_per_decade", session->steps_per_decade);
    lrp_json_set(json, "phases", phases_json(session));
    lrp_json_set(json, "runs", runs_json(session));
    lrp_json_set(json, "events",
                 strings_json((const char *const *)result->events, result->n_events));
    lrp_json_set_bool(json, "interrupted", result->interrupted);
    char *text = NULL;
    enum lrp_status status = lrp_json_text(json, &text, err);
    char *path = lrp_path_join(options->folder, "sweep.json");
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
