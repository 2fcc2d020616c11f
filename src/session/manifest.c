/* SPDX-License-Identifier: MIT */
/* The manifest sweep.json: written anew, whole, when something has ended; read by --resume. */
#include "manifest.h"

#include "alloc.h"
#include "files.h"
#include "gz.h"
#include "json.h"
#include "launcher.h"
#include "rounds.h"
#include "text.h"

#include <stddef.h>
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

/* ---- the fields: one table writes them and reads them --------------------------------------- */

enum field_type { FIELD_BOOL, FIELD_TEXT, FIELD_SIZE, FIELD_SEED, FIELD_REAL, FIELD_CHOICE };
/* A choice is kept by its name; a name that is not known reads as the first. */
struct choice {
    const char *(*name)(const struct lrp_session_options *options);
    void (*set)(struct lrp_session_options *options, const char *name);
};
struct field {
    const char *name;
    enum field_type type;
    size_t offset; /* in struct lrp_session_options */
    bool required; /* a manifest without it is refused; the others are left out then */
    const struct choice *choice; /* FIELD_CHOICE only */
};

static const char *mode_name(const struct lrp_session_options *options)
{
    return options->strategy->name;
}

static void set_mode(struct lrp_session_options *options, const char *name)
{
    const struct lrp_strategy *strategy = lrp_strategy_find(name);
    options->strategy = strategy != NULL ? strategy : &lrp_strategy_sweep;
}

static const char *shape_name(const struct lrp_session_options *options)
{
    return options->shape == LRP_SWEEP_LINEAR ? "linear" : "exp";
}

static void set_shape(struct lrp_session_options *options, const char *name)
{
    options->shape = strcmp(name, "linear") == 0 ? LRP_SWEEP_LINEAR : LRP_SWEEP_EXP;
}

static const char *launcher_name(const struct lrp_session_options *options)
{
    return lrp_launcher_of(&options->launch)->name;
}

static void set_launcher(struct lrp_session_options *options, const char *name)
{
    options->launch.launcher = lrp_launcher_find(name);
}

static const char *files_name(const struct lrp_session_options *options)
{
    return lrp_files_ways[options->files];
}

static void set_files(struct lrp_session_options *options, const char *name)
{
    options->files = lrp_files_way_find(name);
}

static const struct choice mode_choice = {mode_name, set_mode};
static const struct choice shape_choice = {shape_name, set_shape};
static const struct choice files_choice = {files_name, set_files};
static const struct choice launcher_choice = {launcher_name, set_launcher};

#define AT(member) offsetof(struct lrp_session_options, member)
static const struct field session_fields[] = {
    /* at the top of the manifest */
    {"command", FIELD_TEXT, AT(command), false, NULL},
    {"title", FIELD_TEXT, AT(title), false, NULL},
};
static const struct field option_fields[] = {
    /* in its options, with the lists map and sbatch */
    {"external", FIELD_BOOL, AT(external), true, NULL},
    {"hook", FIELD_TEXT, AT(hook), false, NULL},
    {"record", FIELD_TEXT, AT(record), false, NULL},
    {"anew", FIELD_BOOL, AT(anew), false, NULL},
    {"files", FIELD_CHOICE, 0, false, &files_choice},
    {"validate", FIELD_TEXT, AT(validate), false, NULL},
    {"val_every", FIELD_SIZE, AT(val_every), false, NULL},
    {"mode", FIELD_CHOICE, 0, false, &mode_choice},
    {"rates", FIELD_SIZE, AT(rates), false, NULL},
    {"loss_pattern", FIELD_TEXT, AT(loss_pattern), false, NULL},
    {"log", FIELD_TEXT, AT(log), false, NULL},
    {"format", FIELD_TEXT, AT(format), false, NULL},
    {"lr_min", FIELD_REAL, AT(lr_min), false, NULL}, /* null = left to lrprobe */
    {"lr_max", FIELD_REAL, AT(lr_max), false, NULL},
    {"steps", FIELD_SIZE, AT(steps), true, NULL},
    {"scout_steps", FIELD_SIZE, AT(scout_steps), true, NULL},
    {"steps_most", FIELD_SIZE, AT(steps_most), false, NULL},
    {"repeats", FIELD_SIZE, AT(repeats), true, NULL},
    {"repeats_most", FIELD_SIZE, AT(repeats_most), false, NULL},
    {"jobs", FIELD_SIZE, AT(jobs), false, NULL},
    {"shape", FIELD_CHOICE, 0, true, &shape_choice},
    {"seed", FIELD_SEED, AT(seed), true, NULL},
    {"around", FIELD_REAL, AT(around), false, NULL},
    {"steps_planned", FIELD_REAL, AT(steps_planned), false, NULL},
    {"steps_per_epoch", FIELD_REAL, AT(steps_per_epoch), false, NULL},
    {"start_limit", FIELD_REAL, AT(limits.start_seconds), false, NULL},
    {"step_limit", FIELD_REAL, AT(limits.step_seconds), false, NULL},
    {"launcher", FIELD_CHOICE, 0, false, &launcher_choice},
    {"partition", FIELD_TEXT, AT(launch.partition), false, NULL},
    {"time_limit", FIELD_TEXT, AT(launch.time_limit), false, NULL},
};
#define COUNT(table) (sizeof(table) / sizeof(table)[0])

static void write_fields(struct lrp_json *json, const struct lrp_session_options *options,
                         const struct field *fields, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const char *name = fields[i].name;
        const void *value = (const char *)options + fields[i].offset;
        switch (fields[i].type) {
        case FIELD_BOOL:
            lrp_json_set_bool(json, name, *(const bool *)value);
            break;
        case FIELD_TEXT:
            lrp_json_set_string(json, name, *(const char *const *)value);
            break;
        case FIELD_SIZE:
            lrp_json_set_integer(json, name, (long long)*(const size_t *)value);
            break;
        case FIELD_SEED:
            lrp_json_set_integer(json, name, (long long)*(const uint64_t *)value);
            break;
        case FIELD_REAL:
            lrp_json_set_number(json, name, *(const double *)value);
            break;
        case FIELD_CHOICE:
            lrp_json_set_string(json, name, fields[i].choice->name(options));
            break;
        }
    }
}

static size_t size_of(const struct lrp_json *json)
{
    double value = lrp_json_number(json);
    return value >= 0 && value < 1e15 ? (size_t)value : 0;
}

static enum lrp_status read_fields(const struct lrp_json *json, struct lrp_session_options *options,
                                   const struct field *fields, size_t n, struct lrp_error *err)
{
    for (size_t i = 0; i < n; i++) {
        const struct lrp_json *member = lrp_json_member(json, fields[i].name);
        void *value = (char *)options + fields[i].offset;
        const char *text = lrp_json_string(member);
        if (member == NULL && fields[i].required) {
            return lrp_fail(err, LRP_E_FORMAT, 0, "the manifest has no %s", fields[i].name);
        }
        switch (fields[i].type) {
        case FIELD_BOOL:
            *(bool *)value = lrp_json_is_true(member);
            break;
        case FIELD_TEXT:
            *(const char **)value = text;
            break;
        case FIELD_SIZE:
            *(size_t *)value = size_of(member);
            break;
        case FIELD_SEED:
            *(uint64_t *)value = lrp_json_integer(member);
            break;
        case FIELD_REAL:
            *(double *)value = lrp_json_number(member);
            break;
        case FIELD_CHOICE:
            fields[i].choice->set(options, text != NULL ? text : "");
            break;
        }
    }
    return LRP_OK;
}

static struct lrp_json *options_json(const struct lrp_session_options *options)
{
    struct lrp_json *json = lrp_json_object();
    write_fields(json, options, option_fields, COUNT(option_fields));
    lrp_json_set(json, "map", strings_json(options->maps, options->n_maps));
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
        lrp_json_set_string(json, "plan", session->options.strategy->one_rate ? NULL : plan);
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
            if (session->options.strategy->one_rate) {
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
    write_fields(json, options, session_fields, COUNT(session_fields));
    lrp_json_set_string(json, "folder_of_work", cwd);
    lrp_json_set_bool(json, "argv_exact", are_exact(argv, options->argv, n_arguments));
    lrp_json_set(json, "argv", argv);
    lrp_json_set(json, "options", options_json(options));
    lrp_json_set(json, "facts", facts);
    lrp_json_set_string(json, "files", result->files[0] != '\0' ? result->files : NULL);
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

/* A list of strings, borrowed from the manifest, and NULL at its end. What is no string is "". */
static enum lrp_status read_strings(const struct lrp_json *list, const char ***out, size_t *n,
                                    struct lrp_error *err)
{
    *n = lrp_json_length(list);
    *out = lrp_calloc_array(*n + 1, sizeof **out);
    LRP_TRY_MEMORY(*out, err);
    for (size_t i = 0; i < *n; i++) {
        const char *text = lrp_json_string(lrp_json_element(list, i));
        (*out)[i] = text == NULL ? "" : text;
    }
    return LRP_OK;
}

static enum lrp_status read_facts(const struct lrp_json *facts, struct lrp_saved_session *saved,
                                  struct lrp_error *err)
{
    const void *cursor = NULL;
    const char *key = NULL;
    const struct lrp_json *value = NULL;
    size_t n = 0;
    while (lrp_json_next_member(facts, &cursor, &key, &value)) {
        n++;
    }
    saved->facts = lrp_calloc_array(2 * n + 1, sizeof *saved->facts);
    LRP_TRY_MEMORY(saved->facts, err);
    cursor = NULL;
    for (size_t i = 0; lrp_json_next_member(facts, &cursor, &key, &value); i++) {
        const char *text = lrp_json_string(value);
        saved->facts[2 * i] = key;
        saved->facts[2 * i + 1] = text == NULL ? "" : text;
    }
    saved->options.facts = saved->facts;
    saved->options.n_facts = n;
    return LRP_OK;
}

static enum lrp_status read_lists(const struct lrp_json *json, struct lrp_saved_session *saved,
                                  struct lrp_error *err)
{
    struct lrp_session_options *options = &saved->options;
    const struct lrp_json *own = lrp_json_member(json, "options");
    size_t n = 0;
    LRP_TRY(read_facts(lrp_json_member(json, "facts"), saved, err));
    LRP_TRY(read_strings(lrp_json_member(own, "map"), &saved->maps, &options->n_maps, err));
    LRP_TRY(
        read_strings(lrp_json_member(own, "sbatch"), &saved->extra, &options->launch.n_extra, err));
    LRP_TRY(read_strings(lrp_json_member(json, "argv"), &saved->argv, &n, err));
    options->maps = saved->maps;
    options->launch.extra = saved->extra;
    options->argv = saved->argv;
    return n > 0 && saved->argv[0][0] != '\0'
               ? LRP_OK
               : lrp_fail(err, LRP_E_FORMAT, 0, "the manifest names no command of a trainer");
}

static enum lrp_status take_manifest(struct lrp_saved_session *saved, struct lrp_error *err)
{
    const struct lrp_json *json = saved->json;
    const char *schema = lrp_json_string(lrp_json_member(json, "schema"));
    if (schema == NULL || strcmp(schema, "lrprobe.sweep/1") != 0) {
        return lrp_fail(err, LRP_E_FORMAT, 0, "it is no manifest of a sweep (lrprobe.sweep/1)");
    }
    if (!lrp_json_is_true(lrp_json_member(json, "argv_exact"))) {
        return lrp_fail(err, LRP_E_FORMAT, 0,
                        "the trainer's command has bytes that are no UTF-8, so it could not be "
                        "kept: begin anew in another folder");
    }
    LRP_TRY(read_fields(json, &saved->options, session_fields, COUNT(session_fields), err));
    LRP_TRY(read_fields(lrp_json_member(json, "options"), &saved->options, option_fields,
                        COUNT(option_fields), err));
    saved->folder_of_work = lrp_json_string(lrp_json_member(json, "folder_of_work"));
    saved->options.resume = true;
    return read_lists(json, saved, err);
}

enum lrp_status lrp_manifest_read(const char *folder, struct lrp_json **out, struct lrp_error *err)
{
    enum { MANIFEST_MOST = 1 << 28 };
    char *path = lrp_path_join(folder, "sweep.json");
    LRP_TRY_MEMORY(path, err);
    unsigned char *bytes = NULL;
    size_t length = 0;
    enum lrp_status status = lrp_read_whole(path, MANIFEST_MOST, &bytes, &length, err);
    if (status == LRP_OK) {
        status = lrp_json_parse((const char *)bytes, length, out, err);
    }
    free(bytes);
    free(path);
    return status;
}

enum lrp_status lrp_saved_session_read(const char *folder, struct lrp_saved_session *saved,
                                       struct lrp_error *err)
{
    *saved = (struct lrp_saved_session){0};
    enum lrp_status status = lrp_manifest_read(folder, &saved->json, err);
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
    return status;
}

void lrp_saved_session_fini(struct lrp_saved_session *saved)
{
    lrp_json_free(saved->json);
    free(saved->argv);
    free(saved->facts);
    free(saved->extra);
    free(saved->maps);
    *saved = (struct lrp_saved_session){0};
}
