/* SPDX-License-Identifier: MIT */
/* Published learning rates of known architectures: starting points, each with its source. */
#ifndef LRP_CLI_RECIPES_H
#define LRP_CLI_RECIPES_H

#include "text.h"

struct lrp_recipe {
    const char *name;      /* "resnet-imagenet" */
    const char *what;      /* model and task */
    const char *optimizer; /* with its own settings, "SGD, momentum 0.9" */
    double rate;           /* highest rate of the schedule */
    const char *batch;     /* "256 images", "0.5 M tokens"; rates belong to a batch size */
    const char *schedule;
    const char *decay; /* weight decay as the source gives it; "none", "not stated" */
    const char *source;
};
extern const struct lrp_recipe lrp_recipes[]; /* ends with a NULL name */

/* A recipe in a few lines. */
void lrp_recipe_page(const struct lrp_recipe *recipe, struct lrp_text *out);
#endif
