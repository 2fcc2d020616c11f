/* SPDX-License-Identifier: MIT */
#include "list_models.h"

#include "json.h"
#include "model.h"

#include <string.h>

enum { WIDTH = 80, NAME = 13, KEY = 16 };

void lrp_list_models_words(struct lrp_text *out)
{
    for (size_t i = 0; lrp_model_table[i].name != NULL; i++) {
        const struct lrp_model_row *row = &lrp_model_table[i];
        struct lrp_model_word word;
        lrp_text_printf(out, "%-*s%s\n%*s", NAME, row->name, row->syntax, NAME, "");
        lrp_text_append_wrapped(out, row->help, NAME, NAME, WIDTH);
        for (size_t k = 0; lrp_model_word(row, k, &word); k++) {
            lrp_text_printf(out, "  %-*s", KEY, word.text);
            lrp_text_append_wrapped(out, word.help, KEY + 2, KEY + 2, WIDTH);
        }
        lrp_text_printf(out, "  $ lrprobe train %s\n", row->example);
    }
}

enum lrp_status lrp_list_models_json(char **text, struct lrp_error *err)
{
    struct lrp_json *root = lrp_json_array();
    for (size_t i = 0; lrp_model_table[i].name != NULL; i++) {
        const struct lrp_model_row *row = &lrp_model_table[i];
        struct lrp_json *object = lrp_json_object();
        struct lrp_json *options = lrp_json_array();
        struct lrp_model_word word;
        for (size_t k = 0; lrp_model_word(row, k, &word); k++) {
            struct lrp_json *option = lrp_json_object();
            lrp_json_set_string(option, "name", word.text);
            lrp_json_set_string(option, "help", word.help);
            lrp_json_add(options, option);
        }
        lrp_json_set_string(object, "name", row->name);
        lrp_json_set_string(object, "syntax", row->syntax);
        lrp_json_set_string(object, "help", row->help);
        lrp_json_set_string(object, "example", row->example);
        lrp_json_set(object, "options", options);
        lrp_json_add(root, object);
    }
    enum lrp_status status = lrp_json_text(root, text, err);
    lrp_json_free(root);
    return status;
}
