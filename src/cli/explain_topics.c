/* SPDX-License-Identifier: MIT */
#include "explain_topics.h"

#include "checklist.h"
#include "explain_optimizers.h"
#include "explain_schedules.h"
#include "number.h"
#include "schedule.h"
#include "text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* text, cut where it does not fit, as words of the topic. */
static const char *keep(struct lrp_topic *topic, size_t index, const struct lrp_text *text)
{
    (void)snprintf(topic->words[index], sizeof topic->words[index], "%s", lrp_text_string(text));
    return topic->words[index];
}

static void draw_term(const struct lrp_topic *topic, struct lrp_picture *picture)
{
    const struct lrp_term *term = topic->row;
    term->picture(picture);
}

static bool term_topic(size_t index, struct lrp_topic *topic)
{
    const struct lrp_term *term = &lrp_terms[index];
    if (term->name == NULL) {
        return false;
    }
    topic->name = term->name;
    topic->title = term->title;
    topic->what = term->what;
    topic->when = term->when;
    topic->formula = term->formula;
    topic->source = term->source;
    topic->see = term->see;
    topic->draw = draw_term;
    topic->row = term;
    return true;
}

static void draw_schedule(const struct lrp_topic *topic, struct lrp_picture *picture)
{
    lrp_schedule_picture(topic->row, picture);
}

/* "max_lr, min_lr=0, ...", and an example to copy. */
static const char *schedule_keys(const struct lrp_schedule_row *row,
                                 const struct lrp_schedule_words *words, struct lrp_topic *topic)
{
    struct lrp_text text;
    char number[LRP_NUMBER_SIZE];
    lrp_text_init(&text, sizeof topic->words[0]);
    for (size_t i = 0; i < row->n_keys; i++) {
        const struct lrp_schedule_key *key = &row->keys[i];
        lrp_text_printf(&text, "%s%s", i > 0 ? ", " : "", key->name);
        if (key->default_text == NULL && key->words == NULL && !isnan(key->value)) {
            lrp_text_printf(&text, "=%s", lrp_format_short(key->value, 6, number));
        }
    }
    if (words != NULL) {
        lrp_text_printf(&text, ", as in %s", words->example);
    }
    const char *kept = keep(topic, 0, &text);
    lrp_text_fini(&text);
    return kept;
}

static bool schedule_topic(size_t index, struct lrp_topic *topic)
{
    const struct lrp_schedule_row *row = lrp_schedules[index];
    if (row == NULL) {
        return false;
    }
    const struct lrp_schedule_words *words = lrp_schedule_words(row->name);
    topic->name = row->name;
    topic->title = row->help;
    topic->options = schedule_keys(row, words, topic);
    topic->when = words == NULL ? NULL : words->when;
    topic->formula = words == NULL ? NULL : words->formula;
    topic->source = row->source;
    topic->see = words == NULL ? NULL : words->see;
    topic->draw = words == NULL ? NULL : draw_schedule;
    topic->row = words;
    return true;
}

static void draw_optimizer(const struct lrp_topic *topic, struct lrp_picture *picture)
{
    lrp_optimizer_picture(topic->row, picture);
}

/* "momentum=0.9 (what it is), ..." */
static const char *optimizer_options(const struct lrp_optimizer_row *row, struct lrp_topic *topic)
{
    struct lrp_text text;
    char number[LRP_NUMBER_SIZE];
    lrp_text_init(&text, sizeof topic->words[0]);
    for (size_t i = 0; i < row->n_options; i++) {
        const struct lrp_optimizer_option *option = &row->options[i];
        if (option->name != NULL) {
            lrp_text_printf(&text, "%s%s=%s", text.length > 0 ? ", " : "", option->name,
                            lrp_format_short(option->value, 6, number));
        }
    }
    const char *kept = keep(topic, 0, &text);
    lrp_text_fini(&text);
    return kept;
}

static bool optimizer_topic(size_t index, struct lrp_topic *topic)
{
    const struct lrp_optimizer_row *row = lrp_optimizers[index];
    if (row == NULL) {
        return false;
    }
    const struct lrp_optimizer_words *words = lrp_optimizer_words(row->name);
    topic->name = row->name;
    topic->title = row->help;
    topic->options = optimizer_options(row, topic);
    topic->when = words == NULL ? NULL : words->when;
    topic->formula = words == NULL ? NULL : words->formula;
    topic->source = words == NULL ? NULL : words->source;
    topic->see = words == NULL ? NULL : words->see;
    topic->draw = draw_optimizer;
    topic->row = row;
    return true;
}

static const char *check_params(const struct lrp_check *check, struct lrp_topic *topic)
{
    struct lrp_text text;
    char number[LRP_NUMBER_SIZE];
    lrp_text_init(&text, sizeof topic->words[0]);
    for (size_t i = 0; i < check->n_params; i++) {
        const struct lrp_check_param *param = &check->params[i];
        lrp_text_printf(&text, "%s%s.%s=%s: %s", i > 0 ? "; " : "", check->id, param->name,
                        lrp_format_short(param->value, 6, number), param->help);
    }
    const char *kept = keep(topic, 0, &text);
    lrp_text_fini(&text);
    return kept;
}

/* The terms that show what a check looks for. */
static const struct {
    const char *checks; /* ids, blanks around them */
    const char *term;
} shown_by[] = {
    {" D1 D2 D3 D4 D5 S4 A2 ", "divergence"},
    {" K1 K2 R5 ", "spikes"},
    {" O1 O2 O3 O4 O5 O6 ", "oscillation"},
    {" P1 P2 P5 R2 ", "slow-convergence"},
    {" P3 P4 S2 A1 L3 ", "flat-loss"},
    {" R1 R3 ", "learning-rate"},
    {" R4 ", "warm-up"},
    {" G1 G3 G4 ", "overfitting"},
    {" G2 S5 ", "underfitting"},
    {" G5 C1 ", "fine-tuning"},
};

static const struct lrp_term *term_of_check(const char *id)
{
    char wanted[16];
    (void)snprintf(wanted, sizeof wanted, " %s ", id);
    for (size_t i = 0; i < sizeof shown_by / sizeof shown_by[0]; i++) {
        for (const struct lrp_term *term = lrp_terms;
             term->name != NULL && strstr(shown_by[i].checks, wanted) != NULL; term++) {
            if (strcmp(term->name, shown_by[i].term) == 0) {
                return term;
            }
        }
    }
    return NULL;
}

static bool check_topic(size_t index, struct lrp_topic *topic)
{
    const struct lrp_check *check = lrp_checks[index];
    if (check == NULL) {
        return false;
    }
    const struct lrp_term *term = term_of_check(check->id);
    topic->name = check->id;
    topic->title = check->title;
    topic->what = check->method;
    topic->when = check->remedy;
    topic->options = check_params(check, topic);
    topic->source = check->source;
    topic->see = term == NULL ? NULL : term->name;
    topic->draw = term == NULL ? NULL : draw_term;
    topic->row = term;
    return true;
}

static const struct {
    const char *name;
    bool (*at)(size_t index, struct lrp_topic *topic);
} kinds[] = {
    {"terms", term_topic},
    {"schedules", schedule_topic},
    {"optimizers", optimizer_topic},
    {"checks", check_topic},
};

const char *lrp_topic_kind(size_t kind)
{
    return kinds[kind].name;
}

bool lrp_topic_at(size_t kind, size_t index, struct lrp_topic *topic)
{
    *topic = (struct lrp_topic){.kind = kinds[kind].name};
    return kinds[kind].at(index, topic);
}

bool lrp_topic_find(const char *name, struct lrp_topic *topic)
{
    for (size_t kind = 0; kind < sizeof kinds / sizeof kinds[0]; kind++) {
        for (size_t i = 0; lrp_topic_at(kind, i, topic); i++) {
            if (strcasecmp(topic->name, name) == 0) {
                return true;
            }
        }
    }
    return false;
}
