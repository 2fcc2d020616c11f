/* SPDX-License-Identifier: MIT */
/* All topics of `lrprobe explain`: terms, and the rows of the tables of schedules, optimizers and
 * checks. */
#ifndef LRP_CLI_EXPLAIN_TOPICS_H
#define LRP_CLI_EXPLAIN_TOPICS_H

#include "explain.h"

struct lrp_topic {
    const char *kind;
    const char *name;
    const char *title;
    const char *what; /* this and the following may be NULL */
    const char *when;
    const char *formula;
    const char *options;
    const char *source;
    const char *see;
    void (*draw)(const struct lrp_topic *topic, struct lrp_picture *picture); /* NULL = none */
    const void *row;     /* of its table, for draw */
    char words[3][1500]; /* what texts point into that had to be put together */
};
enum { LRP_TOPIC_KINDS = 4 };
/* "terms", "schedules", ... */
const char *lrp_topic_kind(size_t kind);
/* The index-th topic of a kind; false past the end. The texts live as long as topic stays where it
 * is. */
bool lrp_topic_at(size_t kind, size_t index, struct lrp_topic *topic);
/* By name, letter case aside for checks. */
bool lrp_topic_find(const char *name, struct lrp_topic *topic);
#endif
