/* SPDX-License-Identifier: MIT */
#include "commands.h"

#include "dataset.h"
#include "formats.h"
#include "json.h"
#include "list_checks.h"
#include "list_models.h"
#include "list_optimizers.h"
#include "list_schedules.h"
#include "recipes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WORDS_MOST = 1 << 20 };

struct list_options {
    struct lrp_common_options common;
};
struct entry {
    const char *name;
    const char *help;
};

static bool data_entry(size_t i, struct entry *entry)
{
    size_t n_generated = 0;
    while (lrp_generated_table[n_generated].name != NULL) {
        n_generated++;
    }
    bool generated = i < n_generated;
    entry->name = generated ? lrp_generated_table[i].name : lrp_data_kinds[i - n_generated].name;
    entry->help = generated ? lrp_generated_table[i].help : lrp_data_kinds[i - n_generated].help;
    return entry->name != NULL;
}

static bool format_entry(size_t i, struct entry *entry)
{
    if (lrp_log_formats[i] == NULL) {
        return false;
    }
    entry->name = lrp_log_formats[i]->name;
    entry->help = lrp_log_formats[i]->description;
    return true;
}

static const struct {
    const char *name;
    bool (*entry)(size_t i, struct entry *entry);
} listings[] = {
    {"data", data_entry},
    {"formats", format_entry},
};

/* Lists with a form of their own. */
static const struct {
    const char *name;
    void (*words)(struct lrp_text *out);
    enum lrp_status (*json)(char **out, struct lrp_error *err);
} own_forms[] = {
    {"checks", lrp_list_checks_words, lrp_list_checks_json},
    {"models", lrp_list_models_words, lrp_list_models_json},
    {"optimizers", lrp_list_optimizers_words, lrp_list_optimizers_json},
    {"recipes", lrp_list_recipes_words, lrp_list_recipes_json},
    {"schedules", lrp_list_schedules_words, lrp_list_schedules_json},
};

static int print_own_form(size_t i, bool as_json)
{
    struct lrp_error err = {0};
    struct lrp_text words;
    char *json = NULL;
    if (as_json) {
        if (own_forms[i].json(&json, &err) != LRP_OK) {
            return lrp_report_error(&err, NULL);
        }
        (void)fputs(json, stdout);
        free(json);
        return LRP_EXIT_OK;
    }
    lrp_text_init(&words, WORDS_MOST);
    own_forms[i].words(&words);
    (void)fputs(lrp_text_string(&words), stdout);
    lrp_text_fini(&words);
    return LRP_EXIT_OK;
}

static int print_json(bool (*next)(size_t i, struct entry *entry))
{
    struct lrp_json *root = lrp_json_array();
    struct lrp_error err = {0};
    struct entry entry;
    char *text = NULL;
    for (size_t i = 0; next(i, &entry); i++) {
        struct lrp_json *object = lrp_json_object();
        lrp_json_set_string(object, "name", entry.name);
        lrp_json_set_string(object, "help", entry.help);
        lrp_json_add(root, object);
    }
    enum lrp_status status = lrp_json_text(root, &text, &err);
    lrp_json_free(root);
    if (status != LRP_OK) {
        return lrp_report_error(&err, NULL);
    }
    (void)fputs(text, stdout);
    free(text);
    return LRP_EXIT_OK;
}

static int run(const void *given, char **operands, size_t n_operands)
{
    const struct list_options *options = given;
    struct lrp_error err = {0};
    struct entry entry;
    for (size_t i = 0; n_operands == 1 && i < sizeof own_forms / sizeof own_forms[0]; i++) {
        if (strcmp(operands[0], own_forms[i].name) == 0) {
            return print_own_form(i, options->common.json);
        }
    }
    for (size_t l = 0; n_operands == 1 && l < sizeof listings / sizeof listings[0]; l++) {
        if (strcmp(operands[0], listings[l].name) != 0) {
            continue;
        }
        if (options->common.json) {
            return print_json(listings[l].entry);
        }
        for (size_t i = 0; listings[l].entry(i, &entry); i++) {
            (void)printf("%-24s %s\n", entry.name, entry.help);
        }
        return LRP_EXIT_OK;
    }
    (void)lrp_fail(
        &err, LRP_E_ARG, 0,
        "list needs one of checks, data, formats, models, optimizers, recipes, schedules");
    return lrp_report_error(&err, NULL);
}

const struct lrp_command lrp_command_list = {
    .name = "list",
    .arguments = "checks|data|formats|models|optimizers|recipes|schedules",
    .summary = "what there is to choose from",
    .description =
        "Lists the checks of diagnose with their parameters, data sets that need no "
        "file and kinds of files, log formats, models and optimizers with their options, "
        "schedules with their keys, or recipes: published learning rates of known "
        "networks, with their sources.",
    .examples = "$ lrprobe list optimizers\n$ lrprobe list checks\n",
    .options_size = sizeof(struct list_options),
    .run = run,
};
