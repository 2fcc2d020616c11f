/* SPDX-License-Identifier: MIT */
#include "topics.h"

#include "alloc.h"
#include "number.h"
#include "pictures.h"
#include "schedule.h"
#include "suggest.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { WIDTH = 80, PICTURE_LINES = 16, TEXT_MOST = 1 << 16, NAMES_MOST = 400 };

const struct lrp_topic *lrp_topic_text(const struct lrp_topic *table, const char *name)
{
    for (const struct lrp_topic *row = table; row->name != NULL; row++) {
        if (strcmp(row->name, name) == 0) {
            return row;
        }
    }
    return NULL;
}

const struct lrp_topic *lrp_term_of_check(const char *id)
{
    size_t length = strlen(id);
    for (const struct lrp_topic *term = lrp_term_texts; term->name != NULL; term++) {
        const char *word = term->checks != NULL ? term->checks : "";
        for (; *word != '\0'; word += strcspn(word, " "), word += strspn(word, " ")) {
            if (strncmp(word, id, length) == 0 && strcspn(word, " ") == length) {
                return term;
            }
        }
    }
    return NULL;
}

bool lrp_topic_term(size_t index, struct lrp_topic *topic)
{
    *topic = lrp_term_texts[index];
    return topic->name != NULL;
}

/* Keys as "max_lr, min_lr=0, ...", and an example to copy. */
static void append_keys(const void *given, struct lrp_text *out)
{
    const struct lrp_schedule_row *row = given;
    const struct lrp_topic *text = lrp_topic_text(lrp_schedule_texts, row->name);
    for (size_t i = 0; i < row->n_keys; i++) {
        const struct lrp_schedule_key *key = &row->keys[i];
        char number[LRP_NUMBER_SIZE];
        lrp_text_printf(out, "%s%s", i > 0 ? ", " : "", key->name);
        if (key->default_text == NULL && key->words == NULL && !isnan(key->value)) {
            lrp_text_printf(out, "=%s", lrp_format_short(key->value, 6, number));
        }
    }
    if (text != NULL) {
        lrp_text_printf(out, ", as in %s", text->picture);
    }
}

bool lrp_topic_schedule(size_t index, struct lrp_topic *topic)
{
    const struct lrp_schedule_row *row = lrp_schedules[index];
    if (row == NULL) {
        return false;
    }
    const struct lrp_topic *text = lrp_topic_text(lrp_schedule_texts, row->name);
    *topic = text != NULL ? *text : (struct lrp_topic){.name = row->name};
    topic->title = row->help;
    topic->source = row->source;
    topic->append_options = append_keys;
    topic->row = row;
    return true;
}

const char *lrp_topic_find(const struct lrp_topic_kind *kinds, const char *name,
                           struct lrp_topic *topic)
{
    for (; kinds->name != NULL; kinds++) {
        for (size_t i = 0; kinds->at(i, topic); i++) {
            if (strcasecmp(topic->name, name) == 0) {
                return kinds->name;
            }
        }
    }
    return NULL;
}

const char *lrp_topic_nearest(const struct lrp_topic_kind *kinds, const char *name)
{
    const char *names[NAMES_MOST];
    struct lrp_topic topic;
    size_t n = 0;
    for (; kinds->name != NULL; kinds++) {
        for (size_t i = 0; n < NAMES_MOST && kinds->at(i, &topic); i++) {
            names[n++] = topic.name;
        }
    }
    return lrp_nearest_name(name, names, n);
}

void lrp_topic_names(const struct lrp_topic_kind *kinds, struct lrp_text *out)
{
    struct lrp_topic topic;
    for (; kinds->name != NULL; kinds++) {
        struct lrp_text names;
        lrp_text_init(&names, TEXT_MOST);
        for (size_t i = 0; kinds->at(i, &topic); i++) {
            lrp_text_printf(&names, "%s%s", i > 0 ? " " : "", topic.name);
        }
        lrp_text_printf(out, "%s:\n  ", kinds->name);
        lrp_text_append_wrapped(out, lrp_text_string(&names), 2, 2, WIDTH);
        lrp_text_fini(&names);
    }
}

/* label and text from a column on, further lines indented. Nothing where there is no text. */
static void append_part(struct lrp_text *out, size_t column, size_t indent, const char *label,
                        const char *text)
{
    struct lrp_text line;
    if (text == NULL || text[0] == '\0') {
        return;
    }
    lrp_text_init(&line, TEXT_MOST);
    lrp_text_printf(&line, "%s%s", label, text);
    lrp_text_printf(out, "%*s", (int)column, "");
    lrp_text_append_wrapped(out, lrp_text_string(&line), column, indent, WIDTH);
    lrp_text_fini(&line);
}

void lrp_topic_page(const struct lrp_topic *topic, struct lrp_text *out)
{
    struct lrp_text head;
    struct lrp_text options;
    lrp_text_init(&head, TEXT_MOST);
    lrp_text_init(&options, TEXT_MOST);
    lrp_text_printf(&head, "%s: ", topic->name);
    if (topic->append_options != NULL) {
        topic->append_options(topic->row, &options);
    }
    append_part(out, 0, 0, lrp_text_string(&head), topic->title);
    lrp_text_append(out, "\n");
    append_part(out, 0, 0, "", topic->what);
    append_part(out, 0, 2, "When: ", topic->when);
    append_part(out, 0, 2, "Formula: ", topic->formula);
    append_part(out, 0, 2, "Options: ", lrp_text_string(&options));
    append_part(out, 0, 2, "Source: ", topic->source);
    append_part(out, 0, 2, "See also: ", topic->see);
    lrp_text_fini(&head);
    lrp_text_fini(&options);
}

enum lrp_status lrp_topic_draw(const struct lrp_topic *topic, enum lrp_plot_format format,
                               char **bytes, size_t *length, struct lrp_error *err)
{
    bool words = format == LRP_PLOT_DUMB;
    struct lrp_picture *picture = lrp_calloc_array(1, sizeof *picture);
    LRP_TRY_MEMORY(picture, err);
    enum lrp_status status = lrp_picture_make(topic->picture, picture, err);
    if (status == LRP_OK) {
        status = lrp_plot_draw(&picture->figure, format, words ? WIDTH - 2 : 0,
                               words ? PICTURE_LINES : 0, bytes, length, err);
    }
    free(picture);
    return status;
}

void lrp_recipe_page(const struct lrp_recipe *recipe, struct lrp_text *out)
{
    char rate[LRP_NUMBER_SIZE];
    struct lrp_text line;
    lrp_text_printf(out, "%-20s lr %s\n", recipe->name, lrp_format_short(recipe->lr, 2, rate));
    lrp_text_init(&line, TEXT_MOST);
    lrp_text_printf(&line, "%s; batch: %s; weight decay: %s", recipe->optimizer, recipe->batch,
                    recipe->weight_decay);
    append_part(out, 4, 6, "", recipe->title);
    append_part(out, 4, 6, "", lrp_text_string(&line));
    append_part(out, 4, 6, "schedule: ", recipe->schedule);
    append_part(out, 4, 6, "source: ", recipe->source);
    lrp_text_fini(&line);
}
