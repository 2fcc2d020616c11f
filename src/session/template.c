/* SPDX-License-Identifier: MIT */
#include "template.h"

#include "alloc.h"
#include "number.h"
#include "text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { WORD_MOST = 1 << 20 };
enum place { LR, SEED, STEPS, FOLDER, PLACES };
static const char *const place_names[PLACES] = {
    [LR] = "{lr}", [SEED] = "{seed}", [STEPS] = "{steps}", [FOLDER] = "{dir}"};

/* The place that begins at byte `at` of the word; PLACES = none. */
static enum place place_at(const char *word, size_t at)
{
    if (word[at] != '{' || (at > 0 && (word[at - 1] == '$' || word[at - 1] == '{'))) {
        return PLACES;
    }
    for (enum place place = 0; place < PLACES; place++) {
        if (strncmp(word + at, place_names[place], strlen(place_names[place])) == 0) {
            return place;
        }
    }
    return PLACES;
}

bool lrp_template_has(const char *word, const char *name)
{
    for (size_t at = 0; word[at] != '\0'; at++) {
        enum place place = place_at(word, at);
        if (place != PLACES && strlen(name) + 2 == strlen(place_names[place]) &&
            strncmp(place_names[place] + 1, name, strlen(name)) == 0) {
            return true;
        }
    }
    return false;
}

bool lrp_template_any_has(const char *const *words, const char *name)
{
    for (size_t i = 0; words[i] != NULL; i++) {
        if (lrp_template_has(words[i], name)) {
            return true;
        }
    }
    return false;
}

static void append_value(struct lrp_text *text, const char *value, bool as_pattern)
{
    for (; *value != '\0'; value++) {
        if (as_pattern && strchr("*?[]\\", *value) != NULL) {
            lrp_text_append(text, "\\");
        }
        lrp_text_append_bytes(text, value, 1);
    }
}

enum lrp_status lrp_template_fill(const char *word, const struct lrp_template_values *values,
                                  bool as_pattern, char **out, struct lrp_error *err)
{
    struct lrp_text text;
    char number[LRP_NUMBER_SIZE];
    lrp_text_init(&text, WORD_MOST);
    lrp_text_append(&text, "");
    for (size_t at = 0; word[at] != '\0';) {
        enum place place = place_at(word, at);
        switch (place) {
        case LR:
            append_value(&text, lrp_format_double(values->lr, number), as_pattern);
            break;
        case SEED:
            lrp_text_printf(&text, "%" PRIu64, values->seed);
            break;
        case STEPS:
            lrp_text_printf(&text, "%zu", values->steps);
            break;
        case FOLDER:
            append_value(&text, values->folder, as_pattern);
            break;
        case PLACES:
        default:
            lrp_text_append_bytes(&text, word + at, 1);
            break;
        }
        at += place == PLACES ? 1 : strlen(place_names[place]);
    }
    enum lrp_status status = lrp_text_check(&text, err);
    if (status == LRP_OK) {
        *out = lrp_strdup(lrp_text_string(&text));
        status = *out == NULL ? lrp_fail_memory(err, 0) : LRP_OK;
    }
    lrp_text_fini(&text);
    return status;
}

enum lrp_status lrp_template_fill_words(const char *const *words,
                                        const struct lrp_template_values *values, char ***out,
                                        struct lrp_error *err)
{
    size_t n = 0;
    while (words[n] != NULL) {
        n++;
    }
    char **list = lrp_calloc_array(n + 1, sizeof *list);
    enum lrp_status status = list == NULL ? lrp_fail_memory(err, n * sizeof *list) : LRP_OK;
    for (size_t i = 0; i < n && status == LRP_OK; i++) {
        status = lrp_template_fill(words[i], values, false, &list[i], err);
    }
    if (status != LRP_OK) {
        lrp_template_words_free(list);
        return status;
    }
    *out = list;
    return LRP_OK;
}

void lrp_template_words_free(char **words)
{
    for (size_t i = 0; words != NULL && words[i] != NULL; i++) {
        free(words[i]);
    }
    free(words);
}
