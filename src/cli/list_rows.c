/* SPDX-License-Identifier: MIT */
#include "list_rows.h"

#include "checklist.h"
#include "dataset.h"
#include "formats.h"
#include "help.h"
#include "model.h"
#include "number.h"
#include "optimizer.h"
#include "schedule.h"
#include "suggest.h"
#include "topics.h"

#include <math.h>
#include <string.h>

enum { WIDTH = 80, LINE_MOST = 1 << 16 };

/* A label that begins after `indent` columns, and words wrapped behind it from `column` on. */
static void append_entry(struct lrp_text *out, int indent, const char *label, int column,
                         const char *words)
{
    lrp_text_printf(out, "%*s%-*s", indent, "", column - indent, label);
    lrp_text_append_wrapped(out, words, (size_t)column, (size_t)column, WIDTH);
}

/* A paragraph whose further lines are indented by two more. */
static void append_hanging(struct lrp_text *out, int indent, const char *words)
{
    lrp_text_printf(out, "%*s", indent, "");
    lrp_text_append_wrapped(out, words, (size_t)indent, (size_t)indent + 2, WIDTH);
}

/* One more object, with its name and help, in an array of options or the like. */
static struct lrp_json *add_object(struct lrp_json *array, const char *name, const char *help)
{
    struct lrp_json *object = lrp_json_object();
    lrp_json_set_string(object, "name", name);
    lrp_json_set_string(object, "help", help);
    lrp_json_add(array, object);
    return object;
}

/* ---- checks --------------------------------------------------------------------------------- */

static bool has_check(size_t row)
{
    return lrp_checks[row] != NULL;
}

/* "D1.ratio=0.95 (0.5 to 2)" */
static void append_param(struct lrp_text *out, const struct lrp_check *check,
                         const struct lrp_check_param *param)
{
    char number[3][LRP_NUMBER_SIZE];
    lrp_text_printf(out, "%s.%s=%s (%s to %s%s%s)", check->id, param->name,
                    lrp_format_short(param->value, 6, number[0]),
                    lrp_format_short(param->low, 6, number[1]),
                    lrp_format_short(param->high, 6, number[2]), param->unit[0] != '\0' ? " " : "",
                    param->unit);
}

/* Title, what it needs, the first sentence of its method, parameters. */
static void check_words(size_t row, struct lrp_text *out)
{
    enum { INDENT = 5 };
    const struct lrp_check *check = lrp_checks[row];
    const char *end = strstr(check->method, ". ");
    struct lrp_text line;
    lrp_text_init(&line, LINE_MOST);
    lrp_text_printf(out, "%-*s%s (needs %s)\n", INDENT, check->id, check->title, check->needs);
    lrp_text_append_bytes(&line, check->method,
                          end != NULL ? (size_t)(end - check->method) + 1 : strlen(check->method));
    append_entry(out, 0, "", INDENT, lrp_text_string(&line));
    lrp_text_fini(&line);
    for (size_t p = 0; p < check->n_params; p++) {
        lrp_text_init(&line, LINE_MOST);
        append_param(&line, check, &check->params[p]);
        lrp_text_printf(&line, ": %s", check->params[p].help);
        append_hanging(out, INDENT, lrp_text_string(&line));
        lrp_text_fini(&line);
    }
}

static void check_json(size_t row, struct lrp_json *object)
{
    const struct lrp_check *check = lrp_checks[row];
    struct lrp_json *params = lrp_json_array();
    bool argues = check->verdict != LRP_VERDICT_UNDECIDED;
    lrp_json_set_string(object, "id", check->id);
    lrp_json_set_string(object, "title", check->title);
    lrp_json_set_string(object, "needs", check->needs);
    lrp_json_set_string(object, "verdict", argues ? lrp_verdict_name(check->verdict) : NULL);
    lrp_json_set_string(object, "method", check->method);
    lrp_json_set_string(object, "remedy", check->remedy);
    lrp_json_set_string(object, "source", check->source);
    for (const struct lrp_check_param *param = check->params;
         param < check->params + check->n_params; param++) {
        struct lrp_json *added = lrp_json_object();
        lrp_json_set_string(added, "name", param->name);
        lrp_json_set_number(added, "value", param->value);
        lrp_json_set_number(added, "low", param->low);
        lrp_json_set_number(added, "high", param->high);
        lrp_json_set_string(added, "unit", param->unit);
        lrp_json_set_string(added, "help", param->help);
        lrp_json_set_string(added, "source", param->source);
        lrp_json_add(params, added);
    }
    lrp_json_set(object, "params", params);
}

static void man_check(const struct lrp_check *check, struct lrp_text *out)
{
    lrp_text_printf(out, ".SS \"%s ", check->id);
    lrp_troff_append(out, check->title);
    lrp_text_append(out, "\"\nNeeds: ");
    lrp_troff_append(out, check->needs);
    if (check->verdict != LRP_VERDICT_UNDECIDED) {
        lrp_text_append(out, ". Argues for: ");
        lrp_troff_append(out, lrp_verdict_name(check->verdict));
    }
    lrp_text_append(out, ".\n.PP\n");
    lrp_troff_append(out, check->method);
    for (size_t p = 0; p < check->n_params; p++) {
        struct lrp_text head;
        lrp_text_init(&head, LINE_MOST);
        append_param(&head, check, &check->params[p]);
        lrp_text_append(out, "\n.TP\n.B ");
        lrp_troff_append(out, lrp_text_string(&head));
        lrp_text_append(out, "\n");
        lrp_troff_append(out, check->params[p].help);
        lrp_text_append(out, " [");
        lrp_troff_append(out, check->params[p].source);
        lrp_text_append(out, "]");
        lrp_text_fini(&head);
    }
    lrp_text_append(out, "\n.PP\nWhat to try: ");
    lrp_troff_append(out, check->remedy);
    lrp_text_append(out, "\n.PP\nSource: ");
    lrp_troff_append(out, check->source);
    lrp_text_append(out, ".\n");
}

void lrp_list_checks_man(struct lrp_text *out)
{
    lrp_text_append(out, ".SH CHECKS\nEach check passes, warns, fails, tells something that is no "
                         "alarm (info), or is not assessed and says why. "
                         "A parameter is changed by ");
    lrp_troff_append(out, "--set CHECK.PARAM=VALUE");
    lrp_text_append(out, "; in parentheses what is allowed, in brackets where the default comes "
                         "from.\n");
    for (size_t c = 0; lrp_checks[c] != NULL; c++) {
        man_check(lrp_checks[c], out);
    }
}

/* ---- data sets and log formats -------------------------------------------------------------- */

struct named_row {
    const char *name, *help;
};

static void append_named(struct named_row row, struct lrp_text *out)
{
    lrp_text_printf(out, "%-24s %s\n", row.name, row.help);
}

static void set_named(struct named_row row, struct lrp_json *object)
{
    lrp_json_set_string(object, "name", row.name);
    lrp_json_set_string(object, "help", row.help);
}

static struct named_row data_row(size_t row)
{
    return (struct named_row){lrp_data_readers[row]->name, lrp_data_readers[row]->help};
}

static bool has_data(size_t row)
{
    return lrp_data_readers[row] != NULL;
}

static void data_words(size_t row, struct lrp_text *out)
{
    append_named(data_row(row), out);
}

static void data_json(size_t row, struct lrp_json *object)
{
    set_named(data_row(row), object);
}

static bool has_format(size_t row)
{
    return lrp_log_formats[row] != NULL;
}

static void format_words(size_t row, struct lrp_text *out)
{
    const struct lrp_log_format *format = lrp_log_formats[row];
    append_named((struct named_row){format->name, format->description}, out);
}

static void format_json(size_t row, struct lrp_json *object)
{
    const struct lrp_log_format *format = lrp_log_formats[row];
    set_named((struct named_row){format->name, format->description}, object);
}

/* ---- models --------------------------------------------------------------------------------- */

static bool has_model(size_t row)
{
    return lrp_model_table[row].name != NULL;
}

static void model_words(size_t row, struct lrp_text *out)
{
    enum { COLUMN = 13, WORD_COLUMN = 18 };
    const struct lrp_model_row *model = &lrp_model_table[row];
    struct lrp_model_word word;
    lrp_text_printf(out, "%-*s%s\n", COLUMN, model->name, model->syntax);
    append_entry(out, 0, "", COLUMN, model->help);
    for (size_t k = 0; lrp_model_word(model, k, &word); k++) {
        append_entry(out, 2, word.text, WORD_COLUMN, word.help);
    }
    lrp_text_printf(out, "  $ lrprobe train %s\n", model->example);
}

static void model_json(size_t row, struct lrp_json *object)
{
    const struct lrp_model_row *model = &lrp_model_table[row];
    struct lrp_json *options = lrp_json_array();
    struct lrp_model_word word;
    for (size_t k = 0; lrp_model_word(model, k, &word); k++) {
        (void)add_object(options, word.text, word.help);
    }
    lrp_json_set_string(object, "name", model->name);
    lrp_json_set_string(object, "syntax", model->syntax);
    lrp_json_set_string(object, "help", model->help);
    lrp_json_set_string(object, "example", model->example);
    lrp_json_set(object, "options", options);
}

/* ---- optimizers ----------------------------------------------------------------------------- */

static bool has_optimizer(size_t row)
{
    return lrp_optimizers[row] != NULL;
}

/* Help, usual rate, options with their defaults as they are typed. */
static void optimizer_words(size_t row, struct lrp_text *out)
{
    const struct lrp_optimizer_row *optimizer = lrp_optimizers[row];
    char number[LRP_NUMBER_SIZE];
    struct lrp_text line;
    lrp_text_init(&line, LINE_MOST);
    lrp_text_append(&line, optimizer->help);
    if (optimizer->usual_lr > 0) {
        lrp_text_printf(&line, "; usual rate %s", lrp_format_short(optimizer->usual_lr, 6, number));
    }
    lrp_text_append(&line, "\n");
    for (size_t i = 0; i < optimizer->n_options; i++) {
        if (optimizer->options[i].name != NULL) {
            lrp_text_printf(&line, "%s=%s ", optimizer->options[i].name,
                            lrp_format_short(optimizer->options[i].value, 6, number));
        }
    }
    append_entry(out, 0, optimizer->name, 10, lrp_text_string(&line));
    lrp_text_fini(&line);
}

/* What an option means, where optimizer `row` is the first that has it. */
static void append_option_help(struct lrp_text *out, size_t row,
                               const struct lrp_optimizer_option *option)
{
    struct lrp_text line;
    bool known = option->name == NULL;
    for (size_t k = 0; k < row && !known; k++) {
        const struct lrp_optimizer_row *other = lrp_optimizers[k];
        known = lrp_optimizer_find(other, option->name, strlen(option->name)) < other->n_options;
    }
    if (known) {
        return;
    }
    lrp_text_init(&line, LINE_MOST);
    lrp_text_printf(&line, "%s: %s", option->name, option->help);
    append_hanging(out, 2, lrp_text_string(&line));
    lrp_text_fini(&line);
}

static void optimizers_end(struct lrp_text *out)
{
    lrp_text_append(out, "\nOptions, as in adam:beta2=0.99,weight_decay=0.01:\n");
    for (size_t i = 0; lrp_optimizers[i] != NULL; i++) {
        for (size_t k = 0; k < lrp_optimizers[i]->n_options; k++) {
            append_option_help(out, i, &lrp_optimizers[i]->options[k]);
        }
    }
}

static void optimizer_json(size_t row, struct lrp_json *object)
{
    const struct lrp_optimizer_row *optimizer = lrp_optimizers[row];
    const double usual_lr = optimizer->usual_lr > 0 ? optimizer->usual_lr : (double)NAN;
    struct lrp_json *options = lrp_json_array();
    for (size_t i = 0; i < optimizer->n_options; i++) {
        const struct lrp_optimizer_option *option = &optimizer->options[i];
        if (option->name != NULL) {
            struct lrp_json *added = lrp_json_object();
            lrp_json_set_string(added, "name", option->name);
            lrp_json_set_number(added, "value", option->value);
            lrp_json_set_string(added, "help", option->help);
            lrp_json_add(options, added);
        }
    }
    lrp_json_set_string(object, "name", optimizer->name);
    lrp_json_set_string(object, "help", optimizer->help);
    lrp_json_set_number(object, "usual_lr", usual_lr);
    lrp_json_set(object, "options", options);
}

/* ---- recipes -------------------------------------------------------------------------------- */

static bool has_recipe(size_t row)
{
    return lrp_recipes[row].name != NULL;
}

static void recipe_words(size_t row, struct lrp_text *out)
{
    lrp_recipe_page(&lrp_recipes[row], out);
}

static void recipe_json(size_t row, struct lrp_json *object)
{
    const struct lrp_recipe *recipe = &lrp_recipes[row];
    lrp_json_set_string(object, "name", recipe->name);
    lrp_json_set_string(object, "what", recipe->title);
    lrp_json_set_string(object, "optimizer", recipe->optimizer);
    lrp_json_set_number(object, "lr", recipe->lr);
    lrp_json_set_string(object, "batch", recipe->batch);
    lrp_json_set_string(object, "schedule", recipe->schedule);
    lrp_json_set_string(object, "weight_decay", recipe->weight_decay);
    lrp_json_set_string(object, "source", recipe->source);
}

static void recipes_end(struct lrp_text *out)
{
    lrp_text_append(out, "\nA rate belongs to its batch size, optimizer and schedule: start there, "
                         "and let\nlrprobe sweep --around RATE say whether to go up or down.\n");
}

/* ---- schedules ------------------------------------------------------------------------------ */

static bool has_schedule(size_t row)
{
    return lrp_schedules[row] != NULL;
}

/* "lr" must be given, "lr=0.1" has that default. */
static void append_default(struct lrp_text *out, const struct lrp_schedule_key *key)
{
    char number[LRP_NUMBER_SIZE];
    if (key->default_text != NULL) {
        lrp_text_printf(out, " (default %s)", key->default_text);
    } else if (isnan(key->value)) {
        lrp_text_append(out, " (must be given)");
    } else if (key->words != NULL) {
        size_t length = 0;
        const char *word = lrp_word_at(key->words, (size_t)key->value, &length);
        lrp_text_printf(out, ": %s (default ", key->words);
        lrp_text_append_bytes(out, word, length);
        lrp_text_append(out, ")");
    } else {
        lrp_text_printf(out, " (default %s)", lrp_format_short(key->value, 6, number));
    }
}

static void append_key(struct lrp_text *out, const struct lrp_schedule_key *key)
{
    struct lrp_text line;
    lrp_text_init(&line, LINE_MOST);
    lrp_text_append(&line, key->help);
    append_default(&line, key);
    append_entry(out, 2, key->name, 18, lrp_text_string(&line));
    lrp_text_fini(&line);
}

static void schedule_words(size_t row, struct lrp_text *out)
{
    const struct lrp_schedule_row *schedule = lrp_schedules[row];
    append_entry(out, 0, schedule->name, 15, schedule->help);
    for (size_t k = 0; k < schedule->n_keys; k++) {
        append_key(out, &schedule->keys[k]);
    }
}

static void schedules_end(struct lrp_text *out)
{
    lrp_text_append(out, "of all\n");
    append_key(out, &lrp_schedule_warmup_key);
    lrp_text_append(out, "As in cosine:max_lr=0.1,warmup=200.\n");
}

static void schedule_json(size_t row, struct lrp_json *object)
{
    const struct lrp_schedule_row *schedule = lrp_schedules[row];
    struct lrp_json *keys = lrp_json_array();
    for (size_t k = 0; k < schedule->n_keys; k++) {
        const struct lrp_schedule_key *key = &schedule->keys[k];
        struct lrp_json *added = add_object(keys, key->name, key->help);
        lrp_json_set_number(added, "low", key->low);
        lrp_json_set_number(added, "high", key->high);
        lrp_json_set_string(added, "words", key->words);
        lrp_json_set_bool(added, "required", isnan(key->value) && key->default_text == NULL);
        if (key->default_text != NULL || key->words != NULL) {
            lrp_json_set_string(added, "default", key->default_text);
        } else {
            lrp_json_set_number(added, "default", key->value);
        }
    }
    lrp_json_set_string(object, "name", schedule->name);
    lrp_json_set_string(object, "help", schedule->help);
    lrp_json_set_string(object, "source", schedule->source);
    lrp_json_set_bool(object, "by_losses", schedule->observe != NULL);
    lrp_json_set(object, "keys", keys);
}

void lrp_list_schedules_man(struct lrp_text *out)
{
    lrp_text_append(out, ".SH SCHEDULES\n");
    for (size_t i = 0; lrp_schedules[i] != NULL; i++) {
        const struct lrp_schedule_row *row = lrp_schedules[i];
        lrp_text_printf(out, ".SS \"%s\"\n", row->name);
        lrp_troff_append(out, row->help);
        lrp_text_append(out, ".\n.br\n");
        lrp_troff_append(out, row->source);
        lrp_text_append(out, ".\n");
        for (size_t k = 0; k < row->n_keys; k++) {
            struct lrp_text line;
            lrp_text_init(&line, LINE_MOST);
            lrp_text_append(&line, row->keys[k].help);
            append_default(&line, &row->keys[k]);
            lrp_text_append(out, ".TP\n");
            lrp_troff_append(out, row->keys[k].name);
            lrp_text_append(out, "\n");
            lrp_troff_append(out, lrp_text_string(&line));
            lrp_text_append(out, "\n");
            lrp_text_fini(&line);
        }
    }
}

const struct lrp_listing lrp_listings[] = {
    {"checks", has_check, check_words, check_json, NULL},
    {"data", has_data, data_words, data_json, NULL},
    {"formats", has_format, format_words, format_json, NULL},
    {"models", has_model, model_words, model_json, NULL},
    {"optimizers", has_optimizer, optimizer_words, optimizer_json, optimizers_end},
    {"recipes", has_recipe, recipe_words, recipe_json, recipes_end},
    {"schedules", has_schedule, schedule_words, schedule_json, schedules_end},
    {.name = NULL},
};
