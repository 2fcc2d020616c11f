/* SPDX-License-Identifier: MIT */
#include "list_optimizers.h"

#include "json.h"
#include "number.h"
#include "optimizer.h"

#include <math.h>
#include <string.h>

enum { WIDTH = 80, INDENT = 10, OPTION_INDENT = 4 };

/* "beta1=0.9", as it is typed. */
static void append_option(struct lrp_text *out, const struct lrp_optimizer_option *option)
{
    char number[LRP_NUMBER_SIZE];
    lrp_text_printf(out, "%s=%s ", option->name, lrp_format_short(option->value, 6, number));
}

static void append_row(struct lrp_text *out, const struct lrp_optimizer_row *row)
{
    char number[LRP_NUMBER_SIZE];
    struct lrp_text line;
    lrp_text_init(&line, 1 << 16);
    lrp_text_append(&line, row->help);
    if (row->usual_lr > 0) {
        lrp_text_printf(&line, "; usual rate %s", lrp_format_short(row->usual_lr, 6, number));
    }
    lrp_text_append(&line, "\n");
    for (size_t i = 0; i < row->n_options; i++) {
        if (row->options[i].name != NULL) {
            append_option(&line, &row->options[i]);
        }
    }
    lrp_text_printf(out, "%-*s", INDENT, row->name);
    lrp_text_append_wrapped(out, lrp_text_string(&line), INDENT, INDENT, WIDTH);
    lrp_text_fini(&line);
}

/* What an option means, where optimizer i is the first that has it. */
static void append_help(struct lrp_text *out, size_t i, const struct lrp_optimizer_option *option)
{
    struct lrp_text line;
    bool told = option->name == NULL;
    for (size_t k = 0; k < i && !told; k++) {
        const struct lrp_optimizer_row *row = lrp_optimizers[k];
        told = lrp_optimizer_find(row, option->name, strlen(option->name)) < row->n_options;
    }
    if (told) {
        return;
    }
    lrp_text_init(&line, 1 << 16);
    lrp_text_printf(&line, "%s: %s", option->name, option->help);
    lrp_text_append(out, "  ");
    lrp_text_append_wrapped(out, lrp_text_string(&line), 2, OPTION_INDENT, WIDTH);
    lrp_text_fini(&line);
}

void lrp_list_optimizers_words(struct lrp_text *out)
{
    for (size_t i = 0; lrp_optimizers[i] != NULL; i++) {
        append_row(out, lrp_optimizers[i]);
    }
    lrp_text_append(out, "\nOptions, as in adam:beta2=0.99,weight_decay=0.01:\n");
    for (size_t i = 0; lrp_optimizers[i] != NULL; i++) {
        for (size_t k = 0; k < lrp_optimizers[i]->n_options; k++) {
            append_help(out, i, &lrp_optimizers[i]->options[k]);
        }
    }
}

static struct lrp_json *options_json(const struct lrp_optimizer_row *row)
{
    struct lrp_json *options = lrp_json_array();
    for (size_t i = 0; i < row->n_options; i++) {
        const struct lrp_optimizer_option *option = &row->options[i];
        if (option->name == NULL) {
            continue;
        }
        struct lrp_json *object = lrp_json_object();
        lrp_json_set_string(object, "name", option->name);
        lrp_json_set_number(object, "value", option->value);
        lrp_json_set_string(object, "help", option->help);
        lrp_json_add(options, object);
    }
    return options;
}

enum lrp_status lrp_list_optimizers_json(char **text, struct lrp_error *err)
{
    struct lrp_json *root = lrp_json_array();
    for (size_t i = 0; lrp_optimizers[i] != NULL; i++) {
        const struct lrp_optimizer_row *row = lrp_optimizers[i];
        struct lrp_json *object = lrp_json_object();
        lrp_json_set_string(object, "name", row->name);
        lrp_json_set_string(object, "help", row->help);
        lrp_json_set_number(object, "usual_lr", row->usual_lr > 0 ? row->usual_lr : (double)NAN);
        lrp_json_set(object, "options", options_json(row));
        lrp_json_add(root, object);
    }
    enum lrp_status status = lrp_json_text(root, text, err);
    lrp_json_free(root);
    return status;
}
