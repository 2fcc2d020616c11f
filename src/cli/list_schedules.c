/* SPDX-License-Identifier: MIT */
#include "list_schedules.h"

#include "help.h"
#include "json.h"
#include "number.h"
#include "schedule.h"

#include <math.h>
#include <string.h>

enum { WIDTH = 80, NAME = 15, KEY = 16 };

/* "lr" must be given, "lr=0.1" has that default. */
static void append_default(struct lrp_text *out, const struct lrp_schedule_key *key)
{
    char number[LRP_NUMBER_SIZE];
    if (key->default_text != NULL) {
        lrp_text_printf(out, " (default %s)", key->default_text);
    } else if (isnan(key->value)) {
        lrp_text_append(out, " (must be given)");
    } else if (key->words != NULL) {
        const char *word = key->words;
        for (size_t i = 0; i < (size_t)key->value; i++) {
            word = strchr(word, '|') + 1;
        }
        lrp_text_printf(out, ": %s (default ", key->words);
        lrp_text_append_bytes(out, word, strcspn(word, "|"));
        lrp_text_append(out, ")");
    } else {
        lrp_text_printf(out, " (default %s)", lrp_format_short(key->value, 6, number));
    }
}

static void append_key(struct lrp_text *out, const struct lrp_schedule_key *key)
{
    struct lrp_text line;
    lrp_text_init(&line, 1 << 16);
    lrp_text_append(&line, key->help);
    append_default(&line, key);
    lrp_text_printf(out, "  %-*s", KEY, key->name);
    lrp_text_append_wrapped(out, lrp_text_string(&line), KEY + 2, KEY + 2, WIDTH);
    lrp_text_fini(&line);
}

void lrp_list_schedules_words(struct lrp_text *out)
{
    for (size_t i = 0; lrp_schedules[i] != NULL; i++) {
        const struct lrp_schedule_row *row = lrp_schedules[i];
        lrp_text_printf(out, "%-*s", NAME, row->name);
        lrp_text_append_wrapped(out, row->help, NAME, NAME, WIDTH);
        for (size_t k = 0; k < row->n_keys; k++) {
            append_key(out, &row->keys[k]);
        }
    }
    lrp_text_append(out, "of all\n");
    append_key(out, &lrp_schedule_warmup_key);
    lrp_text_append(out, "As in cosine:max_lr=0.1,warmup=200.\n");
}

static struct lrp_json *key_json(const struct lrp_schedule_key *key)
{
    struct lrp_json *object = lrp_json_object();
    lrp_json_set_string(object, "name", key->name);
    lrp_json_set_string(object, "help", key->help);
    lrp_json_set_number(object, "low", key->low);
    lrp_json_set_number(object, "high", key->high);
    lrp_json_set_string(object, "words", key->words);
    lrp_json_set_bool(object, "required", isnan(key->value) && key->default_text == NULL);
    if (key->default_text != NULL || key->words != NULL) {
        lrp_json_set_string(object, "default", key->default_text);
    } else {
        lrp_json_set_number(object, "default", key->value);
    }
    return object;
}

enum lrp_status lrp_list_schedules_json(char **text, struct lrp_error *err)
{
    struct lrp_json *root = lrp_json_array();
    for (size_t i = 0; lrp_schedules[i] != NULL; i++) {
        const struct lrp_schedule_row *row = lrp_schedules[i];
        struct lrp_json *object = lrp_json_object();
        struct lrp_json *keys = lrp_json_array();
        lrp_json_set_string(object, "name", row->name);
        lrp_json_set_string(object, "help", row->help);
        lrp_json_set_string(object, "source", row->source);
        lrp_json_set_bool(object, "by_losses", row->observe != NULL);
        for (size_t k = 0; k < row->n_keys; k++) {
            lrp_json_add(keys, key_json(&row->keys[k]));
        }
        lrp_json_set(object, "keys", keys);
        lrp_json_add(root, object);
    }
    enum lrp_status status = lrp_json_text(root, text, err);
    lrp_json_free(root);
    return status;
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
            lrp_text_init(&line, 1 << 16);
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
