/* SPDX-License-Identifier: MIT */
/* What `lrprobe explain` and `lrprobe list recipes` say. The texts are in the .txt files of this
 * folder; tables.py makes them tables while building. */
#ifndef LRP_TOPICS_TOPICS_H
#define LRP_TOPICS_TOPICS_H

#include "plot.h"
#include "text.h"

/* Of all but name a topic may have none (NULL). */
struct lrp_topic {
    const char *name;    /* "warm-restarts" */
    const char *title;   /* one phrase */
    const char *what;    /* complete sentences */
    const char *when;    /* when to use it, or what to do about it */
    const char *formula; /* t: step from 0, T: steps of the run */
    const char *source;
    const char *see;     /* names of other topics, blanks between them */
    const char *picture; /* a simulation of pictures.c, or the spec of a schedule */
    const char *checks;  /* ids of the checks that a term explains, blanks between them */
    /* Of a row of another table: appends what can be set, with the defaults. */
    void (*append_options)(const void *row, struct lrp_text *out);
    const void *row;
};
/* Tables end with a row whose name is NULL. Those of schedules and optimizers are what the texts
 * add to a row of the table of schedules or optimizers, in its order. */
extern const struct lrp_topic lrp_term_texts[];
extern const struct lrp_topic lrp_schedule_texts[];
extern const struct lrp_topic lrp_optimizer_texts[];
/* The row of that name, NULL if there is none. */
const struct lrp_topic *lrp_topic_text(const struct lrp_topic *table, const char *name);
/* The term whose picture shows what a check looks for, NULL if there is none. */
const struct lrp_topic *lrp_term_of_check(const char *id);

/* "terms", "schedules", ...: at gives the index-th topic and is false past the last. */
struct lrp_topic_kind {
    const char *name;
    bool (*at)(size_t index, struct lrp_topic *topic);
};
bool lrp_topic_term(size_t index, struct lrp_topic *topic);
bool lrp_topic_schedule(size_t index, struct lrp_topic *topic);
/* The first topic of that name, letter case aside. Returns its kind, NULL if there is none. kinds
 * end with a NULL name. */
const char *lrp_topic_find(const struct lrp_topic_kind *kinds, const char *name,
                           struct lrp_topic *topic);
/* The topic that a mistyped name was meant to be, NULL if there is none. */
const char *lrp_topic_nearest(const struct lrp_topic_kind *kinds, const char *name);
/* The names of all topics, by kind. */
void lrp_topic_names(const struct lrp_topic_kind *kinds, struct lrp_text *out);

/* A screenful, without the picture. */
void lrp_topic_page(const struct lrp_topic *topic, struct lrp_text *out);
/* The picture of a topic that has one, computed and drawn, in heap memory that the caller frees.
 * LRP_E_TOOL: gnuplot is missing or failed. */
enum lrp_status lrp_topic_draw(const struct lrp_topic *topic, enum lrp_plot_format format,
                               char **bytes, size_t *length, struct lrp_error *err);

/* A published learning rate: where to start with a known network. */
struct lrp_recipe {
    const char *name;      /* "resnet-imagenet" */
    const char *title;     /* model and task */
    const char *optimizer; /* with its own settings, "SGD, momentum 0.9" */
    double lr;             /* the highest of the schedule */
    const char *batch;     /* "256 images", "0.5 M tokens" */
    const char *schedule;
    const char *weight_decay; /* as the source gives it: a number, "none", "not stated" */
    const char *source;
};
extern const struct lrp_recipe lrp_recipes[]; /* ends with a NULL name */
/* A recipe in a few lines. */
void lrp_recipe_page(const struct lrp_recipe *recipe, struct lrp_text *out);
#endif
